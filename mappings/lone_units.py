"""Persons who share no key with anybody, by what matters of them.

Most persons share nothing with anyone and need no graph: they are one person at every level.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mappings.crowds import in_many_rows, standing_out
from mappings.person_keys import TYPED_KEYS
from mappings.person_records import Slots, Units, run_starts
from mappings.unit_graph import is_usable_key

PEELED_PATTERNS = 12  # patterns of persons counted one by one before the rest is sorted
_U64 = np.uint64
_ONE = np.uint64(1)
Pattern = tuple[int, int]                     # (kinds of keys, bits of a unit)


class LoneUnits:
    """Units that share no key with another one, as a histogram; those of parts add up.

    labels: of the kinds of keys, by place.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        # (columns with a usable key, bits) -> persons
        self._persons: dict[Slots, dict[Pattern, int]] = {}
        # by place: (rows, has nothing beside, is typed and has nothing beside; bits) -> keys
        self._keys: dict[int, dict[Pattern, int]] = {}

    def add(self, slots: Slots, units: Units) -> None:
        """Add units of some kinds of keys."""
        usable_columns = np.zeros(len(units), _U64)
        for j, slot in enumerate(slots):
            usable = is_usable_key(units.keys[:, j], self._labels[slot] == "resident_id")
            usable_columns |= usable.astype(_U64) << _U64(min(j, 63))
        add_patterns(self._persons.setdefault(slots, {}), usable_columns, units.bits)
        self._add_keys(slots, units)

    def empty(self) -> LoneUnits:
        """Return what holds nobody yet."""
        return LoneUnits(self._labels)

    def merge(self, other: LoneUnits) -> None:
        """Add units of the same kinds that were counted elsewhere."""
        for slots, persons in other._persons.items():
            add_table(self._persons.setdefault(slots, {}), persons)
        for slot, keys in other._keys.items():
            add_table(self._keys.setdefault(slot, {}), keys)

    def _add_keys(self, slots: Slots, u: Units) -> None:
        rows = np.ones(len(u), _U64) if u.rows is None else u.rows.astype(_U64)
        filled = [u.keys[:, j] != 0 for j in range(len(slots))]
        single = np.ones(len(u), bool) if u.name is None else u.name == 0
        typed = single.copy()                 # and no key that is given to one person
        number = np.zeros(len(u), np.int64)
        for slot, here in zip(slots, filled, strict=True):
            number += here
            if self._labels[slot] not in TYPED_KEYS:
                typed &= ~here
        single &= number == 1
        for slot, here in zip(slots, filled, strict=True):
            codes = (rows << _U64(2)) | (single.astype(_U64) << _U64(1)) | typed.astype(_U64)
            typed = typed & ~here             # of a unit with several keys, the first speaks for all
            add_patterns(self._keys.setdefault(slot, {}), codes[here], u.bits[here])

    def patterns(self, kind_bits: np.ndarray) -> dict[Pattern, int]:
        """Return the persons by pattern. kind_bits: of each kind of key, by place.

        A resident ID that fails its check does not count as a kind a person has, so that `low` takes who has
        nothing else for somebody mistyped.
        """
        table: dict[Pattern, int] = {}
        for slots, persons in self._persons.items():
            bits_of = [int(kind_bits[slot]) for slot in slots]
            for (columns, bits), number in persons.items():
                kinds = 0
                for j, bit in enumerate(bits_of):
                    kinds |= bit if columns >> min(j, 63) & 1 else 0
                table[kinds, bits] = table.get((kinds, bits), 0) + number
        return table

    def heavy_keys(self) -> tuple[int, dict[Pattern, int]]:
        """Return (keys in far more rows than others with nothing beside, their rows but for one, by pattern).

        It may be one person's, or what many people typed or share: a placeholder, a desk's phone.
        """
        heavy, table = 0, dict[Pattern, int]()
        for keys in filter(None, self._keys.values()):
            codes, bits = (np.array(part, _U64) for part in zip(*keys, strict=True))
            number = np.array(list(keys.values()), np.int64)
            rows = (codes >> _U64(2)).astype(np.int64)
            single, typed = ((codes >> _U64(place)) & _ONE != 0 for place in (1, 0))
            out = (standing_out(rows, number) & single) | (typed & in_many_rows(rows, number))
            heavy += int(number[out].sum())
            further = (rows - 1) * number
            for filled, more in zip(bits[out].tolist(), further[out].tolist(), strict=True):
                table[0, filled] = table.get((0, filled), 0) + more
        return heavy, table


def add_table(table: dict[Pattern, int], other: dict[Pattern, int]) -> None:
    """Add the persons of one table to another."""
    for pattern, number in other.items():
        table[pattern] = table.get(pattern, 0) + number


def add_patterns(
    table: dict[Pattern, int], kinds: np.ndarray, bits: np.ndarray, persons: np.ndarray | None = None
) -> None:
    """Add persons by their pattern to a table; few different ones among many persons.

    persons: None: one each.
    """
    for _ in range(PEELED_PATTERNS):          # most people look like one of a few; sorting is for the rest
        if not len(bits):
            return
        same = (bits == bits[0]) & (kinds == kinds[0])
        pattern = int(kinds[0]), int(bits[0])
        table[pattern] = table.get(pattern, 0) + int(same.sum() if persons is None else persons[same].sum())
        if same.all():
            return
        kinds, bits, persons = kinds[~same], bits[~same], None if persons is None else persons[~same]
    mix = kinds * _U64(0x9E3779B97F4A7C15)
    mix ^= mix >> _U64(31)
    mix += bits * _U64(0xD6E8FEB86659FD93)
    order = np.argsort(mix)
    starts = np.flatnonzero(run_starts(mix[order]))
    totals = (
        np.diff(np.append(starts, len(order))) if persons is None else np.add.reduceat(persons[order], starts)
    )
    first = order[starts]
    for k, b, total in zip(kinds[first].tolist(), bits[first].tolist(), totals.tolist(), strict=True):
        table[k, b] = table.get((k, b), 0) + total
