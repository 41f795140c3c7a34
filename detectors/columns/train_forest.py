"""The forest of the second look, fitted by gradient boosting; see `train.py`."""

from __future__ import annotations

import numpy as np

from detectors.columns.answers import sigmoid
from detectors.columns.trees import Forest, leaf_of

TREES, DEPTH, STEP, PULL, BINS = 520, 5, 0.03, 10.0, 32
ROWS, INPUTS = 0.5, 0.2                       # shares that each tree sees


def fit_forest(rows: np.ndarray, truth: np.ndarray, seed: int = 0) -> Forest:
    """Return a forest fitted by gradient boosting on the log-loss. rows: (n, inputs); truth: 0 or 1."""
    chance = np.random.default_rng(seed)
    steps = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = [np.unique(np.quantile(column, steps)) for column in rows.T]
    binned = np.stack([np.searchsorted(e, column) for e, column in zip(edges, rows.T, strict=True)])
    counts = np.array([len(e) for e in edges])
    bias = float(np.log(truth.mean() / (1 - truth.mean())))
    log_odds = np.full(len(rows), bias)
    trees = []
    for _ in range(TREES):
        p = sigmoid(log_odds)
        some = np.flatnonzero(chance.random(len(rows)) < ROWS)
        inputs = np.sort(chance.choice(len(binned), int(len(binned) * INPUTS), replace=False))
        of_tree = _grow(binned[np.ix_(inputs, some)], counts[inputs], (truth - p)[some], (p * (1 - p))[some])
        features, bins, leaves = inputs[of_tree[0]], *of_tree[1:]
        log_odds += leaves[leaf_of(binned.T, features[None], bins[None])[:, 0]]
        trees.append((features, [edges[f][b] for f, b in zip(features, bins, strict=True)], leaves))
    features, thresholds, leaves = (np.array(part) for part in zip(*trees, strict=True))
    return Forest(features.astype(np.int16), thresholds.astype(np.float32), leaves.astype(np.float32), bias)


def _grow(
    binned: np.ndarray, counts: np.ndarray, slope: np.ndarray, curve: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(inputs, bins, leaves) of one tree: each node takes the question that gains most.

    binned: of shape (inputs, rows). counts: cuts of each input.
    """
    leaf = np.zeros(binned.shape[1], np.int64)
    features: list[np.ndarray] = []
    bins: list[np.ndarray] = []
    for level in range(DEPTH):
        gain = np.full(1 << level, -np.inf)
        feature, place = (np.zeros(1 << level, np.int64) for _ in range(2))
        for f in np.flatnonzero(counts):
            gains = _gains(leaf * BINS + binned[f], (1 << level, counts[f]), slope, curve)
            best = gains.argmax(axis=1)
            best_gain = gains[np.arange(len(best)), best]
            better = best_gain > gain
            gain[better], feature[better], place[better] = best_gain[better], f, best[better]
        features.append(feature)
        bins.append(place)
        leaf = 2 * leaf + (binned[feature[leaf], np.arange(len(leaf))] > place[leaf])
    sums = np.bincount(leaf, slope, 1 << DEPTH)
    leaves = STEP * sums / (np.bincount(leaf, curve, 1 << DEPTH) + PULL)
    return np.concatenate(features), np.concatenate(bins), leaves


def _gains(
    cells: np.ndarray, shape: tuple[int, int], slope: np.ndarray, curve: np.ndarray,
) -> np.ndarray:
    """What each cut of one input gains in each leaf. shape: leaves, cuts."""
    leaves, cuts = shape
    below = np.bincount(cells, slope, leaves * BINS).reshape(leaves, BINS).cumsum(axis=1)
    weight = np.bincount(cells, curve, leaves * BINS).reshape(leaves, BINS).cumsum(axis=1)
    above, rest = below[:, -1:] - below, weight[:, -1:] - weight
    return np.asarray((below**2 / (weight + PULL) + above**2 / (rest + PULL))[:, :cuts])
