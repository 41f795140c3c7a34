"""Rows from all over a table along its integer key, without reading it: short runs, spread as the rows are.

Points at even distances between the smallest and the largest key would stand for the key, not for the rows:
one huge gap, and nearly all of them fall into it and lead to the rows behind it. So the key is first cut
into parts that hold about equally many rows, by the estimates of the database's own index, and each part
gives the same number of runs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

RUNS = 256                                    # places along the key that runs start at, at most
PARTS = 128                                   # parts of about equally many rows
UNEVEN = 2.0                                  # shares that a part may hold before it is cut again
ROUNDS = 24                                   # times the parts are cut, at most
Bounds = tuple[int, int]                      # smallest and largest key of a part, both in it
EstimatedPart = tuple[Bounds, float]          # a part, and the estimated rows in it


def split_key(
    low: int, high: int, estimate: Callable[[Sequence[Bounds]], Sequence[float]],
) -> list[EstimatedPart]:
    """Return parts of [low, high] that hold about equally many rows, in order of the key.

    The range is cut evenly; parts that hold more than their share are cut again, round by round: keys without
    gaps take two rounds.
    estimate: rows between each two bounds; called once a round.

    >>> [part for part, _ in split_key(0, 7, lambda bounds: [8.0 * (b == (0, 7)) for b in bounds])]
    [(0, 7)]
    """
    whole = (low, high)
    parts: list[EstimatedPart] = [(whole, estimate([whole])[0])]
    for _ in range(ROUNDS):
        share = sum(rows for _, rows in parts) / PARTS
        too_full = {bounds: rows for bounds, rows in parts
                    if rows > UNEVEN * share and bounds[1] > bounds[0]}
        if not too_full:
            break
        pieces = [piece for bounds, rows in too_full.items()
                  for piece in _cut(bounds, math.ceil(rows / share))]
        others = (part for part in parts if part[0] not in too_full)
        estimated = sorted([*others, *zip(pieces, estimate(pieces), strict=True)])
        parts = [(bounds, rows) for bounds, rows in estimated if rows > 0]
        if len(parts) >= 4 * PARTS or not parts:
            break
    return parts or [(whole, 1.0)]


def _cut(bounds: Bounds, pieces: int) -> list[Bounds]:
    """Return a range in `pieces` of about the same length, fewer where it has fewer keys."""
    low, high = bounds
    starts = sorted({low + (high - low + 1) * i // pieces for i in range(pieces)})
    return list(zip(starts, [start - 1 for start in starts[1:]] + [high], strict=True))


def starting_points(parts: Sequence[EstimatedPart], runs: int, seed: int) -> list[tuple[int, Bounds]]:
    """Return `runs` keys to start at, each with its part, in order; fuller parts have more of them.

    Stratified: the i-th point lies in the i-th of `runs` equal shares of the estimated rows.

    >>> starting_points([((0, 9), 1.0), ((1_000, 1_009), 3.0)], 4, seed=7)
    [(3, (0, 9)), (1000, (1000, 1009)), (1005, (1000, 1009)), (1006, (1000, 1009))]
    """
    rng = random.Random(seed)
    total = sum(rows for _, rows in parts)
    points: list[tuple[int, Bounds]] = []
    rows_before, current = 0.0, 0
    for i in range(runs):
        place = (i + rng.random()) * total / runs
        while current < len(parts) - 1 and place >= rows_before + parts[current][1]:
            rows_before += parts[current][1]
            current += 1
        (low, high), rows = parts[current]
        share = min(1.0, max(0.0, (place - rows_before) / rows))
        points.append((min(high, low + int(share * (high - low + 1))), (low, high)))
    return points
