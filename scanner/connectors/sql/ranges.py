"""Rows from all over a table along its integer key, without reading it: short runs of rows, spread as the rows are.

Points drawn evenly between the smallest and the largest key would stand for the key, not for the rows: one huge gap, and nearly all of them
fall into it and find the rows behind it. So the key is first cut into parts that hold about equally many rows, by the estimates of the
database's own index, and each part gives the same number of runs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

RUNS = 256                                    # places along the key that rows are drawn from, at most
PARTS = 128                                   # parts of about equally many rows
ROUNDS = 48                                   # times the parts are halved, at most
Bounds = tuple[int, int]                      # smallest and largest key of a part, both in it


def parts(low: int, high: int, inside: Callable[[Sequence[Bounds]], Sequence[float]]) -> list[tuple[Bounds, float]]:
    """(part of [low, high], estimated rows in it), in order of the key; those that hold more than their share of rows are halved.

    inside: estimated rows between each two bounds; called once a round.

    >>> [p for p, _ in parts(0, 7, lambda asked: [8.0 * (b == (0, 7)) for b in asked])]
    [(0, 7)]
    """
    found: list[tuple[Bounds, float]] = [((low, high), inside([(low, high)])[0])]
    for _ in range(ROUNDS):
        share = sum(n for _, n in found) / PARTS
        wide = [b for b, n in found if n > share and b[1] > b[0]]
        if not wide:
            break
        halves = [h for a, b in wide for h in ((a, (a + b) // 2), ((a + b) // 2 + 1, b))]
        found = sorted([*((b, n) for b, n in found if b not in set(wide)), *zip(halves, inside(halves), strict=True)])
        found = [(b, n) for b, n in found if n > 0]
        if len(found) >= 4 * PARTS or not found:
            break
    return found or [((low, high), 1.0)]


def points(found: Sequence[tuple[Bounds, float]], runs: int, seed: int) -> list[tuple[int, Bounds]]:
    """`runs` places to start at, each with its part, in order of the key; parts are chosen as often as they hold rows.

    Stratified: the i-th point lies in the i-th of `runs` equal shares of the estimated rows.

    >>> points([((0, 9), 1.0), ((1_000, 1_009), 3.0)], 4, seed=7)
    [(3, (0, 9)), (1000, (1000, 1009)), (1005, (1000, 1009)), (1006, (1000, 1009))]
    """
    draw = random.Random(seed)
    total = sum(n for _, n in found)
    out, before, here = [], 0.0, 0
    for i in range(runs):
        place = (i + draw.random()) * total / runs
        while here < len(found) - 1 and place >= before + found[here][1]:
            before += found[here][1]
            here += 1
        (low, high), n = found[here]
        share = min(1.0, max(0.0, (place - before) / n))
        out.append((min(high, low + int(share * (high - low + 1))), (low, high)))
    return out
