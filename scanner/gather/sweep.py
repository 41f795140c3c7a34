"""Names, comments and statistics of every table, before any value is read: what `chujing plan` ranks.

Tables are looked at as they stream by; kept is one small entry each, some hundreds to a transaction. A sweep that was stopped goes on
where it was, and the next one looks only at tables that are new or whose definition changed, or when what looks at them changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Skipped, TableId, TableInfo, TableRef
from scanner.connectors.protocol import Outlines
from scanner.gather.carry_over import ResultStore, detector_code_digest, digest, shape_digest
from scanner.gather.priority import TableSummary, approximate_rows, sensitive_labels, summarize
from scanner.gather.progress import Progress
from scanner.state.version import VERSION

if TYPE_CHECKING:
    import sqlalchemy as sa

    from scanner.config.model import Config
    from scanner.config.sources import Source

BATCH = 500                                   # tables kept in one transaction
_FIELDS = tuple(f.name for f in fields(TableSummary))


class TableLister(Protocol):
    """A connector, or a metastore in its place."""

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Every table, or why it could not be listed."""

    def close(self) -> None:
        """May be called twice."""


@dataclass(slots=True)
class SweepResult:
    """Outcome of a sweep, in tables. refreshed: those whose names were examined anew; removed: those no longer listed."""

    tables: int = 0
    refreshed: int = 0
    removed: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class _SummaryMark:
    """What an entry rests on."""

    shape: str
    outline: str                              # empty where the source has no mark of its own
    facts: str


def sweep(
    config: Config, results: ResultStore, open_source: Callable[[Source], TableLister], progress: Progress,
    after: Callable[[SweepResult], None] = lambda _: None,
) -> SweepResult:
    """Look at every table of every source. after: called when some hundred tables more are kept.

    A source or table that cannot be listed is skipped; its entries of earlier sweeps stay. An interruption (Ctrl-C) keeps what was done.
    """
    done = SweepResult()
    kept = SummaryStore(results)
    context = _context(config)
    sensitive = sensitive_labels(config.profile)
    try:
        for source in config.sources:
            one = _SourceSweep(source, kept, context, sensitive, done, progress, after)
            try:
                with contextlib.closing(open_source(source)) as connector:
                    one.sweep(connector)
            except SourceError as e:
                done.skipped.append(Skipped(source.id, str(e), e.hint))
            finally:
                one.keep()
    except KeyboardInterrupt:
        done.interrupted = True
    return done


def _context(config: Config) -> str:
    """Changes with what looks at names: detectors, the user's own among them, and what counts as sensitive."""
    from detectors.registry import version

    own = config.detectors.read_bytes() if config.detectors else b""
    return digest(VERSION, _FIELDS, version(), detector_code_digest(), sorted(sensitive_labels(config.profile)), own)


def _words_of(source: Source) -> str:
    """Changes with the dictionary that is laid over a source."""
    try:
        return hashlib.sha256(source.dictionary.read_bytes()).hexdigest() if source.dictionary else ""
    except OSError:
        raise SourceError(Msg("no such data dictionary"), where=str(source.dictionary)) from None


