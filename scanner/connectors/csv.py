"""Delimited text: encoding, delimiter and header are found; ragged rows are kept and counted."""

from __future__ import annotations

import codecs
import csv as delimited
import gzip
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

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
        rows=Rows(0, size, "statistics"), bytes=size,
    )


def stream(files: Sequence[Path], ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text; a short row is filled with nulls, cells beyond the header are dropped. wanted: only these columns are needed."""
    delimited.field_size_limit(min(sys.maxsize, 2**31 - 1))
    for file in files:
        columns, encoding, delimiter, header = names(file)
        fixed = partition_values(file)
        done = 0
        if (
            encoding.startswith("utf-8")
            and len(set(columns)) == len(columns)
            and not _head(file).removeprefix(codecs.BOM_UTF8)[:1].isspace()
        ):
            fast = _Fast(file, columns, delimiter, header, [c for c in columns if wanted is None or c in wanted])
            for batch in fast.batches():
                yield _with(batch, fixed)
            if fast.whole:
                yield from _blocks(fast.ragged, columns, fixed)
                continue
            done = fast.rows
        yield from _blocks(_rows(file, encoding, delimiter, header, done, len(columns)), columns, fixed)


class _Fast:
    """A UTF-8 file by pyarrow's parser. `ragged` holds the rows it will not take; `whole` is False where a cell was too long for it."""

    def __init__(self, file: Path, columns: list[str], delimiter: str, header: bool, wanted: list[str]) -> None:
        self.ragged: list[list[str]] = []
        self.rows = 0
        self.whole = False
        self._file, self._delimiter = file, delimiter
        self._read = pacsv.ReadOptions(column_names=columns, skip_rows=int(header), block_size=4 << 20, use_threads=False)
        self._parse = pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=self._keep)
        self._convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.binary()),
            include_columns=wanted or columns[:1],
            null_values=[""],
            strings_can_be_null=True,
        )

    def _keep(self, row: Any) -> str:
        self.ragged += [r for r in delimited.reader([row.text.replace("\x00", "")], delimiter=self._delimiter) if r]
        return "skip"

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            with pacsv.open_csv(self._file, self._read, self._parse, self._convert) as reader:
                for batch in reader:
                    self.rows += batch.num_rows
                    yield pa.RecordBatch.from_arrays([_text(c) for c in batch.columns], names=batch.schema.names)
            self.whole = True
        except (pa.ArrowException, UnicodeDecodeError):      # a cell longer than a block: the careful reader goes on from here
            pass


def _text(column: pa.Array) -> pa.Array:
    """Bytes as text; what is not UTF-8 becomes the replacement character."""
    try:
        text = column.cast(pa.string())
    except pa.ArrowException:
        text = pa.array([None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()], pa.string())
    return pc.replace_substring(text, "\x00", "") if pc.any(pc.match_substring(text, "\x00")).as_py() else text


def _with(batch: pa.RecordBatch, fixed: dict[str, str]) -> pa.RecordBatch:
    if not fixed:
        return batch
    more = [pa.array([v] * batch.num_rows, pa.string()) for v in fixed.values()]
    return pa.RecordBatch.from_arrays([*batch.columns, *more], names=[*batch.schema.names, *fixed])


def _rows(file: Path, encoding: str, delimiter: str, header: bool, done: int, width: int) -> Iterator[list[str]]:
    """Rows by the careful reader, less the first `done` that have the right width: those were read before."""
    with _open(file) as raw, io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as text:
        rows = delimited.reader((line.replace("\x00", "") for line in text), delimiter=delimiter)
        if header:
            next(rows, None)
        for row in rows:
            if done and len(row) == width:
                done -= 1
            elif row:
                yield row


def _blocks(rows: Iterable[list[str]], columns: list[str], fixed: dict[str, str]) -> Iterator[pa.RecordBatch]:
    block: list[list[str]] = []
    for row in rows:
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
