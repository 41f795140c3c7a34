"""Rows reduced to what counting needs: keys, name, filled fields; equal ones folded as they stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mappings.name_forms import MASKED

_U64 = np.uint64
_ONE = np.uint64(1)
_MASKED = np.uint64(MASKED)
# what a person has one of: it links nobody, and two of them under one key are a contradiction
BORN, GENDER = ("birth_date", "birth_date"), ("gender", "gender")
TRAITS = (BORN, GENDER)
# bits of a unit beside its fields'. Source: 个人信息保护法 第三十一条
MINOR_BIT = np.uint64(1) << np.uint64(63)     # the person is under fourteen
ADULT_BIT = np.uint64(1) << np.uint64(62)     # the person is not; without both bits, nobody says how old
AGE_BITS = MINOR_BIT | ADULT_BIT
# (keys in several rows, which may be a crowd's, how many rows beyond the first of each)
KeyRows = tuple[np.ndarray, np.ndarray]
HeavyKeys = list[KeyRows]                     # fold after fold
NO_HEAVY: KeyRows = np.zeros(0, _U64), np.zeros(0, np.int32)
Slots = tuple[int, ...]                       # which kinds of keys a pile of units has, by their places
FEW_OTHERS = 8                                # times as many units as others fill other fields
SAMPLED_UNITS = 1_000                         # whose fields say what most fill


@dataclass(slots=True)
class Units:
    """Rows with at least one key, reduced to what counting needs; equal keys under equal names are one unit.

    keys: uint64 of shape (n, kinds), 0 where there is none; name: uint64 hash or None where no row has a
    name; bits: fields filled, and MINOR_BIT; first_row: ordinal of the first such row, None where no choice
    between units will ever hang on it (one kind of key and no names); rows: int32, how many rows a unit
    stands for, None for one each, or not counted.
    """

    keys: np.ndarray
    name: np.ndarray | None
    bits: np.ndarray
    first_row: np.ndarray | None
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.bits)

    def arrays(self) -> list[np.ndarray]:
        """Return the columns that are there."""
        columns = (self.keys, self.name, self.bits, self.first_row, self.rows)
        return [each for each in columns if each is not None]

    def select(self, which: np.ndarray) -> Units:
        """Return the units marked in `which` (bool), or at its positions; itself where all are marked."""
        if which.dtype == bool and which.all():
            return self
        return Units(
            self.keys[which],
            None if self.name is None else self.name[which],
            self.bits[which],
            None if self.first_row is None else self.first_row[which],
            None if self.rows is None else self.rows[which],
        )


def stacked_units(parts: list[Units]) -> Units:
    """Return units of several batches, one under the other; the list is emptied as it is read."""
    if len(parts) == 1:
        return parts.pop()
    with_names = any(part.name is not None for part in parts)
    with_rows = with_names or any(part.first_row is not None for part in parts)
    keys = np.concatenate([part.keys for part in parts])
    name = first_row = rows = None
    if any(part.rows is not None for part in parts):
        rows = np.concatenate([
            part.rows if part.rows is not None else np.ones(len(part), np.int32) for part in parts
        ])
    if with_names:
        name = np.concatenate([_or_zeros(part.name, len(part), _U64) for part in parts])
    bits = np.concatenate([part.bits for part in parts])
    if with_rows:
        first_row = np.concatenate([_or_zeros(part.first_row, len(part), np.int64) for part in parts])
    parts.clear()
    return Units(keys, name, bits, first_row, rows)


def _or_zeros(values: np.ndarray | None, length: int, dtype: type) -> np.ndarray:
    return values if values is not None else np.zeros(length, dtype)


def fold_units(units: Units, runs: bool, heavy: HeavyKeys | None = None) -> Units:
    """Return equal keys under equal names as one unit with the fields of all of them.

    runs: the units are two runs already in order. heavy: where rows of keys in many rows are added up.
    """
    if len(units) < 2:
        return units
    plain = units.keys.shape[1] == 1 and units.name is None and units.first_row is None
    if plain and units.rows is None:
        usual = _usual_bits(units.bits)
        is_usual = units.bits == usual
        others = np.flatnonzero(~is_usual)
        if len(others) * FEW_OTHERS < len(units):
            keys = units.keys[is_usual, 0] if len(others) else units.keys[:, 0].copy()
            several: HeavyKeys = []
            keys = _fold_alike(keys, runs, several)
            if len(others):
                folded = _with_others(keys, usual, units.select(others), several)
            else:
                folded = Units(keys[:, None], None, np.full(len(keys), usual, _U64), None)
            if heavy is not None:
                heavy += several
            return folded
    sort_values = units.keys[:, 0] if plain else mix_keys(units)
    order = np.argsort(sort_values, kind="stable") if runs else _rough_order(sort_values)
    sort_values = np.take(sort_values, order)
    starts = np.flatnonzero(run_starts(sort_values))
    del sort_values
    first_units = np.take(order, starts)
    bits, first_row, rows = _fold_rows(units, order, starts)
    del order
    return Units(
        np.take(units.keys, first_units, axis=0),
        np.take(units.name, first_units) if units.name is not None else None,
        bits,
        first_row,
        rows,
    )


def _fold_alike(keys: np.ndarray, runs: bool, heavy: HeavyKeys) -> np.ndarray:
    """Return the distinct ones of keys of one kind, in order; keys themselves are put in order."""
    keys.sort(kind="stable" if runs else None)
    is_first = run_starts(keys)
    if (some := _heavy_keys(keys, is_first)) is not None:
        heavy.append(some)
    return keys[is_first]


def _usual_bits(bits: np.ndarray) -> np.uint64:
    """Return what most units of a sample fill."""
    values, number = np.unique(bits[::max(len(bits) // SAMPLED_UNITS, 1)], return_counts=True)
    return np.uint64(values[np.argmax(number)])


def _with_others(usual: np.ndarray, usual_bits: np.uint64, others: Units, heavy: HeavyKeys) -> Units:
    """Return units of one kind of key in order, with those of a few units that fill other fields.

    usual: distinct keys, of which all fill the same. heavy: keys in several rows; those of others are added.
    """
    order = np.argsort(others.keys[:, 0], kind="stable")
    keys = others.keys[order, 0]
    starts = np.flatnonzero(run_starts(keys))
    bits = np.bitwise_or.reduceat(others.bits[order], starts)
    rows = np.diff(np.append(starts, len(keys)))
    keys = keys[starts]
    at = np.searchsorted(usual, keys)
    again = (at < len(usual)) & (usual[np.minimum(at, len(usual) - 1)] == keys)
    further = rows - ~again                   # beyond the first row of each key
    heavy.append((keys[further > 0], further[further > 0].astype(np.int32)))
    all_keys = np.concatenate([usual, keys[~again]])
    all_keys.sort(kind="stable")              # two runs, one of them short
    all_bits = np.full(len(all_keys), usual_bits, _U64)
    all_bits[at[again] + np.searchsorted(at[~again], at[again], "right")] |= bits[again]
    all_bits[at[~again] + np.arange(len(at[~again]))] = bits[~again]
    return Units(all_keys[:, None], None, all_bits, None)


def _heavy_keys(ordered: np.ndarray, is_first: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (keys that stand in several rows, in order, their further rows); None where there is none.

    ordered: a key a row. is_first: bool per row, does a key begin there?
    """
    starts = np.flatnonzero(is_first[:-1] & ~is_first[1:])
    if not len(starts):
        return None
    keys, rows = ordered[starts], np.ones(len(starts), np.int32)
    third = np.minimum(starts + 2, len(ordered) - 1)
    more = np.flatnonzero(~is_first[third] & (third == starts + 2))           # few of many people
    rows[more] = np.searchsorted(ordered, keys[more], "right") - starts[more] - 1
    return keys, rows


