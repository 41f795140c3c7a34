"""Samples drawn ahead of their use: threads hold one connection each, and what waits is bounded in bytes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.errors import SourceError
from detectors.ids import source_of
from detectors.message import Note
from detectors.model import TableId
from reports import unread
from scanner.config.pace import Pace
from scanner.gather.pacing import SourceClosed

if TYPE_CHECKING:
    from scanner.connectors.protocol import Sample

AHEAD_BYTES = 64 << 20                        # of samples that wait, over all sources
JOIN_SECONDS = 10                             # seconds for a thread to end its statement after the scan


@dataclass(frozen=True, slots=True)
class Postponed:
    """A table that is left to a later run, and why."""

    why: Note


class Prefetcher:
    """Draws samples of some tables in their order, as many at a time from a source as its pace allows.

    deadline: the moment, by the monotonic clock, after which only tables in `always` are read.
    """

    def __init__(
        self, draw: Callable[[TableId], Sample], paces: Mapping[str, Pace], tables: Iterable[TableId],
        deadline: float | None = None, always: Collection[TableId] = frozenset(),
    ) -> None:
        self._draw = draw
        self._deadline = deadline
        self._always = always
        self._queues: dict[str, deque[TableId]] = {}
        for tid in tables:
            self._queues.setdefault(source_of(tid), deque()).append(tid)
        self._done: dict[TableId, Sample | SourceError | Postponed | BaseException] = {}
        self._begun: set[TableId] = set()
        self._waiting = dict.fromkeys(paces, 0)              # bytes drawn and not used yet, by source
        self._limit = AHEAD_BYTES // max(1, len(paces))
        self._awaited: TableId | None = None
        self._over = False
        self._change = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, args=(source,), daemon=True)
            for source, pace in paces.items() for _ in range(pace.connections)
        ]

    def __enter__(self) -> Prefetcher:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._over = True
            self._change.notify_all()
        end = time.monotonic() + JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def take(self, tid: TableId) -> Sample | SourceError | Postponed:
        """Wait for the sample of a table and return it, or why there is none.

        A table not given before is drawn next.
        """
        with self._change:
            if tid not in self._begun:
                queue = self._queues.setdefault(source_of(tid), deque())
                if tid in queue:
                    queue.remove(tid)
                queue.appendleft(tid)
            self._awaited = tid
            self._change.notify_all()
            while tid not in self._done:
                self._change.wait()
            self._awaited = None
            outcome = self._done.pop(tid)
            self._begun.discard(tid)
            self._waiting[source_of(tid)] -= _outcome_bytes(outcome)
            self._change.notify_all()
        if isinstance(outcome, BaseException) and not isinstance(outcome, SourceError):
            raise outcome
        return outcome

    def _work(self, source: str) -> None:
        while (tid := self._next(source)) is not None:
            outcome = self._draw_outcome(tid)
            with self._change:
                self._done[tid] = outcome
                self._waiting[source] += _outcome_bytes(outcome)
                self._change.notify_all()

    def _next(self, source: str) -> TableId | None:
        """Return the table to draw next, once there is room for it; None when the scan is over."""
        with self._change:
            while not self._over:
                queue = self._queues.get(source)
                if queue and (self._waiting[source] < self._limit or queue[0] == self._awaited):
                    tid = queue.popleft()
                    self._begun.add(tid)
                    return tid
                self._change.wait()
        return None

    def _draw_outcome(self, tid: TableId) -> Sample | SourceError | Postponed | BaseException:
        if self._deadline is not None and time.monotonic() > self._deadline and tid not in self._always:
            return Postponed(unread.BUDGET)
        try:
            return self._draw(tid)
        except SourceClosed as e:
            return Postponed(unread.blackout(f"{e.until:%Y-%m-%d %H:%M %Z}"))
        except SourceError as e:
            return e
        except BaseException as e:  # raised again in `take`, for the one who waits
            return e


def _outcome_bytes(outcome: object) -> int:
    return sum(batch.nbytes for batch in getattr(outcome, "batches", ()))
