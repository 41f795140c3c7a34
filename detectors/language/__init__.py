"""Names, places and organisations in free text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from detectors.renamed import old_names

SpanKind = Literal["PERSON", "ADDRESS", "LOCATION", "ORG"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text and what they name."""

    start: int
    end: int
    kind: SpanKind


class TextModel(Protocol):
    """Finds spans in many texts at once; the result has one list per text, in order of position."""

    name: str

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]: ...


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
