"""Progress on stderr, only on a terminal: done of total, rate, time left."""

from __future__ import annotations

import shutil
import sys
import time

from reports.cells import fit, shown


def line(done: int, total: int, rate: float, left: float, what: str, width: int, lang: str = "en") -> str:
    """Progress in at most so many columns: done of total, steps a second, time left, and what is under way; a total that was too small
    is left out, and the time with it.

    >>> line(3, 10, 0.5, 75, "crm/member", 40)
    '3/10  0.5/s  1:15 left  crm/member'
    """
    from reports.messages.words import t

    minutes, seconds = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    time_left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    left_ = t("cli.left", lang, time=time_left)
    of = f"/{total}  {rate:.1f}/s  {left_}" if done <= total else f"  {rate:.1f}/s"
    return fit(f"{done}{of}  {shown(what)}", width)


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
        from reports.messages.refusals.lines import refused

        width = shutil.get_terminal_size((80, 24)).columns - 1
        sys.stderr.write("\r\x1b[K" + line(self._done, self._total, rate, left, refused(what, self._lang), width, self._lang))
        sys.stderr.flush()

    def tell(self, key: str, **values: object) -> None:
        """Words that people need whether they see the line or not."""
        from reports.messages.words import t

        sys.stderr.write(shown(t(key, self._lang, **values)) + "\n")

    def done(self) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
