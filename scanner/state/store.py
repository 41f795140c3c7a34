"""Finished scans in the state: reports with counts and names, never values; read whole or in part."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.errors import StateError
from detectors.message import Msg
from scanner.state.database import connection, nothing_scanned_error, state_exists
from scanner.state.reader import SqlReader, StateReader, open_reader
from scanner.state.run_entry import (
    RunEntry,
    RunFault,
    RunOrigin,
    SourceRead,
    config_of,
    last_of,
    lost_sources,
    previous_of,
)

if TYPE_CHECKING:
    from detectors.model import TableId
    from reports.model import Report, TableReport

MOST_REMEMBERED = 200                         # scans; older ones are deleted
MOST_LOADED = 2                               # reports that a process keeps, of those it asked for
DAMAGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OSError, EOFError, zlib.error)
# which tables of a report are read whole, given its outline; the others stay in outline (`reports.outline`)
WholeTables = Callable[["Report"], Collection["TableId"]]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of a run. fault: why it is not the last scan; empty where it is a good one.

    last: the last scan as it stands now. lost: sources that it could not read and the scan before could.
    """

    fault: RunFault
    last: RunEntry | None
    lost: Sequence[str] = ()


def remember(
    report: Report, folder: Path, origin: RunOrigin = RunOrigin(), status: int | None = None
) -> Remembered:
    """Store a report as a run of a folder.

    A good run is the last scan of its configuration from now on. One that was interrupted, that read nothing
    or lost a source is stored, too, and leaves the last scan as it is.
    """
    import sqlalchemy as sa

    from reports.model import primary
    from scanner.state import run_tables
    from scanner.state.tables import RUN

    run, read = report.run, _tables_read(report)
    with connection(folder, create=True) as c:
        before = last_of(_entries(SqlReader(c)), origin.config or "")
        lost = lost_sources(read, before)
        fault = _fault(report, lost)
        head = json.dumps(run_tables.write_tables(c, report), ensure_ascii=False)
        body = gzip.compress(head.encode("utf-8", "surrogatepass"), mtime=0)
        row = {
            "id": run.id, "started": run.started, "as_of": run.as_of.isoformat(), "report": body,
            "config": origin.config, "command": origin.command, "settings": json.dumps(dict(origin.settings)),
            "sources": json.dumps([(s.id, s.url, read[s.id]) for s in report.sources], ensure_ascii=False),
            "tables": len(report.tables), "status": status, "is_good": int(not fault),
            "findings": sum(primary(column) is not None for t in report.tables for column in t.columns),
        }
        c.execute(sa.insert(RUN), row)
        entries = _entries(SqlReader(c))
        beyond = {entry.id for entry in entries}.difference(_within_bounds(entries))
        if beyond:
            run_tables.delete_tables(c, sa.select(RUN.c.id).where(RUN.c.id.in_(beyond)))
            c.execute(sa.delete(RUN).where(RUN.c.id.in_(beyond)))
    return Remembered(fault, last_of(entries, origin.config or ""), lost)


def _tables_read(report: Report) -> dict[str, int]:
    """Return how many tables were read, by source."""
    from detectors.ids import source_of

    read = Counter(source_of(table.id) for table in report.tables)
    return {source.id: read[source.id] for source in report.sources}


def _fault(report: Report, lost: Sequence[str]) -> RunFault:
    if report.run.interrupted:
        return "interrupted"
    if not report.tables and (report.skipped or not report.flows):
        return "unread"
    return "lost" if lost else ""


def _within_bounds(entries: Sequence[RunEntry]) -> list[str]:
    """Return the runs that stay: the newest, and the last scan of every configuration."""
    configs = {entry.origin.config for entry in entries}
    last = [entry.id for config in configs if config and (entry := last_of(entries, config)) is not None]
    return [*{entry.id for entry in entries[:MOST_REMEMBERED]}.union(last)]


def _entries(c: StateReader) -> list[RunEntry]:
    """Return every remembered run, the newest first."""
    query = f"SELECT {', '.join(ENTRY)} FROM run ORDER BY started DESC, id DESC"  # noqa: S608
    return [_entry(_RunRow(*row)) for row in c.rows(query)]


class _RunRow(NamedTuple):
    """What is read of a run without its report."""

    id: str
    started: str
    as_of: str
    config: str | None
    sources: str | None
    command: str | None
    settings: str | None
    tables: int | None
    findings: int | None
    status: int | None
    is_good: int | None


ENTRY = _RunRow._fields


def _entry(row: _RunRow) -> RunEntry:
    settings, sources = _decoded(row.settings), _decoded(row.sources)
    return RunEntry(
        row.id, row.started, row.as_of,
        RunOrigin(row.config, row.command or "", settings if isinstance(settings, dict) else {}),
        tuple(SourceRead(*source) for source in sources if isinstance(source, list) and len(source) == 3)
        if isinstance(sources, list) else (),
        row.tables, row.findings, row.status, row.is_good != 0,
    )


