"""A lease in the state: one process does a thing at a time, on whichever machine it runs.

The lease of a process that died ends after five minutes, on the same machine at once.
"""

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

LEASE_SECONDS = 300                           # seconds a lease lasts after it was renewed
RENEWAL_SECONDS = 60                          # seconds after which its holder renews it


class Lease:
    """The right of one process to do a thing in a state.

    name: of the thing, at most 32 characters. doing: the message while another process does it. lost: the
    message when another process has taken it over.
    """

    def __init__(self, engine: sa.Engine, name: str, doing: str, lost: str = "") -> None:
        self._engine, self._name, self._doing, self._lost = engine, name, doing, lost
        self._holder = secrets.token_hex(8)

    def renew(self, c: sa.Connection) -> None:
        """Extend the lease; raise StateError when another process has taken it over meanwhile."""
        import sqlalchemy as sa

        from scanner.state.tables import LEASE

        own = (LEASE.c.name == self._name) & (LEASE.c.holder == self._holder)
        renewed = c.execute(sa.update(LEASE).where(own).values(until=time.time() + LEASE_SECONDS)).rowcount
        if renewed != 1:
            raise StateError(self._lost, hint=Msg("this one stops; what it finished is kept"))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lease, renewed in the background; raise StateError while a living process holds it."""
        self._acquire()
        stop = threading.Event()
        renewing = threading.Thread(target=self._keep_renewing, args=(stop,), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            stop.set()
            renewing.join(5)
            self._release()

    def _acquire(self) -> None:
        import sqlalchemy as sa

        from scanner.state.tables import LEASE

        holder = sa.select(LEASE.c.host, LEASE.c.pid, LEASE.c.since, LEASE.c.until)
        with self._engine.begin() as c:
            row = c.execute(holder.where(LEASE.c.name == self._name)).one_or_none()
            if row is not None and _is_alive(row.host, row.pid, row.until):
                raise StateError(
                    Msg(
                        "{said}: process {id} on {host}, since {day}",
                        said=self._doing, id=row.pid, host=row.host, day=row.since,
                    ),
                    hint=Msg("wait for it, or stop it; a run that died is forgotten after five minutes"),
                )
            c.execute(sa.delete(LEASE).where(LEASE.c.name == self._name))
            c.execute(
                sa.insert(LEASE),
                {
                    "name": self._name,
                    "holder": self._holder,
                    "host": socket.gethostname(),
                    "pid": os.getpid(),
                    "since": datetime.now(UTC).isoformat(timespec="seconds"),
                    "until": time.time() + LEASE_SECONDS,
                },
            )

    def _release(self) -> None:
        """Give the lease back; where that fails, on a full disk say, it ends by itself."""
        import sqlalchemy as sa
        from sqlalchemy.exc import SQLAlchemyError

        from scanner.state.tables import LEASE

        own = (LEASE.c.name == self._name) & (LEASE.c.holder == self._holder)
        with suppress(SQLAlchemyError), self._engine.begin() as c:
            c.execute(sa.delete(LEASE).where(own))

    def _keep_renewing(self, stop: threading.Event) -> None:
        """Renew the lease until `stop`; that it was lost shows when the next thing is recorded."""
        from sqlalchemy.exc import SQLAlchemyError

        while not stop.wait(RENEWAL_SECONDS):
            with suppress(SQLAlchemyError, StateError), self._engine.begin() as c:
                self.renew(c)


def _is_alive(host: str, pid: int, until: float) -> bool:
    """Return whether the holder of a lease lives.

    On this machine its process shows that, elsewhere the end of the lease, unless a clock was set back.
    """
    remaining = until - time.time()
    if not 0 < remaining <= 2 * LEASE_SECONDS:
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