class _SourceSweep:
    """The sweep of one source."""

    def __init__(
        self, source: Source, kept: SummaryStore, context: str, sensitive: Collection[str], done: SweepResult, progress: Progress,
        after: Callable[[SweepResult], None],
    ) -> None:
        self._source = source
        self._kept = kept
        self._context = context
        self._sensitive = sensitive
        self._done = done
        self._progress = progress
        self._after = after
        self._new: list[tuple[TableSummary, _SummaryMark]] = []
        self._moved: list[tuple[TableInfo, _SummaryMark]] = []      # only rows, bytes, owner or access are not what they were
        self._before = kept.marks(source.id)
        self._unseen = set(self._before)

    def sweep(self, connector: TableLister) -> None:
        """Every table that the source lists; entries of tables that are gone are dropped at the end."""
        self._progress.plan(len(self._before))
        self._context = digest(self._context, self._source.url, _words_of(self._source))
        if getattr(connector, "can_outline", False):
            telling = cast(Outlines, connector)
            wants = self._source.selects
            left = {ref: mark for ref, mark in telling.outlines() if wants(ref.schema, ref.name) and not self._stands(ref, mark)}
            listed: Iterator[TableInfo | Skipped] = telling.described(left.keys()) if left else iter(())
        else:
            left, listed = {}, connector.tables()
        dictionary = self._dictionary()
        for info in self._wanted(listed):
            self._look(dictionary(info), left.get(info.ref, ""))
        self.keep()
        self._kept.drop(self._unseen)
        self._done.removed += len(self._unseen)

    def _wanted(self, listed: Iterator[TableInfo | Skipped]) -> Iterator[TableInfo]:
        for info in listed:
            if isinstance(info, Skipped):
                self._done.skipped.append(info)
                self._unseen.discard(_key(info.id))
            elif self._source.selects(info.ref.schema, info.ref.name):
                yield info

    def _dictionary(self) -> Callable[[TableInfo], TableInfo]:
        from scanner.connectors.dictionary import load_dictionary, overlay

        if self._source.dictionary is None:
            return lambda info: info
        words = load_dictionary(self._source.dictionary)
        return lambda info: overlay(info, words)

    def _stands(self, ref: TableRef, mark: str) -> bool:
        """Is the table as it was when it was looked at? By the source's own mark."""
        tid = ref.id(self._source.id)
        before = self._before.get(_key(tid))
        if before is None or not mark or before.outline != digest(self._context, mark):
            return False
        self._unseen.discard(_key(tid))
        self._count(tid)
        return True

    def _look(self, info: TableInfo, mark: str) -> None:
        tid = info.ref.id(self._source.id)
        key, before = _key(tid), self._before.get(_key(tid))
        shape = digest(self._context, shape_digest(info))
        outline = digest(self._context, mark) if mark else ""
        if before is not None and before.shape == shape:
            self._seen(info, key, replace(before, outline=outline), changed=before.outline != outline)
            return
        self._unseen.discard(key)
        self._new.append((summarize(tid, info, self._sensitive), _SummaryMark(shape, outline, _facts(info))))
        self._done.refreshed += 1
        self._count(tid)

    def _seen(self, info: TableInfo, key: str, before: _SummaryMark, changed: bool = False) -> None:
        """A table that is as it was, but perhaps for its size."""
        self._unseen.discard(key)
        if changed or _facts(info) != before.facts:
            self._moved.append((replace(info, columns=(), foreign_keys=()), replace(before, facts=_facts(info))))
        self._count(info.ref.id(self._source.id))

    def _count(self, tid: TableId) -> None:
        self._done.tables += 1
        self._progress.step(tid)
        if len(self._new) + len(self._moved) >= BATCH:
            self.keep()
            self._after(self._done)

    def keep(self) -> None:
        """What was looked at since the last time, in one transaction."""
        moved = [(replace(e, rows=approximate_rows(i), method=i.rows.method, bytes=i.bytes, owner=i.owner, accessed=i.accessed), m)
                 for e, (i, m) in self._kept.of(self._source.id, self._moved)]
        self._kept.keep(self._source.id, [*self._new, *moved])
        self._new, self._moved = [], []


def _facts(info: TableInfo) -> str:
    return digest(info.rows.high, info.rows.method, info.bytes, info.owner, info.accessed)


def _key(tid: str) -> str:
    return hashlib.sha256(tid.encode()).hexdigest()


