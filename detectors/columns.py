"""The columnar core: fold once, look at distinct values only, cut by literal and pattern, check what is left, subtract chance.

A verdict needs *distinct* values passing more often than chance allows (exact binomial tail), and density is kept, so that sparse
personal data in remarks is neither lost nor made the column's type.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.features import Features, features
from detectors.folding import fold
from detectors.model import ValueDetector
from detectors.registry import value_detectors

FEW = 5                                       # fewer distinct matches than this: too few to tell
SIGNIFICANT = 1e-3
SMALL = 64                                    # fewer values than this are matched one by one
WHOLE = 0.5                                   # a column type needs this share of examined cells


_BETWEEN = " ,;|/、，；\t\r\n"                 # what stands between the items of a list in one cell


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


def value_findings(values: pa.Array) -> tuple[ValueHit, ...]:
    """Hits of every detector, strongest first. values: cells of one column, any Arrow type."""
    folded = fold(values)
    counted = pc.value_counts(pc.drop_null(folded))
    texts, counts = counted.field("values"), counted.field("counts")
    if len(texts) == 0:
        return ()
    examined = int(pc.sum(counts).as_py())
    lengths = pc.utf8_length(texts)
    seen = features(texts)
    hits = []
    for detector in value_detectors():
        try:
            hit = _look(detector, texts, counts, lengths, seen, examined)
        except Exception as e:  # a plug-in may raise anything, and its message may hold a value
            failures.setdefault(detector.name, type(e).__name__)
            continue
        if hit is not None:
            hits.append(hit)
    return tuple(sorted(hits, key=lambda h: (-h.strength, h.detector.name)))


@cache
def _re2(detector: ValueDetector) -> str:
    """The shape without look-arounds, for RE2: a superset of what the shape matches."""
    pattern = detector.shape.pattern
    pattern = re.sub(r"\(\?<?[!=](?:\[(?:\\.|[^\]])*\]|[^()\[\]])*\)", "", pattern)
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m.group(1), 16)), pattern)


def _characters(texts: pa.Array, width: int) -> np.ndarray:
    """Characters of ASCII texts of one width: uint8, shape (n, width)."""
    plain = texts.cast(pa.string())
    start = np.frombuffer(plain.buffers()[1], np.int32)[plain.offset]
    return np.frombuffer(plain.buffers()[2], np.uint8)[start : start + len(plain) * width].reshape(len(plain), width)


@cache
def _uncaptured(pattern: str) -> str:
    """The pattern with its plain groups as non-capturing ones.

    >>> _uncaptured(r"(a|[(]b)\\((?:c)")
    '(?:a|[(]b)\\\\((?:c)'
    """
    return re.sub(r"(\\.|\[\^?\]?(?:\\.|[^\]])*\])|\((?!\?)", lambda m: m[1] or "(?:", pattern)


def linear_matches(detector: ValueDetector, texts: pa.Array) -> list[str | None]:
    """First match of each text by RE2; None where there is none."""
    found = pc.extract_regex(texts, f"(?P<m>{_uncaptured(detector.shape.pattern)})")
    return [None if f is None else f["m"] for f in found.to_pylist()]


def _any(literals: str) -> str:
    return "|".join(re.escape(part) for part in literals.split("|"))


def _look(
    detector: ValueDetector, texts: pa.Array, counts: pa.Array, lengths: pa.Array, seen: Features, examined: int,
) -> ValueHit | None:
    """Cheap before costly: lengths and bytes, then a literal, then RE2 over the array, then the exact shape and its check by hand."""
    mask = pc.greater_equal(lengths, detector.min_length)
    if detector.shape.pattern.startswith("^"):
        mask = pc.and_(mask, pc.less_equal(lengths, detector.max_length))
    if detector.digits or detector.run:
        mask = pc.and_(mask, pa.array((seen.digits >= detector.digits) & (seen.run >= detector.run)))
    some, some_counts = texts.filter(mask), counts.filter(mask)
    if not len(some):
        return None
    solid = np.asarray(lengths.filter(mask)) == seen.run[np.asarray(mask)]         # nothing but ASCII letters and digits
    if detector.gate:
        gate = pc.match_substring_regex(some, _any(detector.gate)) if "|" in detector.gate else pc.match_substring(some, detector.gate)
        some, some_counts, solid = some.filter(gate), some_counts.filter(gate), solid[np.asarray(gate)]
    matched = distinct = whole = shaped = 0
    if detector.rows is not None and len(some) > SMALL:
        for width in detector.widths:
            here = pa.array(solid & (np.asarray(pc.binary_length(some)) == width))
            if not pc.any(here).as_py():
                continue
            has_shape, passes = detector.rows(_characters(some.filter(here), width))
            shaped, distinct, whole = shaped + int(has_shape.sum()), distinct + int(passes.sum()), whole + int(passes.sum())
            matched += int(some_counts.filter(here).to_numpy()[passes].sum())
            rest = pc.invert(here)
            some, some_counts, solid = some.filter(rest), some_counts.filter(rest), solid[np.asarray(rest)]
    if detector.linear:
        for text, count, match in zip(some.to_pylist(), some_counts.to_pylist(), linear_matches(detector, some), strict=True):
            if match is None:
                continue
            shaped += 1
            if detector.is_valid is None or detector.is_valid(match):
                matched, distinct, whole = matched + count, distinct + 1, whole + (match == text)
        some, some_counts = some.slice(0, 0), some_counts.slice(0, 0)
    if len(some) > SMALL:
        hit = pc.match_substring_regex(some, _re2(detector))
        some, some_counts = some.filter(hit), some_counts.filter(hit)
    if detector.votes is not None and len(some):
        shapely = [(t, n) for t, n in zip(some.to_pylist(), some_counts.to_pylist(), strict=True) if detector.shape.fullmatch(t)]
        yes = detector.votes([t for t, _ in shapely])
        shaped += len(shapely)
        distinct = whole = distinct + int(sum(yes))
        matched += sum(n for (_, n), ok in zip(shapely, yes, strict=True) if ok)
        some, some_counts = some.slice(0, 0), some_counts.slice(0, 0)
    for text, count in zip(some.to_pylist(), some_counts.to_pylist(), strict=True):
        first = detector.shape.search(text)
        if first is None:
            continue
        shaped += 1
        if detector.is_valid is not None and not detector.is_valid(first.group()):
            first = next((m for m in detector.shape.finditer(text, first.end()) if detector.is_valid(m.group())), None)
        if first is not None:
            matched += count
            distinct += 1
            whole += first.start() == 0 and first.end() >= len(text) or not detector.shape.sub("", text).strip(_BETWEEN)
    if not distinct:
        return None
    return _verdict(detector, matched, examined, distinct, len(texts), whole, shaped if detector.chance else distinct)


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
