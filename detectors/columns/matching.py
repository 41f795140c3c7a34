"""Which distinct values of a column match a detector: cheap tests of all first, the check by hand last."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view

from detectors.columns.features import (
    BETWEEN,
    BLOCK,
    Features,
    lengths_mask,
)
from detectors.columns.patterns import bordered_pattern, borders_allow, linear_matches, superset_pattern
from detectors.model import ValueDetector

BETWEEN_TWO = 3                               # signs between two occurrences of a list in one cell
SMALL = 64                                    # fewer values than this are matched one by one
_BEYOND_ASCII, _CHINESE = 0x80, 0xE4          # first bytes of UTF-8: from here on beyond ASCII; Chinese
_HAN = (r"[\u4e00-\u9fff]", "[\u4e00-\u9fff]")        # beginnings of a pattern that needs a Chinese character
_OTHER = f"[^0-9A-Za-z{re.escape(BETWEEN)}]"
_FEW = 4                                      # fewer than 1 / _FEW of the values are looked at by themselves


@dataclass(frozen=True, slots=True)
class DistinctValues:
    """Distinct values of one column, how often each occurs, what their bytes say. examined: cells in all."""

    texts: pa.Array
    counts: np.ndarray
    features: Features
    examined: int
    windows: dict[tuple[int, bool], tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)

    def runs(self, width: int, *, numeric: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the runs of one length: (index of the value, first byte, characters as uint8 of shape
        (width, n), place by place).

        numeric: those of digits alone. They are remembered in `windows` for the next detector.
        """
        if (width, numeric) not in self.windows:
            features = self.features
            fits = features.run_length == width
            fitting = np.flatnonzero(fits & features.run_numeric if numeric else fits)
            starts = features.run_start[fitting]
            places = np.zeros((width, 0), np.uint8)
            if len(fitting):
                places = np.ascontiguousarray(sliding_window_view(features.raw, width)[starts].T)
            self.windows[width, numeric] = features.run_value[fitting], starts, places
        return self.windows[width, numeric]

    def select(self, mask: np.ndarray) -> Candidates:
        """Return the values where the mask is true."""
        indices = np.flatnonzero(mask)
        if len(indices) == len(mask):
            return Candidates(indices, self.texts)
        return Candidates(indices, self.texts.take(pa.array(indices)))

    def holding(self, signs: str, mask: np.ndarray) -> np.ndarray:
        """Return which values of `mask` hold one of some ASCII characters, bools."""
        if np.count_nonzero(mask) * _FEW > len(mask):
            return mask & self.features.holding(signs)
        return self.matching(f"[{re.escape(signs)}]", mask)

    def matching(self, pattern: str, mask: np.ndarray) -> np.ndarray:
        """Return which values of `mask` match a pattern of RE2, bools."""
        matching = np.zeros(len(mask), bool)
        matching[self.select(mask).matching(pattern).indices] = True
        return matching


@dataclass(frozen=True, slots=True)
class Candidates:
    """Distinct values still to be tried: indices among the column's values, and texts, of the same length."""

    indices: np.ndarray
    texts: pa.Array

    def filter(self, mask: np.ndarray) -> Candidates:
        """Return those where the mask is true."""
        return Candidates(self.indices[mask], self.texts.filter(pa.array(mask)))

    def matching(self, pattern: str) -> Candidates:
        """Return those that match a pattern of RE2."""
        return self.filter(np.asarray(pc.match_substring_regex(self.texts, pattern)))


class Matches:
    """Bools, one a value: has the shape (shaped), passes the check too (matched), is nothing else (whole)."""

    def __init__(self, size: int) -> None:
        self.shaped, self.matched, self.whole = (np.zeros(size, bool) for _ in range(3))


def find_matches(detector: ValueDetector, column: DistinctValues) -> Matches | None:
    """Return which values match: by bytes, a literal, numpy or RE2 over all, then by the exact shape.

    None where the extent of the column leaves nothing to look at: of most columns for most detectors.
    """
    if not _is_within(detector, column.features):
        return None
    matches = Matches(len(column.texts))
    mask = possible_values(detector, column)
    if detector.rows is not None and mask.any():
        mask = match_runs(detector, column, mask, matches)
    if not mask.any():
        return matches
    candidates = column.select(mask)
    if detector.votes is not None:
        _match_by_votes(detector, candidates, matches)
    elif detector.linear:
        _match_by_re2(detector, candidates, matches)
    else:
        match_by_hand(detector, candidates, matches)
    return matches


