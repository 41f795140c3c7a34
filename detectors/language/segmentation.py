"""Text cut into the likeliest words of a lexicon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.language.characters import mixed
from detectors.language.viterbi import Floats

LONGEST_WORD = 6
CLASSES = ("", "nr", "nrt", "ns", "nt", "nz", "n", "v", "a", "d", "m", "t", "i", "x")        # jieba's parts of speech, grouped


@dataclass(frozen=True, slots=True)
class SegmentLexicon:
    """Words as hashes in order, with a class (index into CLASSES) and a cost, the negative log of their share of all words."""

    hashes: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    costs: Floats
    simplified: NDArray[np.uint16]            # code point -> code point, width and script folded

    def look(self, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.uint8], Floats]:
        """(class or 0, cost) of hashes."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        known = self.hashes[place] == hashes
        return np.where(known, self.classes[place], 0).astype(np.uint8), np.where(known, self.costs[place], np.float32(np.inf)).astype(
            np.float32
        )


def segmented(coded: NDArray[np.uint32], lexicon: SegmentLexicon) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """(length of the likeliest word at each place it begins, beginning of the word each place lies in, class of that word)."""
    rows, steps = coded.shape
    unknown = np.float32(14.0)
    costs = np.full((LONGEST_WORD, rows, steps), np.inf, np.float32)
    kinds = np.zeros((LONGEST_WORD, rows, steps), np.uint8)
    for n, hashes in _grams(coded):
        kinds[n - 1, :, :steps - n + 1], costs[n - 1, :, :steps - n + 1] = lexicon.look(hashes)
    costs[0] = np.where(np.isinf(costs[0]), unknown, costs[0])
    best = np.zeros((rows, steps + LONGEST_WORD), np.float32)
    best[:, steps + 1:] = np.inf
    choice = np.zeros((rows, steps), np.int64)
    for at in range(steps - 1, -1, -1):
        ways = costs[:, :, at].T + best[:, at + 1:at + 1 + LONGEST_WORD]
        choice[:, at] = np.argmin(ways, axis=1)
        best[:, at] = ways[np.arange(rows), choice[:, at]]
    begin = np.zeros((rows, steps), np.int64)
    kind = np.zeros((rows, steps), np.uint8)
    left = np.zeros(rows, np.int64)
    all_rows = np.arange(rows)
    for at in range(steps):
        fresh = left == 0
        begin[:, at] = np.where(fresh, at, begin[:, at - 1])
        left = np.where(fresh, choice[:, at], left - 1)
        kind[:, at] = kinds[choice[all_rows, begin[:, at]], all_rows, begin[:, at]]
    return choice + 1, begin, kind


def _grams(coded: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    steps = coded.shape[1]
    for n in range(1, min(LONGEST_WORD, steps) + 1):
        yield n, mixed(*(coded[:, k:steps - n + 1 + k] for k in range(n)))
