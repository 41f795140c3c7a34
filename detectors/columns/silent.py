"""Columns that say nothing of their rows: one value or none in all cells, under a name no word explains.

They speak neither for themselves nor for the columns beside them; a value that is somebody's still does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pyarrow.compute as pc

from detectors.columns.concepts import concepts_of
from detectors.folding import fold
from detectors.model import ColumnSample, TableInfo
from detectors.names.matching import match_name

_FIRST = 100                                  # cells that are looked at before the others


def is_silent(sample: ColumnSample) -> bool:
    """Has a column without a telling name, without a comment, no more than one value in all of its cells?"""
    column = sample.column
    if sample.values is None or column.primary_key or column.comment.strip():
        return False
    if concepts_of(column.name).any or match_name(column.name) is not None:
        return False
    parts = (sample.values.slice(0, _FIRST), sample.values)     # most columns show it in their first cells
    return len(sample.values) > 1 and all(len(pc.unique(pc.drop_null(fold(part)))) <= 1 for part in parts)


def without_silent(table: TableInfo, samples: Iterable[ColumnSample]) -> TableInfo:
    """Return a table without its silent columns, unless it has no others."""
    silent = {sample.column.parts for sample in samples if is_silent(sample)}
    columns = tuple(column for column in table.columns if column.parts not in silent)
    return replace(table, columns=columns) if silent and columns else table