def possible_values(detector: ValueDetector, column: DistinctValues) -> np.ndarray:
    """Return which values could match, bools: by what their bytes say, then by a literal they must hold."""
    mask = _by_counts(detector, column.features)
    if detector.exact:
        mask &= _by_run_lengths(detector, column, mask)
    for signs in detector.signs:
        if mask.any():
            mask = column.holding(signs, mask)
    if detector.gate and mask.any():
        mask = _by_literals(detector, column, mask)
    return mask


def _is_within(detector: ValueDetector, features: Features) -> bool:
    """Could any value of a column match, by what none of them goes beyond?"""
    extent = features.extent
    if any(getattr(extent, counter) < least for counter, least in _least(detector)):
        return False
    if is_anchored(detector) and extent.shortest > detector.max_length:
        return False
    lengths = extent.numeric if detector.numeric else extent.exact
    if detector.exact and not lengths & int(lengths_mask(detector.exact + detector.parts)):
        return False
    if _needs_more_than_ascii(detector.shape.pattern, detector.gate) and not extent.beyond_ascii:
        return False
    gates = (*detector.signs, _signs_of_gate(detector.gate))
    return all(any(map(features.has, signs)) for signs in gates if signs)


def _by_counts(detector: ValueDetector, features: Features) -> np.ndarray:
    """Values with enough characters, digits, letters and characters beyond ASCII."""
    mask = np.ones(len(features.characters), bool)
    for counter, least in _least(detector):
        mask &= getattr(features, counter) >= least
    if is_anchored(detector):
        mask &= features.characters <= detector.max_length
        if not _has_letters(detector):
            mask &= features.letters == 0
    if detector.digitless:
        mask &= features.digits == 0
    if _needs_more_than_ascii(detector.shape.pattern, detector.gate):
        mask &= features.beyond_ascii
    return mask


def is_anchored(detector: ValueDetector) -> bool:
    """Is a whole value the thing, or nothing of it?"""
    return detector.shape.pattern.startswith("^")


def _least(detector: ValueDetector) -> list[tuple[str, int]]:
    """Return what a value needs at least: counters of `Features`, and of `Extent`, with how many."""
    needs = (("characters", detector.min_length), ("digits", detector.digits), ("letters", detector.letters),
             ("run", detector.run), ("runs", detector.runs))
    return [(counter, least) for counter, least in needs if least]


@cache
def _needs_more_than_ascii(pattern: str, gate: str) -> bool:
    """Does every value of a shape hold a character beyond ASCII, by its pattern or by its gate?"""
    if pattern.lstrip("^").startswith(_HAN):
        return True
    return bool(gate) and not any(literal.isascii() for literal in gate.split("|"))


@cache
def _signs_of_gate(gate: str) -> str:
    """Return the literals of a gate if each is one ASCII character; else nothing."""
    literals = gate.split("|")
    return "".join(literals) if gate and all(len(x) == 1 and x.isascii() for x in literals) else ""


@cache
def _rare_leads(gate: str) -> frozenset[int]:
    """Return the first bytes of a gate's literals in UTF-8, where none begins like ASCII or Chinese."""
    leads = frozenset(literal.encode()[0] for literal in gate.split("|"))
    return leads if all(_BEYOND_ASCII <= lead < _CHINESE for lead in leads) else frozenset()


def _by_run_lengths(detector: ValueDetector, column: DistinctValues, mask: np.ndarray) -> np.ndarray:
    """Values of `mask` with a run of one of the lengths, or in parts of which one has such a length."""
    exact = _lengths(detector, column.features)
    has_run: np.ndarray = (exact & lengths_mask(detector.exact)) != 0
    if detector.parts:
        has_part = mask & ~has_run & ((exact & lengths_mask(detector.parts)) != 0)
        if has_part.any():
            has_run |= column.holding(" -", has_part)
    return has_run


def _lengths(detector: ValueDetector, features: Features) -> np.ndarray:
    """Bits of the lengths of a value's runs, of those alone in which the detector's numbers may stand."""
    return features.numeric if detector.numeric else features.exact


def _by_literals(detector: ValueDetector, column: DistinctValues, mask: np.ndarray) -> np.ndarray:
    """Values of `mask` that hold one of the detector's literals."""
    signs = _signs_of_gate(detector.gate)
    if signs:
        return column.holding(signs, mask)
    features, literals = column.features, detector.gate.split("|")
    leads = _rare_leads(detector.gate)
    if leads and not any(bytes([lead]) in features.data for lead in leads):
        return np.zeros(len(mask), bool)      # letters of a script that the column does not use
    if len(literals) == 1 and np.count_nonzero(mask) * _FEW > len(mask) and not features.has(literals[0]):
        return np.zeros(len(mask), bool)
    return column.matching("|".join(map(re.escape, literals)), mask)


