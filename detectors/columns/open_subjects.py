"""Columns of one kind of key of which names do not say whether they are one person's or several people's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from detectors.columns.column_stems import column_stem, is_further, words
from detectors.columns.senses import names_person
from detectors.columns.subjects import row_subjects
from detectors.model import TableInfo
from detectors.names.matching import first_phrase
from detectors.names.tables import singular
from detectors.names.tokens import tokens

# kinds of keys of which a person may have two, so that only the rows tell whether there are two people
OPEN_KINDS = frozenset({"phone_mobile", "email", "user_id", "employee_no", "bank_card", "bank_account"})


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A column of keys: what its name and comment say, its label, and whose it is by its words."""

    name: str
    comment: str
    label: str
    role: str


def further_keys(keys: Iterable[SubjectKey]) -> list[tuple[SubjectKey, SubjectKey]]:
    """Return every key beside the first of its kind and role, but for one's own further numbers."""
    return [pair for pair in _pairs_of_a_kind(keys) if not is_further(pair[1].name, pair[1].comment)]


def own_further_keys(keys: Iterable[SubjectKey]) -> list[tuple[SubjectKey, SubjectKey]]:
    """Return every key beside the first of its kind and role that words call one's own further number."""
    return [pair for pair in _pairs_of_a_kind(keys) if is_further(pair[1].name, pair[1].comment)]


def _pairs_of_a_kind(keys: Iterable[SubjectKey]) -> list[tuple[SubjectKey, SubjectKey]]:
    first_keys: dict[tuple[str, str], SubjectKey] = {}
    pairs = []
    for key in keys:
        first = first_keys.setdefault((key.role, key.label), key)
        if first is not key and key.label in OPEN_KINDS:
            pairs.append((first, key))
    return pairs


def are_two_words(one: SubjectKey, other: SubjectKey) -> bool:
    """Have two keys of a kind different words for somebody: father and mother?

    >>> names = ("父亲手机", "母亲手机", "手机")
    >>> father, mother, phone = (SubjectKey(name, "", "phone_mobile", "") for name in names)
    >>> are_two_words(father, mother), are_two_words(phone, mother)
    (True, False)
    """
    stems = [column_stem(key.name, key.comment) for key in (one, other)]
    return stems[0].stem != stems[1].stem and all(s.stem and s.noun in ("person", "direction") for s in stems)


def has_word_of_its_own(one: SubjectKey, other: SubjectKey) -> bool:
    """Has one of two keys of a kind a word for somebody that the other lacks: `mobile`, `caller_mobile`?"""
    stems = [column_stem(key.name, key.comment) for key in (one, other)]
    plain = {*words()["plain_own"]["en"], *words()["plain_own"]["zh"]}
    return stems[0].stem != stems[1].stem and any(
        s.stem not in plain and s.noun in ("person", "direction") for s in stems
    )


@dataclass(frozen=True, slots=True)
class WordedKeys:
    """Keys, or a birthday, with a word for somebody beside such of the row's own person.

    columns: their names. bare: a key of the own person. are_others: is another person likelier?
    """

    columns: tuple[str, ...]
    bare: str
    are_others: bool


def worded_keys(table: TableInfo, keys: Sequence[SubjectKey], name: str) -> WordedKeys | None:
    """Return keys of which a word leaves open whether they are the row's own person's; None for none.

    keys: of the own person, as the table's columns say, and its birthday. name: the column of its name;
    empty: none.

    >>> from detectors.model import ColumnInfo, TableRef
    >>> keys = [SubjectKey("mobile", "", "phone_mobile", ""), SubjectKey("insured_id", "", "resident_id", "")]
    >>> table = TableInfo(TableRef("policy"), tuple(ColumnInfo(key.name) for key in keys))
    >>> worded_keys(table, keys, "holder").columns, worded_keys(table, keys, "insured_name")
    (('insured_id',), None)
    >>> keys = [SubjectKey("rider_phone", "", "phone_mobile", ""), SubjectKey("coach_email", "", "email", "")]
    >>> worded_keys(TableInfo(TableRef("lesson"), tuple(ColumnInfo(key.name) for key in keys)), keys, "")
    WordedKeys(columns=('coach_email',), bare='rider_phone', are_others=False)
    """
    comments = {column.name: column.comment for column in table.columns}
    named = _person_word(name, comments.get(name, "")) if name else ""
    stems = {key.name: _person_word(key.name, key.comment) for key in keys}
    bare = [key.name for key in keys if not stems[key.name] and key.label != "birth_date"]
    titled = {singular(word) for word in tokens(table.ref.name)}
    worded = [
        key.name for key in keys
        if (stem := stems[key.name]) and stem != named
        and not any(word in titled or table.comment.startswith(word) for word in _alike(stem))
    ]
    if worded and not bare:                   # walker_phone, keeper_email: two words for persons
        persons = [name for name in worded if names_person(stems[name].rpartition("_")[2])]
        bare, worded = persons[:1], [name for name in persons if stems[name] != stems[persons[0]]]
    if not worded or not bare:
        return None
    others = any(_is_other(column, comments.get(column, "")) for column in worded)
    return WordedKeys(tuple(worded), bare[0], others)


