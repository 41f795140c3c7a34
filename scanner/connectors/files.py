"""Files: a path, a folder or a glob becomes a source; a partitioned folder is one table; rows are filtered and drawn here.

Each family module turns files into record batches: `tables(files, name)` lists, `rows(files, ref)` streams.
"""

from __future__ import annotations

import glob as globbing
import importlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from detectors.errors import SourceError
from detectors.model import Drawn, Skipped, TableInfo, TableRef
from scanner.connectors import BATCH_BYTES, CELL, Sample, Where, families, suffix

EXAMINED = 2_000_000                          # rows of a file a sample is drawn from; beyond that, said in `drawn`


class Family(Protocol):
    """What a file format module offers."""

    def describe(self, files: Sequence[Path], name: str) -> Iterator[TableInfo]:
        """Tables in these files, which share a schema."""

    def stream(self, files: Sequence[Path], ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows of one table, as text or typed columns; where `wanted` is given, other columns may be left out."""


@dataclass(frozen=True, slots=True)
class Group:
    """Files that make one table (or one workbook of several)."""

    name: str
    files: tuple[Path, ...]
    family: Any


def open_path(url: str, name: str) -> FilesConnector:
    """A connector for a file, a folder or a glob; SourceError when nothing is there."""
    path = Path(url).expanduser()
    if any(c in url for c in "*?[") and not path.exists():
        found = sorted(Path(p) for p in globbing.glob(str(path), recursive=True))  # noqa: PTH207
    elif path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and not any(q.startswith((".", "_")) for q in p.relative_to(path).parts))
    else:
        found = [path] if path.exists() else []
    if not found:
        raise SourceError("no such file, folder or match", where=url, hint="check the path; relative paths start where you stand")
    root = path if path.is_dir() else path.parent
    return FilesConnector(_groups(found, root), name)


def _groups(found: Sequence[Path], root: Path) -> list[Group]:
    known = families()
    parts: dict[Path, list[Path]] = {}
    groups: list[Group] = []
    used: set[str] = set()
    for file in found:
        if suffix(file.name) not in known:
            continue
        top = _partition_root(file, root)
        if top is not None:
            parts.setdefault(top, []).append(file)
        else:
            groups.append(_group(_name(file, used), (file,), known))
    groups += [_group(top.name, tuple(sorted(files)), known) for top, files in parts.items()]
    return sorted(groups, key=lambda g: g.name)


def _name(file: Path, used: set[str]) -> str:
    name = file.name.split(".", 1)[0]
    name = name if name not in used else f"{file.parent.name}_{file.name}"
    used.add(name)
    return name


def _group(name: str, files: tuple[Path, ...], known: Any) -> Group:
    return Group(name, files, importlib.import_module(known[suffix(files[0].name)]))


def _partition_root(file: Path, root: Path) -> Path | None:
    """The folder above `dt=2026-01-01/`, or the folder of part files; None for a plain file."""
    folders = [p for p in file.parents if "=" in p.name]
    if folders:
        return folders[-1].parent
    return file.parent if file.name.startswith("part-") else None


def partition_values(file: Path) -> dict[str, str]:
    """`{"dt": "2026-01-01"}` of `dt=2026-01-01/part-0.parquet`."""
    return dict(p.name.split("=", 1) for p in reversed(file.parents) if "=" in p.name)


class FilesConnector:
    """Tables in files."""

    def __init__(self, groups: Sequence[Group], name: str) -> None:
        self._groups = {g.name: g for g in groups}
        self._source = name
        self._tables: dict[TableRef, Group] = {}

    def tables(self) -> Iterator[TableInfo | Skipped]:
        for group in self._groups.values():
            try:
                mark = " ".join(f"{f.name} {size}-{changed}" for f in group.files for size, changed in (_stamp(f),))
                for info in group.family.describe(group.files, group.name):
                    self._tables[info.ref] = group
                    yield replace(info, fingerprint=mark)
            except SourceError as e:
                yield Skipped(TableRef(group.name).id(self._source), str(e), e.hint)

    def _group(self, ref: TableRef) -> Group:
        if ref not in self._tables:
            list(self.tables())
        if ref not in self._tables:
            raise SourceError(f'no table "{ref.name}"', where=self._source)
        return self._tables[ref]

    def _stream(self, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        group = self._group(ref)
        try:
            yield from group.family.stream(group.files, ref, wanted)
        except SourceError:
            raise
        except FileNotFoundError:
            raise SourceError("the file is gone", where=str(group.files[0]), hint="was it moved while scanning?") from None
        except Exception as e:  # readers raise anything; their text may hold cells
            raise SourceError(f"cannot be read ({type(e).__name__})", where=str(group.files[0]),
                              hint="is the file complete and what its name says?") from None

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Seeded reservoir over the streamed rows: every row has the same chance."""
        draw = random.Random(seed)
        kept: list[tuple[pa.RecordBatch, int]] = []
        total = 0
        complete = True
        for batch in self._stream(ref):
            batch = _select(batch, columns)
            start = total
            total += batch.num_rows
            for i in range(batch.num_rows):
                if len(kept) < rows:
                    kept.append((batch, i))
                elif (j := draw.randrange(start + i + 1)) < rows:
                    kept[j] = (batch, i)
            if total >= EXAMINED:
                complete = False
                break
        picked = _gather(kept)
        method = "all rows" if complete and total <= rows else "reservoir" if complete else f"reservoir over the first {total} rows"
        return Sample(picked, Drawn(method, len(kept), total if complete else None, seed))

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        needed = list(dict.fromkeys([*columns, *where]))
        files = self._group(ref).files
        before = [_stamp(f) for f in files]
        for batch in self._stream(ref, needed):
            batch = _select(batch, needed)
            if where:
                batch = batch.filter(mask(batch, where))
            batch = batch.select(list(columns))
            step = max(1, int(batch.num_rows * BATCH_BYTES / max(batch.nbytes, 1)))
            for start in range(0, batch.num_rows, step):
                yield batch.slice(start, step)
        if [_stamp(f) for f in files] != before:
            raise SourceError("the file changed while it was read", where=str(files[0]), hint="scan again when nobody writes to it")

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        files = self._group(ref).files
        return f"read {len(files)} file(s) from {files[0]}, reservoir of {rows} rows, seed {seed}"

    def close(self) -> None:
        self._tables.clear()


def _stamp(file: Path) -> tuple[int, int]:
    """Size and time of a file; zeros when it is gone."""
    try:
        told = file.stat()
    except OSError:
        return 0, 0
    return told.st_size, told.st_mtime_ns


def _select(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    arrays = []
    for name in columns:
        i = batch.schema.get_field_index(name)
        column = batch.column(i) if i >= 0 else pa.nulls(batch.num_rows, pa.string())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = column.cast(pa.string())
            if (pc.max(pc.binary_length(column)).as_py() or 0) > CELL:
                column = pc.utf8_slice_codeunits(column, 0, CELL)
        arrays.append(column)
    return pa.RecordBatch.from_arrays(arrays, names=list(columns)) if arrays else batch.select([])


def _gather(kept: Sequence[tuple[pa.RecordBatch, int]]) -> list[pa.RecordBatch]:
    by: dict[int, tuple[pa.RecordBatch, list[int]]] = {}
    for batch, i in kept:
        by.setdefault(id(batch), (batch, []))[1].append(i)
    return [batch.take(pa.array(sorted(rows))) for batch, rows in by.values()]


_TESTS = {"eq": pc.equal, "ne": pc.not_equal, "lt": pc.less, "le": pc.less_equal, "gt": pc.greater, "ge": pc.greater_equal}


def mask(batch: pa.RecordBatch, where: Where) -> pa.Array:
    """Rows that pass every test; a null passes none but is_null."""
    keep = pa.array([True] * batch.num_rows)
    for name, tests in where.items():
        column = batch.column(batch.schema.get_field_index(name))
        for test, value in tests.items():
            if test == "is_null":
                hit = pc.is_null(column) if value else pc.is_valid(column)
            elif test == "in":
                hit = pc.is_in(column, value_set=pa.array([_as(v, column.type) for v in value], column.type))
            else:
                hit = _TESTS[test](column, pa.scalar(_as(value, column.type), column.type))
            keep = pc.and_(keep, pc.fill_null(hit, False))
    return keep


def _as(value: object, kind: pa.DataType) -> object:
    return str(value) if pa.types.is_string(kind) else value
