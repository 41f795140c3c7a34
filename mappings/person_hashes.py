"""Persons for the ledger: one hash each, of the best kind of key, with flags in its lowest bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from mappings import ledger
from mappings.account_scopes import hash_scope
from mappings.equal_groups import codes_of
from mappings.field_bits import FieldMasks
from mappings.keyless import KeylessRows
from mappings.ledger import AGED, ALL_FLAGS, UNDER_14, KeyKind, PersonSet, limit_size, merge_equal
from mappings.linking import PersonLinks
from mappings.model import Estimate, FlowCount
from mappings.person_records import AGE_BITS, MINOR_BIT, Slots, Units, run_starts
from mappings.remote_units import ChosenPile, PlacedUnits
from mappings.row_columns import key_rank
from mappings.shared_keys import MarkedUnits, SharedKeys, mark_sharing
from mappings.sharing_units import SharingUnits
from mappings.tally import UnitPiles

_ALONE = -1                                   # instead of a place: hashes of units that share no key
LARGEST_LIST = 1.25                           # times as many hashes as an exact set has, before they merge
_U64 = np.uint64


def person_hashes(units: UnitPiles, masks: FieldMasks, total: FlowCount) -> PersonSet:
    """Return the persons at the level `best`.

    masks: fields that leave. total: what was counted; how far it reaches is kept beside the hashes.
    """
    key_kinds = units.kinds
    ranks = np.array([key_rank(label) for label in key_kinds.labels] or [0])
    hashes = _HashCollector()
    if units.remote is None:
        sharing = SharingUnits(key_kinds, units.memory)
        marked = mark_sharing(units.piles, key_kinds, units.memory)
        for each in _reduced(marked, hashes, masks, ranks):
            sharing.add(each.slots, each.units)
    else:
        shared = SharedKeys.of_remote(units.remote, key_kinds)
        rest = _reduce_remote(units.remote, hashes, shared, masks, ranks)
        sharing = SharingUnits.of_remote(rest, key_kinds, units.memory)
    facts, links_of_parts = sharing.links()
    for links in links_of_parts:
        hashes.add_linked(links, ledger_flags(links.units.bits, masks), ranks)
        hashes.limit()
    for rows in units.keyless.parts():
        hashes.add_keyless(rows, ledger_flags(rows.bits, masks))
    broken = facts.broken_accounts()
    kinds: list[KeyKind] = [
        (label, scope if slot in broken else hash_scope(scope))
        for slot, (label, scope) in enumerate(zip(key_kinds.labels, key_kinds.scopes, strict=True))
    ]
    persons = PersonSet(
        {kind: merge_equal(np.sort(np.concatenate(parts)))
         for kind, parts in _by_kind(hashes.by_slot, kinds).items() if sum(map(len, parts))},
        {kind: _in_order(np.concatenate(parts)) for kind, parts in _by_kind(hashes.same, kinds).items()},
        dict(sorted(hashes.unidentified.items())),
        _slack_of_estimate(total.individuals), _slack_of_estimate(total.sensitive),
        least=(total.individuals.low, total.sensitive.low),
    )
    return limit_size(persons, 0) if hashes.is_sketch else limit_size(persons)


def _reduced(
    parts: Iterator[MarkedUnits], hashes: _HashCollector, masks: FieldMasks, ranks: np.ndarray
) -> Iterator[ChosenPile]:
    """Add the units that share no key with another one to `hashes`; yield the others."""
    for slots, part, shares in parts:
        if not shares.all():
            lone = part.select(~shares)
            hashes.add_alone(slots, lone, ledger_flags(lone.bits, masks), ranks)
        if shares.any():
            yield ChosenPile(slots, part.select(shares))
        hashes.limit()


def _reduce_remote(
    remote: PlacedUnits, hashes: _HashCollector, shared: SharedKeys, masks: FieldMasks, ranks: np.ndarray
) -> Iterator[tuple[Slots, Units]]:
    """Add the units elsewhere that share no key with another one to `hashes`; yield the others.

    Of more persons than an exact set has, every partition gives the smallest hashes alone.
    """
    work = partial(_reduce_partition, shared=shared, masks=masks, ranks=ranks)
    numbers, rest = remote.reduce(work)
    if sum(numbers) > ledger.LARGEST_EXACT_SET:
        hashes.is_sketch = True
        _, rest = remote.reduce(partial(work, most=ledger.SKETCH_SIZE + 1))
    for slots, units in rest.parts():
        if slots[0] == _ALONE:
            hashes.by_slot.setdefault(slots[1], []).append(units.keys[:, 0])
            hashes.limit()
        else:
            yield slots, units


def _reduce_partition(
    parts: Iterator[tuple[Slots, Units]], shared: SharedKeys, masks: FieldMasks, ranks: np.ndarray,
    most: int | None = None,
) -> Iterator[ChosenPile | int]:
    """Yield the units of a partition that share a key, the hashes of the others, and how many these are.

    most: of the smallest hashes; None: all.
    """
    own = _HashCollector()
    yield from _reduced(shared.marked(parts), own, masks, ranks)
    every = np.concatenate([np.zeros(0, _U64), *(each for parts in own.by_slot.values() for each in parts)])
    yield len(every)
    highest = np.partition(every, most - 1)[most - 1] if most is not None and len(every) > most else None
    for slot, hashes in own.by_slot.items():
        chosen = np.concatenate(hashes)
        chosen = chosen if highest is None else chosen[chosen <= highest]
        if len(chosen):
            yield ChosenPile((_ALONE, slot), Units(chosen[:, None], None, np.zeros(len(chosen), _U64), None))


def _in_order(pairs: np.ndarray) -> np.ndarray:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _by_kind(
    by_slot: Mapping[int, Sequence[np.ndarray]], kinds: Sequence[KeyKind]
) -> dict[KeyKind, list[np.ndarray]]:
    """Return the parts of all places of each kind."""
    parts: dict[KeyKind, list[np.ndarray]] = {}
    for slot, arrays in sorted(by_slot.items()):
        parts.setdefault(kinds[slot], []).extend(arrays)
    return parts


def ledger_flags(bits: np.ndarray, masks: FieldMasks) -> np.ndarray:
    """Return the fields of units reduced to the ledger's flags; 0 where nothing leaves."""
    reduced = masks.reduce(bits)
    filled = reduced & _U64(7)
    under_14 = np.where((reduced & MINOR_BIT) != 0, _U64(UNDER_14), _U64(0))
    aged = np.where((reduced & AGE_BITS) != 0, _U64(AGED), _U64(0))
    return np.where(filled != 0, filled | under_14 | aged, _U64(0))


