"""Finished scans in the state: whole reports, with counts and names, never values."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

from detectors.errors import StateError
from detectors.message import Msg
from reports.model import Report
from scanner.state.database import connection, exists, nothing_remembered

REMEMBERED = 200                              # scans; older ones are deleted


def remember(report: Report, folder: Path) -> None:
    """Keep a report as the last scan of a folder."""
    import sqlalchemy as sa

    from reports.formats.json import to_json
    from scanner.state.tables import RUN

    body = gzip.compress(json.dumps(to_json(report), ensure_ascii=False).encode(), mtime=0)
    run = report.run
    row = {"id": run.id, "started": run.started, "as_of": run.as_of.isoformat(), "report": body}
    newest_first = sa.select(RUN.c.id).order_by(RUN.c.started.desc())
    with connection(folder, create=True) as c:
        c.execute(sa.insert(RUN), row)
        remembered = c.execute(newest_first).scalars().all()[:REMEMBERED]
        c.execute(sa.delete(RUN).where(RUN.c.id.not_in(remembered)))


def last(folder: Path) -> Report:
    """Return the last report of a folder; raise StateError if there is none."""
    import sqlalchemy as sa

    from scanner.state.tables import RUN

    newest = sa.select(RUN.c.report).order_by(RUN.c.started.desc(), RUN.c.id.desc()).limit(1)
    with connection(folder, create=False) as c:
        body = c.execute(newest).scalar()
    if body is None:
        raise nothing_remembered(folder)
    return _report(body)


def find(folder: Path, word: str) -> Report:
    """Return the run that `last`, `previous` or the start of an id names.

    Raise StateError naming the choices if it names none or several.
    """
    import sqlalchemy as sa

    from scanner.state.tables import RUN

    newest_first = sa.select(RUN.c.id).order_by(RUN.c.started.desc(), RUN.c.id.desc())
    with connection(folder, create=False) as c:
        id = _named_run(word, [str(id) for id in c.execute(newest_first).scalars()], folder)
        body = c.execute(sa.select(RUN.c.report).where(RUN.c.id == id)).scalar_one()
    return _report(body)


def _named_run(word: str, ids: list[str], folder: Path) -> str:
    """Return the one of some ids, the newest first, that a word names."""
    if word == "previous" and len(ids) == 1:
        raise StateError(
            Msg("only one scan is remembered: there is none to compare it with"),
            where=str(folder),
            hint=Msg("scan again, then diff"),
        )
    by_word = {"last": ids[:1], "previous": ids[1:2]}
    hits = by_word[word] if word in by_word else [id for id in ids if id.startswith(word)]
    if len(hits) != 1:
        raise StateError(
            Msg('"{word}" names {n} of {of} remembered runs', word=word, n=len(hits), of=len(ids)),
            where=str(folder),
            hint=Msg("see chujing runs"),
        )
    return hits[0]


def _report(body: bytes) -> Report:
    from reports.load import from_json

    return from_json(json.loads(gzip.decompress(body)))


def runs(folder: Path) -> list[tuple[str, str, str]]:
    """Return (id, started, as of) of every remembered run, the newest first."""
    import sqlalchemy as sa

    from scanner.state.tables import RUN

    query = sa.select(RUN.c.id, RUN.c.started, RUN.c.as_of)
    with connection(folder, create=False) as c:
        rows = c.execute(query.order_by(RUN.c.started.desc(), RUN.c.id.desc()))
        return [(r.id, r.started, r.as_of) for r in rows]


def last_id(folder: Path) -> str:
    """Return the id of the last scan of a folder; empty if there is none."""
    import sqlalchemy as sa

    from scanner.state.tables import RUN

    if not exists(folder):
        return ""
    newest = sa.select(RUN.c.id).order_by(RUN.c.started.desc(), RUN.c.id.desc()).limit(1)
    with connection(folder, create=False) as c:
        return str(c.execute(newest).scalar() or "")


def read(path: Path) -> Report:
    """Return the report of a report.json file."""
    from reports.load import load

    return load(path)


def purge(folder: Path, before: date, *, ledger: bool) -> dict[str, int]:
    """Delete runs, table results and summaries of sweeps older than a day; return how many, by kind.

    ledger: also the ledgers of years that had ended before it.
    """
    import sqlalchemy as sa

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
        purged = {kind: c.execute(statement).rowcount for kind, statement in older.items()}
        if ledger:
            c.execute(sa.delete(LEDGER_HEAD).where(LEDGER_HEAD.c.year < before.year))
    return purged
