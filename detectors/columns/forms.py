"""In which form a column holds its values: as they are, hashed or encrypted, or masked.

A hash of a phone number is that person's still, and equal hashes are the same number; a masked one tells
nobody apart.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.columns.column_stems import ends_with_person, is_person_word
from detectors.evidence import HASHED_VALUES, MASKED_VALUES
from detectors.message import Msg, Text
from detectors.model import ColumnInfo, Evidence, Form, TableInfo
from detectors.names.lexicon import remembered
from detectors.names.matching import match_name
from detectors.names.tokens import tokens

if TYPE_CHECKING:
    from detectors.columns.value_votes import SampledValues

HASHED = frozenset({                          # labels of numbers that stay personal when they are hashed
    "phone_mobile", "phone_landline", "email", "resident_id", "passport", "other_id_document", "bank_card",
    "bank_account", "device_id", "mac_address", "plate_number", "vin", "person_name", "im_account", "user_id",
    "username", "employee_no", "contact_person", "postal_address", "birth_date", "medical_record_no",
})
HIDDEN_SHARE, MASKED_SHARE, CIPHER_SHARE = 0.95, 0.5, 0.8
LEAST = 5                                     # distinct values before their form alone says anything
# hexadecimal digits of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512; the same bytes in base 64
HASH = (
    r"^(?:(?:0x)?(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|"
    r"[0-9A-Fa-f]{128})|[0-9A-Za-z+/_-]{22}==|[0-9A-Za-z+/_-]{27}=|[0-9A-Za-z+/_-]{38}==|"
    r"[0-9A-Za-z+/_-]{43}=|[0-9A-Za-z+/_-]{64}|[0-9A-Za-z+/_-]{86}==)$"
)
_CIPHER = r"^[0-9A-Za-z+/_:=.-]{16,}$"        # what a column that is called encrypted may hold
_LETTER = "[A-Za-z]"
_MASKED = r"^[^*]{0,32}(?:\*{1,}[ -]?)+[^*]{0,32}$|^[0-9]{1,6}[xX]{3,}[0-9]{1,4}[0-9xX]?$"
_LATIN_WORD = (
    r"md5|sha_?(?:1|224|256|384|512)?|sm[34]|hash(?:ed)?|hmac|enc(?:rypt(?:ed)?)?|cipher(?:text)?|aes|rsa|"
    r"mask(?:ed)?|desensiti[sz]ed"
)
_SUFFIX = re.compile(rf"(?<=[^_\-.])(?:[_\-. ]+(?:{_LATIN_WORD}))+$", re.I)
_PREFIX = re.compile(rf"^(?:(?:{_LATIN_WORD})[_\-. ]+)+(?=[^_\-.])", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?:M[dD]5|S(?:ha|HA)(?:1|256|512)?|Hash|Enc(?:rypt(?:ed)?)?|Masked)$")
_HAN = "[\u4e00-\u9fff]"                     # 手机号MD5, SHA256身份证号: a script parts as a sign does
_BESIDE_CHINESE = re.compile(rf"(?<={_HAN})(?:{_LATIN_WORD})值?$|^(?:{_LATIN_WORD})(?={_HAN})", re.I)
_CHINESE_WORD = "脱敏|加密|密文|哈希值?|散列值?|掩码|加盐"
_CHINESE_SUFFIX = re.compile(rf"[_\-. (（]*(?:已|后)?(?:{_CHINESE_WORD})(?:后|过|值|存储|字段)?[)）]?$")
_CHINESE_PREFIX = re.compile(rf"^(?:已)?(?:{_CHINESE_WORD})(?:后)?(?:的)?[_\-. ]*")
_IN_COMMENT = re.compile(
    rf"{_CHINESE_WORD}|(?<![A-Za-z])(?:md5|sha-?(?:1|256|512)|hashed|encrypted|masked)(?![A-Za-z])", re.I
)
_MASK_WORD = re.compile("mask|掩码|desensit", re.I)


@remembered
def bare_name(name: str) -> str:
    """Return a name without what says the form of its values, where the rest names something personal.

    >>> bare_name("手机号MD5"), bare_name("sha256身份证号"), bare_name("文件MD5")
    ('手机号', '身份证号', '文件MD5')
    >>> bare_name("mobile_md5"), bare_name("身份证号加密"), bare_name("file_md5"), bare_name("mobile")
    ('mobile', '身份证号', 'file_md5', 'mobile')
    >>> bare_name("callee_md5")
    'callee_id'
    """
    for shape in (_SUFFIX, _PREFIX, _CAMEL, _BESIDE_CHINESE, _CHINESE_SUFFIX, _CHINESE_PREFIX):
        bare = shape.sub("", name).strip(" _-.")
        if bare and bare != name:
            hit = match_name(bare)
            if hit is not None and hit.label in HASHED:
                return bare
            if bare.lower() == "id":          # nobody hashes the number of a row
                return "user_id"
            if ends_with_person(bare) or any(map(is_person_word, tokens(bare)[-1:])):
                return f"{bare}_id"
    return name


def is_hash_of_somebody(name: str) -> bool:
    """Is a column called a hash, and else by a word for somebody alone?

    >>> is_hash_of_somebody("callee_md5"), is_hash_of_somebody("callee_mobile_md5")
    (True, False)
    """
    bare = bare_name(name)
    return bare.endswith("_id") and bare not in name


def with_bare_names(table: TableInfo) -> TableInfo:
    """Return a table whose columns are called by what they hold, not by the form in which they hold it."""
    columns = tuple(with_bare_name(c) for c in table.columns)
    if all(a is b for a, b in zip(columns, table.columns, strict=True)):
        return table
    return replace(table, columns=columns)


def with_bare_name(column: ColumnInfo) -> ColumnInfo:
    """Return a column called by what it holds."""
    bare = bare_name(column.name)
    return column if bare == column.name else replace(column, name=bare, path=column.parts)


def form_by_words(column: ColumnInfo) -> Form:
    """Return the form that the name or the comment of a column says; `plain` where they say none."""
    bare = bare_name(column.name)
    word = column.name.replace(bare, "") if bare != column.name else ""
    if not word and (match := _IN_COMMENT.search(column.comment)) is not None:
        word = match[0]
    if not word:
        return "plain"
    return "masked" if _MASK_WORD.search(word) else "hashed"


def form_of(label: str, column: ColumnInfo, values: SampledValues | None) -> tuple[Form, Text]:
    """Return the form of a column's values and how that is known; values speak before words.

    values: None where none was read.
    """
    if label not in HASHED:
        return "plain", ""
    word = form_by_words(column)
    if values is None or not len(values.texts):
        return word, Msg("by its name or comment; no value was read") if word != "plain" else ""
    if (len(values.texts) >= LEAST or word != "plain") and values.share(HASH) >= HIDDEN_SHARE:
        return "hashed", HASHED_VALUES
    if values.share(_MASKED) >= MASKED_SHARE:
        return "masked", MASKED_VALUES
    is_cipher = values.share(_CIPHER) >= CIPHER_SHARE and values.share(_LETTER) >= CIPHER_SHARE
    if word == "hashed" and is_cipher:
        return "hashed", HASHED_VALUES
    return "plain", ""


def form_evidence(note: Text, values: SampledValues | None) -> Evidence:
    """Return what says the form, as evidence."""
    if values is None or not len(values.texts):
        return Evidence("name", note)
    return Evidence("value", note, 0, values.cells, "cells")
