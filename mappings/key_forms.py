"""Person keys in the form in which they are compared: one writing for one key, nothing for placeholders."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from detectors.checksums import iso7064_mod11_2
from detectors.cn import resident_id
from mappings.hashed_values import HIDDEN_KEY, canonical_hash
from mappings.name_forms import names_of_cell

# a short one may be somebody's
SHORT_KEYS = frozenset({"user_id", "employee_no", "username", "im_account", "medical_record_no"})
PLACEHOLDER_WORDS = frozenset(
    {
        "test", "admin", "demo", "unknown", "na", "no", "null", "none", "nil", "n/a", "tbd", "xxx",
        "anonymous", "guest", "default", "system", "无", "空", "暂无", "未知", "不详", "测试", "匿名", "游客",
        "其他", "没有", "未填写", "保密",
    }
)
PLACEHOLDER_NUMBERS = frozenset(
    {
        "13800138000", "13800000000", "13900000000", "13912345678", "18888888888", "12345678901",
        "123456789012345678", "110101199001011234", "11111111111", "10086", "10010", "10000",
    }
)
_TEST_MAIL = re.compile(
    r"^(test|demo|admin|noreply|no-reply|example|xxx|abc|123)[0-9]*@"
    r"|@(example\.(com|org|net)|test\.|localhost)"
)


_LISTED = re.compile(r"[,;、|\n\r]+")
_LISTED_NUMBERS = re.compile(r"\s*(?:[,;、|/&+\n\r]+|[或和及与]|\b(?:or|and)\b)\s*", re.I)
_CLEAR_SIGN = re.compile(r"\s[/&+|]\s|[或和及与]|\b(?:or|and)\b", re.I)
LEAST_DIGITS = 7                              # of a whole number that only blanks part from the next one
MASK = r"[*•●∗]+|(?<=[0-9])[xX#]{2,}(?=[0-9])"
_MASK = re.compile(MASK)
_APART = re.compile(r"[\s()-]|^\+86")
ROUNDED = 6                                   # zeros at the end of a number that a sheet cut
UUID_LENGTH = 36                              # characters
# keys inside of a cell that may hold several, or words beside one
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "phone_mobile": re.compile(
        r"(?<![0-9])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])"
        r"|(?<![0-9])\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,4}\)?){2,5}(?![0-9])"
    ),
    "resident_id": re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])"),
}

_MAIL_HOST = re.compile(r"@[\w-]+(?:\.[\w-]+)+")
_MAIL_SIGN = re.compile(r"[\w.%+-]")


def is_placeholder(text: str) -> bool:
    """Is it a value people type when they have none?

    >>> [is_placeholder(t) for t in ("13800138000", "1111111111", "N/A", "13000000000", "13712345670", "11")]
    [True, True, True, True, False, False]
    """
    lower = text.lower()
    if lower in PLACEHOLDER_WORDS or lower in PLACEHOLDER_NUMBERS or _TEST_MAIL.search(lower):
        return True
    repeated = len(lower) - len(lower.rstrip(lower[-1:]))     # of its last character, at the end
    return repeated >= 6 and repeated >= len(lower) - 2


def shows_key(masked: str, text: str) -> bool:
    """May a masked key be this one? What it shows before and behind its masks must be equal.

    >>> [shows_key(masked, "+86 137 1234 5670") for masked in ("137****5670", "137-xxxx-5670", "139****5670")]
    [True, True, False]
    """
    masked, text = (_APART.sub("", each.lower()) for each in (masked, text))
    first, *_, last = _MASK.split(masked)
    return text.startswith(first) and text.endswith(last)


def normalise(label: str, text: str) -> str | None:
    """Return the value as it is compared, of several in a cell the first.

    None is returned for what tells no persons apart: masked, a placeholder, or not of its kind.
    """
    keys = normalise_all(label, text)
    return keys[0] if keys else None


def normalise_all(label: str, text: str) -> tuple[str, ...]:
    """Return every key of a cell as it is compared, in order, each once.

    >>> normalise_all("phone_mobile", "13712345670/+86 138-1234-5678 转 5")
    ('13712345670', '13812345678')
    >>> normalise_all("email", "Lin Mei <Lin.Mei@mail.cn>; mailto:a@b.cn")
    ('lin.mei@mail.cn', 'a@b.cn')
    >>> normalise_all("user_id", "8919 / 16838"), normalise_all("user_id", "8919/16838")
    (('8919', '16838'), ('8919/16838',))
    """
    text = text.strip()
    if not text or text.lower() in PLACEHOLDER_WORDS:
        return ()
    if label == "person_name":
        keys: Sequence[str | None] = names_of_cell(text)
    elif "*" in text or label in _NORMALISERS and label != "email" and _MASK.search(text):
        return ()
    elif label == HIDDEN_KEY:
        keys = [canonical_hash(part) for part in _listed(text)]
    elif label in SHORT_KEYS:
        parts = _listed(text)
        numbers = _LISTED_NUMBERS.split(text) if len(parts) == 1 else []
        least = 1 if _CLEAR_SIGN.search(text) else LEAST_DIGITS
        if all(_digits_in(part) >= least and part.isalnum() for part in numbers):
            parts = numbers or parts          # 20210001/20210002
        keys = [_any_text(part) for part in parts]
    elif label in _FINDERS and len(parts := _FINDERS[label](text)) > 0 and parts != [text]:
        keys = [None if is_placeholder(part) else _NORMALISERS[label](part) for part in parts]
    else:
        read = _NORMALISERS.get(label, _any_text)
        parts = _numbers_of_list(text) if label in _NORMALISERS else [text]
        if any(read(part) is None for part in parts):
            parts = [text]
        keys = [None if is_placeholder(part) else read(part) for part in parts]
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def _mails_in(text: str) -> list[str]:
    """The addresses in a cell, each from the first sign that may belong to it; time grows with the length.

    >>> _mails_in("a@b.cn+c@d.cn, @e.cn f@g"), _mails_in("x" * 60_000)
    (['a@b.cn', '+c@d.cn'], [])
    """
    mails, end = [], 0
    for host in _MAIL_HOST.finditer(text):
        start = host.start()
        while start > end and _MAIL_SIGN.match(text, start - 1):
            start -= 1
        if start < host.start():
            mails.append(text[start:host.end()])
            end = host.end()
    return mails


_FINDERS: Mapping[str, Callable[[str], list[str]]] = {
    "email": _mails_in, **{label: pattern.findall for label, pattern in _PATTERNS.items()},
}


def _numbers_of_list(text: str) -> list[str]:
    """The numbers of a cell, parted by signs or words, or by blanks where each is as long as a whole one.

    >>> _numbers_of_list("E21345678 或 E61345678"), _numbers_of_list("6222 0212 3456 7890")
    (['E21345678', 'E61345678'], ['6222 0212 3456 7890'])
    """
    parts = [part.strip(" \"'") for part in _LISTED_NUMBERS.split(text.strip("[]()"))]
    by_blanks = [word for part in parts for word in part.split()]
    return by_blanks if all(_digits_in(word) >= LEAST_DIGITS for word in by_blanks) else parts


def _listed(text: str) -> list[str]:
    """The values of a cell that is a list: parted by commas, semicolons or lines, in brackets or not.

    >>> _listed("[101, 102]"), _listed("a;b"), _listed("Lin, Mei")
    (['101', '102'], ['a', 'b'], ['Lin, Mei'])
    """
    is_bracketed = text[:1] in "[{" and text[-1:] in "]}"
    parts = [part.strip(" \"'") for part in _LISTED.split(text[1:-1] if is_bracketed else text)]
    is_list = all(part and " " not in part for part in parts) and (is_bracketed or len(parts) > 1)
    return parts if is_list and (any(c.isdigit() for c in text) or ", " not in text) else [text]


_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

_WHOLE_NUMBER = re.compile(r"([0-9]+)\.0")                # as a frame of numbers with gaps writes it


def _any_text(text: str) -> str | None:
    if len(text) == UUID_LENGTH and _UUID.fullmatch(text):
        return text.lower()
    if (whole := _WHOLE_NUMBER.fullmatch(text)) is not None:
        text = whole[1]
    return text if text not in ("0", "-1") else None


def _resident_id(text: str) -> str | None:
    """Eighteen characters; one that fails its check stands behind `?`: a key, but no proof two differ."""
    number = resident_id.compact(text)
    if len(number) == 15 and number.isdecimal() and resident_id.is_valid_15(number):
        body = number[:6] + "19" + number[6:]
        return body + iso7064_mod11_2(body)
    if len(number) < 15 or is_placeholder(number) or _is_rounded(number) or number[:2].isalpha():
        return None                           # USA110000000001 is a foreigner's residence permit
    return number if resident_id.is_valid(number) else f"?{number}"


def _phone(text: str) -> str | None:
    if "@" in text:                           # a mail address with digits in it
        return None
    digits = re.sub(r"[^0-9]", "", text)
    digits = re.sub(r"^(0086|86|0)(?=1[3-9][0-9]{9}$)", "", digits)
    if len(digits) == 11 and digits[0] == "1" and _is_rounded(digits):
        return None
    return digits if 7 <= len(digits) <= 15 and not is_placeholder(digits) else None


def _is_rounded(number: str) -> bool:
    """Are its last figures lost, as where a sheet shows `1.38E+10` for a number?"""
    return number.endswith("0" * ROUNDED) or "E+" in number.upper()


def _email(text: str) -> str | None:
    return text.lower() if "@" in text else None


def _account_number(text: str) -> str | None:
    """A number; the name of a bank is no account."""
    number = re.sub(r"[\s-]", "", text)
    is_rounded = len(number) >= 16 and _is_rounded(number)
    return number if _digits_in(number) >= 8 and not is_rounded else None


def _document_number(text: str) -> str | None:
    number = re.sub(r"[\s-]", "", text).upper()
    return number if _digits_in(number) >= 4 and len(number) >= 6 else None


def _digits_in(text: str) -> int:
    return sum(c.isdigit() for c in text)


_NORMALISERS: Mapping[str, Callable[[str], str | None]] = {
    "resident_id": _resident_id, "phone_mobile": _phone, "email": _email, "bank_card": _account_number,
    "bank_account": _account_number, "passport": _document_number, "other_id_document": _document_number,
}


_DATE = re.compile("((?:19|20)[0-9]{2})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})")
_PLAIN_DATE = re.compile("((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[0-9]{6})?(?![0-9])")


def birth_date_of(label: str, text: str) -> date | None:
    """Return the date of birth in a resident ID or a date column; None if there is none.

    >>> birth_date_of("birth_date", "2015/3/9")
    datetime.date(2015, 3, 9)
    """
    try:
        if label == "resident_id":
            number = _resident_id(text)
            return resident_id.birth_date(number) if number and not number.startswith("?") else None
        m = _DATE.match(text) or _PLAIN_DATE.match(text)
        return date(int(m[1]), int(m[2]), int(m[3])) if m else None
    except ValueError:
        return None


_GENDERS: Mapping[str, frozenset[str]] = {
    "male": frozenset({
        "男", "男性", "男士", "先生", "m", "male", "man", "mr", "boy", "mann", "homme", "hombre",
    }),
    "female": frozenset({
        "女", "女性", "女士", "小姐", "f", "female", "woman", "mrs", "ms", "girl", "frau", "femme", "mujer",
    }),
}


def gender_of(text: str) -> str:
    """Return the gender that a word says; empty for none.

    >>> gender_of("女"), gender_of("Male"), gender_of("1")
    ('female', 'male', '')
    """
    word = text.strip().lower()
    return next((gender for gender, words in _GENDERS.items() if word in words), "")


_AGE = re.compile(r"([0-9]{1,3})(?:\.[0-9]+)? ?(?:岁|周岁|years?(?: old)?)?", re.I)


def age_of(label: str, text: str, on: date) -> int:
    """Return how many whole years old a person is on a day by a birth date, resident ID or age; -1: unknown.

    >>> age_of("birth_date", "2012-11-02", date(2026, 11, 1)), age_of("age", "13 岁", date(2026, 11, 1))
    (13, 13)
    """
    if label == "age":
        m = _AGE.fullmatch(text.strip())
        return int(m[1]) if m else -1
    birth = birth_date_of(label, text)
    if birth is None:
        return -1
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
