"""Cues of whose a column is, what the table is about, and what the other tables of its source say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.columns.column_stems import column_stem, role_words
from detectors.columns.concepts import comment_concepts
from detectors.columns.movers import is_position, moves
from detectors.columns.namesakes import MANY, Namesake
from detectors.columns.references import NO_LINKS, TableLinks
from detectors.columns.subjects import ColumnOwner, row_subjects
from detectors.columns.topics import table_topic
from detectors.model import ColumnInfo, TableInfo
from detectors.names.matching import first_phrase


@dataclass(frozen=True, slots=True)
class SubjectCues:
    """shared: of the table. columns: of each column."""

    shared: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


def subject_cues(table: TableInfo, links: TableLinks | None = None) -> SubjectCues:
    """Return the cues of a table and its columns. links: of its source; None for a table seen alone."""
    row, topic = row_subjects(table), table_topic(table)
    movement = moves(table, links or NO_LINKS)
    shared = [
        f"row:{row.own}", f"row_person:{row.own}:{int(row.has_own_person)}", f"topic:{topic.name}",
        f"topic:{topic.kind}:{int(topic.by_title)}", f"roles:{min(len({p.role for p in row.parties}), 4)}",
    ]
    if movement:
        shared.append(f"moves:{movement}")
    if links is not None:
        shared += [f"heir:{links.heir}", f"graph:{links.subject}", f"refs:{min(links.references, 3)}"]
    columns = []
    for column, owner in zip(table.columns, row.owners, strict=True):
        label = column_stem(column.name, column.comment).label
        cues = list(_owner_cues(owner, label))
        cues += [f"topic:{topic.name}*{label}", f"topic:{topic.kind}*{label}"]
        if movement and is_position(column):
            cues.append(f"position:{movement}")
        if links is not None:
            cues += _link_cues(links, column.name, label)
            cues += _namesake_cues(links.namesakes.get(column.name.lower()), column, label)
        columns.append(tuple(dict.fromkeys(cues)))
    return SubjectCues(tuple(shared), tuple(columns))


def _owner_cues(owner: ColumnOwner, label: str) -> Iterator[str]:
    role = owner.role.rstrip("0123456789")
    role = role if role in role_words() else "other" if role else ""
    yield from (f"owner:{owner.kind}", f"owner:{owner.kind}:{role}", f"party:{role}")
    yield from (f"owner:{owner.kind}*{label}", f"owner:{owner.kind}:{role}*{label}")


def _link_cues(links: TableLinks, name: str, label: str) -> Iterator[str]:
    yield f"heir:{links.heir}*{label}"
    yield f"graph:{links.subject}*{label}"
    link = links.columns.get(name)
    if link is None:
        yield "link0"
        return
    several, itself = int(link.several), int(link.itself)
    yield from (f"link:{link.subject}", f"link:{link.subject}:{link.how}", f"link:{link.subject}*{label}")
    yield from (f"link:{link.subject}:{several}{itself}", f"link_role:{link.subject}:{links.subject}")


def _namesake_cues(namesake: Namesake | None, column: ColumnInfo, label: str) -> Iterator[str]:
    """What the columns of the same name in other tables say; a comment only where the column has none."""
    if namesake is None:
        yield "ns0"
        return
    yield f"ns:{min(namesake.tables, MANY)}"
    yield f"ns_persons:{namesake.persons}*{label}"
    if namesake.key_of:
        yield from (f"ns_key:{namesake.key_of}", f"ns_key:{namesake.key_of}:{namesake.persons}")
    if namesake.comment and not column.comment.strip():
        meaning, head = comment_concepts(namesake.comment), first_phrase(namesake.comment)
        yield from (f"nsq:{concept}" for concept in sorted(meaning.any))
        yield from (f"nsql:{concept}" for concept in sorted(meaning.head))
        yield f"nse:{head[-2:]}"
