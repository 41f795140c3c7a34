"""JSON lines (or one JSON array); nested objects become dotted columns, lists stay as text."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef

SERVES = ("jsonl", "ndjson", "json", "jsonl.gz", "ndjson.gz", "json.gz")
LOOKED = 2_000                                # records that decide the columns
BATCH = 10_000


def _records(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8-sig") if file.suffix == ".gz" else file.open(encoding="utf-8-sig") as f:
            start = f.read(1)
            while start.isspace():
                start = f.read(1)
            f.seek(0)
            if start == "[":
                for record in json.load(f):
                    if isinstance(record, dict):
                        yield record
                return
            for number, line in enumerate(f, 1):
                if line.strip():
                    try:
                        record = json.loads(line)
                    except json.JSONDecodeError:
                        raise SourceError("not JSON", where=f"{file}:{number}", hint="one JSON object a line") from None
                    if isinstance(record, dict):
                        yield record
    except FileNotFoundError:
        raise SourceError("the file is gone", where=str(file), hint="was it moved while scanning?") from None
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as e:
        raise SourceError(f"cannot be read ({type(e).__name__})", where=str(file), hint="UTF-8 JSON lines are needed") from None


def _flat(record: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def describe(files: Sequence[Path], name: str) -> Iterator[TableInfo]:
    """One table; columns are those of the first records."""
    paths: dict[tuple[str, ...], str] = {}
    for file in files:
        for record in islice(_records(file), LOOKED):
            for path, value in _flat(record):
                paths.setdefault(path, type(value).__name__)
    size = sum(f.stat().st_size for f in files)
    yield TableInfo(TableRef(name), tuple(ColumnInfo(".".join(p), kind, path=p) for p, kind in paths.items()), kind="file",
                    rows=Rows(0, size, "statistics"), bytes=size)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def stream(files: Sequence[Path], ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text."""
    columns = list(dict.fromkeys([*(c.name for c in next(describe(files, ref.name)).columns), *(wanted or ())]))
    for file in files:
        records = _records(file)
        while block := list(islice(records, BATCH)):
            rows = [{".".join(p): _text(v) for p, v in _flat(r)} for r in block]
            yield pa.RecordBatch.from_arrays([pa.array([r.get(c) for r in rows], pa.string()) for c in columns], names=columns)
