"""What is stored of every finished table: unchanged ones are carried over, a killed run goes on.

A table is recorded in one transaction, wholly or not at all. Findings, counts and names are stored; never
values.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import detectors
from detectors.ids import source_of
from detectors.message import Msg
from detectors.model import TableId, TableInfo
from reports.model import TableReport
from scanner.gather.table_catalogue import column_ids
from scanner.state.lease import Lease

if TYPE_CHECKING:
    import sqlalchemy as sa

    from scanner.connectors.protocol import ExaminationTask

RESUME_WITHIN = timedelta(hours=24)           # a result without a data mark stands so long after a broken run
ROUND_LENGTH = timedelta(days=31)             # the same for a round of nights that end by budget or blackout
# how a result's run ended: not yet, wholly, tables postponed
RUN_UNFINISHED, RUN_COMPLETE, RUN_POSTPONED = 0, 1, 2
DETECTOR_FILES = (".py", ".yaml", ".csv", ".txt", ".npz")


@dataclass(frozen=True, slots=True)
class TableMark:
    """What a table's findings rest on. data is empty where the source cannot say whether rows changed."""

    shape: str                                # columns, types, comments, keys, definition
    data: str
    context: str                              # detectors, sample size and seed, inherited labels, links


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A table as an earlier run examined it, with every finding, silenced or not."""

    table: TableReport
    checked: str                              # ISO 8601, UTC
    data: str                                 # the mark of the rows that were examined


def digest(*parts: object) -> str:
    """Return sixteen hexadecimal digits of the parts' text."""
    text = "\x1f".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shape_digest(info: TableInfo) -> str:
    """Return a digest that changes with columns, types, comments, keys and the definition of a view."""
    return digest(info.columns, info.comment, info.kind, info.foreign_keys, info.definition)


@cache
def detector_code_digest() -> str:
    """Return a digest that changes with the detectors' programs, names and tables."""
    folder = Path(detectors.__file__).parent
    code = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in DETECTOR_FILES):
        code.update(f"{file.relative_to(folder)} ".encode() + file.read_bytes())
    return code.hexdigest()[:16]


class TableMarks:
    """Marks of a run's tables; the parts that do not change within the run are worked out once.

    context: changes with everything but the data that findings depend on. urls: of the sources, by id.
    """

    def __init__(self, tables: Mapping[TableId, TableInfo], context: str, urls: Mapping[str, str]) -> None:
        self._tables = tables
        self._contexts = {source: (context, url) for source, url in urls.items()}
        self._parts: dict[TableId, tuple[str, str]] = {}

    def mark(self, task: ExaminationTask) -> TableMark:
        """Return the mark of a table. The labels it inherits may be of other tables, too."""
        tid, info, inherited = task.id, self._tables[task.id], task.inherited
        if tid not in self._parts:
            self._parts[tid] = shape_digest(info), info.fingerprint and digest(info.fingerprint)
        own = sorted((c, inherited[c]) for c in column_ids(tid, info) if c in inherited)
        whole = task.whole and (sorted(task.whole),)
        return TableMark(*self._parts[tid], digest(*self._contexts[source_of(tid)], own, task.links, *whole))


