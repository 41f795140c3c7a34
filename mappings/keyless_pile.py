"""Rows without a key on a pile: equal ones counted together, on disk where memory ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mappings.keyless import KeylessRows
from mappings.person_records import Units, run_starts
from mappings.unit_runs import UNBOUNDED, UnitMemory, UnitRun, run_ranges

MOST_PENDING = 1_000_000                      # pairs kept before equal ones are added up
_U64 = np.uint64


class KeylessPile:
    """Rows without a key by (name, bits). rows: how many there are."""

    def __init__(self, memory: UnitMemory = UNBOUNDED) -> None:
        self.memory = memory
        self.rows = 0
        self._settled = KeylessRows()         # each pair once, in order
        self._pending: list[KeylessRows] = []
        self._waiting = 0
        self._runs: list[UnitRun] = []
        memory.watch(self)

    def copy(self) -> KeylessPile:
        """Return a pile of the same rows, to be added to on its own."""
        copied = KeylessPile(self.memory)
        copied.rows, copied._settled = self.rows, self._settled
        copied._pending, copied._waiting, copied._runs = list(self._pending), self._waiting, list(self._runs)
        return copied

    def add(self, name: np.ndarray, bits: np.ndarray, rows: np.ndarray | None = None) -> None:
        """Add rows. rows: how many each pair stands for; None: one."""
        if not len(bits):
            return
        pairs = _folded([KeylessRows(name, bits, np.ones(len(bits), np.int64) if rows is None else rows)])
        self.rows += int(pairs.rows.sum())
        self._pending.append(pairs)
        self._waiting += len(pairs.bits)
        if self._waiting >= max(MOST_PENDING, len(self._settled.bits) // 3):
            self._settle()
        self.memory.make_room(sum(a.nbytes for a in _arrays(pairs)))

    def add_pile(self, other: KeylessPile) -> None:
        """Add the rows of another pile."""
        for pairs in other.parts():
            self.add(pairs.name, pairs.bits, pairs.rows)

    def parts(self) -> Iterator[KeylessRows]:
        """Yield all rows, each pair once, in parts that fit into memory; what has one name is in one part."""
        self._settle()
        if not self._runs:
            yield self._settled
            return
        self.spill()
        runs = self._runs
        for place in run_ranges(runs, self.memory.read_size):
            yield _folded([_read(run, place) for run in runs])

    def _settle(self) -> None:
        if self._pending:
            self._settled = _folded([self._settled, *self._pending])
            self._pending, self._waiting = [], 0

    def arrays(self) -> Iterator[np.ndarray]:
        """Yield everything that is held in memory."""
        for pairs in (self._settled, *self._pending):
            yield from _arrays(pairs)

    def spill(self) -> None:
        """Put all that is held in memory on disk."""
        self._settle()
        settled = self._settled
        if not len(settled.bits):
            return
        run = self.memory.write(Units(settled.name[:, None], None, settled.bits, None, settled.rows))
        for pile in self.memory.piles():      # this one and copies of it
            if isinstance(pile, KeylessPile) and pile._settled is settled:
                pile._settled, pile._runs = KeylessRows(), [*pile._runs, run]


def _arrays(pairs: KeylessRows) -> tuple[np.ndarray, ...]:
    return pairs.name, pairs.bits, pairs.rows


def _read(run: UnitRun, place: tuple[int, int]) -> KeylessRows:
    units, _ = run.read(*place)
    assert units.rows is not None
    return KeylessRows(units.keys[:, 0], units.bits, units.rows)


def _folded(parts: Sequence[KeylessRows]) -> KeylessRows:
    """Return each pair once and in order, with all its rows."""
    parts = [part for part in parts if len(part.bits)]
    if not parts:
        return KeylessRows()
    name, bits, rows = (np.concatenate(each) for each in zip(*map(_arrays, parts), strict=True))
    if (name == name[0]).all():               # as a rule there is none
        order = np.argsort(bits, kind="stable")
        is_first = run_starts(bits[order])
    else:
        order = np.lexsort((bits, name))
        is_first = run_starts(name[order]) | run_starts(bits[order])
    starts = np.flatnonzero(is_first)
    first = order[starts]
    return KeylessRows(name[first], bits[first], np.add.reduceat(rows[order], starts))
