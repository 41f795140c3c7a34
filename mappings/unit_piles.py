"""Units of the same kinds of keys on a pile: equal ones folded as they come, on disk where memory ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from detectors.errors import StateError
from mappings.person_records import NO_HEAVY, HeavyKeys, KeyRows, Units, fold_units, run_starts, stacked_units
from mappings.unit_runs import UNBOUNDED, UnitMemory, UnitRun, run_ranges

MOST_PENDING = 8_000_000                      # rows kept before equal ones are folded together
FEW_RUNS = 4                                  # that are merged as they stand; more are sorted


class Pile:
    """The units of all tables that have the same kinds of keys.

    Folds equal ones whenever a third as much is pending as is settled.
    """

    def __init__(self, memory: UnitMemory = UNBOUNDED) -> None:
        self.memory = memory
        self.settled: Units | None = None     # in the order of `mix_keys`
        self.pending: list[Units] = []
        self.waiting = 0
        self.heavy: HeavyKeys = []            # of a pile of one kind without names
        self.totals: Units | None = None      # all units with their rows, while nothing is added
        self.runs: list[UnitRun] = []
        self.are_apart = True                 # is what is equal in one run?
        memory.watch(self)

    def copy(self) -> Pile:
        """Return a pile of the same units, to be added to on its own."""
        copied = Pile(self.memory)
        copied.settled, copied.pending, copied.waiting = self.settled, list(self.pending), self.waiting
        copied.heavy, copied.totals = list(self.heavy), self.totals
        copied.runs, copied.are_apart = list(self.runs), self.are_apart
        return copied

    def add(self, units: Units) -> None:
        """Put units on the pile."""
        self.pending.append(units)
        self.waiting += len(units)
        if self.waiting >= max(MOST_PENDING, len(self.settled) // 3 if self.settled is not None else 0):
            self._settle()
        self.memory.make_room(sum(a.nbytes for a in units.arrays()))

    def units(self) -> Units:
        """Return everything so far, folded."""
        if self.runs:
            return stacked_units(list(self.parts()))
        self._settle()
        assert self.settled is not None
        if self.totals is None:
            self.totals = _with_heavy_rows(self.settled, self.heavy)
        return self.totals

    def parts(self) -> Iterator[Units]:
        """Yield everything so far, folded, in parts that fit into memory; what is equal is in one part."""
        if not self.runs:
            yield self.units()
            return
        self.spill()
        if self.are_apart:
            for run in self.runs:
                yield _merged([run], (0, len(run.ends) - 1))
            return
        runs, apart = self.runs, []
        for place in run_ranges(runs, self.memory.read_size):
            units = _merged(runs, place)
            apart.append(self.memory.write(units))
            yield units
        if self.runs is runs:                 # so that nobody folds them again
            self.runs, self.are_apart = apart, True

    def size(self) -> int:
        """Return how many units there are, at most: equal ones may not be folded yet."""
        settled = 0 if self.settled is None else len(self.settled)
        return self.waiting + settled + sum(map(len, self.runs))

    def has_names(self) -> bool:
        """Has any unit of the pile a name?"""
        parts = [*self.pending, *([] if self.settled is None else [self.settled])]
        return any(part.name is not None for part in parts) or any(run.has_names for run in self.runs)

    def _settle(self) -> None:
        """Fold what is pending with what is settled."""
        if not self.pending:
            return
        self.totals = None
        new = fold_units(stacked_units(self.pending), False, self.heavy)
        self.pending, self.waiting = [], 0
        parts = [each for each in (self.settled, new) if each is not None]
        self.settled = None
        self.settled = fold_units(stacked_units(parts), True, self.heavy) if len(parts) > 1 else new

    def arrays(self) -> Iterator[np.ndarray]:
        """Yield everything that is held in memory."""
        for units in (*self.pending, self.settled, self.totals):
            if units is not None:
                yield from units.arrays()
        for several in self.heavy:
            yield from several

    def spill(self) -> None:
        """Put all that is held in memory on disk."""
        if self.settled is not None and len(self.settled):
            settled, run = self.settled, self.memory.write(self.settled, _added_rows(self.heavy))
            for other in self.memory.piles():             # copies of this one
                if isinstance(other, Pile) and other.settled is settled:
                    other._replace_settled(run)
        if self.pending:
            heavy: HeavyKeys = []
            new = fold_units(stacked_units(self.pending), False, heavy)
            try:
                run = self.memory.write(new, _added_rows(heavy))
            except StateError:                # what cannot be written stays
                self.pending = [new]
                self.heavy += heavy
                raise
            self.pending, self.waiting = [], 0
            self._add_run(run)

    def _replace_settled(self, run: UnitRun) -> None:
        """Hold what is settled as a run."""
        self.settled, self.totals, self.heavy = None, None, []
        self._add_run(run)

    def _add_run(self, run: UnitRun) -> None:
        self.are_apart = not self.runs
        self.runs = [*self.runs, run]


def _merged(runs: Sequence[UnitRun], place: tuple[int, int]) -> Units:
    """Return the units of some slices of runs, folded, each with the number of its rows."""
    parts, heavy = [], list[KeyRows]()
    for run in runs:
        units, several = run.read(*place)
        if len(units):
            parts.append(units)
            heavy.append(several)
    in_order = len(parts) <= FEW_RUNS
    units = fold_units(stacked_units(parts), in_order, heavy) if len(parts) > 1 else parts[0]
    return _with_heavy_rows(units, heavy)


def _added_rows(heavy: HeavyKeys) -> KeyRows:
    """Return keys in several rows, each once and in order, with all their further rows."""
    if len(heavy) < 2:
        return heavy[0] if heavy else NO_HEAVY
    keys, rows = (np.concatenate(part) for part in zip(*heavy, strict=True))
    if not len(keys):
        return NO_HEAVY
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(run_starts(keys[order]))
    return keys[order][starts], np.add.reduceat(rows[order], starts)


def _with_heavy_rows(units: Units, heavy: HeavyKeys) -> Units:
    """Return the units with the further rows of heavy keys, which a fold of one kind does not count."""
    several = [each for each in heavy if len(each[0])]
    if not several:
        return units
    keys_of_units = units.keys[:, 0]
    order = None if (keys_of_units[1:] > keys_of_units[:-1]).all() else np.argsort(keys_of_units)
    totals = np.ones(len(units), np.int32) if units.rows is None else units.rows.copy()
    for keys, further in several:             # each key once, and every one stands in the units
        at = np.searchsorted(keys_of_units, keys, sorter=order)
        totals[at if order is None else order[at]] += further
    return replace(units, rows=totals)
