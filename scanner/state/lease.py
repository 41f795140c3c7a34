"""A lease in the state: one process does a thing at a time, on whichever machine; one that died is forgotten after five minutes."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from detectors.errors import StateError
from detectors.message import Msg

if TYPE_CHECKING:
    import sqlalchemy as sa

LEASE = 300                                   # seconds a lease holds without a sign of life
BEAT = 60                                     # seconds between signs of life


class Lease:
    """The right to do `name` (at most 32 characters) in a state. doing, lost: what is said of another holder, and where it was lost."""

    def __init__(self, engine: sa.Engine, name: str, doing: str, lost: str = "") -> None:
        self._engine, self._name, self._doing, self._lost = engine, name, doing, lost
        self._me = secrets.token_hex(8)

    def alive(self, c: sa.Connection) -> None:
        """A sign of life; StateError when another process has taken over meanwhile."""
        import sqlalchemy as sa

        held = c.execute(sa.text("UPDATE lease SET until = :until WHERE name = :name AND holder = :me"),
                         {"until": time.time() + LEASE, "name": self._name, "me": self._me}).rowcount
        if held != 1:
            raise StateError(self._lost, hint=Msg("this one stops; what it finished is kept"))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it; StateError while another, living process does."""
        import sqlalchemy as sa
        from sqlalchemy.exc import SQLAlchemyError

        with self._engine.begin() as c:
            row = c.execute(sa.text("SELECT host, pid, since, until FROM lease WHERE name = :name"), {"name": self._name}).one_or_none()
            if row is not None and _living(row.host, row.pid, row.until):
                raise StateError(
                    Msg(
                        "{said}: process {id} on {host}, since {day}",
                        said=self._doing, id=row.pid, host=row.host, day=row.since,
                    ),
                    hint=Msg("wait for it, or stop it; a run that died is forgotten after five minutes"),
                )
            c.execute(sa.text("DELETE FROM lease WHERE name = :name"), {"name": self._name})
            c.execute(
                sa.text("INSERT INTO lease (name, holder, host, pid, since, until) VALUES (:name, :me, :host, :pid, :since, :until)"),
                {"name": self._name, "me": self._me, "host": socket.gethostname(), "pid": os.getpid(), "until": time.time() + LEASE,
                 "since": datetime.now(UTC).isoformat(timespec="seconds")},
            )
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(over,), daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join(5)
            with suppress(SQLAlchemyError), self._engine.begin() as c:     # on a full disk, say: a lease ends by itself
                c.execute(sa.text("DELETE FROM lease WHERE name = :name AND holder = :me"), {"name": self._name, "me": self._me})

    def _beat(self, over: threading.Event) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        while not over.wait(BEAT):
            with suppress(SQLAlchemyError, StateError), self._engine.begin() as c:      # the next record tells when the lease is lost
                self.alive(c)


def _living(host: str, pid: int, until: float) -> bool:
    """Does the holder of a lease live? On this machine its process tells; elsewhere the lease's time, unless a clock was set back."""
    left = until - time.time()
    if not 0 < left <= 2 * LEASE:
        return False
    if host != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
