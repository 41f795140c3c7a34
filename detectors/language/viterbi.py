"""Best label sequences of many texts at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def best_paths(
    emissions: Floats, lengths: NDArray[np.int64], transitions: Floats, start: Floats, end: Floats,
) -> NDArray[np.int16]:
    """Return the labels of a linear-chain model, (texts, steps); steps past a text's length are undefined.

    emissions: (texts, steps, labels). transitions: (from, to). start, end: (labels,). lengths: 1 to steps, in
    any order.
    """
    texts, steps, labels = emissions.shape
    scores = np.empty((steps, texts, labels), np.float32)
    scores[0] = start + emissions[:, 0]
    into = np.ascontiguousarray(transitions.T)                     # (to, from)
    for t in range(1, steps):
        step = scores[t - 1][:, None, :] + into[None]
        scores[t] = step.max(axis=2) + emissions[:, t]
    paths = np.zeros((texts, steps), np.int16)
    rows = np.arange(texts)
    last = np.argmax(scores[lengths - 1, rows] + end, axis=1)
    paths[rows, lengths - 1] = last
    for t in range(steps - 2, -1, -1):        # back-pointers are computed again: cheaper than storing them
        alive = lengths - 1 > t
        following = paths[:, t + 1]
        before = np.argmax(scores[t] + transitions[:, following].T, axis=1)
        paths[alive, t] = before[alive]
    return paths


def batches(lengths: list[int], size: int = 128) -> list[list[int]]:
    """Return indices of texts grouped by similar length, so that little is padded; without empty texts."""
    order = sorted((i for i, length in enumerate(lengths) if length), key=lengths.__getitem__)
    return [order[i:i + size] for i in range(0, len(order), size)]
