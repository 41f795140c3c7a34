"""A review: one decision of a person about findings, as it is recorded.

A review is about one column, equal columns as a group, a table, or a pattern of column ids.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from detectors.message import Msg
from detectors.model import ColumnId

Verdict = Literal["accept", "reject", "relabel", "justify"]
ReviewScope = Literal["column", "group", "table", "pattern"]
VERDICTS: dict[Verdict, Msg] = {
    "accept": Msg("accept"), "reject": Msg("reject"), "relabel": Msg("relabel"), "justify": Msg("justify"),
}
SPECIFICITY: dict[str, int] = {
    "column": 3,
    "group": 2,
    "table": 1,
    "pattern": 0,
}  # by scope: which counts first


@dataclass(frozen=True, slots=True)
class ReviewBasis:
    """What a column showed when it was reviewed."""

    label: str                                # empty: nothing was detected
    shape: str                                # of its name, type and comment: see basis.shape_of
    confidence: float
    support: float | None                     # share of examined cells that agreed; None: none examined
    mark: str = ""                            # of the rows; empty where the source gives none

    def __str__(self) -> str:
        support = "-" if self.support is None else f"{self.support:.2f}"
        return f"{self.label or '-'} {self.shape} {self.confidence:.2f} {support} {self.mark}".strip()


def parse_basis(text: str) -> ReviewBasis:
    """Return the basis that `str` wrote; raise ValueError for anything else.

    >>> str(parse_basis("email 0a1b2c3d 0.97 0.94"))
    'email 0a1b2c3d 0.97 0.94'
    """
    label, shape, confidence, support, *mark = text.split(" ")
    if not re.fullmatch("[0-9a-f]{8}", shape) or len(mark) > 1:
        raise ValueError("not what a review is made of")
    return ReviewBasis(
        "" if label == "-" else label,
        shape,
        float(confidence),
        None if support == "-" else float(support),
        "".join(mark),
    )


@dataclass(frozen=True, slots=True)
class Review:
    """One decision as it is recorded. Exactly one of columns, table, pattern and undo is filled."""

    by: str
    on: date
    verdict: Verdict = "accept"
    columns: tuple[ColumnId, ...] = ()        # several: equal columns, decided together
    table: str = ""
    pattern: str = ""                         # of column ids; * stands for any characters
    label: str = ""                           # what was detected; if wide: only findings of this label
    to: str = ""                              # the right label of a relabelling
    why: str = ""
    until: date | None = None                 # last day it holds
    basis: str = ""                           # of columns: what they showed, as str(ReviewBasis)
    check: tuple[ColumnId, ...] = ()          # members drawn for a second look
    undo: str = ""                            # id of an earlier review that no longer counts
    covered: tuple[tuple[ColumnId, str], ...] = ()      # if wide: columns it decides, with the basis of each
    again: str = ""                           # id of the undoing after which the same was decided once more

    @property
    def scope(self) -> ReviewScope:
        if self.table:
            return "table"
        if self.pattern:
            return "pattern"
        return "column" if len(self.columns) == 1 else "group"

    @property
    def is_wide(self) -> bool:
        """Return whether it is about a table or a pattern."""
        return bool(self.table or self.pattern)

    @property
    def id(self) -> str:
        """Return `r-` and ten hexadecimal digits: the same decision has the same id in every file."""
        decision = (self.verdict, self.label, self.to, self.why, self.until, self.basis, self.undo)
        covered = (text for pair in self.covered for text in pair)
        later = (self.again,) if self.again else ()
        parts = (
            self.by, self.on, *decision, *self.columns, self.table, self.pattern, *covered, *later
        )
        text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
        return "r-" + hashlib.sha256(text).hexdigest()[:10]
