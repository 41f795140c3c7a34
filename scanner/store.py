"""State of scans: SQLite in `.chujing/` beside the configuration by default, any SQLAlchemy URL in CHUJING_STATE.

Holds finished reports (counts and names, never values) and the fingerprint of the hash key, never the key.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import StateError
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
def connection(base: Path, *, create: bool) -> Iterator[sa.Connection]:
    """A transaction on the state, brought up to date first."""
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import SQLAlchemyError

    url = os.environ.get("CHUJING_STATE", "")
    if not url:
        file = _file(base)
        if not create and not exists(base):
            raise StateError("no scan is remembered here", where=str(base), hint="chujing scan -c chujing.yaml first")
        file.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{file}"
    engine = sa.create_engine(url)
    try:
        with engine.begin() as opened:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = opened
            command.upgrade(config, "head")
            yield opened
    except SQLAlchemyError as e:
        raise StateError(f"the state cannot be used ({type(e).__name__})", where=engine.url.render_as_string(True),
                         hint="is it writable, and made by this version or an older one?") from None
    finally:
        engine.dispose()


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
        raise StateError("no scan is remembered here", where=str(base), hint="chujing scan -c chujing.yaml first")
    return from_json(json.loads(gzip.decompress(body)))


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
            raise StateError("the hash key is not the one used before", where=f"state of {base}",
                             hint="restore the key file or CHUJING_KEY; persons counted under two keys cannot be merged")
