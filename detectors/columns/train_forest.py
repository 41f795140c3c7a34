"""The forest of the second look, fitted by gradient boosting; see `train.py`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detectors.columns.answers import sigmoid
from detectors.columns.trees import Forest

TREES, DEPTH, STEP, PULL, BINS = 260, 5, 0.06, 10.0, 32
ROWS, INPUTS = 0.5, 0.12                      # shares that each tree sees


def fit_forest(rows: np.ndarray, truth: np.ndarray, seed: int = 0) -> Forest:
    """Return a forest fitted by gradient boosting on the log-loss. rows: (n, inputs); truth: 0 or 1."""
    chance = np.random.default_rng(seed)
    steps = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = [np.unique(np.quantile(column, steps)) for column in rows.T]
    binned = np.stack([np.searchsorted(e, column) for e, column in zip(edges, rows.T, strict=True)], axis=1)
    bias = float(np.log(truth.mean() / (1 - truth.mean())))
    log_odds = np.full(len(rows), bias)
    trees = []
    for _ in range(TREES):
        p = sigmoid(log_odds)
        some = np.flatnonzero(chance.random(len(rows)) < ROWS)
        inputs = np.sort(chance.choice(rows.shape[1], int(rows.shape[1] * INPUTS), replace=False))
        cuts = [edges[f] for f in inputs]
        grown = _grow(binned[np.ix_(some, inputs)], cuts, (truth - p)[some], (p * (1 - p))[some])
        tree = [int(inputs[f]) for f in grown[0]], grown[1], grown[2]
        trees.append(tree)
        numbers = (binned[:, tree[0]] > tree[1]) @ (1 << np.arange(DEPTH))
        log_odds += tree[2][numbers]
    features = np.array([tree[0] for tree in trees])
    thresholds = np.array([[edges[f][b] for f, b in zip(tree[0], tree[1], strict=True)] for tree in trees])
    leaves = np.array([tree[2] for tree in trees])
    return Forest(features.astype(np.int16), thresholds.astype(np.float32), leaves.astype(np.float32), bias)


def _grow(
    binned: np.ndarray, edges: Sequence[np.ndarray], slope: np.ndarray, curve: np.ndarray,
) -> tuple[list[int], list[int], np.ndarray]:
    """(inputs, bins, leaves) of one tree: each level takes the question that gains most over all leaves."""
    leaf = np.zeros(len(binned), np.int64)
    features: list[int] = []
    bins: list[int] = []
    for level in range(DEPTH):
        gain, feature, place = max(
            (_best_cut(leaf * BINS + binned[:, f], (1 << level, len(cuts)), slope, curve, f)
             for f, cuts in enumerate(edges) if len(cuts)),
        )
        features.append(feature)
        bins.append(-place)
        leaf += (binned[:, feature] > -place) * (1 << level)
    sums = np.bincount(leaf, slope, 1 << DEPTH)
    return features, bins, STEP * sums / (np.bincount(leaf, curve, 1 << DEPTH) + PULL)


def _best_cut(
    cells: np.ndarray, shape: tuple[int, int], slope: np.ndarray, curve: np.ndarray, feature: int,
) -> tuple[float, int, int]:
    """(gain, feature, minus the bin) of the best cut of one input. shape: leaves, cuts."""
    leaves, cuts = shape
    below = np.bincount(cells, slope, leaves * BINS).reshape(leaves, BINS).cumsum(axis=1)
    weight = np.bincount(cells, curve, leaves * BINS).reshape(leaves, BINS).cumsum(axis=1)
    above, rest = below[:, -1:] - below, weight[:, -1:] - weight
    gains = (below**2 / (weight + PULL) + above**2 / (rest + PULL)).sum(axis=0)[:cuts]
    best = int(np.argmax(gains))
    return float(gains[best]), feature, -best
