"""Names and addresses inside remarks: how many cells hold one, beyond what the model would see in text without any."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from detectors.chance import SIGNIFICANT, binomial_tail
from detectors.language.models import text_model

VALUES = 400                                  # distinct values that are read, drawn with a fixed seed
SENTENCE = "[，。；！？：,;!?: 的了请已是在不给]"   # running text has punctuation or particles; names of places and goods rarely do
SHORTEST = 8                                  # characters of a remark
LONGEST = 2_000                               # characters of one remark that are read
FALSE_PERSONS = 15 / 10_000                   # per character, in text without any: the bound of the shipped model, measured
ADDRESS = 8                                   # characters of a full address
REST = 4                                      # characters a remark has beside the name: a column of names is no running text


@dataclass(frozen=True, slots=True)
class TextHit:
    """persons, addresses: distinct values of `examined` that hold one. model: which one read them."""

    persons: int
    addresses: int
    examined: int
    model: str


def read(folded: pa.Array) -> TextHit | None:
    """What names and addresses a column of remarks holds; None when it is no Chinese running text or nothing
    is beyond chance.

    folded: cells as `fold` leaves them.
    """
    texts = pc.unique(pc.drop_null(folded))
    texts = texts.filter(pc.and_(pc.greater_equal(pc.utf8_length(texts), SHORTEST), pc.match_substring_regex(texts, "[\u4e00-\u9fff]{2}")))
    if len(texts) == 0:
        return None
    if pc.mean(pc.match_substring_regex(texts, SENTENCE).cast(pa.int8())).as_py() < 0.3:
        return None
    remarks = texts.to_pylist()
    if len(remarks) > VALUES:
        remarks = random.Random(0).sample(remarks, VALUES)
    remarks = [r[:LONGEST] for r in remarks]
    model = text_model("zh")
    assert model is not None
    found = model(remarks)
    found = [[s for s in spans if s.end - s.start <= len(text) - REST] for text, spans in zip(remarks, found, strict=True)]
    persons = sum(any(s.kind == "PERSON" and s.end - s.start >= 2 for s in spans) for spans in found)
    addresses = sum(any(s.kind == "ADDRESS" and s.end - s.start >= ADDRESS for s in spans) for spans in found)
    chance = min(1.0, FALSE_PERSONS * sum(map(len, remarks)) / len(remarks))
    if persons < 3 or binomial_tail(persons, len(remarks), chance) > SIGNIFICANT:
        persons = 0
    if addresses < 3:
        addresses = 0
    return TextHit(persons, addresses, len(remarks), model.name) if persons or addresses else None
