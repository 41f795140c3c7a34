"""State of scans: SQLite in `.chujing/` beside the configuration by default, any SQLAlchemy URL in CHUJING_STATE.

Holds finished reports (counts and names, never values) and the fingerprint of the hash key, never the key.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import StateError
from detectors.message import Msg
from reports.model import Report

if TYPE_CHECKING:
    import sqlalchemy as sa

KEPT = 200                                    # reports kept; older ones are dropped


def exists(base: Path) -> bool:
    """Is there a state for this folder, or one named in CHUJING_STATE?"""
    return bool(os.environ.get("CHUJING_STATE")) or _file(base).exists()


def _file(base: Path) -> Path:
    return base / ".chujing" / "state.db"


@contextmanager
def opened(base: Path, *, create: bool) -> Iterator[sa.Engine]:
    """The state's engine, its tables brought up to date first; StateError when it cannot be used."""
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import SQLAlchemyError

    url = os.environ.get("CHUJING_STATE", "")
    if not url:
        file = _file(base)
        if not create and not exists(base):
            raise StateError(
                Msg("no scan is remembered here"),
                where=str(base),
                hint=Msg("chujing scan -c chujing.yaml first"),
            )
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StateError(
                Msg("its folder cannot be made ({kind})", kind=type(e).__name__),
                where=str(file.parent),
                hint=Msg("is the folder writable? or name a database in CHUJING_STATE"),
            ) from None
        url = f"sqlite:///{file}"
    engine = sa.create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        _whole_transactions(engine)
    try:
        with engine.begin() as c:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = c
            command.upgrade(config, "head")
        yield engine
    except SQLAlchemyError as e:
        what, hint = _told(e)
        raise StateError(what, where=engine.url.render_as_string(True), hint=hint) from None
    finally:
        engine.dispose()


