"""A forest of small trees whose levels each ask one question of all rows: predictions by numpy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of equal depth, as arrays.

    features, thresholds: of shape (trees, depth): level d of a tree asks `x[feature] > threshold`.
    leaves: of shape (trees, 2 ** depth), in log-odds; bit d of a leaf's number is the answer of level d.
    """

    features: np.ndarray
    thresholds: np.ndarray
    leaves: np.ndarray
    bias: float

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """Return the sum of every tree's leaf for rows of shape (n, features)."""
        trees, depth = self.features.shape
        answers = rows[:, self.features] > self.thresholds
        numbers = answers @ (1 << np.arange(depth))
        return np.asarray(self.bias + self.leaves[np.arange(trees), numbers].sum(axis=1))