class SummaryStore:
    """The entries of sweeps in the state."""

    def __init__(self, results: ResultStore) -> None:
        self._results = results

    def marks(self, source: str) -> Mapping[str, _SummaryMark]:
        """What the entries of a source rest on, by key."""
        import sqlalchemy as sa

        query = sa.text("SELECT id, shape, outline, facts FROM sweep_table WHERE source = :source")
        with self._results.transaction() as c:
            return {i: _SummaryMark(s, o, f) for i, s, o, f in c.execute(query, {"source": _key(source)})}

    def of(
        self, source: str, tables: Collection[tuple[TableInfo, _SummaryMark]]
    ) -> list[tuple[TableSummary, tuple[TableInfo, _SummaryMark]]]:
        """The entries of some tables, with what was given of each."""
        import sqlalchemy as sa

        if not tables:
            return []
        by = {_key(t[0].ref.id(source)): t for t in tables}
        query = sa.text("SELECT id, body FROM sweep_table WHERE id IN :ids").bindparams(sa.bindparam("ids", expanding=True))
        with self._results.transaction() as c:
            return [(e, by[i]) for i, body in c.execute(query, {"ids": list(by)}) if (e := _entry(body)) is not None]

    def keep(self, source: str, entries: Collection[tuple[TableSummary, _SummaryMark]]) -> None:
        """Put entries in the place of earlier ones, in one transaction."""
        import sqlalchemy as sa

        if not entries:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        rows = [{"id": _key(e.id), "source": _key(source), "shape": m.shape, "outline": m.outline, "facts": m.facts, "looked": now,
                 "body": _body(e)} for e, m in entries]
        with self._results.transaction() as c:
            self._delete(c, [_key(e.id) for e, _ in entries])
            c.execute(sa.text("INSERT INTO sweep_table (id, source, shape, outline, facts, looked, body) "
                              "VALUES (:id, :source, :shape, :outline, :facts, :looked, :body)"), rows)

    def drop(self, keys: Collection[str]) -> None:
        """Forget tables that are gone."""
        left = sorted(keys)
        for start in range(0, len(left), BATCH):
            with self._results.transaction() as c:
                self._delete(c, left[start:start + BATCH])

    def _delete(self, c: sa.Connection, keys: Collection[str]) -> None:
        import sqlalchemy as sa

        query = sa.text("DELETE FROM sweep_table WHERE id IN :ids").bindparams(sa.bindparam("ids", expanding=True))
        c.execute(query, {"ids": list(keys)})

    def entries(self, sources: Collection[str]) -> Iterator[TableSummary]:
        """What is kept of some sources."""
        import sqlalchemy as sa

        query = sa.text("SELECT body FROM sweep_table WHERE source = :source ORDER BY id")
        for source in sources:
            with self._results.transaction() as c:
                bodies = c.execute(query, {"source": _key(source)}).scalars().all()
            yield from (e for body in bodies if (e := _entry(body)) is not None)


def _body(entry: TableSummary) -> bytes:
    told = {name: value for name in _FIELDS if (value := getattr(entry, name)) not in (None, "", ())}
    return json.dumps(told, separators=(",", ":")).encode()


def _entry(body: bytes) -> TableSummary | None:
    """None when another version made it: it is looked at again."""
    try:
        raw: dict[str, Any] = json.loads(body)
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        return TableSummary(**values)
    except (TypeError, ValueError):
        return None


def last_readings(results: ResultStore) -> tuple[dict[TableId, str], float | None]:
    """(when values of tables were last read, by id; seconds a table took in the largest scan of at least twenty, None without one)."""
    import sqlalchemy as sa

    with results.transaction() as c:
        rows = c.execute(sa.text("SELECT name, run, checked, substr(body, 1, 512) AS start FROM table_result")).all()
    read: dict[TableId, str] = {}
    runs: dict[str, list[str]] = {}
    for name, run, checked, start in rows:
        if b'"status": "scanned"' in zlib.decompressobj(31).decompress(start, 2_000):       # the second key of a record, after the id
            read[TableId(name)] = checked
            runs.setdefault(run, []).append(checked)
    largest = max(runs.values(), key=len, default=[])
    if len(largest) < 20:
        return read, None
    first, last = (datetime.fromisoformat(x) for x in (min(largest), max(largest)))
    return read, max((last - first).total_seconds() / (len(largest) - 1), 0.01)
