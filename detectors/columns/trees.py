"""A forest of small complete trees: predictions by numpy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of equal depth, as arrays.

    features, thresholds: of shape (trees, 2 ** depth - 1): node k of a tree asks `x[feature] > threshold`;
    no leads to node 2 k + 1, yes to the one after it. leaves: of shape (trees, 2 ** depth), in log-odds.
    """

    features: np.ndarray
    thresholds: np.ndarray
    leaves: np.ndarray
    bias: float

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """Return the sum of every tree's leaf for rows of shape (n, features)."""
        trees = np.arange(len(self.leaves))
        leaves = leaf_of(rows, self.features, self.thresholds)
        return np.asarray(self.bias + self.leaves[trees, leaves].sum(axis=1))


def leaf_of(rows: np.ndarray, features: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the leaf that each row reaches in each tree, shape (n, trees)."""
    trees, place = np.arange(len(features)), np.arange(len(rows))[:, None]
    node = np.zeros((len(rows), len(features)), np.intp)
    while node[0, 0] < features.shape[1]:
        is_above = rows[place, features[trees, node]] > thresholds[trees, node]
        node = 2 * node + 1 + is_above
    return node - features.shape[1]
