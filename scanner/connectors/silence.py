"""How long a source that does not answer is asked: so many tables, then none of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from detectors.errors import SourceError
from detectors.message import Msg

GIVE_UP = 3                                   # tables in a row without an answer
SILENT = (                                    # what errors of silence say; a refusal is an answer
    Msg("no answer within the time limit"), Msg("host cannot be reached"), Msg("connection lost"),
)


class SilenceLimit:
    """Counts how often a source did not answer, over all threads that ask it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._silent = 0

    @contextmanager
    def attempt(self, where: str) -> Iterator[None]:
        """Ask the source for something; raise SourceError at once where it was silent too often."""
        if self._silent >= GIVE_UP:
            raise SourceError(
                Msg("not asked: {n} tables in a row got no answer", n=GIVE_UP), where=where,
                hint=Msg("see if the server is up, then scan again"),
            )
        try:
            yield
        except SourceError as e:
            self._note(e.what in SILENT)
            raise
        self._note(False)

    def _note(self, is_silent: bool) -> None:
        with self._lock:
            self._silent = self._silent + 1 if is_silent else 0
