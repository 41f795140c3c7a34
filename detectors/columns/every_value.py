"""What every value of a column says, however many there are: counts that grow with neither rows nor values.

Batches are counted one after another, or by many processes; counts of parts add up to those of the whole in
any order. Of distinct values, which chance is judged by, those are remembered by hash that hash smallest: a
uniform sample, the same however the rows were divided. Hashes need no key: they stay where the values are.
Source: Beyer, Haas, Reinwald, Sismanis, Gemulla 2007, distinct-value synopses, doi:10.1145/1247480.1247504.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.columns.matching import find_matches
from detectors.columns.values import (
    DistinctCounts,
    ValueHit,
    distinct_values,
    failures,
    hit_of,
    with_display_names,
)
from detectors.folding import LONGEST, fold
from detectors.registry import value_detectors

SMALLEST = 4_096                              # hashes of distinct values that are remembered a detector
_BASE, _GOLDEN = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_WORD = 64                                    # detectors whose matches one number tells


@dataclass(slots=True)
class _SmallestHashes:
    """Distinct values of a detector's shape that hash smallest: whether each passes, and is nothing else.

    flags: bit 0 for a value that passes the check, bit 1 for one that is nothing but the match.
    """

    hashes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))
    flags: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))

    def add(self, hashes: np.ndarray, flags: np.ndarray) -> None:
        if len(self.hashes) >= SMALLEST:
            low = hashes < self.hashes[-1]
            hashes, flags = hashes[low], flags[low]
        if len(hashes):
            every = np.concatenate([self.hashes, hashes])
            self.hashes, first = np.unique(every, return_index=True)
            self.hashes = self.hashes[:SMALLEST]
            self.flags = np.concatenate([self.flags, flags])[first[:SMALLEST]]

    def counts(self) -> tuple[int, int, int]:
        """Return how many are of the shape, pass, and are nothing else."""
        return len(self.hashes), int((self.flags & 1).sum()), int((self.flags >> 1).sum())

    def distinct(self) -> int:
        """Return about how many distinct values there are; exactly, below SMALLEST."""
        if len(self.hashes) < SMALLEST:
            return len(self.hashes)
        return round((SMALLEST - 1) / (float(self.hashes[-1]) / 2.0**64))


@dataclass(slots=True)
class EveryValue:
    """Counts of all cells of one column.

    rows: cells in all. examined: those neither null nor blank. cut: those longer than is looked at, whose
    rest is unknown. matched: cells, by detector. together: cells, by the detectors that match them.
    """

    rows: int = 0
    examined: int = 0
    matched: Counter[str] = field(default_factory=Counter)
    together: Counter[tuple[str, ...]] = field(default_factory=Counter)
    cut: Counter[tuple[str, ...]] = field(default_factory=Counter)
    distinct: dict[str, _SmallestHashes] = field(default_factory=dict)

    def add(self, values: pa.Array) -> None:
        """Count some more cells, of any Arrow type."""
        self.rows += len(values)
        self._count(fold(values))
        if len(long := _long_cells(values)):
            ends = EveryValue()
            ends._count(fold(long))
            self.cut.update(ends.together)
            self.cut[()] += len(long) - ends.together.total()

    def _count(self, folded: pa.Array) -> None:
        column = distinct_values(folded)
        if column is None:
            return
        self.examined += column.examined
        masks, names, hashes = [], [], _Hashes(column.texts)
        for detector in value_detectors():
            try:
                matches = find_matches(detector, column)
                if matches is None or not matches.shaped.any():
                    continue
                whole = matches.whole | with_display_names(detector, column, matches)
            except Exception as e:  # a plug-in may raise anything, and its message may hold a value
                failures.setdefault(detector.name, type(e).__name__)
                continue
            shaped = np.flatnonzero(matches.shaped | matches.matched | whole)
            flags = matches.matched[shaped] + 2 * whole[shaped].astype(np.uint8)
            self.distinct.setdefault(detector.name, _SmallestHashes()).add(hashes.of(shaped), flags)
            if matches.matched.any():
                self.matched[detector.name] += int(column.counts[matches.matched].sum())
                masks.append(matches.matched)
                names.append(detector.name)
        if masks:
            self.together.update(_cells_by_detectors(masks, names, column.counts))

    def merge(self, other: EveryValue) -> None:
        """Add the counts of other cells of the column."""
        self.rows += other.rows
        self.examined += other.examined
        self.matched.update(other.matched)
        self.together.update(other.together)
        self.cut.update(other.cut)
        for name, hashes in other.distinct.items():
            self.distinct.setdefault(name, _SmallestHashes()).add(hashes.hashes, hashes.flags)

    def hits(self) -> tuple[ValueHit, ...]:
        """Return the hits of every detector that matched more often than chance allows, strongest first."""
        hits = []
        for detector in value_detectors():
            if self.matched[detector.name]:
                sample = self.distinct[detector.name]
                shaped, passing, whole = sample.counts()
                counts = DistinctCounts(shaped, passing, whole, sample.distinct())
                hit = hit_of(detector, self.matched[detector.name], self.examined, counts)
                hits += [hit] if hit is not None else []
        return tuple(sorted(hits, key=lambda h: (-h.strength, h.detector.name)))

    def cells_with(self, detectors: Iterable[str]) -> tuple[int, int]:
        """Return (low, high) for the cells in which one of some detectors finds something.

        They differ by cells too long to be looked at to their ends, in which nothing was found.
        """
        chosen = set(detectors)
        low = sum(cells for names, cells in self.together.items() if chosen.intersection(names))
        cut = sum(cells for names, cells in self.cut.items() if not chosen.intersection(names))
        return low, low + cut


def _long_cells(values: pa.Array) -> pa.Array:
    """Return the cells that have as many characters as are looked at; readers cut longer ones there."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return values.slice(0, 0)
    if (pc.max(pc.binary_length(values)).as_py() or 0) < LONGEST:
        return values.slice(0, 0)
    return values.filter(pc.greater_equal(pc.utf8_length(values), LONGEST))