def match_runs(
    detector: ValueDetector, column: DistinctValues, mask: np.ndarray, matches: Matches,
) -> np.ndarray:
    """Check runs of the detector's widths, into `matches`; return which values still need the pattern."""
    assert detector.rows is not None
    features = column.features
    undecided = np.zeros(len(mask), bool)
    shaped_runs = np.zeros(len(mask), np.int64)
    for width in detector.widths:
        values, starts, places = column.runs(width, numeric=detector.numeric)
        usable = mask[values]
        if detector.edges:
            bounds = features.first[values], features.first[values + 1]
            edged = usable & _has_edge(features.raw, starts, starts + width, bounds, detector.edges)
            undecided[values[edged]] = True
            usable &= ~edged
        if not usable.all():
            values, places = values[usable], places[:, usable]
        if not len(values):
            continue
        checks = [detector.rows(places[:, i:i + BLOCK].T) for i in range(0, len(values), BLOCK)]
        shaped, passes = (np.concatenate(part) for part in zip(*checks, strict=True))
        matches.shaped[values[shaped]] = True
        matches.matched[values[passes]] = True
        shaped_runs += np.bincount(values[shaped], minlength=len(mask))
    all_shaped = matches.matched & (shaped_runs == features.runs)
    signs = features.characters - features.digits - features.letters
    listed = (features.runs > 1) & (signs <= BETWEEN_TWO * (features.runs - 1))
    unlisted = all_shaped & ~listed
    matches.whole |= all_shaped & listed | unlisted & (signs == 0)
    unlisted &= signs > 0
    if unlisted.any():                        # whole are those whose signs only stand between items of a list
        matches.whole |= unlisted & ~column.matching(_OTHER, unlisted)
    if detector.lists_by_hand:                # numbers and a word of a few signs, perhaps
        undecided |= all_shaped & (features.runs > 1) & ~matches.whole
    return _need_pattern(detector, column, mask, undecided, matches)


def _need_pattern(
    detector: ValueDetector, column: DistinctValues, mask: np.ndarray, undecided: np.ndarray,
    matches: Matches,
) -> np.ndarray:
    """Values that runs alone do not settle: undecided ones, other lengths, and numbers written in parts."""
    features, lengths, needs = column.features, _lengths(detector, column.features), undecided
    others = tuple(n for n in detector.exact if n not in detector.widths)
    if others:
        needs = needs | ((lengths & lengths_mask(others)) != 0)
    if not detector.parts:
        return mask & needs & ~(matches.whole if detector.lists_by_hand else matches.matched)
    unsettled = mask & ~matches.whole
    if not _has_letters(detector):            # a match beside letters is not the whole value: nothing is open
        unsettled &= ~matches.matched | (features.letters == 0)
    needs = needs | ((lengths & lengths_mask((2, 4))) != 0)
    parted = unsettled & ~needs & ((lengths & lengths_mask(detector.parts)) != 0)
    if parted.any():
        needs |= column.holding(" -+(", parted)
    rest = unsettled & ~needs
    if rest.any():
        needs |= column.holding("+", rest)
    return unsettled & needs


@cache
def _has_letters(detector: ValueDetector) -> bool:
    """May an occurrence hold an ASCII letter, as far as its pattern tells?"""
    without_signs = re.sub(r"\\[^A-Za-z0-9]", "", superset_pattern(detector))
    without_signs = re.sub(r"\[[^\]]*\]", lambda part: part[0].replace(".", ""), without_signs)
    return re.search(r"[A-Za-z.\\]|\[\^", without_signs) is not None


def _has_edge(
    raw: np.ndarray, starts: np.ndarray, ends: np.ndarray, bounds: tuple[np.ndarray, np.ndarray], edges: str,
) -> np.ndarray:
    """Runs, bytes [start, end) of `raw`, with an edge character right before or after them in the same value.

    bounds: bytes [first, last) of each run's value. Returns bools, one a run.
    """
    is_edge = np.zeros(256, bool)
    is_edge[np.frombuffer(edges.encode(), np.uint8)] = True
    before: np.ndarray = (starts > bounds[0]) & is_edge[raw[np.maximum(starts - 1, 0)]]
    after = (ends < bounds[1]) & is_edge[raw[np.minimum(ends, len(raw) - 1)]]
    return before | after


