"""Columns cut into a stem and an attribute: `guest1_phone_no` is the phone_mobile of `guest` 1, 男方姓名 the
name of 男方. The stem says whose the attribute is.

>>> column_stem("emergency_contact_phone", "").role, column_stem("family_name", "").role
('emergency_contact', '')
>>> column_stem("c3", "女方身份证号").stem, column_stem("c3", "女方身份证号").label
('女方', 'resident_id')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from detectors.columns.concepts import EAST
from detectors.names.lexicon import contexts, lexicon, remembered
from detectors.names.matching import FILLERS, first_phrase, is_audit
from detectors.names.tables import NEUTRAL, singular
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

NAME, KEY = "name", "key"                     # attributes that a lexicon of labels does not know bare
_KEYS = ("id", "ids", "uid", "uuid", "no", "code", "num", "number", "key")
_NAMES = ("name", "names", "nm")
_ATTRIBUTES = frozenset({*_KEYS, *_NAMES, "email"})
_ZH_NAMES = ("姓名", "名字", "名称", "名", "姓")
_ZH_KEYS = ("编号", "编码", "主键", "标识", "id", "号", "代码")
_TECHNICAL = frozenset({"md", "sha", "base", "ipv", "utf", "h", "x", "web"})
_IDLE_ENDINGS = (FILLERS | _TECHNICAL) - set(_KEYS)
_DIGITS = re.compile("((?:.*[^0-9])?)([0-9]*)")
_EN, _ZH = "en", "zh"
MOST_DIGITS = 2                               # of a number that tells the people of a row apart
LONGEST = 40                                  # characters of a Chinese phrase that are read


@dataclass(frozen=True, slots=True)
class ColumnStem:
    """What a column's name and comment say of whose it is.

    stem: words before the attribute, without qualifiers; empty for none. ordinal: `2` of `guest2_name`. role:
    of `roles.yaml`, empty for none. noun: a person by nature, a thing, a direction, or nothing known. label:
    of the attribute: of the lexicon, NAME, KEY, or empty. raw: the words of the name before the attribute.
    """

    stem: str = ""
    ordinal: str = ""
    role: str = ""
    noun: str = ""
    label: str = ""
    raw: str = ""


@cache
def words() -> Mapping[str, Any]:
    """Return the words of `subjects.yaml`."""
    return cast(Mapping[str, Any], read_yaml("data/subjects.yaml"))


def is_kind_of_something(name: str) -> bool:
    """Does a name end with a word for kinds: it holds one of few words, and nobody's number?

    >>> is_kind_of_something("证件类型"), is_kind_of_something("idType"), is_kind_of_something("type_no")
    (True, True, False)
    """
    kinds = words()["kinds"]
    return name.endswith(tuple(kinds[_ZH])) or tokens(name)[-1:] in [(word,) for word in kinds[_EN]]


@cache
def role_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words of every role, those that an exemption knows first."""
    roles = read_yaml("data/roles.yaml") | words()["roles"]
    return {role: {_EN: tuple(hints[_EN]), _ZH: tuple(hints[_ZH])} for role, hints in roles.items()}


@remembered
def is_further(name: str, comment: str) -> bool:
    """Do name or comment say that a key is a further one of the same person?

    What stands before a word for somebody is said of them: the second guest is another one.

    >>> is_further("backup_mobile", ""), is_further("mobile", "备用手机"), is_further("peer_mobile", "")
    (True, True, False)
    >>> is_further("second_guest_phone", ""), is_further("新郎手机", ""), is_further("guest_home_phone", "")
    (False, False, True)
    >>> is_further("mobile_after", ""), is_further("old_owner_phone", "")
    (True, False)
    """
    further = words()["further"]
    for parts in (tokens(name), tokens(comment)):
        after = ["_".join(parts[i + 1:]) for i, word in enumerate(parts) if word in further[_EN]]
        if after and not any(column_stem(rest, "").noun == "person" for rest in after):
            return True
    return any(
        word in text and column_stem(text.partition(word)[2], "").noun != "person"
        and not ((stem := column_stem(text, "")).label and word in stem.stem)
        for word in further[_ZH] for text in (name, comment)
    )


@remembered
def is_other_form(name: str, comment: str) -> bool:
    """Do name or comment say that a column holds somebody's name once more, in another form?

    >>> is_other_form("english_name", ""), is_other_form("c2", "曾用名"), is_other_form("nom_conjoint", "")
    (True, True, False)
    """
    forms = words()["other_forms"]
    if not set(forms[_EN]).isdisjoint((*tokens(name), *tokens(comment))):
        return True
    return any(word in text for word in forms[_ZH] for text in (name, comment))


