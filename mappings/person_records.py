"""Rows reduced to what counting needs: keys, name, filled fields; equal ones folded as they stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_U64 = np.uint64
_ONE = np.uint64(1)
SOFT = ("name_and_birth_date", "name_and_birth_date")        # links in `low` alone, proves nothing
# the bit of a unit, beside its fields', that says the person is under fourteen
MINOR = np.uint64(1) << np.uint64(63)
Slots = tuple[int, ...]                       # which kinds of keys a pile of units has, by their places
PENDING = 8_000_000                           # rows kept before equal ones are folded together


@dataclass(slots=True)
class Units:
    """Rows with at least one key, reduced to what counting needs; equal keys under equal names are one unit.

    keys: uint64 of shape (n, kinds), 0 where there is none; name: uint64 hash or None where no row has a
    name; bits: fields filled, and MINOR; seen: ordinal of the first such row, or None where no choice between
    units will ever hang on it (one kind of key and no names).
    """

    keys: np.ndarray
    name: np.ndarray | None
    bits: np.ndarray
    first_row: np.ndarray | None

    def __len__(self) -> int:
        return len(self.bits)

    def select(self, which: np.ndarray) -> Units:
        """The units marked in `which` (bool), or at its positions; the same object where all are marked."""
        if which.dtype == bool and which.all():
            return self
        return Units(self.keys[which], None if self.name is None else self.name[which], self.bits[which],
                     None if self.first_row is None else self.first_row[which])


class Pile:
    """The units of all tables that have the same kinds of keys.

    Folds equal ones whenever a third as much is pending as is settled.
    """

    def __init__(self) -> None:
        self.settled: Units | None = None    # in the order of `mixed`
        self.pending: list[Units] = []
        self.waiting = 0

    def add(self, units: Units) -> None:
        self.pending.append(units)
        self.waiting += len(units)
        if self.waiting >= max(PENDING, len(self.settled) // 3 if self.settled is not None else 0):
            self.units()

    def units(self) -> Units:
        """Everything so far, folded."""
        if self.pending:
            new = _folded(_stacked(self.pending), False)
            self.pending, self.waiting = [], 0
            parts = [u for u in (self.settled, new) if u is not None]
            self.settled = None
            self.settled = _folded(_stacked(parts), True) if len(parts) > 1 else new
        assert self.settled is not None
        return self.settled


def _stacked(parts: list[Units]) -> Units:
    """Units of several batches, one under the other; the list is emptied as it is read."""
    if len(parts) == 1:
        return parts.pop()
    named = any(p.name is not None for p in parts)
    ordered = any(p.first_row is not None for p in parts) or named
    keys = np.concatenate([p.keys for p in parts])
    name = (
        np.concatenate([p.name if p.name is not None else np.zeros(len(p), _U64) for p in parts])
        if named
        else None
    )
    bits = np.concatenate([p.bits for p in parts])
    seen = (
        np.concatenate(
            [p.first_row if p.first_row is not None else np.zeros(len(p), np.int64) for p in parts]
        )
        if ordered
        else None
    )
    parts.clear()
    return Units(keys, name, bits, seen)


def _folded(u: Units, runs: bool) -> Units:
    """Equal keys under equal names as one unit with the fields of all of them.

    runs: the units are two runs already in order.
    """
    n, kinds = u.keys.shape
    if n < 2:
        return u
    plain = kinds == 1 and u.name is None and u.first_row is None
    if plain and (u.bits == u.bits[0]).all():
        keys = np.sort(u.keys[:, 0], kind="stable" if runs else None)
        keys = keys[run_starts(keys)]
        return Units(keys[:, None], None, np.full(len(keys), u.bits[0], _U64), None)
    by = u.keys[:, 0] if plain else mix_keys(u)
    order = np.argsort(by, kind="stable") if runs else _order(by)
    by = np.take(by, order)
    starts = np.flatnonzero(run_starts(by))
    del by
    one = np.take(order, starts)
    if len(one) == n:
        bits, seen = np.take(u.bits, one), np.take(u.first_row, one) if u.first_row is not None else None
    else:
        bits = np.bitwise_or.reduceat(np.take(u.bits, order), starts)
        seen = np.minimum.reduceat(np.take(u.first_row, order), starts) if u.first_row is not None else None
    del order
    return Units(
        np.take(u.keys, one, axis=0), np.take(u.name, one) if u.name is not None else None, bits, seen
    )


def _order(values: np.ndarray) -> np.ndarray:
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


def soft_key(name: np.ndarray, day: np.ndarray) -> np.ndarray:
    """A key from a name and a day of birth; 0 where one of them is missing."""
    mixed = (name ^ (day.astype(_U64) * _U64(0x9E3779B97F4A7C15))) * _U64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> _U64(31)
    return np.where((name != 0) & (day != 0), mixed | _ONE, _U64(0))


def mix_keys(u: Units) -> np.ndarray:
    """Return 64 bits for all keys and the name of a unit; of secret hashes, a plain mix is enough."""
    out = u.name.copy() if u.name is not None else np.zeros(len(u), _U64)
    for j in range(u.keys.shape[1]):
        out *= _U64(0x9E3779B97F4A7C15)
        out ^= out >> _U64(29)
        out += u.keys[:, j]
    return out


def run_starts(ordered: np.ndarray) -> np.ndarray:
    """bool: is it the first of its run?"""
    out = np.empty(len(ordered), bool)
    out[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=out[1:])
    return out