class ResultStore:
    """Results of earlier runs, and where this one records its own. Opened by `open_results`."""

    def __init__(self, engine: sa.Engine, *, full: bool = False, only: Sequence[str] = ()) -> None:
        self._engine = engine
        self._full = full
        self._only = only
        self._run = secrets.token_hex(8)
        self._lease = Lease(
            engine, "scan", Msg("another run is writing here"), Msg("another run has taken over the state")
        )

    def is_current(self, tid: TableId, mark: TableMark) -> bool:
        """Does an earlier result still stand?

        It must have the same shape and context, and the same data mark, or none within a round that is not
        over. Where only some sources are to be read, results of the others stand whatever their rows do.
        """
        not_to_be_read = bool(self._only) and source_of(tid) not in self._only
        row = self._index.get(_state_key(tid))
        if row is None or (self._full and not not_to_be_read) or not _has_same_basis(row, mark):
            return False
        if not_to_be_read:
            return True
        if not mark.data:
            longest = ROUND_LENGTH if row.finished == RUN_POSTPONED else RESUME_WITHIN
            return row.finished != RUN_COMPLETE and _age(row.checked) < longest
        return bool(row.data == mark.data)

    def current(self, tid: TableId, mark: TableMark) -> StoredResult | None:
        """Return the result that still stands; None where the table is to be read."""
        return self._load(tid) if self.is_current(tid, mark) else None

    def previous(self, tid: TableId, mark: TableMark) -> StoredResult | None:
        """Return the last result of a table of this shape, although its rows may have changed since."""
        row = self._index.get(_state_key(tid))
        return self._load(tid) if row is not None and _has_same_basis(row, mark) else None

    def _load(self, tid: TableId) -> StoredResult | None:
        import sqlalchemy as sa

        from reports.serial import build
        from scanner.state.tables import TABLE_RESULT

        query = sa.select(TABLE_RESULT.c.data, TABLE_RESULT.c.checked, TABLE_RESULT.c.body)
        with self._engine.connect() as c:
            row = c.execute(query.where(TABLE_RESULT.c.id == _state_key(tid))).one_or_none()
        if row is None:
            return None
        try:
            table: TableReport = build(TableReport, json.loads(gzip.decompress(row.body)))
        except (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, zlib.error):
            return None                       # recorded by another version, or damaged: read again
        return StoredResult(table, row.checked, row.data)

    @cached_property
    def _index(self) -> Mapping[str, sa.Row[Any]]:
        """What earlier runs recorded of every table, without the results."""
        import sqlalchemy as sa

        from scanner.state.tables import TABLE_RESULT

        columns = (TABLE_RESULT.c[name] for name in ("id", "shape", "data", "context", "finished", "checked"))
        with self._engine.connect() as c:
            return {row.id: row for row in c.execute(sa.select(*columns))}

    def record(self, tid: TableId, mark: TableMark, table: TableReport) -> str:
        """Store a finished table and return the moment.

        Raise StateError when another run has taken over meanwhile.
        """
        import sqlalchemy as sa

        from reports.serial import dump
        from scanner.state.tables import TABLE_RESULT

        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        body = gzip.compress(json.dumps(dump(table), ensure_ascii=False).encode(), compresslevel=4, mtime=0)
        values = {
            "id": _state_key(tid), "name": tid,
            "shape": mark.shape, "data": mark.data, "context": mark.context,
            "run": self._run, "finished": 0, "checked": now, "body": body,
        }
        with self._engine.begin() as c:
            self._lease.renew(c)
            c.execute(sa.delete(TABLE_RESULT).where(TABLE_RESULT.c.id == _state_key(tid)))
            c.execute(sa.insert(TABLE_RESULT), values)
        return now

    def finish(self, *, postponed: bool = False, own: bool = False) -> None:
        """Note that the run came to its end.

        What it recorded of tables without a data mark is read again next time. postponed: some tables were
        left for later; then those are read before. own: only what this run recorded, for the rounds of
        others go on.
        """
        import sqlalchemy as sa

        from scanner.state.tables import TABLE_RESULT

        how = RUN_POSTPONED if postponed else RUN_COMPLETE
        others = (TABLE_RESULT.c.finished != 1) & (TABLE_RESULT.c.finished != how)
        if own:
            others &= TABLE_RESULT.c.run == self._run
        with self._engine.begin() as c:
            c.execute(sa.update(TABLE_RESULT).where(others).values(finished=how))

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Open a transaction of this run; raise StateError when another run has taken over meanwhile."""
        with self._engine.begin() as c:
            self._lease.renew(c)
            yield c

    def lease(self) -> AbstractContextManager[None]:
        """Hold the state for this run; raise StateError while another, living one holds it."""
        return self._lease.hold()


@contextmanager
def open_results(base: Path, *, full: bool = False, only: Sequence[str] = ()) -> Iterator[ResultStore]:
    """Open the state of a folder for this run alone.

    full: carry nothing over. only: sources to read; empty: all.
    """
    from scanner.state import database

    with database.open_engine(base, create=True) as engine:
        results = ResultStore(engine, full=full, only=only)
        with results.lease():
            yield results


def _has_same_basis(row: Any, mark: TableMark) -> bool:
    return (row.shape, row.context) == (mark.shape, mark.context)


def _state_key(tid: TableId) -> str:
    return hashlib.sha256(tid.encode()).hexdigest()


def _age(checked: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(checked)
