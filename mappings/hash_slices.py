"""Sorted 64-bit hashes in slices by their upper bits, so that much may be read a little at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

SLICE_BITS = 12
SLICES = 1 << SLICE_BITS
KeyKind = tuple[str, str]                     # label and scope of a key


def slice_ends(ordered: np.ndarray) -> np.ndarray:
    """Return where each slice begins in values whose upper bits ascend, and the last one ends."""
    borders = np.arange(1, SLICES, dtype=np.uint64) << np.uint64(64 - SLICE_BITS)
    return np.concatenate([[0], np.searchsorted(ordered, borders), [len(ordered)]]).astype(np.int64)


def slice_ranges(
    ends: Sequence[np.ndarray], most: float, weights: Sequence[float] | None = None
) -> Iterator[tuple[int, int]]:
    """Yield (first slice, slice after the last) of ranges that hold about `most` of all together.

    ends: of slices, as `slice_ends` says. weights: of one value of each; None: 1.
    """
    sizes = np.zeros(SLICES)
    for i, each in enumerate(ends):
        sizes += np.diff(each) * (1.0 if weights is None else weights[i])
    first, filled = 0, 0.0
    for number, size in enumerate(sizes.tolist()):
        if filled and filled + size > most:
            yield first, number
            first, filled = number, 0.0
        filled += size
    if filled:
        yield first, SLICES


class SlicedHashes(Protocol):
    """Hashes that are read by slices. ends: where each begins, and the last one ends."""

    @property
    def ends(self) -> np.ndarray: ...

    def read(self, first: int, after: int) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class MemoryHashes:
    """Hashes in memory."""

    hashes: np.ndarray
    ends: np.ndarray

    def read(self, first: int, after: int) -> np.ndarray:
        """Return the hashes of some slices."""
        return self.hashes[self.ends[first]:self.ends[after]]


def sliced_hashes(hashes: Mapping[KeyKind, np.ndarray], kind: KeyKind) -> SlicedHashes:
    """Return the hashes of a kind by slices; of a mapping that keeps them so, as it keeps them."""
    sliced = getattr(hashes, "sliced", None)
    if sliced is not None:
        by_slices: SlicedHashes = sliced(kind)
        return by_slices
    return MemoryHashes(hashes[kind], slice_ends(hashes[kind]))