def _match_by_votes(detector: ValueDetector, candidates: Candidates, matches: Matches) -> None:
    """Words: whole cells of the shape that the detector's `votes` takes for the thing."""
    assert detector.votes is not None
    if len(candidates.texts) > SMALL:
        candidates = candidates.matching(superset_pattern(detector))
    texts = candidates.texts.to_pylist()
    fits = np.array([detector.shape.fullmatch(text) is not None for text in texts], bool)
    if not fits.any():
        return
    shaped = candidates.indices[fits]
    elected = shaped[detector.votes([text for text, fit in zip(texts, fits, strict=True) if fit])]
    matches.shaped[shaped] = True
    matches.matched[elected] = matches.whole[elected] = True


def _match_by_re2(detector: ValueDetector, candidates: Candidates, matches: Matches) -> None:
    """Patterns of unknown origin: RE2 alone, the first match of each text."""
    firsts = linear_matches(detector, candidates.texts)
    for i, text, first in zip(candidates.indices, candidates.texts.to_pylist(), firsts, strict=True):
        if first is None:
            continue
        matches.shaped[i] = True
        if detector.is_valid is None or detector.is_valid(first):
            matches.matched[i] = True
            matches.whole[i] = first == text


def match_by_hand(detector: ValueDetector, candidates: Candidates, matches: Matches) -> None:
    """RE2 over the array, then the exact shape and its check on the texts that are left."""
    if len(candidates.texts) > SMALL:
        bordered = bordered_pattern(detector)
        if detector.is_valid is None and bordered:                # nothing to check by hand
            _match_by_shape(detector, candidates, matches)
            return
        if detector.required and not detector.chance:             # nobody counts what only has the shape
            candidates = candidates.matching(detector.required)
        candidates = candidates.matching(bordered or superset_pattern(detector))
        if detector.required and detector.chance and bordered:
            matches.shaped[candidates.indices] = True
            candidates = candidates.matching(detector.required)
    _match_texts(detector, candidates, matches)


def _match_texts(detector: ValueDetector, candidates: Candidates, matches: Matches) -> None:
    """The exact shape and its check, text by text."""
    search, is_valid = detector.shape.search, detector.is_valid
    shaped, matched, whole = [], [], []
    for i, text in zip(candidates.indices.tolist(), candidates.texts.to_pylist(), strict=True):
        first = search(text)
        if first is None:
            continue
        shaped.append(i)
        if is_valid is not None and not is_valid(first.group()):
            later = detector.shape.finditer(text, first.end())
            if not any(is_valid(match.group()) for match in later):
                continue
        matched.append(i)
        if _is_whole(detector, text, first):
            whole.append(i)
    matches.shaped[shaped] = matches.matched[matched] = matches.whole[whole] = True


def _is_whole(detector: ValueDetector, text: str, first: re.Match[str]) -> bool:
    """Is a text nothing but occurrences, of which `first` is the first, and what may stand between them?"""
    before, after = text[:first.start()].strip(BETWEEN), text[first.end():].strip(BETWEEN)
    if not before and not after:
        return True
    if any(c.isascii() and c.isalnum() for c in before):
        return False
    return after != "" and _is_list(*detector.shape.subn("", text))


def _is_list(rest: str, occurrences: int) -> bool:
    """Do only blanks and commas, or at most a word of a few signs, stand between the occurrences?"""
    between = rest.strip(BETWEEN)
    few = len(between) <= BETWEEN_TWO * (occurrences - 1)
    return not between or few and not any(c.isascii() and c.isalnum() for c in between)


def _match_by_shape(detector: ValueDetector, candidates: Candidates, matches: Matches) -> None:
    """Texts of the shape, which is all there is to check; whole are those that only list occurrences."""
    core = f"(?:{superset_pattern(detector)})"
    between = f"[{re.escape(BETWEEN)}]"
    whole = f"^{core}(?:{between}+{core})*{between}*$"
    if borders_allow(detector, BETWEEN):         # most columns of such numbers hold nothing else: one look
        are_whole = np.asarray(pc.match_substring_regex(candidates.texts, whole))
        others = candidates.filter(~are_whole).matching(bordered_pattern(detector))
        indices = candidates.indices[are_whole]
        for kind in (matches.shaped, matches.matched):
            kind[indices] = kind[others.indices] = True
        matches.whole[indices] = True
        return
    candidates = candidates.matching(bordered_pattern(detector))
    matches.shaped[candidates.indices] = matches.matched[candidates.indices] = True
    matches.whole[candidates.matching(whole).indices] = True
