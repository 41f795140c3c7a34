"""One table of what its files say: every column any of them has, rows of all, partitions from the paths."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from detectors.model import ColumnInfo, Rows, TableInfo
from scanner.connectors.files.source_file import SourceFile, total_bytes

DESCRIBED = 5                                 # files of a table that are described however large they are
MOST_HERE, MOST_AWAY = 1_000, 64              # files that are described at most, here and far away
BUDGET = 64 << 20                             # bytes that are read to describe a table, about
_UNTYPED = ("null", "NoneType")


def choose_files(files: Sequence[SourceFile], decisive: int = 0) -> list[SourceFile]:
    """Return the files that are read to describe their table, in order: all, or the first, the last and some
    between, drawn at random.

    decisive: first bytes of a file that decide its columns; 0: all of them.
    """
    if len(files) <= DESCRIBED:
        return list(files)
    order = [0, len(files) - 1, *random.Random(len(files)).sample(range(1, len(files) - 1), len(files) - 2)]
    chosen: list[int] = []
    size = 0
    for i in order[: MOST_AWAY if files[0].is_remote else MOST_HERE]:
        size += min(files[i].size, decisive or files[i].size)
        if size > BUDGET and len(chosen) >= DESCRIBED:
            break
        chosen.append(i)
    return [files[i] for i in sorted(chosen)]


def merge_infos(infos: Sequence[TableInfo], files: Sequence[SourceFile], *, is_complete: bool) -> TableInfo:
    """Return one table. infos: of the files that were described. files: all of them.

    is_complete: none of them is broken.
    """
    partition_columns = tuple(dict.fromkeys(column for file in files for column in file.partition))
    partitions = {tuple(file.partition.items()) for file in files}
    size = total_bytes(files)
    return replace(
        infos[0], columns=_merge_columns(infos, partition_columns), bytes=size,
        rows=_merge_rows(infos, len(files), size, is_complete),
        fingerprint=" ".join(f"{file.name} {file.stamp}" for file in files),
        partitioned_by=partition_columns, partitions=len(partitions) if partition_columns else None,
    )


def _merge_columns(infos: Sequence[TableInfo], partition_columns: Sequence[str]) -> tuple[ColumnInfo, ...]:
    """Return every column once, with a type where any file tells one; partition columns last."""
    columns: dict[str, ColumnInfo] = {}
    for info in infos:
        for column in info.columns:
            if column.name not in columns or columns[column.name].type in _UNTYPED:
                columns[column.name] = column
    for name in partition_columns:
        columns.setdefault(name, ColumnInfo(name, "partition", path=(name,)))
    return tuple(columns.values())


def _merge_rows(infos: Sequence[TableInfo], files: int, size: int, is_complete: bool) -> Rows:
    """Return the rows of all files: exact where each says its own, else at most one for each byte."""
    rows = sum(info.rows.low for info in infos)
    if is_complete and all(info.rows.method == "exact" for info in infos):
        return Rows(rows, rows, "exact")
    if files == 1:
        return Rows(rows, infos[0].rows.high, "statistics")
    return Rows(rows, size if infos[0].rows.method != "exact" else None, "statistics")