@remembered
def name_part(name: str, comment: str) -> str:
    """Return which part of a person's name a column holds: family, given; empty for the whole or unknown.

    >>> name_part("last_name", ""), name_part("guest_first_name", ""), name_part("first_guest", "")
    ('family', 'given', '')
    """
    name_words, head = tokens(name), first_phrase(comment)
    after = {*_NAMES, *words()["other_forms"][_EN]}
    parts = [word for word, then in zip(name_words, (*name_words[1:], "name"), strict=False) if then in after]
    for part, hints in words()["name_parts"].items():
        if any(word in parts for word in hints[_EN]) or any(text in hints[_ZH] for text in (name, head)):
            return str(part)
    return ""


@remembered
def account_words(name_words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of an account's column without those that say whose of several it is.

    >>> account_words(("from", "user", "id")), account_words(("follower", "member", "no"))
    (('user', 'id'), ('member', 'no'))
    >>> account_words(("shop", "user", "id")), account_words(("sender", "id"))
    (('shop', 'user', 'id'), ('sender', 'id'))
    >>> account_words(("followee", "id")), account_words(("friend", "id"))     # users of the same system
    (('user', 'id'), ('user', 'id'))
    """
    if len(name_words) == 2 and name_words[0] in role_words()["friend"][_EN]:
        return "user", name_words[1]
    if len(name_words) < 3 or name_words[-2] not in words()["own"][_EN]:
        return name_words
    return tuple(word for word in name_words[:-2] if not _is_party_word(word)) + name_words[-2:]


def _is_party_word(word: str) -> bool:
    """Does a word say which of the people of a row is meant: a direction, a role, `inviter`?"""
    roles = {hint for hints in role_words().values() for hint in hints[_EN]}
    if word in words()["own"][_EN]:
        return False
    return word in words()["directions"][_EN] or word in roles or word.endswith(("er", "or", "ee"))


@remembered
def column_stem(name: str, comment: str) -> ColumnStem:
    """Return the stem of a column; the comment speaks where the name does not."""
    head = first_phrase(comment)
    if EAST.search(name):
        return _audited(_eastern_stem(first_phrase(name)), name, comment)
    by_name = _latin_stem(name)
    by_comment = _eastern_stem(head) if EAST.search(head) else ColumnStem()
    if by_name.role or not (by_comment.role or by_comment.stem):
        stem = ColumnStem(by_name.stem, by_name.ordinal, by_name.role, by_name.noun,
                          by_comment.label or by_name.label, by_name.raw)
    elif by_comment.role or by_comment.noun or not by_name.stem:
        stem = ColumnStem(by_comment.stem, by_comment.ordinal, by_comment.role,
                          by_comment.noun, by_comment.label or by_name.label, by_name.raw)
    else:
        stem = ColumnStem(by_name.stem, by_name.ordinal, "", by_name.noun,
                          by_comment.label or by_name.label, by_name.raw)
    return _audited(stem, name, comment)


def _audited(stem: ColumnStem, name: str, comment: str) -> ColumnStem:
    """The stem of whoever created, changed or approved the record is `operator`."""
    name_words = tokens(name)
    without_attribute = "_".join(name_words[:-1]) if name_words[-1:] and name_words[-1] in _ATTRIBUTES else ""
    if not is_audit(name, comment or name) and not is_audit(without_attribute, ""):
        return stem
    raw = stem.raw or "_".join(name_words[:-1])
    return ColumnStem("operator", "", "operator", "person", stem.label or NAME, raw)


def _latin_stem(name: str) -> ColumnStem:
    split = _numbered_words(name)
    name_words = tuple(word for word, _ in split)
    start, label = _attribute(name_words)
    before = name_words[:start]
    if (actor := _actor(name_words)) is not None:
        return actor
    if not before and label == NAME and _is_noun(name_words):
        before = name_words                   # `landlord`: a person without any attribute
    in_stem = next((n for _, n in split[:len(before)] if n), "")
    ordinal = in_stem or next((n for _, n in split if n), "")
    role = _latin_role(name_words, before)
    if _is_no_role(name_words):
        before = ()
    rest = _unqualified(before)
    return ColumnStem("_".join(rest), ordinal, role, _latin_noun(rest), label, "_".join(before))


def _actor(name_words: Sequence[str]) -> ColumnStem | None:
    """Whoever did something: `resolved_by`, `used_by_id`. None where the name is of another form."""
    core = name_words[:-1] if name_words[-1:] and name_words[-1] in _ATTRIBUTES else name_words
    if len(core) < 2 or core[-1] != "by" or core[-2] in words()["no_actors"]:
        return None
    stem = "_".join(core)
    label = KEY if name_words[-1] in _KEYS else NAME
    return ColumnStem(stem, "", _latin_role(name_words, core), "person", label)


def _numbered_words(name: str) -> list[tuple[str, str]]:
    """Words with the one or two digits that follow each."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    result: list[tuple[str, str]] = []
    for part in re.split(r"[^A-Za-z0-9]+", spaced):
        match = _DIGITS.fullmatch(part.lower())
        if match is None or not part:
            continue
        pieces = tokens(match[1]) if match[1] else ()
        number = match[2] if len(match[2]) <= MOST_DIGITS else ""
        if not pieces and result:
            result[-1] = result[-1][0], number
        result += [(piece, "") for piece in pieces[:-1]]
        result += [(piece, "" if piece in _TECHNICAL else number) for piece in pieces[-1:]]
    return result


def _attribute(name_words: tuple[str, ...]) -> tuple[int, str]:
    """(where the attribute at the end begins, its label); a person's noun before it belongs to the stem."""
    end = len(name_words)
    while end > 1 and name_words[end - 1] in _IDLE_ENDINGS:
        end -= 1
    latin = lexicon().latin
    for start in range(end):
        entry = latin.get(name_words[start:end])
        if entry is None:
            continue
        while start < end - 1 and is_person_word(name_words[start]):
            start += 1
        if _is_noun(name_words[start:end]):
            return start if start else end, NAME
        return start, str(entry.label)
    if not end:
        return 0, ""
    last = name_words[end - 1]
    if last in _NAMES:
        return end - 1, NAME
    if last in _KEYS:
        return end - 1, KEY
    return (0 if end == 1 else end, NAME) if _is_noun(name_words[end - 1:end]) else (end - 1, "")


@cache
def _latin_nouns() -> frozenset[str]:
    """Words for persons: of a role, of a trade, of a relation."""
    roles = (hint for hints in role_words().values() for hint in hints[_EN] if "_" not in hint)
    persons = read_yaml("data/persons.yaml")
    nouns = {*persons["en"], *persons["alone"], *words()["own"][_EN], *roles}
    return frozenset(nouns - {"receive", "invite"})


@cache
def _chinese_nouns() -> tuple[frozenset[str], int]:
    """The same in Chinese, and the length of the longest."""
    roles = (hint for hints in role_words().values() for hint in hints[_ZH])
    persons = read_yaml("data/persons.yaml")["zh"]
    nouns = {*roles, *persons, *words()["own"][_ZH], *words()["same"][_ZH], *words()["directions"][_ZH]}
    return frozenset(nouns), max(map(len, nouns))


@cache
def _directions() -> frozenset[str]:
    return frozenset(words()["directions"][_EN])


def is_person_word(word: str) -> bool:
    """Does a word of a name mean a person, or one of two parties?

    >>> is_person_word("driver"), is_person_word("车主"), is_person_word("车牌")
    (True, True, False)
    """
    return _is_noun([word]) or word in _directions() or word in _chinese_nouns()[0]


def ends_with_person(text: str) -> bool:
    """Does a Chinese phrase end with a word for persons?"""
    return bool(_ending(text, *_chinese_nouns()))


def _is_noun(name_words: Sequence[str]) -> bool:
    return len(name_words) == 1 and singular(name_words[0]) in _latin_nouns()


def _latin_noun(rest: Sequence[str]) -> str:
    if not rest:
        return ""
    if set(rest) & _things() and not _is_noun(rest[-1:]):
        return "thing"
    if _is_noun(rest[-1:]):
        return "person"
    return "direction" if set(rest) & _directions() else ""


@cache
def _things() -> frozenset[str]:
    """Words for things and organisations."""
    subjects = contexts()["subjects"]
    of_persons = _latin_nouns()
    others = (*subjects["organisation"], *subjects["product"], *subjects["dictionary"])
    return frozenset({*contexts()["veto_anywhere"], *others} - of_persons)


def _unqualified(before: Sequence[str]) -> tuple[str, ...]:
    """The words of a stem without qualifiers and words that say nothing; persons' nouns stay."""
    idle = _qualifiers() | NEUTRAL
    return tuple(
        singular(word) for word in _without_no_role(before)
        if word not in idle or _is_noun([word]) and word not in _EMPTY
    )


_EMPTY = frozenset({"account", "contact"})    # nouns that also qualify: contact_phone


@cache
def _qualifiers() -> frozenset[str]:
    return frozenset(words()["qualifiers"][_EN]) - {"from", "to"}


def _is_no_role(name_words: Sequence[str]) -> bool:
    """Is the only noun of the name part of a phrase such as `driver_license`?"""
    rest = _without_no_role(name_words)
    return len(rest) < len(name_words) and not any(_is_noun([word]) for word in rest)


def _without_no_role(name_words: Sequence[str]) -> tuple[str, ...]:
    """The words that are no part of a phrase such as `driver_license`."""
    phrases, longest = _phrases_without_role()
    rest: list[str] = []
    start = 0
    while start < len(name_words):
        sizes = range(min(longest, len(name_words) - start), 0, -1)
        size = next((n for n in sizes if tuple(name_words[start:start + n]) in phrases), 0)
        if not size:
            rest.append(name_words[start])
        start += size or 1
    return tuple(rest)


@cache
def _phrases_without_role() -> tuple[frozenset[tuple[str, ...]], int]:
    phrases = frozenset(tuple(phrase.split("_")) for phrase in words()["no_role"][_EN])
    return phrases, max(map(len, phrases))


@cache
def _role_phrases() -> Mapping[tuple[str, ...], tuple[int, str]]:
    """Roles, with their places in the order of roles, by the words of a hint."""
    phrases: dict[tuple[str, ...], tuple[int, str]] = {}
    for place, (role, hints) in enumerate(role_words().items()):
        for hint in hints[_EN]:
            phrases.setdefault(tuple(hint.split("_")), (place, role))
    return phrases


def _latin_role(name_words: Sequence[str], before: Sequence[str]) -> str:
    """The role whose word is in the stem, or in the whole name where it is no other phrase's part."""
    rest = _without_no_role(name_words)
    allowed = {*before, *name_words[:-1], *(word for word in name_words if _is_noun([word]))}
    hits = [
        hit for start in range(len(rest)) for end in range(start + 1, min(start + 3, len(rest)) + 1)
        if (hit := _role_phrases().get(rest[start:end])) is not None and allowed.issuperset(rest[start:end])
    ]
    return min(hits)[1] if hits else ""


def _eastern_stem(head: str) -> ColumnStem:
    """The stem of a Chinese phrase: what stands before its last attribute."""
    text = head.lower()[:LONGEST]
    start, label = _eastern_attribute(text)
    before = text[:start].removesuffix("的")
    digits = re.search("[0-9一二三四]$", before)
    ordinal = digits.group() if digits else ""
    before = before[:digits.start()] if digits else before
    plain = _no_role_pattern().sub("", before)
    role = _eastern_role(plain)
    if not role and label == NAME:
        role = _eastern_role(_no_role_pattern().sub("", text))
    noun = _ending(plain, *_chinese_nouns())
    if not noun and not role:
        plain = _without_qualifiers(plain)
    kind = "person" if noun or role else ""
    if noun in words()["directions"][_ZH]:
        kind = "direction"
    return ColumnStem(noun or plain, ordinal, role, kind, label)


def _eastern_attribute(text: str) -> tuple[int, str]:
    """(where the last attribute begins, its label). A noun of a person alone is a name."""
    without_number = text.rstrip("0123456789")
    if _ending(without_number, *_chinese_nouns()):
        return len(without_number), NAME
    chinese = lexicon().chinese
    for start in range(len(text)):
        entry = chinese.get(text[start:])
        if entry is None:
            continue
        while (noun := _noun_at(text, start)) and start + len(noun) < len(text):
            start += len(noun)
        return start, str(entry.label)
    for endings, label in ((_ZH_NAMES, NAME), (_ZH_KEYS, KEY)):
        for ending in endings:
            if text.endswith(ending):
                return len(text) - len(ending), label
    return len(text), ""


def _noun_at(text: str, start: int) -> str:
    nouns, longest = _chinese_nouns()
    sizes = range(min(longest, len(text) - start), 0, -1)
    return next((text[start:start + n] for n in sizes if text[start:start + n] in nouns), "")


def _eastern_role(text: str) -> str:
    hits = [role for pattern, role in _role_patterns() if pattern.search(text)] if text else []
    return hits[0] if hits else ""


@cache
def _role_patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    return [(re.compile("|".join(map(re.escape, hints[_ZH]))), role) for role, hints in role_words().items()]


@cache
def _no_role_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(words()["no_role"][_ZH], key=lambda word: -len(word))))


def _ending(text: str, vocabulary: frozenset[str], longest: int) -> str:
    """The longest word of the vocabulary that ends a text."""
    return next((text[-n:] for n in range(min(longest, len(text)), 0, -1) if text[-n:] in vocabulary), "")


def _without_qualifiers(text: str) -> str:
    """What is left of a Chinese stem without qualifiers at its end."""
    qualifiers, longest = _eastern_qualifiers()
    while ending := _ending(text, qualifiers, longest):
        text = text[:-len(ending)]
    return text


@cache
def _eastern_qualifiers() -> tuple[frozenset[str], int]:
    qualifiers = frozenset(words()["qualifiers"][_ZH])
    return qualifiers, max(map(len, qualifiers))
