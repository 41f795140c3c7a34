"""A cell or line that a person has to mend."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.message import Text


@dataclass(frozen=True, slots=True)
class CellFault:
    """Where something is wrong, what, and the remedy."""

    cell: str                                 # sheet!D5, or file:line
    what: Text
    remedy: Text

    def line(self) -> str:
        """Return the fault on one line, in English."""
        return f"{self.cell}: {self.what}. {self.remedy}"
