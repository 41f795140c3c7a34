"""Which keys stand in which systems, of rows that were counted: what the expected persons rest on.

A system is a source, or a schema of one: everything in whose tables columns have one parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from detectors.ids import table_of
from detectors.model import ColumnId
from mappings import notes
from mappings.counts import mark_at_most
from mappings.expected_persons import MOST_SYSTEMS, SystemKeys, Systems, expected_persons
from mappings.histogram import count_tally
from mappings.model import FlowCount
from mappings.person_records import TRAITS, run_starts

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter

LEAST_DIFFERENCE = 0.02                       # of `best`, from which on the expected figure is worth a line
_U64 = np.uint64
_ONE = np.uint64(1)


@dataclass(frozen=True)
class LinkedRows:
    """Rows of a flow as they were counted. absent: its fields that are in no count."""

    counter: PersonCounter
    absent: frozenset[ColumnId] = frozenset()

    @cached_property
    def fields(self) -> Mapping[str, tuple[ColumnId, ...]]:
        """Fields that leave, by system."""
        fields: dict[str, tuple[ColumnId, ...]] = {}
        for column in self.counter.field_bits:
            if column not in self.absent:
                system = table_of(column).rpartition("/")[0]
                fields[system] = (*fields.get(system, ()), column)
        return fields

    def without_others(self, system: str) -> list[ColumnId]:
        """Return all fields but those of one system."""
        own = self.fields.get(system, ())
        return [column for column in self.counter.field_bits if column not in own]


def with_expected(count: FlowCount, linked: Sequence[LinkedRows]) -> FlowCount:
    """Return a count with what is expected where its systems share too few keys: a note, and `best` at most.

    linked: all rows of the count.
    """
    individuals = count.individuals
    if individuals.low == individuals.high:
        return count
    systems = _systems(linked)
    expected = expected_persons(systems) if systems is not None else None
    if expected is None or systems is None:
        return count
    note = notes.expected(expected, systems.names)
    if expected.outcome != "given":
        return replace(count, notes=(*count.notes, note))
    if expected.persons >= (1 - LEAST_DIFFERENCE) * individuals.best:
        return count
    return replace(mark_at_most(count), notes=(*count.notes, note))


def _systems(linked: Sequence[LinkedRows]) -> Systems | None:
    """Return the systems of rows; None where there are fewer than two, too many, or they cannot be told."""
    names = tuple(sorted({system for rows in linked for system in rows.fields}))
    if not 2 <= len(names) <= MOST_SYSTEMS:
        return None
    hashes: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    for rows in linked:
        masks = [_mask(rows, name) for name in names]
        if any(one & other for i, one in enumerate(masks) for other in masks[:i]):
            return None
        for kind, keys, bits in rows.counter.keys_with_bits():
            hashes.setdefault(kind, []).append((keys, _systems_of(bits, masks)))
    persons = tuple(_persons_of_system(linked, name) for name in names)
    return Systems(names, persons, tuple(_system_keys(hashes)))


def _mask(rows: LinkedRows, system: str) -> int:
    bits = rows.counter.field_bits
    mask = 0
    for column in rows.fields.get(system, ()):
        mask |= 1 << bits[column]
    return mask


def _systems_of(bits: np.ndarray, masks: Sequence[int]) -> np.ndarray:
    """Return the set of systems that each unit's fields are of, uint64."""
    systems = np.zeros(len(bits), _U64)
    for i, mask in enumerate(masks):
        systems |= np.where((bits & _U64(mask)) != 0, _ONE << _U64(i), _U64(0))
    return systems


def _system_keys(
    hashes: Mapping[tuple[str, str], Sequence[tuple[np.ndarray, np.ndarray]]]
) -> Iterator[SystemKeys]:
    """Yield the keys of every kind that stands in two systems or more."""
    for (kind, scope), parts in sorted(hashes.items()):
        if (kind, scope) in TRAITS:
            continue
        keys, systems = (np.concatenate(part) for part in zip(*parts, strict=True))
        keys, systems = keys[systems != 0], systems[systems != 0]
        if not len(keys):
            continue
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(run_starts(keys[order]))
        sets, numbers = np.unique(np.bitwise_or.reduceat(systems[order], starts), return_counts=True)
        if len(sets) > 1 or int(sets[0]).bit_count() > 1:
            yield SystemKeys(kind, tuple(zip(sets.tolist(), numbers.tolist(), strict=True)))


def _persons_of_system(linked: Sequence[LinkedRows], system: str) -> int:
    """Return the persons of one system by its own fields."""
    own = [rows for rows in linked if system in rows.fields]
    if len(own) == 1:
        rows = own[0]
        return count_tally(rows.counter.tally(), rows.without_others(system)).individuals.best
    everybody = own[0].counter.empty()
    for rows in own:
        everybody.absorb(rows.counter, rows.without_others(system))
    return count_tally(everybody.tally()).individuals.best
