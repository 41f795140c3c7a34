"""The state's database: SQLite in `.chujing/` of a folder, or whatever SQLAlchemy URL CHUJING_STATE names."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import StateError
from detectors.message import Msg
from detectors.redaction import is_well_formed, redact
from reports.files import STATE_FOLDER, make_empty, make_folder, why_unwritten

if TYPE_CHECKING:
    import sqlalchemy as sa

STATE_VARIABLE = "CHUJING_STATE"
MIGRATIONS = Path(__file__).parent / "migrations"
REVISION = 4                                  # characters of a migration's number


def state_exists(folder: Path) -> bool:
    """Return whether there is a state of a folder, or one is named in CHUJING_STATE."""
    file = state_file(folder)
    return file is None or file.exists()


def state_file(folder: Path) -> Path | None:
    """Return the file that the state of a folder is, or would be; None where CHUJING_STATE names another."""
    return None if os.environ.get(STATE_VARIABLE) else folder / STATE_FOLDER / "state.db"


def revisions() -> list[str]:
    """Return the numbers of the migrations, in order."""
    return sorted(file.name[:REVISION] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


@contextmanager
def open_engine(folder: Path, *, create: bool) -> Iterator[sa.Engine]:
    """Open the state of a folder, its tables brought up to date first.

    create: make it where there is none. Raise StateError when it cannot be used, also for what goes wrong
    while it is open.
    """
    from sqlalchemy.exc import SQLAlchemyError

    engine = _engine(_state_url(folder, create))
    if engine.dialect.name == "sqlite":
        _use_whole_transactions(engine)
    try:
        with errors_named(engine.url.render_as_string(False), SQLAlchemyError):
            _bring_up_to_date(engine)
            yield engine
    finally:
        engine.dispose()


@contextmanager
def errors_named(url: str, *kinds: type[Exception]) -> Iterator[None]:
    """Raise errors of the database as StateError, and those of its kinds. url: of the state."""
    caught: tuple[type[Exception], ...] = (*kinds, sqlite3.Error, UnicodeDecodeError)
    try:
        yield
    except caught as e:
        what, hint = _explain(e)
        raise StateError(what, where=redact(url), hint=hint) from None


def _engine(url: str) -> sa.Engine:
    """Return the engine of a URL; raise StateError where it is none, or its driver is not installed."""
    import sqlalchemy as sa

    try:
        return sa.create_engine(url, hide_parameters=True)
    except (sa.exc.ArgumentError, ImportError, ValueError) as e:
        raise StateError(
            Msg("no database that can be opened ({kind})", kind=type(e).__name__),
            where=STATE_VARIABLE,
            hint=Msg("e.g. postgresql+psycopg://chujing@host/state; see chujing doctor for the driver"),
        ) from None


@contextmanager
def connection(folder: Path, *, create: bool) -> Iterator[sa.Connection]:
    """Open a transaction on the state of a folder, as `open_engine` does."""
    with open_engine(folder, create=create) as engine, engine.begin() as c:
        yield c


def _state_url(folder: Path, create: bool) -> str:
    """Return the URL of the state; raise StateError where there is none, or its folder cannot be made."""
    if url := os.environ.get(STATE_VARIABLE, ""):
        if not is_well_formed(url):
            raise StateError(
                Msg('"{url}" is no URL that can be read', url=redact(url)), where=STATE_VARIABLE,
                hint=Msg("e.g. {example}", example="postgresql://chujing@db/state"),
            )
        return url
    file = state_file(folder)
    assert file is not None
    if not create and not file.exists():
        raise nothing_scanned_error(folder)
    if create:
        _make_file(file)
    return f"sqlite:///{file}"


def _make_file(file: Path) -> None:
    """Make the state's folder and file, for their owner alone; raise StateError if they cannot be made."""
    try:
        make_folder(file.parent)
        with suppress(FileExistsError):
            make_empty(file)
    except OSError as e:
        raise StateError(
            Msg("the state cannot be made: {why}", why=why_unwritten(e)),
            where=str(file),
            hint=Msg("is the folder writable? or name a database in CHUJING_STATE"),
        ) from None


def nothing_scanned_error(folder: Path) -> StateError:
    """Return the error of a folder in which nothing was scanned yet."""
    return StateError(
        Msg("no scan is remembered here"), where=str(folder), hint=Msg("chujing scan -c chujing.yaml first")
    )


def _bring_up_to_date(engine: sa.Engine) -> None:
    """Make the tables that are missing, and bring older ones up to date.

    Raise StateError for a state of a later version. Alembic is loaded only where older tables are to change.
    """
    import sqlalchemy as sa

    numbers = revisions()
    with engine.begin() as c:
        revision = _revision(c)
        if revision == numbers[-1]:
            return
        if revision is not None and revision not in numbers:
            raise StateError(
                Msg("a later version of chujing made this state"),
                where=redact(engine.url.render_as_string(False)),
                hint=Msg("upgrade: pip install -U chujing; or name another state in CHUJING_STATE"),
            )
        if revision is None and not sa.inspect(c).has_table("run"):
            _make_tables(c, numbers[-1])
            return
        _migrate(c)


def _make_tables(c: sa.Connection, revision: str) -> None:
    """Make the tables of a new state as the migrations would leave them, and write down that they stand."""
    import sqlalchemy as sa

    from scanner.state.tables import METADATA

    METADATA.create_all(c)
    version = sa.Table("alembic_version", sa.MetaData(),
                       sa.Column("version_num", sa.String(32), primary_key=True))
    version.create(c)
    c.execute(sa.insert(version), {"version_num": revision})


def _revision(c: sa.Connection) -> str | None:
    """Return the migration that a state stands at; None where it has no tables."""
    import sqlalchemy as sa

    if not sa.inspect(c).has_table("alembic_version"):
        return None
    revision = c.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def _migrate(c: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = c
    command.upgrade(config, "head")


def _use_whole_transactions(engine: sa.Engine) -> None:
    """Let every statement of SQLite belong to its transaction, those that make tables too.

    Left to itself the driver commits those at once, so that a run killed while it made them would leave a
    state that cannot be opened.
    """
    import sqlalchemy as sa

    @sa.event.listens_for(engine, "connect")
    def let_us_begin(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _explain(error: Exception) -> tuple[Msg, Msg]:
    """Return (what happened, what to do) for an error of the database, in our words only."""
    text = str(getattr(error, "orig", error)).lower()
    if "full" in text or "no space" in text:
        return Msg("the disk is full"), Msg("make room and run again: finished tables are kept")
    if isinstance(error, UnicodeDecodeError) or "not a database" in text or "malformed" in text:
        return (
            Msg("the state is damaged"),
            Msg("bring back a copy of it, or move it aside and scan again: the ledger is only in the copy"),
        )
    if "locked" in text:
        return Msg("the state is locked by another program"), Msg("run again when it is done")
    if "permission denied" in text or "command denied" in text or "readonly" in text:
        return (
            Msg("this account may not write the state"),
            Msg("see README for the rights a scanner and a reader need"),
        )
    return (
        Msg("the state cannot be used ({kind})", kind=type(error).__name__),
        Msg("is it writable, and made by this version or an older one?"),
    )
