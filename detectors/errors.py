"""Errors a user can do something about.

    ChujingError
    ├── ConfigError      chujing.yaml, the command line, an extra that is not installed
    ├── SourceError      a database, file or folder that cannot be read
    ├── RulesError       taxonomy, rule set, purpose or detector data that contradicts itself
    └── StateError       report or state file that cannot be used

Each says what happened, where, and what to do next. An error may bring others of the same file along: a file
that people write is read to its end, and everything at fault in it is named. Values read from a source never
appear in a message.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TypeVar

from detectors.message import Msg, Text
from detectors.surrogates import one_line

AnyError = TypeVar("AnyError", bound="ChujingError")


class ChujingError(Exception):
    """What happened (`e.what`), where (`e.where`), what to do (`e.hint`). str(e): where and what, in English.

    others: further faults found at the same time; str(e) has a line for each.
    """

    def __init__(
        self, what: Text, *, where: Text = "", hint: Text = "", others: Sequence[ChujingError] = ()
    ) -> None:
        what = what.on_one_line() if isinstance(what, Msg) else what
        super().__init__(what)
        self.what = what
        self.where = where.on_one_line() if isinstance(where, Msg) else one_line(where)
        self.hint = hint.on_one_line() if isinstance(hint, Msg) else hint
        self.others = tuple(others)
        for fault in self.faults:             # what to do, for whoever sees the traceback in Python
            if fault.hint:
                self.add_note(str(fault.hint))

    def __str__(self) -> str:
        return "\n".join(str(fault.message) for fault in self.faults)

    @property
    def faults(self) -> tuple[ChujingError, ...]:
        """The error itself and the others, in their order."""
        return (self, *self.others)

    @property
    def message(self) -> Text:
        """Where and what, as one message that another one can hold."""
        return Msg("{where}: {what}", where=self.where, what=self.what) if self.where else self.what

    def line(self) -> Text:
        """The whole story on one line, for people."""
        return Msg("{what}. {hint}", what=self.message, hint=self.hint) if self.hint else self.message


class ConfigError(ChujingError):
    """Configuration, command line or installation is at fault: exit status 2."""


class ExtraError(ConfigError):
    """An optional package is not installed: a source that needs it is skipped, exit status 3."""


class SourceError(ChujingError):
    """A source, table or file cannot be read: it is reported as skipped, exit status 3."""


class RulesError(ChujingError):
    """Taxonomy, rule set, purpose or detector data is at fault: exit status 2."""


class StateError(ChujingError):
    """A report, state or ledger file cannot be used: exit status 2."""


def combined(errors: Sequence[AnyError]) -> AnyError:
    """Return the first of some errors, with all that follows it among its others, each once."""
    _, *others = dict.fromkeys(fault for error in errors for fault in error.faults)
    for fault in others:
        fault.others = ()
    errors[0].others = tuple(others)
    return errors[0]


class Gathering:
    """Errors of several steps, raised together: `with gathering: step()` for each, then `raise_all`."""

    def __init__(self) -> None:
        self.errors: list[ChujingError] = []

    def __enter__(self) -> None:
        """Begin a step."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, ChujingError):
            self.errors.append(error)
            return True
        return False

    def raise_all(self) -> None:
        """Raise the first error with the others among its own; do nothing where there is none."""
        if self.errors:
            raise combined(self.errors) from None


def nearest(word: str, names: Iterable[str]) -> Text:
    """Return `Did you mean "x"?`, or the empty string if nothing is near."""
    match = difflib.get_close_matches(str(word), list(map(str, names)), n=1, cutoff=0.6)
    return Msg('Did you mean "{name}"?', name=match[0]) if match else ""
