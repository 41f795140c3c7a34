"""Errors a user can do something about.

    ChujingError
    ├── ConfigError      chujing.yaml, the command line, an extra that is not installed
    ├── SourceError      a database, file or folder that cannot be read
    ├── RulesError       taxonomy, rule set, purpose or detector data that contradicts itself
    └── StateError       report or state file that cannot be used

Each says what happened, where, and what to do next. Values read from a source never appear in a message.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ChujingError(Exception):
    """What happened (`str(e)`), where (`e.where`), what to do (`e.hint`)."""

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what

    def line(self) -> str:
        """The whole story on one line, for people."""
        return f"{self}. {self.hint}" if self.hint else str(self)


class ConfigError(ChujingError):
    """Configuration, command line or installation is at fault: exit status 2."""


class SourceError(ChujingError):
    """A source, table or file cannot be read: it is reported as skipped, exit status 3."""


class RulesError(ChujingError):
    """Taxonomy, rule set, purpose or detector data is at fault: exit status 2."""


class StateError(ChujingError):
    """A report, state or ledger file cannot be used: exit status 2."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`Did you mean "x"?`, or the empty string when nothing is near."""
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'Did you mean "{match[0]}"?' if match else ""
