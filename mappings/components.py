"""Units that one person may be, found over keys on disk: what is in memory is a number a unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.equal_groups import connected_components
from mappings.link_facts import LinkFacts
from mappings.name_forms import MASKED
from mappings.person_records import Slots, Units, run_starts
from mappings.unit_graph import linking_keys
from mappings.unit_runs import UnitMemory, UnitRun, run_ranges

_U64 = np.uint64
_NAMES = _U64(0xD6E8FEB86659FD93)             # so that names of a crowd's rows are no keys


def linking_nodes(
    slots: Slots, units: Units, kinds: KeyKinds, facts: LinkFacts
) -> tuple[np.ndarray, np.ndarray]:
    """Return (positions of units, int64, hashes of what links them): units of one person have one in common.

    These are keys but a crowd's, names with days of birth, and the names of units that have only a crowd's.
    """
    positions, nodes = [np.zeros(0, np.int64)], [np.zeros(0, _U64)]
    linked = np.zeros(len(units), bool)
    for j, slot in enumerate(slots):
        hashes = linking_keys(units, j, kinds.traits.get(slot))
        if hashes is None:
            continue
        here = np.flatnonzero((hashes != 0) & ~facts.are_crowds(hashes))
        positions.append(here)
        nodes.append(hashes[here])
        if slot not in kinds.traits:
            linked[here] = True
    if units.name is not None:
        by_name = np.flatnonzero(~linked & (units.name != 0) & ((units.name & _U64(MASKED)) == 0))
        positions.append(by_name)
        nodes.append(units.name[by_name] * _NAMES ^ _NAMES)
    return np.concatenate(positions), np.concatenate(nodes)


class Components:
    """Which component each of so many units is in, while edges come in parts."""

    def __init__(self, units: int) -> None:
        self._parent = np.arange(units, dtype=np.uint32 if units < 1 << 32 else np.int64)

    def roots(self, units: np.ndarray) -> np.ndarray:
        """Return the unit that stands for the component of each."""
        roots = self._parent[units]
        while True:
            above = self._parent[roots]
            if np.array_equal(above, roots):
                self._parent[units] = roots   # a shorter way for the next one
                return roots
            roots = above

    def join(self, one: np.ndarray, other: np.ndarray) -> None:
        """Make one component of those of units side by side."""
        a, b = self.roots(one), self.roots(other)
        apart = a != b
        if not apart.any():
            return
        nodes, ends = np.unique(np.concatenate([a[apart], b[apart]]), return_inverse=True)
        half = len(ends) // 2
        self._parent[nodes] = nodes[connected_components(ends[:half], ends[half:], len(nodes))]


class NodeRuns:
    """Units by what links them, however many."""

    def __init__(self, memory: UnitMemory) -> None:
        self._memory = memory
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self._size = 0
        self._runs: list[UnitRun] = []

    def add(self, nodes: np.ndarray, units: np.ndarray) -> None:
        """Add units with one thing each that links them."""
        self._waiting.append((nodes, units.astype(_U64)))
        self._size += 2 * nodes.nbytes
        if self._memory.most is not None and self._size > self._memory.read_size:
            self._write()

    def _write(self) -> None:
        nodes, units = _ordered(self._waiting)
        self._runs.append(self._memory.write(Units(nodes[:, None], None, units, None)))
        self._waiting, self._size = [], 0

    def _ranges(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (what links, units) in order; equal nodes are in one range."""
        if not self._runs:
            yield _ordered(self._waiting)
            return
        if self._waiting:
            self._write()
        for place in run_ranges(self._runs, 2 * self._memory.read_size):
            parts = [run.read(*place)[0] for run in self._runs]
            yield _ordered([(part.keys[:, 0], part.bits) for part in parts])

    def join(self, components: Components) -> None:
        """Join units that have something in common."""
        for nodes, units in self._ranges():
            if len(nodes):
                again = np.flatnonzero(~run_starts(nodes))
                components.join(units[again - 1], units[again])


def _ordered(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    nodes, units = (
        np.concatenate([part[i] for part in parts] + [np.zeros(0, _U64)]) for i in range(2)
    )
    order = np.argsort(nodes, kind="stable")
    return nodes[order], units[order]
