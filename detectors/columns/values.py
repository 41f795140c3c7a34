"""What the values of a column say: hits of every detector, counted over distinct values, with chance
subtracted.

A verdict needs *distinct* values passing more often than chance allows (exact binomial tail). Density is kept
apart, so that sparse personal data in remarks is neither lost nor made the column's type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.chance import is_accident
from detectors.columns.features import features
from detectors.columns.matching import DistinctValues, Matches, find_matches
from detectors.folding import fold, has_byte
from detectors.message import Msg, Text
from detectors.model import ValueDetector
from detectors.registry import value_detectors

SPARSE = Msg("sparse")
FEW = 5                                       # fewer distinct matches than this: too few to tell
WHOLE = 0.5                                   # a column type needs this share of examined cells
DENSE = 0.8                                   # from this share of examined cells on, a hit is not weakened
COMMA = "、"                                  # the enumeration comma
CLOSED_SETS = ("gender", "ethnicity")         # labels with few values by nature
_DISPLAY_NAMES = r"^(?:[^<>@;,]{0,60}<(?:mailto:)?[^<>@\s]+@[^<>@\s]+>[;,\s]*)+$"


@dataclass(frozen=True, slots=True)
class ValueHit:
    """What one detector matched in one column.

    matched of examined cells; distinct_matched of distinct_examined values; whole: distinct values that are
    nothing but the match. strength: how far the values alone speak for the label, in [0, 1]. note: `too few
    to tell`, `sparse`, or empty.
    """

    detector: ValueDetector
    matched: int
    examined: int
    distinct_matched: int
    distinct_examined: int
    whole: int
    strength: float
    note: Text = ""

    @property
    def prevalence(self) -> float:
        """Share of examined cells that matched, in [0, 1]."""
        return self.matched / self.examined if self.examined else 0.0

    @property
    def sparse(self) -> bool:
        """Do the matches stand among, or inside, other text?"""
        return self.note == SPARSE


failures: dict[str, str] = {}                 # detector -> kind of exception it raised in this process


def value_findings(values: pa.Array, folded: pa.Array | None = None) -> tuple[ValueHit, ...]:
    """Return the hits of every detector, strongest first.

    values: cells of one column, any Arrow type. folded: the same after `fold`, if the caller has it.
    """
    column = distinct_values(fold(values) if folded is None else folded)
    if column is None:
        return ()
    hits = []
    for detector in value_detectors():
        try:
            matches = find_matches(detector, column)
            hit = None if matches is None else _judge(detector, column, matches)
        except Exception as e:  # a plug-in may raise anything, and its message may hold a value
            failures.setdefault(detector.name, type(e).__name__)
            continue
        if hit is not None:
            hits.append(hit)
    return tuple(sorted(hits, key=lambda h: (-h.strength, h.detector.name)))


def distinct_values(folded: pa.Array) -> DistinctValues | None:
    """The distinct values of folded cells; None if all are null."""
    frequencies = pc.value_counts(pc.drop_null(folded))
    texts, counts = frequencies.field("values"), np.asarray(frequencies.field("counts"))
    if len(texts) == 0:
        return None
    beyond_ascii = not pc.all(pc.string_is_ascii(texts)).as_py()
    if beyond_ascii and has_byte(texts, COMMA.encode()[0]):
        texts = pc.replace_substring(texts, COMMA, ",")
    return DistinctValues(texts, counts, features(texts), int(counts.sum()))


def _judge(detector: ValueDetector, column: DistinctValues, matches: Matches) -> ValueHit | None:
    """What the matches amount to; None if there are none, or no more than chance allows."""
    distinct = int(matches.matched.sum())
    if not distinct:
        return None
    matched = int(column.counts[matches.matched].sum())
    whole = int((matches.whole | with_display_names(detector, column, matches)).sum())
    shaped = int(matches.shaped.sum()) if detector.chance else distinct
    values = DistinctCounts(shaped, distinct, whole, len(column.texts))
    return hit_of(detector, matched, column.examined, values)


@dataclass(frozen=True, slots=True)
class DistinctCounts:
    """Distinct values: of a detector's shape, that pass its check, that are nothing else, and in all."""

    shaped: int
    passing: int
    whole: int
    examined: int


def hit_of(detector: ValueDetector, matched: int, examined: int, values: DistinctCounts) -> ValueHit | None:
    """What `matched` of `examined` cells amount to; None if no more than chance allows."""
    distinct, whole = values.passing, values.whole
    share = matched / examined
    passing = 1.0                             # share of the values of the shape that pass its check
    if detector.chance:
        passing = distinct / values.shaped
        if _is_chance(detector, distinct, values.shaped) or passing < 0.5 and share < WHOLE:
            return None
    strength = detector.base * min(1.0, share / DENSE) * passing
    note: Text = ""
    if share < WHOLE or whole < distinct * 0.5:
        note = SPARSE
        strength = min(strength, 0.45)
    if distinct < FEW and detector.label not in CLOSED_SETS:
        note = note or Msg("too few to tell")
        strength *= 0.55 if distinct < 3 else 0.75
    return ValueHit(
        detector, matched, examined, distinct, values.examined, whole, round(strength, 4), note,
    )


def with_display_names(
    detector: ValueDetector, column: DistinctValues, matches: Matches
) -> np.ndarray:
    """Which matches are addresses of mail behind a name, as programs write senders: a bool a value."""
    named = matches.matched & ~matches.whole
    if detector.label == "email" and column.features.has("<") and named.any():
        some = np.flatnonzero(named)
        form = pc.match_substring_regex(column.texts.take(pa.array(some)), _DISPLAY_NAMES)
        named[some] = np.asarray(pc.fill_null(form, False).to_numpy(zero_copy_only=False))
        return named
    return np.zeros(len(named), bool)


def _is_chance(detector: ValueDetector, distinct: int, shaped: int) -> bool:
    """Would random values of the shape pass as often? Never said of a few values that all pass."""
    if distinct < FEW and distinct == shaped:
        return False
    return is_accident(distinct, shaped, detector.chance)
