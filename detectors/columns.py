"""The columnar core: fold once, look at distinct values only, cut by literal and pattern, check what is left, subtract chance.

A verdict needs *distinct* values passing more often than chance allows (exact binomial tail), and density is kept, so that sparse
personal data in remarks is neither lost nor made the column's type.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import fold
from detectors.model import ValueDetector
from detectors.registry import value_detectors

FEW = 5                                       # fewer distinct matches than this: too few to tell
SIGNIFICANT = 1e-3
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


def value_findings(values: pa.Array) -> tuple[ValueHit, ...]:
    """Hits of every detector, strongest first. values: cells of one column, any Arrow type."""
    folded = fold(values)
    counted = pc.value_counts(pc.drop_null(folded))
    texts, counts = counted.field("values"), counted.field("counts")
    if len(texts) == 0:
        return ()
    examined = int(pc.sum(counts).as_py())
    lengths = pc.utf8_length(texts)
    live = _candidates(texts)
    hits = []
    for detector in value_detectors():
        hit = _look(detector, texts, counts, lengths, live, examined)
        if hit is not None:
            hits.append(hit)
    return tuple(sorted(hits, key=lambda h: (-h.strength, h.detector.name)))


@cache
def _re2(detector: ValueDetector) -> str:
    """The shape without look-arounds, for RE2: a superset of what the shape matches."""
    pattern = detector.shape.pattern
    pattern = re.sub(r"\(\?<?[!=](?:\[(?:\\.|[^\]])*\]|[^()\[\]])*\)", "", pattern)
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m.group(1), 16)), pattern)


@cache
def _anything() -> str:
    """One alternation of all patterns that need no literal gate and are not anchored."""
    return "|".join(f"(?:{_re2(d)})" for d in value_detectors() if not d.gate and not d.shape.pattern.startswith("^"))


def _candidates(texts: pa.Array) -> pa.Array:
    """Distinct values in which at least one unanchored, ungated pattern occurs: one pass instead of one per detector."""
    return pc.match_substring_regex(texts, _anything())


def _look(
    detector: ValueDetector, texts: pa.Array, counts: pa.Array, lengths: pa.Array, live: pa.Array, examined: int,
) -> ValueHit | None:
    anchored = detector.shape.pattern.startswith("^")
    if detector.gate:
        mask = pc.match_substring(texts, detector.gate)
    elif anchored:
        mask = pc.less_equal(lengths, detector.max_length)
    else:
        mask = live
    mask = pc.and_(mask, pc.greater_equal(lengths, detector.min_length))
    if not pc.any(mask).as_py():
        return None
    some, some_counts = texts.filter(mask), counts.filter(mask)
    hit = pc.match_substring_regex(some, _re2(detector))
    some, some_counts = some.filter(hit).to_pylist(), some_counts.filter(hit).to_pylist()
    matched = distinct = whole = 0
    for text, count in zip(some, some_counts, strict=True):
        first = next(detector.find(text), None)
        if first is not None:
            matched += count
            distinct += 1
            whole += first.start == 0 and first.end >= len(text)
    if not distinct:
        return None
    return _verdict(detector, matched, examined, distinct, len(texts), whole, _shaped(detector, some))


def _shaped(detector: ValueDetector, texts: list[str]) -> int:
    """Distinct values of the shape before the check: the trials of the binomial test."""
    return sum(1 for t in texts if detector.shape.search(t)) if detector.chance else len(texts)


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
        note = note or "too few to tell"
        strength *= 0.55 if distinct < 3 else 0.75
    return ValueHit(detector, matched, examined, distinct, distinct_examined, whole, round(strength, 4), note)


def binomial_tail(k: int, n: int, p: float) -> float:
    """P(X >= k) for X ~ Binomial(n, p); in [0, 1]. Exact sum in logarithms, cut where terms vanish.

    >>> round(binomial_tail(1, 10, 0.1), 4)
    0.6513
    """
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    log_p, log_q = math.log(p), math.log1p(-p)
    total = 0.0
    for i in range(k, n + 1):
        term = math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * log_p + (n - i) * log_q)
        total += term
        if term < total * 1e-12 and i > n * p:
            break
    return min(total, 1.0)
