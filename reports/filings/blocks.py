"""What a paper says, before it becomes a document: lines in styles, tables, marked places to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

TO_FILL_IN = "【待填写】"                          # a place that people fill in
# part, section, item: heads of three levels. draft: text that people are expected to word otherwise.
# note: small, below a table. title, subtitle: of a document without a cover. right: set to the right.
# sign: a line to sign or to date.
Style = Literal[
    "title", "subtitle", "part", "section", "item", "text", "draft", "note", "caption", "right", "sign"
]
HEADS: tuple[Style, ...] = ("part", "section", "item")
FREE: tuple[Style, ...] = ("draft", "sign")   # what people may word otherwise


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paragraph. From a place to write on it is for people; what stands before is the paper's own."""

    text: str
    style: Style = "text"


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table. widths: millimetres. free: indexes of columns whose cells people may word otherwise."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    free: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


PaperBlock = PaperLine | PaperTable | PageBreak


@dataclass(frozen=True, slots=True)
class Cover:
    """A first page: the title, who files, a date; then the notes of the form on a page of their own."""

    title: str
    subtitle: str
    party: str                                # the line that names who files
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperText:
    """A paper. terms: what has to stand in it however people word it, such as the recipient's name."""

    title: str
    blocks: tuple[PaperBlock, ...]
    cover: Cover | None = None
    terms: tuple[str, ...] = ()

    @property
    def lines(self) -> Sequence[PaperLine]:
        """Every line of the body, tables aside."""
        return [block for block in self.blocks if isinstance(block, PaperLine)]

    @property
    def grids(self) -> Sequence[PaperTable]:
        """Every table."""
        return [block for block in self.blocks if isinstance(block, PaperTable)]


def to_write(what: str, style: Style = "text") -> PaperLine:
    """Return a line for people to write, with what is to be written; a draft's may be taken out."""
    return PaperLine(TO_FILL_IN + what, style)
