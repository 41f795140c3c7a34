"""Summaries of swept tables in the state: one small record each, and when values of tables were last read."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from detectors.model import TableId
from reports.reading_plan import TableSummary
from scanner.gather.carry_over import ResultStore

if TYPE_CHECKING:
    import sqlalchemy as sa

BATCH = 500                                   # tables kept in one transaction
SUMMARY_FIELDS = tuple(f.name for f in fields(TableSummary))
LEAST_TABLES_FOR_PACE = 20                    # tables a scan must have read for its pace to be believed
LEAST_TABLE_SECONDS = 0.01                    # seconds a table is taken to need, at least
_SCANNED_STATUS = b'"status": "scanned"'             # the second key of a recorded result, after the id


@dataclass(frozen=True, slots=True)
class SummaryMark:
    """Digests of what a summary rests on."""

    shape: str                                # columns and comments
    outline: str                              # the source's own mark; empty where it has none
    facts: str                                # rows, size, owner, last access


@dataclass(frozen=True, slots=True)
class MarkedSummary:
    """A summary and what it rests on."""

    summary: TableSummary
    mark: SummaryMark


class SummaryStore:
    """The summaries of sweeps in the state."""

    def __init__(self, results: ResultStore) -> None:
        self._results = results

    def marks(self, source: str) -> Mapping[str, SummaryMark]:
        """Return what the summaries of a source rest on, by key."""
        import sqlalchemy as sa

        from scanner.state.tables import SWEEP_TABLE

        columns = (SWEEP_TABLE.c.id, SWEEP_TABLE.c.shape, SWEEP_TABLE.c.outline, SWEEP_TABLE.c.facts)
        query = sa.select(*columns).where(SWEEP_TABLE.c.source == key_of(source))
        with self._results.transaction() as c:
            rows = c.execute(query)
            return {key: SummaryMark(shape, outline, facts) for key, shape, outline, facts in rows}

    def load(self, tables: Collection[TableId]) -> dict[TableId, TableSummary]:
        """Return the summaries of some tables, by id."""
        import sqlalchemy as sa

        from scanner.state.tables import SWEEP_TABLE

        if not tables:
            return {}
        query = sa.select(SWEEP_TABLE.c.body).where(SWEEP_TABLE.c.id.in_([key_of(tid) for tid in tables]))
        with self._results.transaction() as c:
            bodies = c.execute(query).scalars()
            return {summary.id: summary for body in bodies if (summary := _summary(body)) is not None}

    def save(self, source: str, marked: Collection[MarkedSummary]) -> None:
        """Put summaries in the place of earlier ones, in one transaction."""
        import sqlalchemy as sa

        from scanner.state.tables import SWEEP_TABLE

        if not marked:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        rows = [
            {"id": key_of(m.summary.id), "source": key_of(source), "shape": m.mark.shape,
             "outline": m.mark.outline, "facts": m.mark.facts, "looked": now, "body": _body(m.summary)}
            for m in marked
        ]
        with self._results.transaction() as c:
            _delete(c, [key_of(m.summary.id) for m in marked])
            c.execute(sa.insert(SWEEP_TABLE), rows)

    def delete(self, keys: Collection[str]) -> None:
        """Delete the summaries of tables that are no longer listed."""
        obsolete = sorted(keys)
        for start in range(0, len(obsolete), BATCH):
            with self._results.transaction() as c:
                _delete(c, obsolete[start:start + BATCH])

    def summaries(self, sources: Collection[str]) -> Iterator[TableSummary]:
        """Yield every summary of some sources."""
        import sqlalchemy as sa

        from scanner.state.tables import SWEEP_TABLE

        query = sa.select(SWEEP_TABLE.c.body).order_by(SWEEP_TABLE.c.id)
        for source in sources:
            with self._results.transaction() as c:
                bodies = c.execute(query.where(SWEEP_TABLE.c.source == key_of(source))).scalars().all()
            yield from (summary for body in bodies if (summary := _summary(body)) is not None)


def key_of(name: str) -> str:
    """Return the key of a table or source in the state."""
    return hashlib.sha256(name.encode()).hexdigest()


def _delete(c: sa.Connection, keys: Collection[str]) -> None:
    import sqlalchemy as sa

    from scanner.state.tables import SWEEP_TABLE

    c.execute(sa.delete(SWEEP_TABLE).where(SWEEP_TABLE.c.id.in_(list(keys))))


def _body(summary: TableSummary) -> bytes:
    values = {
        name: value for name in SUMMARY_FIELDS if (value := getattr(summary, name)) not in (None, "", ())
    }
    return json.dumps(values, separators=(",", ":")).encode()


def _summary(body: bytes) -> TableSummary | None:
    """Return a summary as it was saved.

    None is returned where another version saved it, so that the table is examined again.
    """
    try:
        raw: dict[str, Any] = json.loads(body)
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        return TableSummary(**values)
    except (TypeError, ValueError):
        return None


def _is_scanned(start: bytes) -> bool:
    """Return whether the start of a table's result is of one whose values were read; not of a damaged one."""
    try:
        return _SCANNED_STATUS in zlib.decompressobj(31).decompress(start, 2_000)
    except zlib.error:
        return False


def last_readings(results: ResultStore) -> tuple[dict[TableId, str], float | None]:
    """Return (when values of tables were last read, by id; seconds a table took in the largest scan).

    The second is None where no scan was large enough to be believed.
    """
    import sqlalchemy as sa

    from scanner.state.tables import TABLE_RESULT

    start_of_body = sa.func.substr(TABLE_RESULT.c.body, 1, 512).label("start")
    query = sa.select(TABLE_RESULT.c.name, TABLE_RESULT.c.run, TABLE_RESULT.c.checked, start_of_body)
    with results.transaction() as c:
        rows = c.execute(query).all()
    last_read: dict[TableId, str] = {}
    runs: dict[str, list[str]] = {}
    for name, run, checked, start in rows:
        if _is_scanned(start):
            last_read[TableId(name)] = checked
            runs.setdefault(run, []).append(checked)
    largest = max(runs.values(), key=len, default=[])
    if len(largest) < LEAST_TABLES_FOR_PACE:
        return last_read, None
    first, last = (datetime.fromisoformat(moment) for moment in (min(largest), max(largest)))
    return last_read, max((last - first).total_seconds() / (len(largest) - 1), LEAST_TABLE_SECONDS)
