"""How many natural persons: keys of a row belong to one subject, rows link by shared keys, and the answer is an interval.

low   everything that could be one person is one: every shared key links, and kinds of keys that never meet in a row are taken for the same
      people; two different valid resident IDs stay two persons all the same.
best  shared keys link, except a phone or e-mail shared under different names or IDs, and values shared by improbably many.
high  nothing merges without proof: an equal identity number or scoped user id, or an equal phone or e-mail where names agree; a row
      without any key is a person of its own.

A name with a day of birth links in `low` alone: of many people some share both. An identity number that fails its check proves nothing:
in `low`, whoever has no other key may be somebody else's number mistyped. Who registered twice and left nothing in common cannot be seen
by anybody.

Linking uses every key of a row, exported or not, so dropping a field changes nobody's identity. The result is a histogram of persons by
which exported fields are filled; it holds no key and no value, and every later question is answered from it.

Source of the unit: 促进和规范数据跨境流动规定答记者问 问11 (自然人, 去重).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa

from detectors.message import Text
from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings.histogram import estimate
from mappings.keyless import SPLIT, CountPart, KeylessRows
from mappings.ledger import FLAGS, PersonSet, limit_size, merge_equal
from mappings.linking import PersonLinks
from mappings.model import Cell, Estimate, Sensitive, Tally
from mappings.person_keys import birth_days, hash_keys, is_filled, is_minor
from mappings.person_records import MINOR, SOFT, Pile, Units, soft_key
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan, key_rank
from mappings.tally import CELLS, ledger_flags, merge_small_cells, reduce_fields, split_lonely, tabulate_level
from mappings.unit_graph import build_graph, split_by_shared_keys

FIELDS = 62                                   # exported fields with a bit of their own; further ordinary ones share the last
CHEAP = 2_000_000                             # rows that are linked without further thought
_U64 = np.uint64
_ONE = np.uint64(1)


OTHERS: Mapping[str, Sensitive] = {"sensitive": "yes", "depends": "depends", "ordinary": "no"}    # absorbed fields, reduced


class PersonCounter:
    """Streams rows in, keeps keyed hashes, gives out a Tally. One key for all entities of a group and year."""

    def __init__(self, key: bytes, as_of: date, fields: Sequence[ExportedColumn] = ()) -> None:
        self._key = key
        self._as_of = as_of
        self._fields: dict[ColumnId, int] = {}
        self._sensitive: dict[ColumnId, Sensitive] = {}
        self._roles = {e.id: e.role for e in fields if e.role}
        self._shift = 0                       # where the flags of absorbed flows begin
        for e in sorted(fields, key=lambda e: (e.sensitive == "no", e.id)):
            self._fields.setdefault(e.id, min(len(self._fields), FIELDS - 1))
            self._sensitive[e.id] = e.sensitive
        self._slots: dict[tuple[str, str], int] = {}
        self._piles: dict[tuple[int, ...], Pile] = {}
        self._keyless: dict[tuple[int, int], int] = {}       # (name, bits) -> rows
        self.rows = 0
        self.placeholders = 0
        self.excluded = 0                     # rows of test accounts
        self.spoiled: list[Text] = []         # what could not be read whole
        self._told: Tally | None = None       # the tally, while nothing is added

    def snapshot(self) -> Callable[[], None]:
        """Remember this moment; the function given back returns to it, as if nothing had been added since."""
        piles = {slots: (pile.settled, list(pile.pending), pile.waiting) for slots, pile in self._piles.items()}
        keyless, slots = dict(self._keyless), dict(self._slots)
        counts = self.rows, self.placeholders, self.excluded

        def back() -> None:
            self._told = None
            self._piles = {}
            for which, (settled, pending, waiting) in piles.items():
                pile = self._piles[which] = Pile()
                pile.settled, pile.pending, pile.waiting = settled, list(pending), waiting
            self._keyless, self._slots = dict(keyless), dict(slots)
            self.rows, self.placeholders, self.excluded = counts

        return back

    def add(self, plan: RowPlan, batch: Mapping[str, pa.Array]) -> None:
        """Count the rows of a batch; columns by name, equal lengths."""
        self._told = None
        before = self.rows
        self.rows += len(next(iter(batch.values()))) if batch else 0
        for role in sorted({e.role for e in plan.exported}):
            self._add(plan, batch, role, before)

    def _add(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str, before: int) -> None:
        own = [e for e in plan.exported if e.role == role]
        n = len(batch[own[0].column])
        bits = np.zeros(n, dtype=_U64)
        for e in own:
            bits |= is_filled(batch[e.column]).astype(_U64) << _U64(self._fields[e.id])
        keys = [k for k in plan.keys if k.role == role]
        columns = []
        for k in keys:
            found, cut = hash_keys(batch[k.column], k.label, k.scope, self._key)
            self.placeholders += cut if k.sure else 0
            columns.append(found)
        name = hash_keys(batch[plan.names[role]], "person_name", "name", self._key)[0] if role in plan.names else None
        leaves = bits != 0                    # a row whose exported fields are all blank sends nobody abroad
        soft = np.zeros(n, _U64)
        if role in plan.births:
            column, label = plan.births[role]
            bits |= np.where(is_minor(batch[column], label, self._as_of), MINOR, _U64(0))
            if name is not None and label == "birth_date":
                soft = soft_key(name, birth_days(batch[column]))
        slots, matrix = self._by_slot(keys, columns, n)
        keyed = np.zeros(n, bool)
        for found in columns:
            keyed |= found != 0
        keyed &= leaves
        if keys and role in plan.births and plan.births[role][1] == "birth_date" and name is not None:      # whatever this batch holds
            slots, matrix = (*slots, self._slots.setdefault(SOFT, len(self._slots))), np.column_stack([matrix, soft])
        if name is not None and soft.any():
            name = np.where(keyed | (soft == 0), name, soft)        # without a key, the name with the day of birth is the best evidence
        self._keep(slots, Units(matrix, name, bits, np.arange(before, before + n)), keyed)
        lone = leaves & ~keyed
        if role in plan.devices and lone.any():
            device = hash_keys(batch[plan.devices[role]], "device_id", "device_id", self._key)[0]
            name = device if name is None else np.where(lone & (name == 0), device, name)
        self._count_keyless(name[lone] if name is not None else np.zeros(int(lone.sum()), _U64), bits[lone])

    def _by_slot(self, keys: Sequence[KeyColumn], columns: Sequence[np.ndarray], n: int) -> tuple[tuple[int, ...], np.ndarray]:
        """Kinds of keys in order, and a column of hashes for each; a second column of a kind stands as a kind of its own in the pile."""
        order = sorted(range(len(keys)), key=lambda i: self._slot(keys[i]))
        matrix = np.stack([columns[i] for i in order], axis=1) if order else np.zeros((n, 0), _U64)
        return tuple(self._slot(keys[i]) for i in order), matrix

    def _keep(self, slots: tuple[int, ...], u: Units, which: np.ndarray) -> None:
        if not which.any():
            return
        if len(slots) == 1 and u.name is None:
            u = replace(u, first_row=None)         # no choice will hang on the order
        self._piles.setdefault(slots, Pile()).add(u.select(which))

    def _count_keyless(self, name: np.ndarray, bits: np.ndarray, rows: np.ndarray | None = None) -> None:
        if not len(bits):
            return
        pairs, inverse = np.unique(np.stack([name, bits], axis=1), axis=0, return_inverse=True)
        weights = np.bincount(inverse.ravel(), weights=rows).astype(np.int64)
        for (who, what), weight in zip(pairs.tolist(), weights.tolist(), strict=True):
            self._keyless[who, what] = self._keyless.get((who, what), 0) + weight

    def _slot(self, key: KeyColumn) -> int:
        return self._slots.setdefault((key.label, key.scope), len(self._slots))

    def absorb(self, other: PersonCounter, without: Collection[ColumnId] = (), *, whole: bool = False) -> None:
        """Add the persons of another flow, less some fields; start from a counter without fields, or with `over`.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary. whole: the fields stay as they are; `over` prepared their bits.
        """
        self._told = None
        to = {index: self._slots.setdefault(mine, len(self._slots)) for mine, index in other._slots.items()}
        reduced = other._moved(self._fields, without) if whole else other._reduced(without, self._shift)
        for slots, pile in other._piles.items():
            u = pile.units()
            flags = reduced(u.bits)
            order = sorted(range(len(slots)), key=lambda i: to[slots[i]])
            seen = u.first_row + self.rows if u.first_row is not None else None
            self._keep(tuple(to[slots[i]] for i in order), Units(u.keys[:, order], u.name, flags, seen), (flags & ~MINOR) != 0)
        if other._keyless:
            pairs = np.array(list(other._keyless), _U64)
            flags = reduced(pairs[:, 1])
            on = (flags & ~MINOR) != 0
            self._count_keyless(pairs[on, 0], flags[on], np.array(list(other._keyless.values()))[on])
        if not whole:
            for i, (name, kind) in enumerate(OTHERS.items()):
                self._fields[ColumnId(name)] = self._shift + i
                self._sensitive[ColumnId(name)] = kind
        self.rows += other.rows
        self.placeholders += other.placeholders
        self.spoiled += other.spoiled

    def part(self, split: int, before: int = 0) -> CountPart:
        """Everything counted, for another counter of the same fields to merge. split: which of a table's splits these rows are of, and
        before: how many of its rows were counted before them. All rows must be of one table."""
        place = (split << SPLIT) + before
        piles = {slots: pile.units() for slots, pile in self._piles.items()}
        pairs = np.array(list(self._keyless), _U64).reshape(-1, 2)
        return CountPart(
            tuple(sorted(self._slots, key=self._slots.__getitem__)),
            {slots: Units(u.keys, u.name, u.bits, None if u.first_row is None else u.first_row + place) for slots, u in piles.items()},
            KeylessRows(pairs[:, 0], pairs[:, 1], np.array(list(self._keyless.values()), np.int64)),
            {split: self.rows}, self.placeholders, self.excluded,
        )

    def merge(self, part: CountPart) -> None:
        """Add what was counted elsewhere, its rows after all there are: the tally is as if they had been added here, split after split."""
        self._told = None
        part = part.with_ordinals(self.rows)
        to = [self._slots.setdefault(kind, len(self._slots)) for kind in part.kinds]
        last = self._slots.get(SOFT, -1)
        for slots, u in part.piles.items():
            mine = [to[s] for s in slots]
            order = sorted(range(len(mine)), key=lambda j: (mine[j] == last, mine[j]))
            keys = u.keys if order == list(range(len(mine))) else u.keys[:, order]
            self._piles.setdefault(tuple(mine[j] for j in order), Pile()).add(Units(keys, u.name, u.bits, u.first_row))
        lone = part.keyless
        for who, what, rows in zip(lone.name.tolist(), lone.bits.tolist(), lone.rows.tolist(), strict=True):
            self._keyless[who, what] = self._keyless.get((who, what), 0) + rows
        self.rows += sum(part.rows.values())
        self.placeholders += part.placeholders
        self.excluded += part.excluded

    @classmethod
    def over(cls, key: bytes, as_of: date, one: PersonCounter) -> PersonCounter:
        """An empty counter that keeps the fields of `one` as they are and has room for three flags of everything else."""
        made = cls(key, as_of)
        made._shift = FIELDS - len(OTHERS)
        made._fields = {f: min(i, made._shift - 1) for f, i in one._fields.items()}
        made._sensitive = dict(one._sensitive)
        made._roles = dict(one._roles)
        return made

    def _reduced(self, without: Collection[ColumnId], shift: int) -> Callable[[np.ndarray], np.ndarray]:
        masks = self._masks(without)

        def flags(bits: np.ndarray) -> np.ndarray:
            three = reduce_fields(bits, masks)
            return (three & MINOR) | ((three & ~MINOR) << _U64(shift))

        return flags

    def _moved(self, to: Mapping[ColumnId, int], without: Collection[ColumnId]) -> Callable[[np.ndarray], np.ndarray]:
        ways = {(i, to[f]) for f, i in self._fields.items() if f not in without}

        def moved(bits: np.ndarray) -> np.ndarray:
            out = bits & MINOR
            for i, j in ways:
                out |= ((bits >> _U64(i)) & _ONE) << _U64(j)
            return out

        return moved

    def _masks(self, without: Collection[ColumnId]) -> tuple[np.uint64, np.uint64, np.uint64]:
        def mask(kind: str) -> np.uint64:
            out = 0
            for f, i in self._fields.items():
                if f not in without and self._sensitive[f] == kind:
                    out |= 1 << i
            return _U64(out)

        return mask("yes"), mask("depends"), mask("no")

    def tally(self) -> Tally:
        """Persons by filled fields at the three levels; worked out once for the rows there are."""
        if self._told is None:
            self._told = self._tallied()
        return self._told

    def _tallied(self) -> Tally:
        kinds = [label for label, _ in sorted(self._slots, key=self._slots.__getitem__)]
        ids = [i for i, k in enumerate(kinds) if k == "resident_id"]
        lonely, units = split_lonely({slots: pile.units() for slots, pile in self._piles.items()}, self._keyless, ids)
        people = PersonLinks(units, kinds)
        keep = sum({1 << i for f, i in self._fields.items() if self._sensitive[f] != "no"})
        roles = sorted({self._roles.get(f, "") for f in self._fields})
        whose = [sum({1 << i for f, i in self._fields.items() if self._roles.get(f, "") == r}) & ~keep for r in roles]
        levels: tuple[tuple[Literal["low", "best", "high"], Callable[[], np.ndarray]], ...] = (
            ("low", people.low), ("best", people.best), ("high", people.high))
        cells: list[Cell] = []
        coarse = False
        for level, persons in levels:
            table = tabulate_level(level, persons(), units, lonely)
            coarse |= len(table) > CELLS
            cells += [Cell(level, b, m, s, t) for (b, m, s), t in sorted(merge_small_cells(table, keep, whose).items())]
        return Tally(
            fields=tuple((f, i, self._sensitive[f]) for f, i in self._fields.items()), cells=tuple(cells), rows=self.rows,
            rows_without_key=sum(self._keyless.values()), placeholders=self.placeholders, crowded=people.crowded, shared=people.shared,
            kinds=tuple(dict.fromkeys(k for k in kinds if k != SOFT[0])), coarse=coarse, roles=self._roles,
        )

    def persons(self, without: Collection[ColumnId] = ()) -> PersonSet:
        """The persons (at `best`) by one hash each, for the ledger: the smallest key of the best kind a person has."""
        kinds = sorted(self._slots, key=self._slots.__getitem__)
        ranks = np.array([key_rank(label) for label, _ in kinds] or [0])
        masks = self._masks(without)
        found: dict[int, list[np.ndarray]] = {}
        same: dict[int, list[np.ndarray]] = {}
        piles = {slots: pile.units() for slots, pile in self._piles.items()}
        alone, linked = split_by_shared_keys(piles)
        for slots, u in alone:
            order = sorted(range(len(slots)), key=lambda j: (ranks[slots[j]], slots[j]))
            flags = ledger_flags(u.bits, masks)
            left = flags != 0
            for j in order:
                here = left & (u.keys[:, j] != 0)
                found.setdefault(slots[j], []).append((u.keys[here, j] & ~FLAGS) | flags[here])
                left &= ~here
        ids = [i for i, (label, _) in enumerate(kinds) if label == "resident_id"]
        units = build_graph(linked, self._keyless, ids)
        people = PersonLinks(units, [label for label, _ in kinds])
        keyless = people.identities(ledger_flags(units.bits, masks), ranks, found, same)
        total = estimate(self.tally(), without)
        return limit_size(
            PersonSet(
                {kinds[i]: merge_equal(np.sort(np.concatenate(parts))) for i, parts in sorted(found.items()) if sum(map(len, parts))},
                {kinds[i]: np.concatenate(parts) for i, parts in sorted(same.items())},
                keyless,
                _slack(total.individuals),
                _slack(total.sensitive),
                least=(total.individuals.low, total.sensitive.low),
            )
        )


def _slack(e: Estimate) -> tuple[int, int | None]:
    return e.best - e.low, None if e.high is None else e.high - e.best


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
