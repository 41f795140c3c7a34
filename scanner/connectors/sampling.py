"""Which rows of a table a sample takes, never how they are fetched: the same seed names the same rows for every engine."""

from __future__ import annotations

import random
from collections.abc import Sequence

GROUPS = 32                                   # row groups a sample opens, at most


def positions(counts: Sequence[int], rows: int, seed: int) -> list[list[int]]:
    """Places to read in each row group, ascending; empty lists for groups that are not opened.

    counts: rows of each row group, in the order of the files. All rows where there are no more than `rows`; else at most GROUPS groups,
    drawn with a chance that grows with their size, and rows drawn at random among theirs.

    >>> positions([2, 3], 10, seed=7)
    [[0, 1], [0, 1, 2]]
    >>> [len(p) for p in positions([0, 1_000, 0], 3, seed=7)]
    [0, 3, 0]
    """
    if sum(counts) <= rows:
        return [list(range(n)) for n in counts]
    draw = random.Random(seed)
    filled = [i for i, n in enumerate(counts) if n]
    weighted = sorted(filled, key=lambda i: draw.random() ** (1.0 / counts[i]), reverse=True)       # Efraimidis and Spirakis 2006
    opened = sorted(weighted[:GROUPS])
    for i in weighted[GROUPS:]:               # small groups may not hold enough: open more until they do
        if sum(counts[j] for j in opened) >= rows:
            break
        opened = sorted([*opened, i])
    total = sum(counts[i] for i in opened)
    out: list[list[int]] = [[] for _ in counts]
    start, here = 0, 0
    for place in sorted(draw.sample(range(total), rows)):
        while place >= start + counts[opened[here]]:
            start += counts[opened[here]]
            here += 1
        out[opened[here]].append(place - start)
    return out