def _whole_transactions(engine: sa.Engine) -> None:
    """Every statement of a transaction counts, tables that are made too; left to itself the driver commits those at once, so that a run
    killed while it made them would leave a state that cannot be opened."""
    import sqlalchemy as sa

    @sa.event.listens_for(engine, "connect")
    def plain(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _told(error: Exception) -> tuple[str, str]:
    """(what happened, what to do) for an error of the state's database, in our words only."""
    text = str(getattr(error, "orig", error)).lower()
    if "full" in text or "no space" in text:
        return Msg("the disk is full"), Msg("make room and run again: finished tables are kept")
    if "locked" in text:
        return Msg("the state is locked by another program"), Msg("run again when it is done")
    if "permission denied" in text or "command denied" in text or "readonly" in text:
        return Msg("this account may not write the state"), Msg(
            "see README for the rights a scanner and a reader need"
        )
    return Msg("the state cannot be used ({kind})", kind=type(error).__name__), Msg(
        "is it writable, and made by this version or an older one?"
    )


@contextmanager
def connection(base: Path, *, create: bool) -> Iterator[sa.Connection]:
    """A transaction on the state, brought up to date first."""
    with opened(base, create=create) as engine, engine.begin() as c:
        yield c


def remember(report: Report, base: Path) -> None:
    """Keep a report as the last scan of this folder."""
    import sqlalchemy as sa

    from reports.formats.json import to_json

    body = gzip.compress(json.dumps(to_json(report), ensure_ascii=False).encode(), mtime=0)
    with connection(base, create=True) as c:
        c.execute(
            sa.text("INSERT INTO run (id, started, as_of, report) VALUES (:id, :started, :as_of, :report)"),
            {"id": report.run.id, "started": report.run.started, "as_of": report.run.as_of.isoformat(), "report": body},
        )
        kept = c.execute(sa.text("SELECT id FROM run ORDER BY started DESC")).scalars().all()[:KEPT]
        c.execute(
            sa.text("DELETE FROM run WHERE id NOT IN :kept").bindparams(sa.bindparam("kept", expanding=True)), {"kept": kept}
        )


def last(base: Path) -> Report:
    """The last report of this folder; StateError if there is none."""
    import sqlalchemy as sa

    from reports.load import from_json

    with connection(base, create=False) as c:
        body = c.execute(sa.text("SELECT report FROM run ORDER BY started DESC, id DESC LIMIT 1")).scalar()
    if body is None:
        raise StateError(
            Msg("no scan is remembered here"), where=str(base), hint=Msg("chujing scan -c chujing.yaml first")
        )
    return from_json(json.loads(gzip.decompress(body)))


def find(base: Path, word: str) -> Report:
    """`last`, `previous`, or the one run whose id starts with `word`; StateError naming the choices otherwise."""
    import sqlalchemy as sa

    from reports.load import from_json

    with connection(base, create=False) as c:
        known = [str(i) for i in c.execute(sa.text("SELECT id FROM run ORDER BY started DESC, id DESC")).scalars()]
        hits = known[:1] if word == "last" else known[1:2] if word == "previous" else [i for i in known if i.startswith(word)]
        if word == "previous" and len(known) == 1:
            raise StateError(
                Msg("only one scan is remembered: there is none to compare it with"),
                where=str(base),
                hint=Msg("scan again, then diff"),
            )
        if len(hits) != 1:
            raise StateError(
                Msg('"{word}" names {n} of {of} remembered runs', word=word, n=len(hits), of=len(known)),
                where=str(base),
                hint=Msg("see chujing runs"),
            )
        body = c.execute(sa.text("SELECT report FROM run WHERE id = :id"), {"id": hits[0]}).scalar_one()
    return from_json(json.loads(gzip.decompress(body)))


def runs(base: Path) -> list[tuple[str, str, str]]:
    """(id, started, as of) of every remembered run, the newest first."""
    import sqlalchemy as sa

    with connection(base, create=False) as c:
        return [(r.id, r.started, r.as_of) for r in c.execute(sa.text("SELECT id, started, as_of FROM run ORDER BY started DESC, id DESC"))]


def purge(base: Path, before: date, *, ledger: bool) -> dict[str, int]:
    """Drop runs, table results and what sweeps saw before a day, with `ledger` the ledgers of years that had ended; numbers by kind."""
    import sqlalchemy as sa

    with connection(base, create=False) as c:
        gone = {
            "runs": c.execute(sa.text("DELETE FROM run WHERE started < :day"), {"day": before.isoformat()}).rowcount,
            "tables": c.execute(sa.text("DELETE FROM table_result WHERE checked < :day"), {"day": before.isoformat()}).rowcount,
            "swept": c.execute(sa.text("DELETE FROM sweep_table WHERE looked < :day"), {"day": before.isoformat()}).rowcount,
        }
        if ledger:
            gone["ledger"] = c.execute(sa.text("DELETE FROM ledger_entry WHERE year < :y"), {"y": before.year}).rowcount
            c.execute(sa.text("DELETE FROM ledger_head WHERE year < :y"), {"y": before.year})
    return gone


def last_id(base: Path) -> str:
    """Id of the last scan of this folder; empty if there is none."""
    import sqlalchemy as sa

    if not exists(base):
        return ""
    with connection(base, create=False) as c:
        return str(c.execute(sa.text("SELECT id FROM run ORDER BY started DESC, id DESC LIMIT 1")).scalar() or "")


def read(path: Path) -> Report:
    """A report from a report.json file."""
    from reports.load import load

    return load(path)


def key_before(year: int, base: Path) -> str | None:
    """Fingerprint of the hash key that a year's persons were counted under; None where nobody was counted."""
    import sqlalchemy as sa

    if not exists(base):
        return None
    with connection(base, create=False) as c:
        found = c.execute(sa.text("SELECT fingerprint FROM key_fingerprint WHERE year = :y"), {"y": year}).scalar()
    return None if found is None else str(found)


def check_key(fingerprint: str, year: int, base: Path) -> None:
    """Note the key's fingerprint for a year; StateError when another key was used before."""
    import sqlalchemy as sa

    with connection(base, create=True) as c:
        known = c.execute(sa.text("SELECT fingerprint FROM key_fingerprint WHERE year = :y"), {"y": year}).scalar()
        if known is None:
            c.execute(
                sa.text("INSERT INTO key_fingerprint (year, fingerprint) VALUES (:y, :f)"), {"y": year, "f": fingerprint}
            )
        elif known != fingerprint:
            raise StateError(
                Msg("the hash key is not the one used before"),
                where=Msg("state of {place}", place=base),
                hint=Msg(
                    "restore the key file or CHUJING_KEY; persons counted under two keys cannot be merged"
                ),
            )
