"""Columns of one kind of key of which names do not say whether they are one person's or several people's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detectors.columns.column_stems import is_further
from detectors.columns.subjects import row_subjects
from detectors.model import TableInfo

# kinds of keys of which a person may have two, so that only the rows tell whether there are two people
OPEN_KINDS = frozenset({"phone_mobile", "email", "user_id"})


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A column of keys: what its name and comment say, its label, and whose it is by its words."""

    name: str
    comment: str
    label: str
    role: str


def further_keys(keys: Iterable[SubjectKey]) -> list[tuple[SubjectKey, SubjectKey]]:
    """Return every key beside the first of its kind and role; words of one's own further number settle it."""
    first_keys: dict[tuple[str, str], SubjectKey] = {}
    pairs = []
    for key in keys:
        first = first_keys.setdefault((key.role, key.label), key)
        if first is not key and key.label in OPEN_KINDS and not is_further(key.name, key.comment):
            pairs.append((first, key))
    return pairs


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
