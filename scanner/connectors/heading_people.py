"""Names of people among cells that may be headings, and rows that say who did something with a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detectors.cn.person_name import SURNAMES, person_share, votes
from detectors.cn.person_name import is_valid as is_person_name
from detectors.names.latin_names import is_latin_name
from detectors.names.no_people import is_no_person
from scanner.connectors.cell_kinds import CellRow, cell_kind, is_word_of_headings

PEOPLE = 0.6                                  # share of other headings that are names of people, if any are
CERTAIN = 0.98                                # likelihood of a person's name beside a role
_ROLES = ("人", "员", "者", "姓名", "by", "By")  # ends of keys that announce a person
_SIGNS = " #|~^!$%&*:："
_MOMENT = re.compile(r"(19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]*\d{1,2}:\d{2}.*")
_PARTS = re.compile(r"[^\w]+")
LATIN_NAME = re.compile(r"[A-Z][a-z'-]+(?: [A-Z]\.?)?(?: [A-Z][a-z'-]+){1,2}(?: [A-Z])?")
_WEEKDAY = re.compile("周[一二三四五六日天]")
_NUMBER_BEHIND = " 0123456789"                # tells two people of one name apart
_BEGIN_HEADINGS = frozenset((                 # words that no given name is
    "first", "last", "full", "given", "middle", "maiden", "legal", "preferred", "next", "other", "home",
    "work", "main", "old", "new", "lead",
))
_END_HEADINGS = frozenset(("by", "to", "of", "for", "at", "on", "no", "id"))


def may_name_person(text: str) -> bool:
    """Return whether a cell may be a person's name, in Chinese or Latin letters, and is no usual heading.

    >>> may_name_person("方圆"), may_name_person("车主")
    (True, False)
    """
    if _WEEKDAY.fullmatch(text) or not text.isascii() and _is_person_word(text):
        return False
    is_name = is_person_name(text) and not is_no_person(text) or text[:1].isupper() and is_latin_name(text)
    return is_name and not is_word_of_headings(text)


def _is_person_word(text: str) -> bool:
    from detectors.columns.column_stems import is_person_word

    return is_person_word(text)


def is_person_above(cell: str, column: Sequence[str]) -> bool:
    """Return whether a cell is somebody's name above names of people, also one of an unusual form.

    column: the filled cells below it.

    >>> is_person_above("欧阳钰珩翀", ["林一一", "陈二二"]), is_person_above("客户", ["林一一", "陈二二"])
    (True, False)
    """
    cell = cell.rstrip(_NUMBER_BEHIND)
    if not _has_form_of_name(cell) or is_word_of_headings(cell):
        return False
    return bool(column) and 2 * sum(map(_names_somebody, column)) >= len(column)


def _names_somebody(text: str) -> bool:
    text = text.rstrip(_NUMBER_BEHIND)
    return may_name_person(text) or bool(LATIN_NAME.fullmatch(text))


def _has_form_of_name(text: str) -> bool:
    if _WEEKDAY.fullmatch(text):
        return False
    is_chinese = 3 <= len(text) <= 6 and text[0] in SURNAMES and all("\u4e00" <= c <= "\u9fff" for c in text)
    if is_chinese or may_name_person(text):
        return True
    return bool(LATIN_NAME.fullmatch(text)) and not speaks_of_column(text)


def speaks_of_column(text: str) -> bool:
    """Return whether words with capitals name a column: they begin with a word for something, or end so.

    >>> speaks_of_column("Account Holder"), speaks_of_column("Quentin Ashworth")
    (True, False)
    """
    from detectors.columns.concepts import concepts_of

    words = text.lower().split() or [""]
    is_column = words[0] in _BEGIN_HEADINGS or words[-1] in _END_HEADINGS
    return is_column or bool(concepts_of(words[0]).any)


def persons_among(titles: Sequence[str]) -> frozenset[str]:
    """Return the headings that are people's names: certain ones, or most of those that usual tables lack.

    >>> sorted(persons_among(["月份", "李娜", "王小明"])), sorted(persons_among(["姓名", "高校", "金额"]))
    (['李娜', '王小明'], [])
    >>> sorted(persons_among(["月份", "褚甲七", "卫丙丙"])), persons_among(["月份", "连衣裙", "白衬衫"])
    (['卫丙丙', '褚甲七'], frozenset())
    """
    others = [title for title in dict.fromkeys(titles) if title and not is_word_of_headings(title)
              and not cell_kind(title)]
    people = [title for title in others if may_name_person(title)]
    if not people:
        return frozenset()
    if any(title.isascii() for title in people):          # beside a known name, others of its form are names
        people += [title for title in others if title not in people and LATIN_NAME.fullmatch(title)]
    chinese = [title for title in people if not title.isascii()]
    certain = frozenset(filter(_is_certain_name, chinese))
    alike = [title for title in others if chinese and len(title) == 3 and _has_form_of_name(title)]
    beside = len(others) - (others[0] == titles[0] and others[0] not in alike)       # 月份
    if 1 < len(alike) == beside <= 2 * len(people):
        return frozenset((*people, *alike))               # nothing else stands there, as in a pivot table
    if len(people) < PEOPLE * len(others):
        return certain
    sure = int(votes(chinese).sum()) + len(people) - len(chinese)
    if sure < 2 or sure < PEOPLE * len(people):
        return certain
    return frozenset((*people, *alike))


def _is_certain_name(text: str) -> bool:
    return len(text) == 3 and person_share(text) >= CERTAIN


def has_acting_person(row: CellRow) -> bool:
    """Return whether a person stands behind a word for what people do, e.g. who exported a file."""
    parts = [part for cell in row for part in _PARTS.split(cell) if part]
    return any(key.endswith(_ROLES) and _begins_as_name(value) and not is_word_of_headings(value)
               for key, value in zip(parts, parts[1:], strict=False))


def _begins_as_name(text: str) -> bool:
    return is_person_name(text) or 2 <= len(text) <= 3 and text[0] in SURNAMES


def is_key_with_value(row: CellRow, width: int) -> bool:
    """Return whether a row says something of the table: when, or by whom it was exported or checked.

    width: of the table; in a row as wide, a role and a name in two cells are two headings (姓名, 费用).
    """
    filled = [cell for cell in row if cell]
    if len(filled) == 2 and not cell_kind(filled[0]) and _MOMENT.fullmatch(filled[1]):
        return True
    if len(filled) == width == 2 and has_acting_person(filled):
        is_role = filled[0].strip(_SIGNS).endswith(_ROLES) and not is_word_of_headings(filled[1])
        name = filled[1].strip(_SIGNS)
        return is_role and len(name) > 2 and person_share(name) >= CERTAIN
    is_narrow = len(filled) < width
    return any(has_acting_person([cell]) for cell in filled) or is_narrow and has_acting_person(filled)
