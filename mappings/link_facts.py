"""What linking has to know of all units together; the rest hangs on the units that one person may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mappings.account_scopes import TABLE_MARK, KeyKinds, ScopeAnswer, is_of_hashes

MOST_KINDS = 61                               # kinds of keys with a bit of their own; above, names of a crowd
_U64 = np.uint64
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What surveys of keys say together.

    crowds: keys, sorted, that link nobody because so many stand under them. broken: kinds of accounts, by
    place, whose numbers mostly stand under several names; disputed: under several contacts, where they recur.
    answers: of accounts of several tables, by place. Incomplete ones are for another survey, to go on from.
    """

    crowds: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    broken: tuple[int, ...] = ()
    disputed: tuple[int, ...] = ()
    answers: Mapping[int, ScopeAnswer] = field(default_factory=dict)
    is_complete: bool = False

    def are_crowds(self, hashes: np.ndarray) -> np.ndarray:
        """Return bool per key: is it a crowd's?"""
        return is_among(hashes, self.crowds)

    @property
    def apart(self) -> list[int]:
        """Return the places of accounts whose numbers stand for other people in other tables."""
        return [slot for slot, answer in self.answers.items() if answer == "apart"]

    @property
    def unproved(self) -> list[int]:
        """Return the places of accounts whose numbers are not surely one person's in several tables."""
        return [slot for slot, answer in self.answers.items() if answer != "same"]

    def broken_accounts(self) -> list[int]:
        """Return the places of accounts whose numbers stand for other people in other rows."""
        return list(dict.fromkeys([*self.broken, *self.apart]))

    def open_tables(self, kinds: KeyKinds) -> set[str]:
        """Return the tables of which nothing says whether their accounts are those of others."""
        return {_table(kinds, slot) for slot, answer in self.answers.items() if answer == "open"}

    def unlinked_hashes(self, kinds: KeyKinds) -> set[str]:
        """Return the tables whose hashes have none in common with those of other tables."""
        return {_table(kinds, slot) for slot in self._unlinked_places(kinds)}

    def _unlinked_places(self, kinds: KeyKinds) -> list[int]:
        return [
            slot for places in kinds.narrowed() for slot in places
            if is_of_hashes(kinds.scopes[slot]) and slot not in self.answers
        ]

    def kind_bits(self, kinds: KeyKinds) -> np.ndarray:
        """Return a bit for each kind of key, uint64 by place, as `low` tells kinds of keys apart."""
        apart = [*self.unproved, *self._unlinked_places(kinds)]
        bits = [slot if slot in apart else group for slot, group in enumerate(kinds.groups)]
        for slot, other in kinds.joined.items():
            bits[slot] = bits[other]
        kind_bits = _ONE << np.minimum(bits, MOST_KINDS).astype(_U64)
        kind_bits[list(kinds.traits)] = 0
        return kind_bits


def _table(kinds: KeyKinds, slot: int) -> str:
    return kinds.scopes[slot].partition(TABLE_MARK)[2]


def is_among(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return bool per value: does it stand among values in order?"""
    if not len(ordered):
        return np.zeros(len(values), bool)
    return np.asarray(ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values)
