"""The tables of a source as a graph: which table a column points at, by foreign keys, names and comments.

`plumber_id`, `head_plumber` and 指定水管工 point at the table `plumber` 水管工; what hangs on a person's row
is about that person. Names and comments alone are read. Whoever knows one table only does without.

>>> from detectors.model import ColumnInfo, TableRef
>>> plumber = TableInfo(TableRef("plumber"), (ColumnInfo("id", primary_key=True), ColumnInfo("real_name"),
...     ColumnInfo("mobile"), ColumnInfo("gender")), "水管工")
>>> columns = ColumnInfo("head_plumber"), ColumnInfo("f", comment="指定水管工")
>>> job = TableInfo(TableRef("repair_job"), columns)
>>> [link.subject for link in ReferenceGraph((plumber, job)).links(job).columns.values()]
['person', 'person']
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from detectors.columns.column_stems import KEY, NAME, column_stem, ends_with_person, is_person_word
from detectors.columns.concepts import EAST
from detectors.columns.subjects import row_subjects
from detectors.columns.topics import table_topic
from detectors.model import ColumnInfo, TableInfo, TableRef
from detectors.names.lexicon import contexts
from detectors.names.matching import first_phrase, match_comment, match_name
from detectors.names.tables import NEUTRAL, PERSONAL, singular, table_subject
from detectors.names.tokens import tokens

Link = tuple[int, str]                        # place of the table pointed at, and how that is known
KEYS = ("id", "ids", "uid", "uuid", "no", "code", "fk")
PERSON, PERSONAL_ROW = "person", "personal"   # a row is a person by its title, or by its attributes alone
PERSONS = 2                                   # personal attributes that make a row a person
HUMAN = frozenset({                           # attributes that only a person has
    "resident_id", "passport", "gender", "birth_date", "marital_status", "ethnicity", "age",
})
PREFIX, TABLES = 0.3, 4                       # share and number of tables whose first word is a prefix
_ZH_KEY = re.compile("(的)?(编号|编码|主键|标识|代码|号码?|id)$")
_ZH_TITLE = re.compile("(基本|基础|详细|主)?(信息|资料|档案|数据|列表|管理|主)?(表|登记表)?$")
_ABOUT = frozenset({                          # words of columns that point at nobody
    "is", "has", "enable", "allow", "hide", "show", "available", "num", "count", "total", "per", "all", "max",
    "min", "limit", "receive", "require", "default", "once", "automatically", "new", "old", "quality",
})
_LIST = re.compile("s$|_?(list|ids|array)$")
_NUMERIC = re.compile("int|serial|number|numeric|decimal|long")
_TEXT = re.compile("char|text|string|uuid|enum")


@dataclass(frozen=True, slots=True)
class ColumnLink:
    """Where a column points. subject: what a row of that table is, see `row_subject`. how: declared, name or
    comment.
    """

    subject: str
    how: str
    itself: bool = False                      # at its own table: a superior, a parent
    several: bool = False                     # at several rows: `fitters`, `user_ids`


@dataclass(frozen=True, slots=True)
class TableLinks:
    """What the other tables of a source say of one. columns: links by column name."""

    columns: Mapping[str, ColumnLink] = field(default_factory=dict)

    def points_at(self, column: str) -> str:
        """Return what a row is of the table that a column points at; empty if that is not known."""
        link = self.columns.get(column)
        return link.subject if link is not None else ""


NO_LINKS = TableLinks()


class ReferenceGraph:
    """Links between the tables of one source, found once for all of them."""

    def __init__(self, tables: Sequence[TableInfo]) -> None:
        self._tables = tuple(tables)
        self._places = {table.ref: i for i, table in enumerate(self._tables)}
        self._prefixes = _prefixes(self._tables)
        self._subjects = [row_subject(table) for table in self._tables]

    def links(self, table: TableInfo) -> TableLinks:
        """Return what is known of a table of the source; nothing of any other."""
        place = self._places.get(table.ref)
        if place is None:
            return NO_LINKS
        types = {column.name: column.type.lower() for column in self._tables[place].columns}
        columns = {
            name: ColumnLink(self._subjects[target], how, target == place, _is_list(name, types[name]))
            for name, (target, how) in self._links[place].items()
        }
        return TableLinks(columns)

    @cached_property
    def _latin(self) -> Mapping[tuple[str, ...], int]:
        """Tables by the words of their names; by the last word alone where that is one table."""
        tables: dict[tuple[str, ...], int] = {}
        lasts: dict[str, list[int]] = {}
        for i, table in enumerate(self._tables):
            words = self._words_of(table.ref)
            if words:
                tables.setdefault(words, i)
                lasts.setdefault(words[-1], []).append(i)
        for last, places in lasts.items():
            persons = [i for i in places if self._subjects[i] in _PERSONS]
            if len(places) == 1 and len(last) > 2 and persons:
                tables.setdefault((last,), places[0])
        return tables

    @cached_property
    def _eastern(self) -> Mapping[str, int]:
        """Tables by the nouns of their comments, or of Chinese names."""
        nouns: dict[str, int] = {}
        for i, table in enumerate(self._tables):
            for text in (table.comment, table.ref.name):
                noun = _ZH_TITLE.sub("", first_phrase(text)).lower()
                if EAST.search(noun) and 2 <= len(noun) <= 8:
                    nouns.setdefault(noun, i)
        return nouns

    @cached_property
    def _links(self) -> Sequence[Mapping[str, Link]]:
        return [dict(self._links_of(table)) for table in self._tables]

    def _words_of(self, ref: TableRef) -> tuple[str, ...]:
        words = [singular(word) for word in tokens(ref.name) if word not in NEUTRAL]
        return tuple(words[1:] if len(words) > 1 and words[0] in self._prefixes else words)

    def _links_of(self, table: TableInfo) -> Iterator[tuple[str, Link]]:
        declared = {
            name: self._places[key.target] for key in table.foreign_keys if key.target in self._places
            for name in key.columns
        }
        own = self._places[table.ref]
        for column in table.columns:
            if column.name in declared:
                yield column.name, (declared[column.name], "declared")
            elif (link := self._by_name(column) or self._by_comment(column)) is not None:
                if _types_agree(column, self._tables[link[0]]):
                    yield column.name, link
            elif self._subjects[own] in _PERSONS and _is_superior(column):
                yield column.name, (own, "name")

    def _by_name(self, column: ColumnInfo) -> Link | None:
        """The table that the words before `id` name; without one, a person's that the last word names."""
        words = tuple(singular(word) for word in tokens(column.name))
        is_key = len(words) > 1 and words[-1] in KEYS
        stem = words[:-1] if is_key else words
        for start in range(len(stem)):
            place = self._latin.get(stem[start:])
            if place is not None and (is_key or self._subjects[place] in _PERSONS):
                return (place, "name") if is_key or _is_reference(column) else None
        return None

    def _by_comment(self, column: ColumnInfo) -> Link | None:
        head = first_phrase(column.comment).lower()
        text = head if EAST.search(head) else first_phrase(column.name).lower()
        if not EAST.search(text):
            return None
        stem = _ZH_KEY.sub("", text)
        for start in range(max(len(stem) - 8, 0), len(stem) - 1):
            place = self._eastern.get(stem[start:])
            if place is not None and (stem != text or self._subjects[place] in _PERSONS):
                return place, "comment"
        return None


