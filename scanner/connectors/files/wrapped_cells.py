"""Cells that a program wrapped in signs of its own: ="0138…", a tab before a number, 「林一」, [1].

Where most cells of a column are wrapped alike, each that is loses its wrapping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

Wrapping = tuple[str, str]                    # what stands before and behind a cell

_WRAPPINGS: Sequence[Wrapping] = (
    ('="', '"'), ("=", ""), ("'", "'"), ("'", ""), ("`", "`"), ("´", "´"), ("‘", "’"), ("“", "”"), ("„", "“"),
    ("„", "”"), ("「", "」"), ("『", "』"), ("«", "»"), ("‹", "›"), ("þ", "þ"), ("[", "]"), ("【", "】"),
    ("〔", "〕"), ("《", "》"), ("<", ">"), ("\t", ""), ("\u3000", ""), ("\xa0", ""),
)
_SIGNS = frozenset(before[0] for before, _ in _WRAPPINGS)
_SHARE = 0.6                                  # of the filled cells of a column


def find_wrappings(rows: Sequence[Sequence[str]]) -> tuple[Wrapping | None, ...]:
    """Return how the cells of each column are wrapped, None where they are not. rows: with their headings.

    >>> find_wrappings([["name", "phone"], ["林一", '="138"'], ["陈二", '="139"']])
    (None, ('="', '"'))
    """
    if not any(cell[:1] in _SIGNS for row in rows for cell in row):
        return ()
    width = max(map(len, rows), default=0)
    body = rows[1:] or rows
    wrappings = [_wrapping_of([row[i] for row in body if i < len(row) and row[i]]) for i in range(width)]
    return tuple(wrappings) if any(wrappings) else ()


def _wrapping_of(cells: Sequence[str]) -> Wrapping | None:
    for wrapping in _WRAPPINGS:
        if cells and sum(bool(_pattern(wrapping).fullmatch(cell)) for cell in cells) > _SHARE * len(cells):
            return wrapping
    return None


@cache
def _pattern(wrapping: Wrapping) -> re.Pattern[str]:
    """Return what a wrapped cell looks like; inside of it, the signs do not stand."""
    before, behind = (re.escape(sign).replace("\\\t", "\t") for sign in wrapping)
    others = '",' if before.endswith("[") else ""        # a list is no wrapping
    signs = re.escape("".join(dict.fromkeys("".join(wrapping) + others))).replace("\\\t", "\t")
    return re.compile(rf"\s*{before}([^{signs}]*){behind}\s*")


def unwrapped_rows(
    rows: Sequence[Sequence[str]], wrappings: Sequence[Wrapping | None],
) -> list[list[str]]:
    """Return rows whose cells are unwrapped, in whatever way; headings may be wrapped in another one."""
    some = [wrapping for wrapping in dict.fromkeys(wrappings) if wrapping]
    if not some:
        return [list(row) for row in rows]
    return [[_unwrapped(cell, some) for cell in row] for row in rows]


def _unwrapped(cell: str, wrappings: Sequence[Wrapping]) -> str:
    match = next((m for wrapping in wrappings if (m := _pattern(wrapping).fullmatch(cell))), None)
    return cell if match is None else match[1]


def unwrapped_batch(
    batch: pa.RecordBatch, names: Sequence[str], wrappings: Sequence[Wrapping | None],
) -> pa.RecordBatch:
    """Return a batch of text whose cells are unwrapped. names: of the columns that `wrappings` are of."""
    of_name = dict(zip(names, wrappings, strict=False))
    if not any(of_name.get(name) for name in batch.schema.names):
        return batch
    arrays = []
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        if wrapping := of_name.get(name):
            pattern = _pattern(wrapping).pattern
            array = pc.replace_substring_regex(array, rf"\A(?:{pattern})\z", r"\1")
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