def _decoded(text: str | None) -> Any:
    """Return a column of JSON; empty where there is none, or it is damaged."""
    try:
        return json.loads(text or "[]") or []
    except (ValueError, TypeError):
        return []


def last(folder: Path, config: str | None = None, whole: WholeTables | None = None) -> Report:
    """Return the report of the last scan; raise StateError if there is none.

    config: name of the configuration it must be of; None: the folder's own, `""`: any. whole: which of its
    tables are read whole; None: all.
    """
    with open_reader(folder) as c:
        return _report(c, _require_last(_entries(c), folder, config).id, whole)


def last_of_table(folder: Path, config: str | None, word: str) -> Report | None:
    """Return the last scan without any table but the one that a word is the id of, or of a column of.

    None where the word is no such id, or may be something else: then all of the scan is to be looked at.
    config: as for `last`. Raise StateError if there is no scan.
    """
    from reports.load import from_json
    from scanner.state.run_tables import read_existing_tables

    with open_reader(folder) as c:
        id = _require_last(_entries(c), folder, config).id
        with _damage_named(id):
            loaded = _loaded(c, id)
            ids = {word, word.rpartition("/")[0]} - {""}
            if not _has_rows(loaded):
                return None
            tables = [*read_existing_tables(c, id, loaded.head, ids).values()]
            if len(tables) != 1 or word not in (tables[0].id, *(column.id for column in tables[0].columns)):
                return None
            report = replace(from_json(loaded.head, id), tables=tuple(tables))
    named = {f.flow.id for f in report.flows} | {e.entity for e in report.exporter}
    return None if word in named | {source.id for source in report.sources} else report


def no_table(outline: Report) -> Collection[TableId]:
    """Select no table to be read whole: a report in outline."""
    return ()


def last_entry(folder: Path, config: str | None = None) -> RunEntry | None:
    """Return the last scan without its report; None where there is none. config: as for `last`."""
    if not state_exists(folder):
        return None
    return last_of(runs(folder), config_of(folder) if config is None else config)


def last_id(folder: Path, config: str | None = None) -> str:
    """Return the id of the last scan; empty if there is none. config: as for `last`."""
    entry = last_entry(folder, config)
    return entry.id if entry is not None else ""


def _require_last(entries: Sequence[RunEntry], folder: Path, config: str | None) -> RunEntry:
    """Return the last scan; raise StateError where there is none, or none is good or of the configuration."""
    if not entries:
        raise nothing_scanned_error(folder)
    name = config_of(folder) if config is None else config
    entry = last_of(entries, name)
    if entry is not None:
        return entry
    if any(e.is_of(name) for e in entries):
        raise StateError(
            Msg("no scan that read anything is remembered"),
            where=str(folder),
            hint=Msg("see chujing runs, then scan again"),
        )
    raise StateError(
        Msg("no scan of {file} is remembered", file=name),
        where=str(folder),
        hint=Msg("chujing scan -c {file} first, or name a run of chujing runs", file=name),
    )


def find(folder: Path, word: str, config: str | None = None, whole: WholeTables | None = None) -> Report:
    """Return the run that `last`, `previous` or the start of an id names.

    `last` and `previous` are good runs of one configuration, or of one URL; config, whole: as for `last`.
    Raise StateError naming the choices if it names none or several.
    """
    with open_reader(folder) as c:
        return _report(c, _named_run(word, _entries(c), folder, config), whole)


def _named_run(word: str, entries: Sequence[RunEntry], folder: Path, config: str | None) -> str:
    """Return the id of the one run that a word names."""
    if word in ("last", "previous"):
        newest = _require_last(entries, folder, config)
        if word == "last":
            return newest.id
        if (earlier := previous_of(entries, newest)) is None:
            raise StateError(
                Msg("only one scan is remembered: there is none to compare it with"),
                where=str(folder),
                hint=Msg("scan again, then diff"),
            )
        return earlier.id
    hits = [entry.id for entry in entries if entry.id.startswith(word)]
    if len(hits) != 1:
        raise StateError(
            Msg('"{word}" names {n} of {of} remembered runs', word=word, n=len(hits), of=len(entries)),
            where=str(folder),
            hint=Msg("see chujing runs"),
        )
    return hits[0]


# ---- a run as it is stored


@dataclass(slots=True)
class _Loaded:
    """A run that was read: what its row says, and its report, whole or in outline, where that was asked for.

    head: the report in JSON, without its tables where these have rows of their own.
    """

    body: bytes
    head: Mapping[str, Any]
    whole: Report | None = None
    outline: Report | None = None


# by URL and run; a command asks for a run more than once, and a run never changes
_LOADED: dict[tuple[str, str], _Loaded] = {}
_OUTLINES: dict[bytes, TableReport] = {}


