"""Numbers by a word that people and things share, beside somebody's: `tenant_id` beside `landlord_id`.

A tenant may rent a flat or a system, a partner be a person or a firm: beside somebody with a word of his own
the number is possibly a person's, unless few values stand beside many people, as of a scope that they share.
An agent is somebody, or a firm, whoever stands beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow.compute as pc

from detectors.columns.column_stems import KEY, ColumnStem, column_stem, words
from detectors.columns.subjects import NAMES, OPERATOR
from detectors.folding import fold
from detectors.labels import labels, wide_label
from detectors.message import Msg
from detectors.model import (
    ColumnFinding,
    ColumnId,
    ColumnInfo,
    ColumnSample,
    Evidence,
    Label,
    TableInfo,
)
from detectors.names.tables import singular
from detectors.names.tokens import tokens

CONFIDENCE = 0.3                              # possible, and no more
FEW = 0.2                                     # of its values to those of a person's column: a scope
LEAST_JUDGED = 20                             # distinct values of that column, to say so
_USER = Label("user_id")


def undecided_keys(
    table: TableInfo, samples: Sequence[ColumnSample], findings: Mapping[ColumnId, Sequence[ColumnFinding]]
) -> dict[ColumnId, ColumnFinding]:
    """Return a possible finding for each column whose number may be a person's beside another one's."""
    keyed = [sample for sample in samples if _is_somebodys(sample.column, findings[sample.id])]
    parties = [sample for sample in keyed if _is_party(_stem(sample.column))]
    possible = {}
    for sample in samples if keyed else ():
        is_open = not any(f.primary or f.possible for f in findings[sample.id])
        if not is_open or not is_undecided(sample.column) or _is_own(table, sample.column):
            continue
        stem, may_be_scope = _stem(sample.column), _is_undecided_word(sample.column)
        others = [
            other for other in (parties if may_be_scope else keyed) if _stem(other.column).stem != stem.stem
        ]
        if others and not (may_be_scope and any(_are_few(sample, other) for other in others)):
            possible[sample.id] = _finding(sample.id, stem.stem or sample.column.name)
    return possible


def is_undecided(column: ColumnInfo) -> bool:
    """Is a column a number by a word that may be a person's or a thing's?

    >>> names = ("tenant_id", "agent_no", "host_id", "租户编号", "order_id", "tenant_type", "parent_id")
    >>> [is_undecided(ColumnInfo(name)) for name in names]
    [True, True, True, True, False, False, False]
    """
    stem = _stem(column)
    return stem.label == KEY and stem.role != OPERATOR and (_is_party(stem) or _is_undecided_word(column))


def _stem(column: ColumnInfo) -> ColumnStem:
    return column_stem(column.name, column.comment)


def _is_party(stem: ColumnStem) -> bool:
    """Does a stem name somebody who is no usual own person of a row?"""
    plain = words()["plain_own"]
    is_plain = stem.stem in plain["en"] or stem.stem in plain["zh"]
    return (stem.noun == "person" or bool(stem.role)) and not is_plain


def _is_undecided_word(column: ColumnInfo) -> bool:
    undecided, parts = words()["undecided"], tokens(column.name)
    return _stem(column).stem in undecided["zh"] or len(parts) > 1 and parts[-2] in undecided["en"]


def _is_somebodys(column: ColumnInfo, findings: Sequence[ColumnFinding]) -> bool:
    """Is a column a person's name or key?"""
    standing = [f for f in findings if f.primary or f.possible]
    tells = any(f.subject_key or wide_label(f.label) in NAMES for f in standing)
    return tells and _stem(column).role != OPERATOR


def _is_own(table: TableInfo, column: ColumnInfo) -> bool:
    """Is it the number of what the table's rows are?"""
    titled = {singular(word) for word in tokens(table.ref.name)}
    return column.primary_key or any(singular(word) in titled for word in tokens(column.name)[:-1])


def _are_few(sample: ColumnSample, other: ColumnSample) -> bool:
    """Has a column few values beside those of a person's column?"""
    if sample.values is None or other.values is None:
        return False
    own, others = (len(pc.unique(pc.drop_null(fold(each.values)))) for each in (sample, other))
    return others >= LEAST_JUDGED and own < FEW * others


def _finding(column: ColumnId, stem: str) -> ColumnFinding:
    info = labels()[_USER]
    note = Msg("{stem} may be a person or a thing, beside somebody else's number", stem=stem)
    return ColumnFinding(
        column, info.label, "name", info.kind, "core", CONFIDENCE, (Evidence("name", note),),
        subject_key=info.subject_key, possible=True,
    )
