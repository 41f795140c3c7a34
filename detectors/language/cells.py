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
from detectors.language.characters import PAD, Codes, codes, mixed_hashes, types
from detectors.message import Msg

CLASSES = ("PERSON", "FOREIGN", "ADDRESS", "PLACE", "ORG", "OTHER")
BITS = 16                                     # of a feature's hash
LONGEST = 40                                  # characters of a cell that are read
BATCH = 1024
_BEGIN, _END = 2, 3                           # code points that stand for the ends of a cell


@dataclass(frozen=True, slots=True)
class CellClassifier:
    """weights: (2**BITS, classes), to be multiplied by `scale`. simplified: see `codes`."""

    weights: NDArray[np.int8]
    scale: float
    simplified: NDArray[np.uint16]

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return probabilities (cells, CLASSES) of non-empty texts, read to LONGEST characters."""
        probabilities = np.empty((len(texts), len(CLASSES)), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start:start + BATCH]
            hashes, present = cell_features(*codes([texts[i][:LONGEST] for i in batch], self.simplified))
            sums = (self.weights[hashes].astype(np.int32) * present[:, :, None]).sum(axis=1)
            probabilities[batch] = softmax(sums * np.float32(self.scale))
        return probabilities


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities of scores (cells, classes); the scores are overwritten."""
    scores -= scores.max(axis=1, keepdims=True)
    exponentials = np.exp(scores)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def cell_features(coded: Codes, lengths: NDArray[np.int64]) -> tuple[Codes, NDArray[np.bool_]]:
    """Return (hashes, which of them a cell has), both (cells, features), of cells as `codes` returns them."""
    cells, steps = coded.shape
    marked = coded.copy()
    marked[:, PAD - 1] = _BEGIN
    marked[np.arange(cells), PAD + lengths] = _END
    place = np.arange(steps)[None]
    inside = (place >= PAD - 1) & (place <= PAD + lengths[:, None])
    parts, present = [], []
    for n in (1, 2, 3):
        size = np.full((cells, steps - n + 1), n, np.uint32)
        parts.append(mixed_hashes(size, *(marked[:, k:steps - n + 1 + k] for k in range(n))))
        present.append(inside[:, :steps - n + 1] & inside[:, n - 1:])
    templates = enumerate(_whole(coded, lengths), 100)
    whole = [mixed_hashes(np.full(cells, number, np.uint32), *template) for number, template in templates]
    fixed = np.stack(whole, axis=1)
    hashes = np.concatenate([*parts, fixed], axis=1) >> np.uint32(32 - BITS)
    return hashes, np.concatenate([*present, np.ones(fixed.shape, bool)], axis=1)


def _whole(coded: Codes, lengths: NDArray[np.int64]) -> list[tuple[Codes, ...]]:
    """What features of a whole cell are made of: length, ends and their classes; in the order of training."""
    rows = np.arange(len(coded))
    ends = [np.maximum(PAD + lengths - 1 - k, 0) for k in range(3)]
    kinds = types(coded)
    size = np.minimum(lengths, 12).astype(np.uint32)
    head = [kinds[:, PAD + k] for k in range(4)]
    tail = [kinds[rows, end] for end in ends]
    last = [coded[rows, end] for end in ends]
    lead = [coded[:, PAD + k] for k in range(3)]
    return [
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


@cache
def builtin() -> CellClassifier:
    """Return the classifier of the package; raise ConfigError if it cannot be read."""
    file = resources.files("detectors.language") / "data/cells.npz"
    try:
        with resources.as_file(file) as path, np.load(path) as data:
            return CellClassifier(data["weights"], float(data["scale"]), data["simplified"])
    except (OSError, KeyError, ValueError) as e:
        raise ConfigError(
            Msg("the cell classifier of this installation cannot be read ({kind})", kind=type(e).__name__),
            hint=Msg("install chujing again"),
        ) from None
