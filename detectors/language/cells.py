"""What a whole short cell names: a person, a foreigner's transcribed name, an address, a place, an
organisation, or none of these.

A softmax over hashed character n-grams, made by `data/train_cells.py`. One cell is uncertain; a column votes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from detectors.errors import ConfigError
from detectors.language.characters import PAD, TYPES, codes, mixed
from detectors.language.segmentation import SegmentLexicon
from detectors.message import Msg

CLASSES = ("PERSON", "FOREIGN", "ADDRESS", "PLACE", "ORG", "OTHER")
BITS = 16
LONGEST = 40                                  # characters of a cell that are looked at
_LEFT, _RIGHT = 2, 3                          # code points that stand for the ends of a cell


def cell_features(coded: NDArray[np.uint32], lengths: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """(hashes, which of them count), both (cells, features); coded and padded as `codes` does it."""
    cells, steps = coded.shape
    first = PAD
    rows = np.arange(cells)
    marked = coded.copy()
    marked[:, first - 1] = _LEFT
    marked[rows, first + lengths] = _RIGHT
    types = TYPES[np.minimum(coded, 65535)]
    parts, counts = [], []
    place = np.arange(steps)[None]
    inside = (place >= first - 1) & (place <= first + lengths[:, None])
    for n in (1, 2, 3):
        grams = mixed(np.full((cells, steps - n + 1), n, np.uint32), *(marked[:, k:steps - n + 1 + k] for k in range(n)))
        parts.append(grams)
        counts.append(inside[:, :steps - n + 1] & inside[:, n - 1:])
    size = np.minimum(lengths, 12).astype(np.uint32)
    head = [types[:, first + k] for k in range(4)]
    tail = [types[rows, np.maximum(first + lengths - 1 - k, 0)] for k in range(3)]
    last = [coded[rows, np.maximum(first + lengths - 1 - k, 0)] for k in range(3)]
    lead = [coded[:, first + k] for k in range(3)]
    whole = [
        (size,),
        (size, head[0]),
        (size, *head),
        (size, *tail),
        (size, lead[0]),
        (size, last[0]),
        (size, lead[0], last[0]),
        (head[0], head[1], *tail),
        (lead[0], lead[1]),
        (last[1], last[0]),
        (size, head[0], last[0]),
        (size, *head, *tail),
    ]
    fixed = np.stack([mixed(np.full(cells, 100 + i, np.uint32), *w) for i, w in enumerate(whole)], axis=1)
    hashes = np.concatenate([*parts, fixed], axis=1) >> np.uint32(32 - BITS)
    return hashes, np.concatenate([*counts, np.ones(fixed.shape, bool)], axis=1)


@dataclass(frozen=True, slots=True)
class CellClassifier:
    """weights: (2**BITS, classes)."""

    weights: NDArray[np.int8]
    scale: float
    lexicon: SegmentLexicon

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probabilities (cells, CLASSES) of non-empty texts, looked at to LONGEST characters."""
        out = np.empty((len(texts), len(CLASSES)), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), 1024):
            group = order[start:start + 1024]
            coded, lengths = codes([texts[i][:LONGEST] for i in group], self.lexicon.simplified)
            hashes, counted = cell_features(coded, lengths)
            scores = (self.weights[hashes].astype(np.int32) * counted[:, :, None]).sum(axis=1) * np.float32(self.scale)
            scores -= scores.max(axis=1, keepdims=True)
            e = np.exp(scores)
            out[group] = e / e.sum(axis=1, keepdims=True)
        return out


@cache
def builtin() -> CellClassifier:
    """The classifier of the package."""
    try:
        with resources.as_file(resources.files("detectors.language") / "data/cells.npz") as path, np.load(path) as data:
            nothing = np.zeros(1, np.uint32)
            lexicon = SegmentLexicon(nothing, nothing.astype(np.uint8), nothing.astype(np.float32), data["simplified"])
            return CellClassifier(data["weights"], float(data["scale"]), lexicon)
    except (OSError, KeyError, ValueError) as e:
        raise ConfigError(
            Msg("the cell classifier of this installation cannot be read ({kind})", kind=type(e).__name__),
            hint=Msg("install chujing again"),
        ) from None
