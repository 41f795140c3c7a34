"""Which rows of a table a sample takes, never how they are fetched.

The same seed names the same rows for every engine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

GROUPS = 32                                   # row groups a sample opens, at most


def positions(counts: Sequence[int], rows: int, seed: int) -> list[list[int]]:
    """Return the places to read in each row group, ascending; empty lists for groups that are not opened.

    counts: rows of each row group, in the order of the files. All rows where there are no more than `rows`;
    else rows drawn at random from at most GROUPS groups, each chosen with a chance that grows with its size.

    >>> positions([2, 3], 10, seed=7)
    [[0, 1], [0, 1, 2]]
    >>> [len(p) for p in positions([0, 1_000, 0], 3, seed=7)]
    [0, 3, 0]
    """
    if sum(counts) <= rows:
        return [list(range(count)) for count in counts]
    rng = random.Random(seed)
    opened = _choose_groups(counts, rows, rng)
    total = sum(counts[i] for i in opened)
    places: list[list[int]] = [[] for _ in counts]
    start, current = 0, 0                     # rows of the opened groups before the current one
    for place in sorted(rng.sample(range(total), rows)):
        while place >= start + counts[opened[current]]:
            start += counts[opened[current]]
            current += 1
        places[opened[current]].append(place - start)
    return places


def _choose_groups(counts: Sequence[int], rows: int, rng: random.Random) -> list[int]:
    """Return the numbers of the groups to open, ascending; more than GROUPS where these hold too few rows.

    Source: Efraimidis and Spirakis 2006, weighted random sampling with a reservoir.
    """
    filled = [i for i, count in enumerate(counts) if count]
    by_chance = sorted(filled, key=lambda i: rng.random() ** (1.0 / counts[i]), reverse=True)
    opened = by_chance[:GROUPS]
    for i in by_chance[GROUPS:]:
        if sum(counts[j] for j in opened) >= rows:
            break
        opened.append(i)
    return sorted(opened)
