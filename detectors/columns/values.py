"""The columnar core: fold once, look at distinct values only, cut by literal and pattern, check what is left, subtract chance.

A verdict needs *distinct* values passing more often than chance allows (exact binomial tail), and density is kept, so that sparse
personal data in remarks is neither lost nor made the column's type.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view

from detectors.columns.features import BETWEEN, BLOCK, MARKS, NON_ASCII, OTHER, Features, features, lengths_mask, marks_mask
from detectors.folding import fold
from detectors.message import Msg
from detectors.model import ValueDetector
from detectors.registry import value_detectors

FEW = 5                                       # fewer distinct matches than this: too few to tell
SIGNIFICANT = 1e-3
SMALL = 64                                    # fewer values than this are matched one by one
_HAN = (r"[\u4e00-\u9fff]", "[\u4e00-\u9fff]")        # how a pattern starts that needs a Chinese character
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


@dataclass(frozen=True, slots=True)
class _DistinctValues:
    """Distinct values of one column, how often each occurs, and what their bytes say."""

    texts: pa.Array
    counts: np.ndarray
    features: Features
    examined: int
    windows: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)

    def runs(self, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Runs of one length: (value, first byte, characters as uint8 of shape (n, width)); kept for the next detector."""
        if width not in self.windows:
            here = np.flatnonzero(self.features.run_length == width)
            starts = self.features.run_start[here]
            rows = sliding_window_view(self.features.raw, width)[starts] if len(here) else np.zeros((0, width), np.uint8)
            self.windows[width] = self.features.run_value[here], starts, rows
        return self.windows[width]


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


@cache
def _re2(detector: ValueDetector) -> str:
    """The shape without look-arounds, for RE2: a superset of what the shape matches."""
    pattern = detector.shape.pattern
    return _spelt(re.sub(r"\(\?<?[!=](?:\[(?:\\.|[^\]])*\]|[^()\[\]])*\)", "", pattern))


def _spelt(pattern: str) -> str:
    """The pattern with its `\\u` escapes, which RE2 does not know, as characters."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m.group(1), 16)), pattern)


_BEFORE = re.compile(r"^\(\?<!(\[(?:\\.|[^\]])+\])\)")
_AFTER = re.compile(r"\(\?!(\[(?:\\.|[^\]])+\])(\|\\\.\[0-9\])?\)$")


@cache
def _bordered(detector: ValueDetector) -> str:
    """The shape for RE2 with its borders consumed, not looked at: it says whether a text has one; empty where that is not the same."""
    pattern = detector.shape.pattern
    before, after = _BEFORE.match(pattern), _AFTER.search(pattern)
    core = pattern[before.end() if before else 0:after.start() if after else len(pattern)]
    if "(?!" in core or "(?<" in core or "(?=" in core:
        return ""
    head = f"(?:^|{_negated(before[1])})" if before else ""
    tail = ""
    if after and after[2]:                    # a full stop may follow, a decimal may not
        tail = f"(?:$|[^.{after[1][1:]}|\\.(?:$|[^0-9]))"
    elif after:
        tail = f"(?:$|{_negated(after[1])})"
    return f"{head}(?:{_spelt(core)}){tail}"


def _negated(characters: str) -> str:
    return "[^" + characters[1:]


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


class _Matches:
    """Which distinct values have the shape, match, and are nothing but the match."""

    def __init__(self, size: int) -> None:
        self.shaped, self.matched, self.whole = (np.zeros(size, bool) for _ in range(3))


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


def _candidates(detector: ValueDetector, column: _DistinctValues) -> np.ndarray:
    """Values that could match, by what is known of their bytes, then by a literal they must hold."""
    seen = column.features
    mask: np.ndarray = seen.characters >= detector.min_length
    if detector.shape.pattern.startswith("^"):
        mask &= seen.characters <= detector.max_length
    if detector.digits:
        mask &= seen.digits >= detector.digits
    if detector.letters:
        mask &= seen.letters >= detector.letters
    if detector.run:
        mask &= seen.run >= detector.run
    if detector.shape.pattern.lstrip("^").startswith(_HAN):
        mask &= (seen.present & NON_ASCII) != 0
    if detector.exact:
        fits = (seen.exact & lengths_mask(detector.exact)) != 0
        if detector.parts:
            fits |= ((seen.present & marks_mask(" -")) != 0) & ((seen.exact & lengths_mask(detector.parts)) != 0)
        mask &= fits
    if detector.gate and mask.any():
        literals = detector.gate.split("|")
        if all(g in MARKS for g in literals):
            return mask & ((seen.present & marks_mask("".join(literals))) != 0)
        if not any(g.isascii() for g in literals):
            mask &= (seen.present & NON_ASCII) != 0
        left = np.flatnonzero(mask)
        if len(left):
            some = column.texts.take(pa.array(left))
            held = pc.match_substring_regex(some, _any(detector.gate)) if len(literals) > 1 else pc.match_substring(some, detector.gate)
            mask[left[~np.asarray(held)]] = False
    return mask


def _by_rows(detector: ValueDetector, column: _DistinctValues, mask: np.ndarray, tally: _Matches) -> np.ndarray:
    """Runs of the detector's widths checked by numpy; gives the values that still need the pattern."""
    assert detector.rows is not None
    seen = column.features
    undecided = np.zeros(len(mask), bool)
    shaped_runs = np.zeros(len(mask), np.int64)
    for width in detector.widths:
        values, starts, rows = column.runs(width)
        use = mask[values]
        if detector.edges:
            touched = use & _touched(seen, starts, values, width, detector.edges)
            undecided[values[touched]] = True
            use &= ~touched
        if not use.all():
            values, rows = values[use], rows[use]
        if not len(values):
            continue
        checked = [detector.rows(rows[i:i + BLOCK]) for i in range(0, len(rows), BLOCK)]
        shaped, passes = (np.concatenate(part) for part in zip(*checked, strict=True))
        tally.shaped[values[shaped]] = True
        tally.matched[values[passes]] = True
        shaped_runs += np.bincount(values[shaped], minlength=len(mask))
    tally.whole |= tally.matched & (shaped_runs == seen.runs) & ((seen.present & OTHER) == 0)
    others = tuple(n for n in detector.exact if n not in detector.widths)
    needs = undecided | ((seen.exact & lengths_mask(others)) != 0) if others else undecided
    if detector.parts:
        needs |= ((seen.present & marks_mask(" -+(")) != 0) & ((seen.exact & lengths_mask(detector.parts)) != 0)
        needs |= ((seen.present & marks_mask("+")) != 0) | ((seen.exact & lengths_mask((2, 4))) != 0)
        return mask & needs & ~tally.whole
    return mask & needs & ~tally.matched


