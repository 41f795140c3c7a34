"""The columnar core: fold once, look at distinct values only, cut by literal and pattern, check what is left, subtract chance.

A verdict needs *distinct* values passing more often than chance allows (exact binomial tail), and density is kept, so that sparse
personal data in remarks is neither lost nor made the column's type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.chance import SIGNIFICANT, binomial_tail
from detectors.columns.features import features
from detectors.columns.matching import _by_hand, _by_re2, _by_rows, _by_votes, _candidates, _DistinctValues, _Matches
from detectors.folding import fold
from detectors.message import Msg
from detectors.model import ValueDetector
from detectors.registry import value_detectors

FEW = 5                                       # fewer distinct matches than this: too few to tell
WHOLE = 0.5                                   # a column type needs this share of examined cells


@dataclass(frozen=True, slots=True)
class ValueHit:
    """What one detector saw in one column.

    matched of examined cells; distinct_matched of distinct_examined values; whole: distinct values that are nothing but the match.
    strength: how far the values alone speak for the label, in [0, 1]. note: `too few to tell`, `sparse`, or empty.
    """

    detector: ValueDetector
    matched: int
    examined: int
    distinct_matched: int
    distinct_examined: int
    whole: int
    strength: float
    note: str = ""

    @property
    def prevalence(self) -> float:
        """Share of examined cells that matched, in [0, 1]."""
        return self.matched / self.examined if self.examined else 0.0


failures: dict[str, str] = {}                 # detector -> kind of exception it raised in this process


def value_findings(values: pa.Array, folded: pa.Array | None = None) -> tuple[ValueHit, ...]:
    """Hits of every detector, strongest first. values: cells of one column, any Arrow type; folded: what `fold` made of them, if known."""
    counted = pc.value_counts(pc.drop_null(fold(values) if folded is None else folded))
    texts, counts = counted.field("values"), np.asarray(counted.field("counts"))
    if len(texts) == 0:
        return ()
    beyond_ascii = not pc.all(pc.string_is_ascii(texts)).as_py()
    if beyond_ascii and pc.any(pc.match_substring(texts, "、")).as_py():      # the enumeration comma separates like any other
        texts = pc.replace_substring(texts, "、", ",")
    column = _DistinctValues(texts, counts, features(texts), int(counts.sum()))
    hits = []
    for detector in value_detectors():
        try:
            hit = _look(detector, column)
        except Exception as e:  # a plug-in may raise anything, and its message may hold a value
            failures.setdefault(detector.name, type(e).__name__)
            continue
        if hit is not None:
            hits.append(hit)
    return tuple(sorted(hits, key=lambda h: (-h.strength, h.detector.name)))


def _look(detector: ValueDetector, column: _DistinctValues) -> ValueHit | None:
    """Cheap before costly: bytes, then a literal, then numpy or RE2 over the array, then the exact shape and its check by hand."""
    mask = _candidates(detector, column)
    if not mask.any():
        return None
    tally = _Matches(len(column.texts))
    if detector.rows is not None:
        mask = _by_rows(detector, column, mask, tally)
    left = np.flatnonzero(mask)
    if len(left):
        some = column.texts.take(pa.array(left))
        if detector.votes is not None:
            _by_votes(detector, some, left, tally)
        elif detector.linear:
            _by_re2(detector, some, left, tally)
        else:
            _by_hand(detector, some, left, tally)
    distinct = int(tally.matched.sum())
    if not distinct:
        return None
    matched = int(column.counts[tally.matched].sum())
    shaped = int(tally.shaped.sum())
    return _verdict(
        detector, matched, column.examined, distinct, len(column.texts), int(tally.whole.sum()), shaped if detector.chance else distinct
    )


def _verdict(
    detector: ValueDetector, matched: int, examined: int, distinct: int, distinct_examined: int, whole: int, shaped: int,
) -> ValueHit | None:
    by_chance = bool(detector.chance) and binomial_tail(distinct, shaped, detector.chance) > SIGNIFICANT
    if by_chance and (distinct >= FEW or distinct < shaped):
        return None
    share = matched / examined
    passed = distinct / shaped if detector.chance else 1.0       # of what looked like it, how much checked out
    if detector.chance and passed < 0.5 and share < WHOLE:
        return None
    strength = detector.base * min(1.0, share / 0.8) * (passed if detector.chance else 1.0)
    note = ""
    if share < WHOLE or whole < distinct * 0.5:
        note = "sparse"
        strength = min(strength, 0.45)
    closed = detector.label in ("gender", "ethnicity")
    if distinct < FEW and not closed:
        note = note or Msg("too few to tell")
        strength *= 0.55 if distinct < 3 else 0.75
    return ValueHit(detector, matched, examined, distinct, distinct_examined, whole, round(strength, 4), note)


