"""Columns of one name in several tables of a source: what the other tables say of each of them.

A key that stands in every table, `subject_id`, says whose it is only where the persons' own rows have it; a
name without a comment is read by the comment that it has elsewhere.

>>> from detectors.model import TableRef
>>> person, event = ColumnInfo("subject_id", primary_key=True), ColumnInfo("event_id", primary_key=True)
>>> patient = TableInfo(TableRef("patient"), (person, ColumnInfo("gender")))
>>> event = TableInfo(TableRef("event"), (event, ColumnInfo("subject_id")))
>>> namesakes((patient, event), ("person", ""))["subject_id"].key_of
'person'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detectors.model import ColumnInfo, TableInfo

NAMELESS = frozenset({                        # names of keys that say nothing of what they are keys of
    "id", "uuid", "guid", "uid", "oid", "no", "code", "key", "pk", "name", "number", "rowid", "seq", "sn",
})
MANY, PARTS = 4, 4                            # tables from which on a name is everywhere; steps of shares


@dataclass(frozen=True, slots=True)
class Namesake:
    """tables: how many have a column of the name. persons: how many PARTS of them are rows of persons.

    key_of: what a row is of the table whose key it is, a person's if there is one; empty for none. comment:
    the most frequent one, empty if none has any.
    """

    tables: int
    persons: int
    key_of: str
    comment: str


def namesakes(tables: Sequence[TableInfo], subjects: Sequence[str]) -> Mapping[str, Namesake]:
    """Return what is known of each name that several tables have, by the name in lower case.

    subjects: what a row of each table is, see `references.row_subject`.
    """
    places: dict[str, list[int]] = {}
    comments: dict[str, Counter[str]] = {}
    keys: dict[str, set[str]] = {}
    for i, table in enumerate(tables):
        for column in table.columns:
            name = column.name.lower()
            places.setdefault(name, []).append(i)
            if text := column.comment.strip():
                comments.setdefault(name, Counter())[text] += 1
        if (key := _key(table)) is not None and key.name.lower() not in NAMELESS:
            keys.setdefault(key.name.lower(), set()).add(subjects[i])
    return {
        name: Namesake(
            len(own), PARTS * sum(subjects[i].startswith("person") for i in own) // len(own),
            max(keys.get(name, ("",)), key=lambda subject: (subject.startswith("person"), subject)),
            max(comments[name].items(), key=lambda item: (item[1], item[0]))[0] if name in comments else "",
        )
        for name, own in places.items() if len(own) > 1
    }


def _key(table: TableInfo) -> ColumnInfo | None:
    """The one key of a table; the first column of a table without any."""
    keys = [column for column in table.columns if column.primary_key]
    if len(keys) == 1:
        return keys[0]
    return table.columns[0] if table.columns and not keys else None