def possible_party(name: str, comment: str) -> str:
    """Return the words of a possible key that speak of another person than the row's own; empty for none.

    >>> [possible_party(name, "") for name in ("tenant_id", "agent_no", "member_no", "uid", "no", "租户编号")]
    ['tenant', 'agent', '', '', '', '租户']
    """
    stem = column_stem(name, comment)
    if stem.noun == "thing" or any(stem.stem in words()["plain_own"][language] for language in ("en", "zh")):
        return ""
    if stem.noun or stem.role or names_person(stem.stem.rpartition("_")[2]):
        return stem.stem or stem.role
    return next((word for word in (stem.stem, *tokens(name)[:1]) if word in _undecided()), "")


@cache
def _undecided() -> frozenset[str]:
    return frozenset((*words()["undecided"]["en"], *words()["undecided"]["zh"]))


def _person_word(name: str, comment: str) -> str:
    """The words before a key that may name somebody; empty for none and for whoever a row is about."""
    if other := other_word(name, comment):
        return other
    stem = column_stem(name, comment)
    is_plain = any(stem.stem in words()[kind][language]
                   for kind in ("plain_own", "same") for language in ("en", "zh"))
    return "" if stem.role or is_plain or stem.noun == "thing" else stem.stem


def _is_other(name: str, comment: str) -> bool:
    """Is a key rather another person's: by a word for such, or by one for a person that no list has?"""
    if other_word(name, comment):
        return True
    stem = column_stem(name, comment)
    endings = words()["endings"]["en" if stem.stem.isascii() else "zh"]
    return not stem.noun and stem.stem.endswith(tuple(endings))


def other_word(name: str, comment: str) -> str:
    """Return a word of `others` in name or comment; empty for none."""
    others, parts = words()["others"], tokens(name)
    hits = [word for word in others["en"] if word in parts or "_" in word and word in "_".join(parts)]
    hits += [word for word in others["zh"] for text in (name, first_phrase(comment)) if word in text]
    return str(hits[0]) if hits else ""


@cache
def _alike(stem: str) -> frozenset[str]:
    """Words for the same kind of person, the stem among them."""
    return frozenset({stem, *(word for group in words()["alike"] if stem in group for word in group)})


def is_mover(name: str, comment: str) -> bool:
    """Do words of a column speak of whoever moves a vehicle?

    >>> is_mover("driver_phone", ""), is_mover("司机电话", ""), is_mover("agent_phone", "")
    (True, True, False)
    """
    return _speaks_of("movers", name, comment)


def is_group(name: str, comment: str) -> bool:
    """Do words of a column speak of several people, whose keys may stand in one cell?

    >>> is_group("parents_phone", ""), is_group("同行人身份证", ""), is_group("parent_phone", "")
    (True, True, False)
    """
    return _speaks_of("groups", name, comment)


def _speaks_of(kind: str, name: str, comment: str) -> bool:
    groups = words()[kind]
    return not set(groups["en"]).isdisjoint((*tokens(name), *tokens(comment))) or any(
        word in text for word in groups["zh"] for text in (name, first_phrase(comment))
    )


def open_pairs(table: TableInfo, labels: Sequence[str]) -> list[tuple[str, str]]:
    """Return (column, further column) of a table whose subjects the names of its columns leave open.

    labels: of each column, empty for nothing personal.
    """
    owners = row_subjects(table, labels).owners
    keys = (
        SubjectKey(c.name, c.comment, label, owner.role)
        for c, label, owner in zip(table.columns, labels, owners, strict=True) if label in OPEN_KINDS
    )
    return [(first.name, other.name) for first, other in further_keys(keys)]
