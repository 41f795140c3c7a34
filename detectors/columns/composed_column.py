"""A column by what its name and comment speak of, in its table: what compositions look at."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.columns.concepts import Concepts
from detectors.columns.context import ColumnContext
from detectors.columns.subjects import ColumnOwner
from detectors.columns.topics import Topic


@dataclass(frozen=True, slots=True)
class ComposedColumn:
    """A column by what its name and comment speak of. head: of the last noun. topic: of the table.

    owner: whose it is. of_firms: are the rows those of firms, though they are called like persons'?
    """

    context: ColumnContext
    any: Concepts
    head: Concepts
    topic: Topic
    owner: ColumnOwner
    of_firms: bool
