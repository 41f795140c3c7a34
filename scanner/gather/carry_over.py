"""What is kept of every finished table: unchanged tables are carried over, a killed run goes on where it stopped, one run writes at a time.

A table is recorded in one transaction, wholly or not at all. Kept are findings, counts and names; never values.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import detectors
from detectors.message import Msg
from detectors.model import TableId, TableInfo
from reports.model import TableReport
from scanner.state.lease import Lease

if TYPE_CHECKING:
    import sqlalchemy as sa

RESUME = timedelta(hours=24)                  # a table whose source gives no mark is kept so long for a run that did not finish
ROUND = timedelta(days=31)                    # the same for a round over several nights, each of which ended by its budget or a blackout
BEGUN, DONE, GOES_ON = 0, 1, 2                # how the run that recorded a table ended: not yet, wholly, or with tables left for later


@dataclass(frozen=True, slots=True)
class TableMark:
    """What a table's verdict rests on. data is empty where the source cannot say whether rows changed."""

    shape: str                                # columns, types, comments, keys, definition
    data: str
    context: str                              # detectors, sample size and seed, inherited labels


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A table's verdict as an earlier run made it, with every finding, silenced or not."""

    table: TableReport
    checked: str                              # ISO 8601, UTC
    data: str                                 # the mark of the rows it was made of


def digest(*parts: object) -> str:
    """Sixteen hexadecimal digits of the parts' text."""
    return hashlib.sha256("\x1f".join(str(p) for p in parts).encode()).hexdigest()[:16]


def shape_digest(info: TableInfo) -> str:
    """Changes with columns, types, comments, keys and the definition of a view."""
    return digest(info.columns, info.comment, info.kind, info.foreign_keys, info.definition)


@cache
def detector_code_digest() -> str:
    """Changes with the detectors' programs, names and tables."""
    here = Path(detectors.__file__).parent
    told = hashlib.sha256()
    for file in sorted(p for p in here.rglob("*") if p.suffix in (".py", ".yaml", ".csv", ".txt")):
        told.update(f"{file.relative_to(here)} ".encode() + file.read_bytes())
    return told.hexdigest()[:16]


class ResultStore:
    """The results of earlier runs, and where this one records its own. Made by `writing`."""

    def __init__(self, engine: sa.Engine, *, full: bool = False, only: Sequence[str] = ()) -> None:
        self._engine = engine
        self._full = full
        self._only = only
        self._run = secrets.token_hex(8)
        self._lease = Lease(
            engine, "scan", Msg("another run is writing here"), Msg("another run has taken over the state")
        )

    def is_current(self, tid: TableId, mark: TableMark) -> bool:
        """Does an earlier verdict still hold: same shape and context, and the same data mark, or none and a round that is not over?

        Where only some sources are to be read, verdicts on the others stand whatever their rows do.
        """
        left = bool(self._only) and tid.split("/", 1)[0] not in self._only
        row = self._index.get(_key(tid))
        if row is None or self._full and not left or (row.shape, row.context) != (mark.shape, mark.context):
            return False
        if left:
            return True
        if not mark.data:
            return row.finished != DONE and _age(row.checked) < (ROUND if row.finished == GOES_ON else RESUME)
        return bool(row.data == mark.data)

    def current(self, tid: TableId, mark: TableMark) -> StoredResult | None:
        """The verdict that still stands; None where the table is to be read."""
        return self._load(tid) if self.is_current(tid, mark) else None

    def previous(self, tid: TableId, mark: TableMark) -> StoredResult | None:
        """The last verdict on a table of this shape, although its rows may have changed since."""
        row = self._index.get(_key(tid))
        return self._load(tid) if row is not None and (row.shape, row.context) == (mark.shape, mark.context) else None

    def _load(self, tid: TableId) -> StoredResult | None:
        import sqlalchemy as sa

        from reports.serial import build

        with self._engine.connect() as c:
            row = c.execute(sa.text("SELECT data, checked, body FROM table_result WHERE id = :id"), {"id": _key(tid)}).one_or_none()
        if row is None:
            return None
        try:
            table: TableReport = build(TableReport, json.loads(gzip.decompress(row.body)))
        except (KeyError, TypeError, ValueError, OSError, EOFError):
            return None                       # made by another version: read again
        return StoredResult(table, row.checked, row.data)

    @cached_property
    def _index(self) -> Mapping[str, sa.Row[Any]]:
        """What earlier runs recorded of every table, without the verdicts."""
        import sqlalchemy as sa

        with self._engine.connect() as c:
            return {r.id: r for r in c.execute(sa.text("SELECT id, shape, data, context, finished, checked FROM table_result"))}

    def record(self, tid: TableId, mark: TableMark, table: TableReport) -> str:
        """Keep a finished table; gives the moment. StateError when another run has taken over meanwhile."""
        import sqlalchemy as sa

        from reports.serial import dump

        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        body = gzip.compress(json.dumps(dump(table), ensure_ascii=False).encode(), compresslevel=4, mtime=0)
        with self._engine.begin() as c:
            self._lease.alive(c)
            c.execute(sa.text("DELETE FROM table_result WHERE id = :id"), {"id": _key(tid)})
            c.execute(
                sa.text("INSERT INTO table_result (id, name, shape, data, context, run, finished, checked, body) "
                        "VALUES (:id, :name, :shape, :data, :context, :run, 0, :checked, :body)"),
                {"id": _key(tid), "name": tid, "shape": mark.shape, "data": mark.data, "context": mark.context, "run": self._run,
                 "checked": now, "body": body},
            )
        return now

    def finish(self, *, left: bool = False) -> None:
        """The run came to its end: what it recorded of tables without a data mark is read again next time; not before the others were read,
        where some were left for later."""
        import sqlalchemy as sa

        how = {"how": GOES_ON if left else DONE}
        with self._engine.begin() as c:
            c.execute(sa.text("UPDATE table_result SET finished = :how WHERE finished <> 1 AND finished <> :how"), how)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction of this run. StateError when another run has taken over meanwhile."""
        with self._engine.begin() as c:
            self._lease.alive(c)
            yield c

    def lease(self) -> AbstractContextManager[None]:
        """Hold the state for this run; StateError while another, living one holds it."""
        return self._lease.held()


@contextmanager
def open_results(base: Path, *, full: bool = False, only: Sequence[str] = ()) -> Iterator[ResultStore]:
    """The state of a folder, held by this run alone. full: nothing earlier is carried over. only: sources to read; empty: all."""
    from scanner.state import store

    with store.opened(base, create=True) as engine:
        results = ResultStore(engine, full=full, only=only)
        with results.lease():
            yield results


def _key(tid: TableId) -> str:
    return hashlib.sha256(tid.encode()).hexdigest()


def _age(checked: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(checked)
