"""Units side by side with their keys as edges; units that share no key with another need no graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mappings.person_records import Units, run_starts

_U64 = np.uint64
_ONE = np.uint64(1)


Piles = list[tuple[tuple[int, ...], Units]]


@dataclass(slots=True)
class UnitGraph:
    """All units side by side; edges in long form."""

    name: np.ndarray
    bits: np.ndarray
    weight: np.ndarray
    keyed: np.ndarray                         # bool: has at least one key
    slots: np.ndarray                         # uint64 bit set of the kinds of keys
    unit: np.ndarray                          # int64, edge -> unit
    slot: np.ndarray                          # int16, edge -> slot
    hash: np.ndarray                          # uint64, edge -> key


def split_by_shared_keys(piles: Mapping[tuple[int, ...], Units]) -> tuple[Piles, Piles]:
    """(units that share no key with another unit, the others)."""
    shared = _shared_keys(piles)
    alone: Piles = []
    linked: Piles = []
    for slots, u in piles.items():
        hit = np.zeros(len(u), bool)
        for j, slot in enumerate(slots):
            hit |= shared[slot][j, slots] & (u.keys[:, j] != 0)
        for which, into in ((~hit, alone), (hit, linked)):
            if which.any():
                into.append((slots, u.select(which)))
    return alone, linked


def is_usable_key(hashes: np.ndarray, is_id: bool | np.ndarray) -> np.ndarray:
    """Which keys say that somebody is there: any, but of resident IDs only valid ones."""
    return (hashes != 0) & (((hashes & _ONE) == 1) | ~np.asarray(is_id))


def _shared_keys(piles: Mapping[tuple[int, ...], Units]) -> dict[int, dict[tuple[int, tuple[int, ...]], np.ndarray]]:
    """slot -> (column, pile) -> bool per unit: does another unit have the same key of this kind?"""
    where: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for slots in piles:
        for j, slot in enumerate(slots):
            where.setdefault(slot, []).append((j, slots))
    out: dict[int, dict[tuple[int, tuple[int, ...]], np.ndarray]] = {}
    for slot, places in where.items():
        every = np.concatenate([piles[slots].keys[:, j] for j, slots in places])
        if len(places) == 1 and len(places[0][1]) == 1 and piles[places[0][1]].name is None:
            out[slot] = {places[0]: np.zeros(len(every), bool)}       # one kind of key and no names: already folded
            continue
        ordered = np.sort(every)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        del ordered
        twice = twice[twice != 0]
        twice = twice[run_starts(twice)] if len(twice) else twice
        hit = _among(every, twice)
        out[slot], start = {}, 0
        for j, slots in places:
            n = len(piles[slots])
            out[slot][j, slots] = hit[start:start + n]
            start += n
    return out


def _among(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """bool per value: does it stand in `ordered` (sorted, distinct)? A bitmap of their upper bits answers most at once."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    width = int(min(26, max(10, len(ordered).bit_length() + 3)))
    shift = _U64(64 - width)
    seen = np.zeros(1 << width, bool)
    seen[(ordered >> shift).astype(np.int64)] = True
    maybe = np.flatnonzero(seen[(values >> shift).astype(np.int64)])
    out = np.zeros(len(values), bool)
    some = values[maybe]
    at = np.minimum(np.searchsorted(ordered, some), len(ordered) - 1)
    out[maybe] = ordered[at] == some
    return out


def build_graph(parts: Sequence[tuple[tuple[int, ...], Units]], keyless: Mapping[tuple[int, int], int], ids: Sequence[int]) -> UnitGraph:
    """Units side by side in the order their first rows came, so that no hash decides what comes first; rows without a key last."""
    edges: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, _U64))]
    lone = np.array(sorted(keyless), _U64).reshape(-1, 2)
    start = 0
    seen: list[np.ndarray] = []
    for slots, u in parts:
        for j, slot in enumerate(slots):
            here = np.flatnonzero(u.keys[:, j])
            edges.append((here + start, np.full(len(here), slot, np.int16), u.keys[here, j]))
        seen.append(u.first_row if u.first_row is not None else np.zeros(len(u), np.int64))
        start += len(u)
    unit, slot_, hash_ = (np.concatenate([e[i] for e in edges]) for i in range(3))
    order = np.argsort(np.concatenate(seen), kind="stable") if seen else np.zeros(0, np.int64)
    place = np.empty(start, np.int64)
    place[order] = np.arange(start)
    unit = place[unit]
    by_unit = np.argsort(unit, kind="stable")
    unit, slot_, hash_ = unit[by_unit], slot_[by_unit], hash_[by_unit]
    n = start + len(lone)
    keyed = np.zeros(n, bool)
    keyed[:start] = True
    kinds = np.zeros(n, _U64)
    sure = is_usable_key(hash_, np.isin(slot_, ids))
    np.bitwise_or.at(kinds, unit[sure], _ONE << np.minimum(slot_[sure], 63).astype(_U64))
    name = np.concatenate([*(u.name if u.name is not None else np.zeros(len(u), _U64) for _, u in parts), np.zeros(0, _U64)])[order]
    bits = np.concatenate([*(u.bits for _, u in parts), np.zeros(0, _U64)])[order]
    weight = np.concatenate([np.ones(start, np.int64), np.array([keyless[who, what] for who, what in lone.tolist()], np.int64)])
    return UnitGraph(np.concatenate([name, lone[:, 0]]), np.concatenate([bits, lone[:, 1]]), weight, keyed, kinds, unit, slot_, hash_)