def _slack_of_estimate(estimate: Estimate) -> tuple[int, int | None]:
    """How far an estimate reaches down and up from its best figure."""
    return estimate.best - estimate.low, None if estimate.high is None else estimate.high - estimate.best


@dataclass(slots=True)
class _HashCollector:
    """Hashes with flags by place of their kind. same: pairs (another key of it, the hash) of one person.

    unidentified: flags -> persons whom nothing identifies.
    """

    by_slot: dict[int, list[np.ndarray]] = field(default_factory=dict)
    same: dict[int, list[np.ndarray]] = field(default_factory=dict)
    unidentified: dict[int, int] = field(default_factory=dict)
    is_sketch: bool = False                   # are only the smallest hashes kept?

    def limit(self) -> None:
        """Keep the hashes that a sketch may want where there are more than an exact set has."""
        most = 2 * ledger.SKETCH_SIZE if self.is_sketch else LARGEST_LIST * ledger.LARGEST_EXACT_SET
        if sum(len(part) for parts in self.by_slot.values() for part in parts) <= most:
            return
        self.by_slot = {
            slot: [merge_equal(np.sort(np.concatenate(parts)))] for slot, parts in self.by_slot.items()
        }
        every = np.concatenate([part for (part,) in self.by_slot.values()])
        if not self.is_sketch and len(every) <= ledger.LARGEST_EXACT_SET:
            return
        highest = np.partition(every, ledger.SKETCH_SIZE)[ledger.SKETCH_SIZE]
        self.by_slot = {slot: [part[part <= highest]] for slot, (part,) in self.by_slot.items()}
        self.is_sketch = True

    def add_alone(self, slots: Slots, units: Units, flags: np.ndarray, ranks: np.ndarray) -> None:
        """Add units that are one person each, by the best kind of key each has."""
        waiting = flags != 0
        for j in sorted(range(len(slots)), key=lambda j: (ranks[slots[j]], slots[j])):
            here = waiting & (units.keys[:, j] != 0)
            self.by_slot.setdefault(slots[j], []).append((units.keys[here, j] & ~ALL_FLAGS) | flags[here])
            waiting &= ~here

    def add_linked(self, links: PersonLinks, flags: np.ndarray, ranks: np.ndarray) -> None:
        """Add the persons that units are at `best`.

        A shared key stands together with the name or ID it is split by.
        """
        u = links.units
        person = codes_of(links.best())
        size = int(person.max()) + 1 if len(person) else 0
        flags_of = np.zeros(size, _U64)       # per person
        np.bitwise_or.at(flags_of, person, flags)
        under = np.where(links.split, links.under, 0).astype(_U64)
        hashes = (u.hash ^ (under * _U64(0x9E3779B97F4A7C15))) & ~ALL_FLAGS
        use = np.flatnonzero(links.links & ~links.soft & (flags_of[person[u.unit]] != 0))
        edges = use[np.lexsort((hashes[use], u.slot[use], ranks[u.slot[use]], person[u.unit[use]]))]
        whose = person[u.unit[edges]]
        first = run_starts(whose) if len(edges) else np.zeros(0, bool)
        # the edge a person goes by
        head = np.repeat(edges[first], np.diff(np.append(np.flatnonzero(first), len(edges))))
        for slot in np.unique(u.slot[edges]).tolist():
            own = first & (u.slot[edges] == slot)
            self.by_slot.setdefault(slot, []).append(hashes[edges[own]] | flags_of[whose[own]])
            others = (u.slot[edges] == slot) & (u.slot[head] == slot) & (hashes[edges] != hashes[head])
            if others.any():
                pairs = np.stack([hashes[edges[others]], hashes[head[others]]], axis=1)
                self.same.setdefault(slot, []).append(pairs)
        identified = np.zeros(size, bool)
        identified[whose] = True
        lone = np.flatnonzero(~identified[person] & (flags != 0)) if size else np.zeros(0, np.int64)
        first = np.zeros(len(lone), np.int64)
        first[np.unique(person[lone], return_index=True)[1]] = 1
        # a row without key and name is a person of its own
        persons = np.where(links.unlinked[lone] & links.nameless[lone], u.weight[lone], first)
        self._add_unidentified(flags_of[person[lone]], persons)

    def add_keyless(self, rows: KeylessRows, flags: np.ndarray) -> None:
        """Add rows without a key, all of each name, which is the best evidence of a person."""
        here = flags != 0
        rows, flags = rows.select(here), flags[here]
        full = rows.has_full_name()
        self._add_unidentified(flags[~full], rows.rows[~full])
        order = np.flatnonzero(full)[np.argsort(rows.name[full], kind="stable")]
        if len(order):
            starts = np.flatnonzero(run_starts(rows.name[order]))
            of_name = np.bitwise_or.reduceat(flags[order], starts)
            self._add_unidentified(of_name, np.ones(len(starts), np.int64))

    def _add_unidentified(self, flags: np.ndarray, persons: np.ndarray) -> None:
        for each in np.unique(flags).tolist():
            number = int(persons[flags == each].sum())
            self.unidentified[each] = self.unidentified.get(each, 0) + number
