"""Small integers for equal values, and connected components, over whole arrays at once."""

from __future__ import annotations

import numpy as np

from mappings.person_records import run_starts

_U64 = np.uint64
_ONE = np.uint64(1)


def connected_components(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """Smallest member of the connected component of each of n nodes, by min-label propagation with pointer jumping."""
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
    """For each entry, the smallest member of its group."""
    codes = codes_of(group)
    first = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, codes, member)
    return first[codes]


def merge_groups(person: np.ndarray, use: np.ndarray, by: np.ndarray) -> np.ndarray:
    out = person.copy()
    here = np.flatnonzero(use)
    if len(here):
        out[here] = smallest_of_group(by[here], here)
    return out


def codes_of(values: np.ndarray) -> np.ndarray:
    """Small integers for equal values (by sorting: np.unique hashes and is many times slower on 64-bit keys)."""
    if not len(values):
        return np.zeros(0, np.int64)
    order = np.argsort(values, kind="stable")
    out = np.empty(len(values), np.int64)
    out[order] = np.cumsum(run_starts(values[order])) - 1
    return out


def codes_of_pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Small integers for equal pairs."""
    if not len(a):
        return np.zeros(0, np.int64)
    one, two = codes_of(a), codes_of(b)
    return codes_of(one * (int(two.max()) + 1) + two)
