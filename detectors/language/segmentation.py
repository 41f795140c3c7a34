"""Text cut into the likeliest words of a lexicon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.language.characters import Codes, mixed_hashes
from detectors.language.viterbi import Floats

LONGEST_WORD = 6
CLASSES = (                                   # jieba's parts of speech, grouped
    "", "nr", "nrt", "ns", "nt", "nz", "n", "v", "a", "d", "m", "t", "i", "x",
)
COST_OF_UNKNOWN = np.float32(14.0)            # of a character that is no word


@dataclass(frozen=True, slots=True)
class SegmentLexicon:
    """Words as hashes, in order.

    classes: indices into CLASSES. costs: negative logs of the words' shares of all words.
    """

    hashes: Codes
    classes: NDArray[np.uint8]
    costs: Floats
    simplified: NDArray[np.uint16]            # code point -> code point, width and script folded

    def look_up(self, hashes: Codes) -> tuple[NDArray[np.uint8], Floats]:
        """Return (class, cost) of hashes; 0 and infinity of those that are no word."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        is_word = self.hashes[place] == hashes
        classes = np.where(is_word, self.classes[place], 0).astype(np.uint8)
        costs = np.where(is_word, self.costs[place], np.float32(np.inf)).astype(np.float32)
        return classes, costs


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The likeliest words of texts; arrays of shape (texts, steps).

    length: of the likeliest word that begins at a place. begin: where the word begins that a place lies in.
    kind: the class of that word.
    """

    length: NDArray[np.int64]
    begin: NDArray[np.int64]
    kind: NDArray[np.uint8]


def segment(coded: Codes, lexicon: SegmentLexicon) -> Segmentation:
    """Return the segmentation of texts padded as `codes` pads them."""
    rows, steps = coded.shape
    costs = np.full((LONGEST_WORD, rows, steps), np.inf, np.float32)
    kinds = np.zeros((LONGEST_WORD, rows, steps), np.uint8)
    for n, hashes in grams(coded):
        kinds[n - 1, :, :steps - n + 1], costs[n - 1, :, :steps - n + 1] = lexicon.look_up(hashes)
    costs[0] = np.where(np.isinf(costs[0]), COST_OF_UNKNOWN, costs[0])
    choice = _cheapest(costs)
    begin = np.zeros((rows, steps), np.int64)
    kind = np.zeros((rows, steps), np.uint8)
    remaining = np.zeros(rows, np.int64)      # places of the word that are still to come
    all_rows = np.arange(rows)
    for step in range(steps):
        is_new = remaining == 0
        begin[:, step] = np.where(is_new, step, begin[:, step - 1])
        remaining = np.where(is_new, choice[:, step], remaining - 1)
        kind[:, step] = kinds[choice[all_rows, begin[:, step]], all_rows, begin[:, step]]
    return Segmentation(choice + 1, begin, kind)


def grams(coded: Codes) -> Iterator[tuple[int, Codes]]:
    """Yield (n, hashes of the n characters from each place on), for n up to LONGEST_WORD."""
    steps = coded.shape[1]
    for n in range(1, min(LONGEST_WORD, steps) + 1):
        yield n, mixed_hashes(*(coded[:, k:steps - n + 1 + k] for k in range(n)))


def _cheapest(costs: Floats) -> NDArray[np.int64]:
    """Length, less one, of the first word of the cheapest cover of each text's rest.

    costs: (length of a word less one, texts, steps).
    """
    _, rows, steps = costs.shape
    best = np.zeros((rows, steps + LONGEST_WORD), np.float32)
    best[:, steps + 1:] = np.inf
    choice = np.zeros((rows, steps), np.int64)
    for step in range(steps - 1, -1, -1):
        ways = costs[:, :, step].T + best[:, step + 1:step + 1 + LONGEST_WORD]
        choice[:, step] = np.argmin(ways, axis=1)
        best[:, step] = ways[np.arange(rows), choice[:, step]]
    return choice