def _report(c: StateReader, id: str, whole: WholeTables | None) -> Report:
    """Return the report of a run; raise StateError where it is damaged or of another version."""
    with _damage_named(id):
        loaded = _loaded(c, id)
        if whole is None or not _has_rows(loaded):
            return _whole(c, id, loaded)
        outline = _outline(c, id, loaded)
    selected = whole(outline)
    with _damage_named(id):
        return _with_whole_tables(c, id, loaded, outline, selected)


@contextmanager
def _damage_named(id: str) -> Iterator[None]:
    """Raise StateError where what is stored of a run cannot be read."""
    from reports.load import garbage_uncollected

    try:
        with garbage_uncollected():
            yield
    except DAMAGE:
        raise StateError(
            Msg("run {id} is damaged in the state", id=id),
            hint=Msg("scan again; chujing purge forgets old runs, a copy of the state brings it back"),
        ) from None


def _loaded(c: StateReader, id: str) -> _Loaded:
    ((body,),) = c.rows("SELECT report FROM run WHERE id = :id", id=id)
    key = (c.place, id)
    loaded = _LOADED.pop(key, None)
    if loaded is None or loaded.body != body:
        loaded = _Loaded(body, json.loads(gzip.decompress(body)))
    _LOADED[key] = loaded
    if len(_LOADED) > MOST_LOADED:
        del _LOADED[next(iter(_LOADED))]
        _OUTLINES.clear()
    return loaded


def _has_rows(loaded: _Loaded) -> bool:
    """Return whether the tables of a run have rows of their own; those of earlier versions have none."""
    from scanner.state.run_tables import APART

    return APART in loaded.head


def _whole(c: StateReader, id: str, loaded: _Loaded) -> Report:
    from reports.load import from_json
    from scanner.state.run_tables import read_tables

    if loaded.whole is None:
        report = from_json(loaded.head, id)
        if _has_rows(loaded):
            report = replace(report, tables=read_tables(c, id, loaded.head))
        loaded.whole = report
    return loaded.whole


def _outline(c: StateReader, id: str, loaded: _Loaded) -> Report:
    from reports.load import from_json
    from scanner.state.run_tables import read_outlines

    if loaded.outline is None:
        report = from_json(loaded.head, id)
        loaded.outline = replace(report, tables=read_outlines(c, id, loaded.head, _OUTLINES))
    return loaded.outline


def _with_whole_tables(
    c: StateReader, id: str, loaded: _Loaded, outline: Report, selected: Collection[TableId]
) -> Report:
    from scanner.state.run_tables import read_some_tables

    if not selected:
        return outline
    tables: Mapping[TableId, TableReport] = read_some_tables(c, id, loaded.head, selected)
    return replace(outline, tables=tuple(tables.get(table.id, table) for table in outline.tables))


def runs(folder: Path) -> list[RunEntry]:
    """Return every remembered run without its report, the newest first."""
    with open_reader(folder) as c:
        return _entries(c)


def read_named(
    word: str, folder: Path, config: str | None = None, whole: WholeTables | None = None
) -> Report:
    """Return the report of a file, or of a run of a folder: `last`, `previous`, the start of an id.

    config, whole: as for `last`.
    """
    path = Path(word)
    return read(path) if path.suffix == ".json" or path.exists() else find(folder, word, config, whole)


def read(path: Path) -> Report:
    """Return the report of a report.json file."""
    from reports.load import load

    return load(path)


def purge(folder: Path, before: date, *, ledger: bool) -> dict[str, int]:
    """Delete runs, table results and summaries of sweeps older than a day; return how many, by kind.

    ledger: also the ledgers of years that had ended before it.
    """
    import sqlalchemy as sa

    from scanner.state.run_tables import delete_tables
    from scanner.state.tables import LEDGER_ENTRY, LEDGER_HEAD, RUN, SWEEP_TABLE, TABLE_RESULT

    day = before.isoformat()
    older: dict[str, Any] = {
        "runs": sa.delete(RUN).where(RUN.c.started < day),
        "tables": sa.delete(TABLE_RESULT).where(TABLE_RESULT.c.checked < day),
        "swept": sa.delete(SWEEP_TABLE).where(SWEEP_TABLE.c.looked < day),
    }
    if ledger:
        older["ledger"] = sa.delete(LEDGER_ENTRY).where(LEDGER_ENTRY.c.year < before.year)
    with connection(folder, create=False) as c:
        delete_tables(c, sa.select(RUN.c.id).where(RUN.c.started < day))
        purged = {kind: c.execute(statement).rowcount for kind, statement in older.items()}
        if ledger:
            c.execute(sa.delete(LEDGER_HEAD).where(LEDGER_HEAD.c.year < before.year))
    return purged