def _touched(seen: Features, starts: np.ndarray, values: np.ndarray, width: int, edges: str) -> np.ndarray:
    """Runs with one of the edge characters right before or after them, in the same value."""
    bad = np.zeros(256, bool)
    bad[np.frombuffer(edges.encode(), np.uint8)] = True
    before = (starts > seen.first[values]) & bad[seen.raw[np.maximum(starts - 1, 0)]]
    ends = starts + width
    after = (ends < seen.first[values + 1]) & bad[seen.raw[np.minimum(ends, len(seen.raw) - 1)]]
    found: np.ndarray = before | after
    return found


def _by_votes(detector: ValueDetector, some: pa.Array, left: np.ndarray, tally: _Matches) -> None:
    assert detector.votes is not None
    if len(some) > SMALL:
        hit = np.asarray(pc.match_substring_regex(some, _re2(detector)))
        some, left = some.filter(pa.array(hit)), left[hit]
    texts = some.to_pylist()
    fits = np.array([detector.shape.fullmatch(t) is not None for t in texts], bool)
    if not fits.any():
        return
    yes = left[fits][detector.votes([t for t, ok in zip(texts, fits, strict=True) if ok])]
    tally.shaped[left[fits]] = True
    tally.matched[yes] = tally.whole[yes] = True


def _by_re2(detector: ValueDetector, some: pa.Array, left: np.ndarray, tally: _Matches) -> None:
    for i, text, match in zip(left, some.to_pylist(), linear_matches(detector, some), strict=True):
        if match is None:
            continue
        tally.shaped[i] = True
        if detector.is_valid is None or detector.is_valid(match):
            tally.matched[i] = True
            tally.whole[i] = match == text


def _by_hand(detector: ValueDetector, some: pa.Array, left: np.ndarray, tally: _Matches) -> None:
    """RE2 over the array, then the exact shape and its check on what is left."""
    if len(some) > SMALL:
        bordered = _bordered(detector)
        hit = np.asarray(pc.match_substring_regex(some, bordered or _re2(detector)))
        some, left = some.filter(pa.array(hit)), left[hit]
        if detector.is_valid is None and bordered and len(some):      # nothing to check by hand
            core = f"(?:{_re2(detector)})"
            between = f"[{re.escape(BETWEEN)}]"
            tally.shaped[left] = tally.matched[left] = True
            if core.isascii() and "[^" not in core:      # a match and nothing else has no Chinese character either
                plain = np.asarray(pc.string_is_ascii(some))
                some, left = some.filter(pa.array(plain)), left[plain]
            whole = np.asarray(pc.match_substring_regex(some, f"^{core}(?:{between}+{core})*{between}*$"))
            tally.whole[left[whole]] = True
            return
    for i, text in zip(left, some.to_pylist(), strict=True):
        first = detector.shape.search(text)
        if first is None:
            continue
        tally.shaped[i] = True
        if detector.is_valid is not None and not detector.is_valid(first.group()):
            first = next((m for m in detector.shape.finditer(text, first.end()) if detector.is_valid(m.group())), None)
        if first is not None:
            tally.matched[i] = True
            tally.whole[i] = first.start() == 0 and first.end() >= len(text) or not detector.shape.sub("", text).strip(BETWEEN)


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
