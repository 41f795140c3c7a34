"""Cues of whose a column is and what the table is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.columns.column_stems import column_stem, role_words
from detectors.columns.movers import is_position, moves
from detectors.columns.subjects import ColumnOwner, row_subjects
from detectors.columns.topics import table_topic
from detectors.model import TableInfo


@dataclass(frozen=True, slots=True)
class SubjectCues:
    """shared: of the table. columns: of each column."""

    shared: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


def subject_cues(table: TableInfo) -> SubjectCues:
    """Return the cues of a table and its columns."""
    row, topic = row_subjects(table), table_topic(table)
    movement = moves(table)
    shared = [
        f"row:{row.own}", f"row_person:{row.own}:{int(row.has_own_person)}", f"topic:{topic.name}",
        f"topic:{topic.kind}:{int(topic.by_title)}", f"roles:{min(len({p.role for p in row.parties}), 4)}",
    ]
    if movement:
        shared.append(f"moves:{movement}")
    columns = []
    for column, owner in zip(table.columns, row.owners, strict=True):
        label = column_stem(column.name, column.comment).label
        cues = list(_owner_cues(owner, label))
        cues += [f"topic:{topic.name}*{label}", f"topic:{topic.kind}*{label}"]
        if movement and is_position(column):
            cues.append(f"position:{movement}")
        columns.append(tuple(dict.fromkeys(cues)))
    return SubjectCues(tuple(shared), tuple(columns))


def _owner_cues(owner: ColumnOwner, label: str) -> Iterator[str]:
    role = owner.role.rstrip("0123456789")
    role = role if role in role_words() else "other" if role else ""
    yield from (f"owner:{owner.kind}", f"owner:{owner.kind}:{role}", f"party:{role}")
    yield from (f"owner:{owner.kind}*{label}", f"owner:{owner.kind}:{role}*{label}")
