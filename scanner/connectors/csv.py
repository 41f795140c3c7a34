"""Delimited text: encoding, delimiter and header are found; ragged rows are kept and counted."""

from __future__ import annotations

import codecs
import csv as delimited
import gzip
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa

from detectors.errors import SourceError
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.files import partition_values

SERVES = ("csv", "tsv", "txt", "csv.gz", "tsv.gz", "txt.gz")
HEAD = 256 << 10
BATCH = 20_000


def _open(file: Path) -> IO[bytes]:
    try:
        return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]
    except FileNotFoundError:
        raise SourceError("the file is gone", where=str(file), hint="was it moved while scanning?") from None
    except OSError as e:
        raise SourceError(f"cannot be opened ({type(e).__name__})", where=str(file), hint="check the permissions") from None


def _head(file: Path) -> bytes:
    with _open(file) as f:
        try:
            return f.read(HEAD)
        except (OSError, EOFError):
            raise SourceError("broken gzip", where=str(file), hint="copy the file again") from None


def encoding_of(head: bytes) -> str:
    """utf-8-sig, utf-16, utf-8 or gb18030, from the first bytes of a file."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    whole = head.rsplit(b"\n", 1)[0]
    gb, utf = (whole.decode(e, "replace").count("\ufffd") for e in ("gb18030", "utf-8"))
    return "gb18030" if gb <= utf else "utf-8"


def layout(head: bytes, name: str) -> tuple[str, str, bool]:
    """(encoding, delimiter, has a header)."""
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace")
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if "\x00" in text[:2000]:
        raise SourceError("binary, not text", where=name, hint="is the suffix right?")
    counts = {d: [line.count(d) for line in lines] for d in (",", "\t", ";", "|", "\x01")}
    delimiter = max(counts, key=lambda d: (min(counts[d], default=0) > 0, sum(counts[d])))
    first = next(delimited.reader(lines[:1], delimiter=delimiter), []) if lines else []
    numbers = sum(any(c.isdigit() for c in cell) and not any(c.isalpha() for c in cell) for cell in first)
    header = bool(first) and numbers == 0 and all(cell.strip() for cell in first[:-1]) and len(set(first)) == len(first)
    return encoding, delimiter, header


def names(file: Path) -> tuple[list[str], str, str, bool]:
    """Column names and layout of a file."""
    head = _head(file)
    encoding, delimiter, header = layout(head, str(file))
    first = next(delimited.reader(io.StringIO(head.decode(encoding, "replace")), delimiter=delimiter), [])
    columns = [c.strip() for c in first] if header else [f"c{i:02}" for i in range(len(first))]
    return [c or f"c{i:02}" for i, c in enumerate(columns)], encoding, delimiter, header


def describe(files: Sequence[Path], name: str) -> Iterator[TableInfo]:
    """One table; its columns are the first file's and the partition keys."""
    columns = [*names(files[0])[0], *partition_values(files[0])]
    size = sum(f.stat().st_size for f in files)
    yield TableInfo(
        TableRef(name), tuple(ColumnInfo(c, "text", path=(c,)) for c in dict.fromkeys(columns)), kind="file",
        rows=Rows(0, size, "statistics"), bytes=size, fingerprint=f"{size}-{max(f.stat().st_mtime_ns for f in files)}",
    )


def stream(files: Sequence[Path], ref: TableRef) -> Iterator[pa.RecordBatch]:
    """Rows as text; a short row is filled with nulls, cells beyond the header are dropped."""
    delimited.field_size_limit(min(sys.maxsize, 2**31 - 1))
    for file in files:
        columns, encoding, delimiter, header = names(file)
        fixed = partition_values(file)
        with _open(file) as raw, io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as text:
            rows = delimited.reader((line.replace("\x00", "") for line in text), delimiter=delimiter)
            if header:
                next(rows, None)
            block: list[list[str]] = []
            for row in rows:
                if row:
                    block.append(row)
                if len(block) >= BATCH:
                    yield _batch(block, columns, fixed)
                    block = []
            if block:
                yield _batch(block, columns, fixed)


def _batch(block: list[list[str]], columns: list[str], fixed: dict[str, str]) -> pa.RecordBatch:
    arrays = [pa.array([row[i] or None if i < len(row) else None for row in block], pa.string()) for i in range(len(columns))]
    arrays += [pa.array([v] * len(block), pa.string()) for v in fixed.values()]
    return pa.RecordBatch.from_arrays(arrays, names=[*columns, *fixed])