def _fold_rows(
    units: Units, order: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Return the fields of each run of equal units, the first of its rows, and how many there are."""
    first_row, rows = units.first_row, units.rows
    if len(starts) == len(units):
        first_row, rows = (
            np.take(each, order) if each is not None else None for each in (first_row, rows)
        )
        return np.take(units.bits, order), first_row, rows
    bits = np.bitwise_or.reduceat(np.take(units.bits, order), starts)
    if first_row is not None:
        first_row = np.minimum.reduceat(np.take(first_row, order), starts)
    if rows is None:
        rows = np.diff(np.append(starts, len(units))).astype(np.int32)
    else:
        rows = np.add.reduceat(np.take(rows, order), starts)
    return bits, first_row, rows


def _rough_order(values: np.ndarray) -> np.ndarray:
    """Return positions of the values in about ascending order.

    Their upper bits are sorted with the position packed below them, which takes half the time of an argsort.
    Equal values that share their upper bits with another may stay apart; such units are joined by the graph.
    """
    width = int(len(values)).bit_length()
    packed = (values >> _U64(width)) << _U64(width)
    packed |= np.arange(len(values), dtype=_U64)
    packed.sort()
    packed &= _U64((1 << width) - 1)
    return packed.view(np.int64)


def soft_key(name: np.ndarray, born: np.ndarray) -> np.ndarray:
    """Return a key from a full name and a day of birth, which links in `low` alone and proves nothing.

    name, born: uint64 hashes. 0 where one is missing, or the name is masked.
    """
    mix = (name ^ (born * _U64(0x9E3779B97F4A7C15))) * _U64(0xBF58476D1CE4E5B9)
    mix ^= mix >> _U64(31)
    whole = (name != 0) & (born != 0) & ((name & _MASKED) == 0)
    return np.where(whole, (mix | _ONE) & ~_MASKED, _U64(0))


def mix_keys(units: Units) -> np.ndarray:
    """Return 64 bits for all keys and the name of a unit; of secret hashes, a plain mix is enough."""
    if units.name is None and units.keys.shape[1] == 1:
        return units.keys[:, 0]               # which the mix would be
    mix = units.name.copy() if units.name is not None else np.zeros(len(units), _U64)
    for kind in range(units.keys.shape[1]):
        mix *= _U64(0x9E3779B97F4A7C15)
        mix ^= mix >> _U64(29)
        mix += units.keys[:, kind]
    return mix


def without_rows_of(units: Units, others: Units) -> Units:
    """Return units whose rows are those that equal units of others do not stand for already."""
    if not len(others):
        return units
    rows, rows_of_others = (
        np.ones(len(each), np.int32) if each.rows is None else each.rows for each in (units, others)
    )
    mix = mix_keys(others)
    order = np.argsort(mix)
    mixed = mix_keys(units)
    at = order[np.minimum(np.searchsorted(mix, mixed, sorter=order), len(order) - 1)]
    own = np.where(mix[at] == mixed, rows_of_others[at], 0)
    return replace(units, rows=np.maximum(rows - own, 0).astype(np.int32))


def run_starts(ordered: np.ndarray) -> np.ndarray:
    """Return, for each value, whether it is the first of its run."""
    starts = np.empty(len(ordered), bool)
    starts[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    return starts