def _cells_by_detectors(
    masks: Sequence[np.ndarray], names: Sequence[str], counts: np.ndarray,
) -> Counter[tuple[str, ...]]:
    """Return cells by the names of the detectors that match them; those that none matches are left out."""
    cells: Counter[tuple[str, ...]] = Counter()
    bits = [np.zeros(len(counts), np.uint64) for _ in range(0, len(masks), _WORD)]
    for i, mask in enumerate(masks):
        bits[i // _WORD] |= mask.astype(np.uint64) << np.uint64(i % _WORD)
    matched = np.logical_or.reduce(bits) != 0
    combinations, of_value = np.unique(np.stack(bits, 1)[matched], axis=0, return_inverse=True)
    totals = np.zeros(len(combinations), np.int64)
    np.add.at(totals, of_value.ravel(), counts[matched])
    for combination, total in zip(combinations, totals.tolist(), strict=True):
        key = tuple(n for i, n in enumerate(names) if int(combination[i // _WORD]) >> i % _WORD & 1)
        cells[key] += total
    return cells


class _Hashes:
    """Hashes of texts, worked out for those that are asked for."""

    def __init__(self, texts: pa.Array) -> None:
        self._texts = texts
        self._of_all: np.ndarray | None = None

    def of(self, indices: np.ndarray) -> np.ndarray:
        """Return a uint64 for each of some texts, the same for equal texts, and evenly spread."""
        if self._of_all is not None:
            return self._of_all[indices]
        if 2 * len(indices) >= len(self._texts):
            self._of_all = hash_texts(self._texts)
            return self._of_all[indices]
        return hash_texts(self._texts.take(pa.array(indices)))


def hash_texts(texts: pa.Array) -> np.ndarray:
    """Return a uint64 a text: a polynomial of its bytes, mixed as by splitmix64.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
    """
    encoded = texts.cast(pa.large_binary())
    offsets = np.frombuffer(encoded.buffers()[1], np.int64)[encoded.offset:encoded.offset + len(encoded) + 1]
    lengths = np.diff(offsets)
    hashes = lengths.astype(np.uint64) * _GOLDEN
    filled = np.flatnonzero(lengths)
    if len(filled):
        raw = np.frombuffer(encoded.buffers()[2], np.uint8)[offsets[0]:offsets[-1]].astype(np.uint64)
        starts = offsets[filled] - offsets[0]
        place = np.arange(len(raw)) - np.repeat(starts, lengths[filled])
        powers = np.cumprod(np.full(int(lengths.max()), _BASE, np.uint64))
        hashes[filled] += np.add.reduceat((raw + np.uint64(1)) * powers[place], starts)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(31))
