"""Names and addresses inside remarks: how many cells hold one, beyond what chance would show."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from detectors.chance import is_accident
from detectors.language import Span, SpanKind
from detectors.language.models import text_model

VALUES = 400                                  # distinct values that are read, drawn with a fixed seed
SENTENCE = "[，。；！？：,;!?: 的了请已是在不给]"   # punctuation or particles: rare in names of things
SENTENCES = 0.3                               # share of a column's texts with one that makes it running text
SHORTEST = 8                                  # characters of a remark
LONGEST = 2_000                               # characters of one remark that are read
FALSE_PERSONS = 15 / 10_000                   # a character, in text without any: the shipped model's
ADDRESS = 8                                   # characters of a full address
REST = 4                                      # characters a remark has beside a name
FEW = 3                                       # fewer remarks with a name, or an address, say nothing


@dataclass(frozen=True, slots=True)
class TextHit:
    """persons, addresses: distinct values of `examined` that hold one. model: which one read them."""

    persons: int
    addresses: int
    examined: int
    model: str


def read(folded: pa.Array) -> TextHit | None:
    """Return what names and addresses a column of remarks holds, cells as `fold` leaves them.

    None when it is no Chinese running text, or holds no more than chance.
    """
    remarks = _remarks(folded)
    model = text_model("zh") if remarks else None
    if model is None:
        return None
    spans = [
        [span for span in of_remark if span.end - span.start <= len(remark) - REST]
        for remark, of_remark in zip(remarks, model(remarks), strict=True)
    ]
    persons = _holding(spans, "PERSON", 2)
    addresses = _holding(spans, "ADDRESS", ADDRESS)
    chance = min(1.0, FALSE_PERSONS * sum(map(len, remarks)) / len(remarks))
    if persons < FEW or is_accident(persons, len(remarks), chance):
        persons = 0
    if addresses < FEW:
        addresses = 0
    return TextHit(persons, addresses, len(remarks), model.name) if persons or addresses else None


def _remarks(folded: pa.Array) -> list[str]:
    """A sample of the distinct remarks of a column; none when it is no running text."""
    texts = pc.unique(pc.drop_null(folded))
    chinese = pc.match_substring_regex(texts, "[\u4e00-\u9fff]{2}")
    texts = texts.filter(pc.and_(pc.greater_equal(pc.utf8_length(texts), SHORTEST), chinese))
    if len(texts) == 0:
        return []
    if pc.mean(pc.match_substring_regex(texts, SENTENCE).cast(pa.int8())).as_py() < SENTENCES:
        return []
    remarks = texts.to_pylist()
    if len(remarks) > VALUES:
        remarks = random.Random(0).sample(remarks, VALUES)
    return [remark[:LONGEST] for remark in remarks]


def _holding(spans: Sequence[Sequence[Span]], kind: SpanKind, shortest_span: int) -> int:
    """How many texts have a span of a kind with at least so many characters."""
    return sum(any(s.kind == kind and s.end - s.start >= shortest_span for s in of_text) for of_text in spans)