def row_subject(table: TableInfo) -> str:
    """Return what a row of a table is.

    PERSON: its title speaks of one, or attributes that only a person has. PERSONAL_ROW: only attributes that
    firms have, too. Else as `table_subject`.
    """
    row, subject = row_subjects(table), table_subject(table)
    is_titled = _is_titled_for_persons(table)
    if subject not in ("", "log", PERSON):
        return subject
    hits = [
        match_name(c.name) or match_comment(c.comment)
        for c, owner in zip(table.columns, row.owners, strict=True) if not owner.role
    ]
    labels = {str(hit.label) for hit in hits if hit is not None and hit.strength >= 0.8}
    own, is_human = labels & PERSONAL, bool(labels & HUMAN) and len(labels & PERSONAL) > PERSONS
    if subject == PERSON:
        is_of_firms = row.own == "organisation"
        return "organisation" if is_of_firms else PERSON if is_titled or is_human else PERSONAL_ROW
    is_of_persons = subject == "" and table_topic(table).kind == "person" and bool(own)
    if row.has_own_person and len(own) >= PERSONS or is_of_persons:
        return PERSON if is_titled or is_human and subject == "" else PERSONAL_ROW
    return subject


_PERSONS = (PERSON, PERSONAL_ROW)


def _is_titled_for_persons(table: TableInfo) -> bool:
    """Does a table's name end with a word for persons, or its comment speak of them?"""
    words = [singular(word) for word in tokens(table.ref.name) if word not in NEUTRAL]
    last = words[-1] if words else "account"  # of money, or of a firm
    if last != "account" and (is_person_word(last) or last in contexts()["subjects"]["person"]):
        return True
    return ends_with_person(_ZH_TITLE.sub("", first_phrase(table.comment or table.ref.name)))


def _is_superior(column: ColumnInfo) -> bool:
    """Is it the number of somebody above, who stands in the same table?"""
    stem = column_stem(column.name, column.comment)
    is_number = _NUMERIC.search(column.type.lower()) is not None
    return stem.role == "superior" and stem.label in (NAME, KEY) and is_number


def _prefixes(tables: Sequence[TableInfo]) -> frozenset[str]:
    """First words of many tables' names, which say nothing."""
    firsts = Counter(words[0] for t in tables if len(words := tokens(t.ref.name)) > 1)
    return frozenset(word for word, n in firsts.items() if n >= max(TABLES, PREFIX * len(tables)))


def _is_reference(column: ColumnInfo) -> bool:
    """May a column whose name is a noun hold keys: by its type, or as a list?"""
    words = {singular(word) for word in tokens(column.name)}
    if words & _ABOUT or "bool" in column.type.lower():
        return False
    return bool(_NUMERIC.search(column.type.lower())) or _is_plural(column.name) or not column.type


def _is_plural(name: str) -> bool:
    return _LIST.search(name.lower()) is not None


def _is_list(name: str, declared: str) -> bool:
    return _is_plural(name) and not _NUMERIC.search(declared)


def _types_agree(column: ColumnInfo, target: TableInfo) -> bool:
    """Could the column hold the target's key? A text never holds a number's, unless it is a list of them."""
    keys = [c.type.lower() for c in target.columns if c.primary_key]
    if len(keys) != 1 or _is_plural(column.name):
        return True
    own = column.type.lower()
    return not (_NUMERIC.search(own) and _TEXT.search(keys[0]))
