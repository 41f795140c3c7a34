"""Small integers for equal values, and connected components, over whole arrays at once.

The components are found by min-label propagation with pointer jumping, in vector form.
"""

from __future__ import annotations

import numpy as np

from mappings.person_records import run_starts


def codes_of(values: np.ndarray) -> np.ndarray:
    """Return small integers, int64, for equal values.

    By sorting: np.unique hashes and is many times slower on 64-bit keys.
    """
    if not len(values):
        return np.zeros(0, np.int64)
    order = np.argsort(values)                # equal ones get one number, whichever is first
    codes = np.empty(len(values), np.int64)
    codes[order] = np.cumsum(run_starts(values[order])) - 1
    return codes


def codes_of_pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return small integers, int64, for equal pairs."""
    if not len(a):
        return np.zeros(0, np.int64)
    first, second = codes_of(a), codes_of(b)
    return codes_of(first * (int(second.max()) + 1) + second)


def connected_components(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """Return the smallest member of the component of each of n nodes. a, b: the ends of the edges."""
    label = np.arange(n)
    while True:
        low = np.minimum(label[a], label[b])
        before = label.copy()
        np.minimum.at(label, label[a], low)
        np.minimum.at(label, label[b], low)
        while not np.array_equal(jumped := label[label], label):
            label = jumped
        if np.array_equal(label, before):
            return label


def smallest_of_group(group: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return for each entry the smallest member of its group."""
    codes = codes_of(group)
    smallest = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(smallest, codes, member)
    return smallest[codes]


def join_groups(person: np.ndarray, which: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Return persons where those of the units marked in `which` are one if `by` is equal."""
    here, n = np.flatnonzero(which), len(person)
    if not len(here):
        return person
    codes = codes_of(by[here])
    return connected_components(person[here], codes + n, n + int(codes.max()) + 1)[person]
