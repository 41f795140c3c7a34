"""Units side by side with their keys as edges; units that share no key with another need no graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.person_records import BORN, Slots, Units, soft_key

_U64 = np.uint64
_ONE = np.uint64(1)
Parts = list[tuple[Slots, Units]]             # of piles


@dataclass(slots=True)
class UnitGraph:
    """Units side by side; edges in long form: unit[i] has the key hash[i] of the kind slot[i].

    Each unit has a key. name, bits: as in `Units`, 0 where no row has a name. weight: rows a unit stands for,
    where they were counted. traits: per unit what a person has one of, uint64 by label, 0 for none. A day of
    birth is an edge together with the name.
    """

    name: np.ndarray
    bits: np.ndarray
    weight: np.ndarray                        # int64
    unit: np.ndarray                          # int64, edge -> unit
    slot: np.ndarray                          # int16, edge -> slot
    hash: np.ndarray                          # uint64, edge -> key
    traits: Mapping[str, np.ndarray] = field(default_factory=dict)


def is_usable_key(hashes: np.ndarray, is_id: bool | np.ndarray) -> np.ndarray:
    """Which keys say that somebody is there: any, but of resident IDs only valid ones."""
    return (hashes != 0) & (((hashes & _ONE) == 1) | ~np.asarray(is_id))


def linking_keys(units: Units, j: int, label: str | None) -> np.ndarray | None:
    """Keys of a column of a pile; of days of birth with the name. None: nothing that could link.

    label: of a trait; None for a kind of key.
    """
    if label is None:
        return units.keys[:, j]
    if label != BORN[0] or units.name is None:
        return None
    return soft_key(units.name, units.keys[:, j])


def build_graph(piles: Parts, kinds: KeyKinds) -> UnitGraph:
    """Return units side by side in the order of their first rows, so that no hash decides what is first."""
    order = _row_order(piles)
    unit, slot, hashes = _edges(piles, order, kinds.traits)
    nobody, none = np.zeros(0, _U64), np.zeros(0, np.int64)
    names = [u.name if u.name is not None else np.zeros(len(u), _U64) for _, u in piles]
    return UnitGraph(
        name=np.concatenate([*names, nobody])[order],
        bits=np.concatenate([*(u.bits for _, u in piles), nobody])[order],
        weight=np.concatenate([*map(_rows_of_units, piles), none])[order],
        unit=unit, slot=slot, hash=hashes, traits=_traits(piles, order, kinds.traits),
    )


def _traits(piles: Parts, order: np.ndarray, traits: Mapping[int, str]) -> dict[str, np.ndarray]:
    """Return per unit what a person has one of, by label."""
    values: dict[str, np.ndarray] = {}
    for slot, label in traits.items():
        parts = [
            u.keys[:, slots.index(slot)] if slot in slots else np.zeros(len(u), _U64) for slots, u in piles
        ]
        values[label] = np.concatenate([*parts, np.zeros(0, _U64)])[order]
    return values


def _rows_of_units(pile: tuple[Slots, Units]) -> np.ndarray:
    """int64 per unit of a pile: how many rows it stands for, 1 where they were not counted."""
    rows = pile[1].rows
    return np.ones(len(pile[1]), np.int64) if rows is None else rows.astype(np.int64)


def _row_order(piles: Parts) -> np.ndarray:
    """Positions of the units, pile after pile, in the order of their first rows."""
    rows = [u.first_row if u.first_row is not None else np.zeros(len(u), np.int64) for _, u in piles]
    return np.argsort(np.concatenate(rows), kind="stable") if rows else np.zeros(0, np.int64)


def _edges(
    piles: Parts, order: np.ndarray, traits: Mapping[int, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(unit, slot, hash) of every key, by unit.

    order: positions of the units, pile after pile, as they are to stand. traits: labels of places without
    keys.
    """
    units = [np.zeros(0, np.int64)]
    slots = [np.zeros(0, np.int16)]
    hashes = [np.zeros(0, _U64)]
    start = 0
    for pile_slots, u in piles:
        for j, slot in enumerate(pile_slots):
            keys = linking_keys(u, j, traits.get(slot))
            if keys is None:
                continue
            here = np.flatnonzero(keys)
            units.append(here + start)
            slots.append(np.full(len(here), slot, np.int16))
            hashes.append(keys[here])
        start += len(u)
    place = np.empty(start, np.int64)
    place[order] = np.arange(start)
    unit = place[np.concatenate(units)]
    by_unit = np.argsort(unit, kind="stable")
    return unit[by_unit], np.concatenate(slots)[by_unit], np.concatenate(hashes)[by_unit]
