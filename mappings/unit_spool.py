"""Units in the order they come, by number of a batch, in memory or on disk, to be read a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mappings.person_records import Slots, Units, stacked_units
from mappings.unit_graph import Parts
from mappings.unit_runs import ColumnFile, UnitMemory


class UnitSpool:
    """Units by batch; those of a batch keep their order.

    size: units there are. nbytes: of all their arrays.
    """

    def __init__(self, memory: UnitMemory, batches: int = 1) -> None:
        self.size = self.nbytes = 0
        self._memory = memory
        self._waiting: list[Parts] = [[] for _ in range(batches)]
        self._bytes_waiting = 0
        self._files: list[_SpoolFile] = []

    def add(self, slots: Slots, units: Units, batch: int = 0) -> None:
        """Add units of some kinds of keys to a batch."""
        added = sum(a.nbytes for a in units.arrays())
        self._waiting[batch].append((slots, units))
        self.size += len(units)
        self.nbytes += added
        self._bytes_waiting += added
        if self._memory.most is not None and self._bytes_waiting > self._memory.read_size:
            self._files.append(_SpoolFile(self._memory, self._waiting))
            self._waiting, self._bytes_waiting = [[] for _ in self._waiting], 0

    def add_by_batch(self, slots: Slots, units: Units, positions: np.ndarray, batch: np.ndarray) -> None:
        """Add the units at some positions, each to its batch."""
        order = np.argsort(batch, kind="stable")
        borders = np.searchsorted(batch[order], np.arange(len(self._waiting) + 1))
        for number in np.flatnonzero(np.diff(borders)).tolist():
            here = positions[order[borders[number]:borders[number + 1]]]
            self.add(slots, units.select(here), number)

    def parts(self, batch: int = 0) -> Iterator[tuple[Slots, Units]]:
        """Yield the units of a batch."""
        for file in self._files:
            yield from file.parts(batch)
        yield from self._waiting[batch]


class _SpoolFile:
    """Some units of every batch in a file."""

    def __init__(self, memory: UnitMemory, batches: list[Parts]) -> None:
        self._places: list[list[Slots]] = []
        self._sizes: list[list[int]] = []
        columns: dict[tuple[int, int, str], np.ndarray | None] = {}
        for number, parts in enumerate(batches):
            together = _stacked_by_slots(parts)
            self._places.append([slots for slots, _ in together])
            self._sizes.append([len(units) for _, units in together])
            for at, (_, units) in enumerate(together):
                for name in Units.__slots__:
                    columns[number, at, name] = getattr(units, name)
        self._file = ColumnFile(memory.folder(), columns)

    def parts(self, batch: int) -> Iterator[tuple[Slots, Units]]:
        """Yield the units of a batch."""
        for at, (slots, size) in enumerate(zip(self._places[batch], self._sizes[batch], strict=True)):
            columns = {n: self._file.column((batch, at, n), (0, size)) for n in Units.__slots__}
            yield slots, Units(**columns)  # type: ignore[arg-type]


def _stacked_by_slots(parts: Parts) -> Parts:
    """Return neighbours of the same kinds of keys and columns as one, so that nothing changes its place."""
    stacked: Parts = []
    for slots, units in parts:
        if stacked and stacked[-1][0] == slots:
            units = stacked_units([stacked.pop()[1], units])
        stacked.append((slots, units))
    return stacked
