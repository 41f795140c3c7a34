"""Which distinct values of a column match a detector: cheap tests over the whole array first, the check by hand on what is left."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view

from detectors.columns.features import BETWEEN, BLOCK, MARKS, NON_ASCII, OTHER, Features, lengths_mask, marks_mask
from detectors.columns.patterns import _bordered, _re2, linear_matches
from detectors.model import ValueDetector

SMALL = 64                                    # fewer values than this are matched one by one
_HAN = (r"[\u4e00-\u9fff]", "[\u4e00-\u9fff]")        # how a pattern starts that needs a Chinese character


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


class _Matches:
    """Which distinct values have the shape, match, and are nothing but the match."""

    def __init__(self, size: int) -> None:
        self.shaped, self.matched, self.whole = (np.zeros(size, bool) for _ in range(3))


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


def _any(literals: str) -> str:
    return "|".join(re.escape(part) for part in literals.split("|"))


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
