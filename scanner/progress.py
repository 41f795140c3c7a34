"""Progress on stderr, only on a terminal: done of total, rate, time left."""

from __future__ import annotations

import sys
import time


class Progress:
    """A line that is rewritten; silent when quiet or when stderr is no terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._start = time.monotonic()
        self._total = 0
        self._done = 0
        self._last = 0.0

    def plan(self, total: int) -> None:
        """Number of steps to come; where nobody knows it, only the rate is shown."""
        self._total += total

    def step(self, what: str) -> None:
        """One more step is under way; `what` is an id, never a value."""
        self._done += 1
        now = time.monotonic()
        if not self._shown or (now - self._last < 0.1 and self._done < self._total):
            return
        self._last = now
        rate = self._done / max(now - self._start, 1e-6)
        left = max(self._total - self._done, 0) / rate if rate else 0
        of = f"/{self._total}  {rate:.1f}/s  {left:.0f} s left" if self._done <= self._total else f"  {rate:.1f}/s"
        sys.stderr.write(f"\r\x1b[K{self._done}{of}  {what[:50]}")
        sys.stderr.flush()

    def done(self) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
