"""Progress on stderr, only on a terminal: done of total, rate, time left."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass

from reports.cells import shown
from reports.text_width import fit

CLEAR = "\r\x1b[K"                            # back to the start of the line, and nothing in it
EVERY = 0.1                                   # seconds between two states that are shown


@dataclass(frozen=True, slots=True)
class ProgressState:
    """How far a run is. rate: steps a second. remaining: seconds."""

    done: int
    total: int
    rate: float
    remaining: float


def line(state: ProgressState, what: str, width: int, lang: str = "en") -> str:
    """Return progress in at most `width` columns: done of total, rate, time left, and what is under way.

    A total that was too small is left out, and the time with it.

    >>> line(ProgressState(3, 10, 0.5, 75), "crm/member", 40)
    '3/10  0.5/s  1:15 left  crm/member'
    """
    from reports.messages.words import t

    parts = [str(state.done), f"{state.rate:.1f}/s", shown(what)]
    if state.done <= state.total:
        parts[0] += f"/{state.total}"
        parts.insert(2, t("cli.left", lang, time=_clock(state.remaining)))
    return fit("  ".join(parts), width)


def _clock(seconds: float) -> str:
    """Return seconds as `1:15`, or `1:01:15` from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Progress:
    """A line that is rewritten; silent when quiet or when stderr is no terminal."""

    def __init__(self, quiet: bool = False, lang: str = "en") -> None:
        self._lang = lang
        self._shown = not quiet and sys.stderr.isatty()
        self._start = time.monotonic()
        self._total = 0
        self._done = 0
        self._last = 0.0

    def plan(self, total: int) -> None:
        """Add steps to come; where nobody knows their number, only the rate is shown."""
        self._total += total

    def step(self, what: str) -> None:
        """Note that one more step is under way; `what` is an id or a message, never a value."""
        self._done += 1
        self.note(what)

    def note(self, what: str) -> None:
        """Show what is under way within a step: a message, never a value."""
        now = time.monotonic()
        if not self._shown or (now - self._last < EVERY and self._done < self._total):
            return
        self._last = now
        rate = self._done / max(now - self._start, 1e-6)
        remaining = max(self._total - self._done, 0) / rate if rate else 0
        self._show(ProgressState(self._done, self._total, rate, remaining), what)

    def _show(self, state: ProgressState, what: str) -> None:
        from reports.messages.render import render

        width = shutil.get_terminal_size((80, 24)).columns - 1
        sys.stderr.write(CLEAR + line(state, render(what, self._lang), width, self._lang))
        sys.stderr.flush()

    def tell(self, key: str, **values: object) -> None:
        """Write words that people need whether they see the line or not. key: of the words."""
        from reports.messages.words import t

        sys.stderr.write(shown(t(key, self._lang, **values)) + "\n")

    def done(self) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
