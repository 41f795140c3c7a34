"""Persons of a tally when some fields stay home, go in a weaker form, or minors' rows stay home."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from detectors.message import Note
from detectors.model import ColumnId, CountMethod
from mappings import notes, subject_notes
from mappings.model import UNKNOWN, Estimate, FlowCount, Level, Tally

_U64 = np.uint64
_ONE = np.uint64(1)
LEVELS: tuple[Level, ...] = ("low", "best", "high")
# levels where whoever nothing says the age of is under fourteen
IF_YOUNG: tuple[Level, ...] = ("low_if_young", "best_if_young", "high_if_young")


def _method(tally: Tally, estimate: Estimate) -> CountMethod:
    """Return `exact` where no assumption about subjects or crowds was needed, else `linked`."""
    assumed = (
        tally.crowded or tally.shared or tally.unproved or tally.broken_accounts or tally.open_accounts
        or tally.equal_accounts or tally.unlinked_hashes or tally.has_parties or tally.subjects
        or tally.doubtful
    )
    return "linked" if assumed or estimate.low != estimate.high else "exact"


def count_tally(tally: Tally, without: Collection[ColumnId] = (), method: CountMethod = "exact") -> FlowCount:
    """Persons of a tally when the fields `without` do not leave."""
    return Histogram(tally).count(without, method=method)


class LevelCells(NamedTuple):
    """Cells of one level, one entry each.

    bits, slots: sets of filled fields and of kinds of keys; minor: are they under 14.
    """

    bits: np.ndarray                          # uint64
    minor: np.ndarray                         # bool
    slots: np.ndarray                         # uint64
    persons: np.ndarray                       # int64


class Histogram:
    """A tally as arrays, for many questions: which fields leave, in which form, of whom."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.levels = {level: _cells_of_level(tally, level) for level in LEVELS}
        if any(cell.unaged for cell in tally.cells):
            self.levels |= {level: _cells_of_level(tally, level, True) for level in IF_YOUNG}

    def masks(
        self, without: Collection[ColumnId] = (), weaker: Collection[ColumnId] = (),
        roles: Collection[str] | None = None,
    ) -> tuple[int, int, int]:
        """Bits of the fields that leave: sensitive, perhaps sensitive, ordinary."""
        masks = {"yes": 0, "depends": 0, "no": 0}
        for column, bit, sensitive in self.tally.fields:
            if column not in without and (roles is None or self.tally.roles.get(column, "") in roles):
                masks["no" if column in weaker else sensitive] |= 1 << bit
        return masks["yes"], masks["depends"], masks["no"]

    def count(
        self, without: Collection[ColumnId] = (), weaker: Collection[ColumnId] = (), adults: bool = False,
        roles: Collection[str] | None = None, method: CountMethod = "exact",
    ) -> FlowCount:
        """Return the persons when the fields `without` do not leave.

        weaker: sensitive fields sent in a form that is not sensitive. adults: rows of persons under 14 stay
        home. roles: only the persons whose fields these are; an empty role is the rows' own subject, None is
        everybody. A minor's every item is sensitive (个人信息保护法 第二十八条). Items that are sensitive
        only by context, an ID number alone say, are ordinary in the count itself and sensitive in its
        `strict` reading. Whoever tells no age is an adult in the count itself, and under 14 in its reading
        `if_young`.
        """
        yes, depends, no = self.masks(without, weaker, roles)
        count = self._readings((yes, depends, no), method, adults, LEVELS)
        if IF_YOUNG[0] not in self.levels:
            return count
        return _with_young(count, self._readings((yes, depends, no), method, adults, IF_YOUNG))

    def _readings(
        self, masks: tuple[int, int, int], method: CountMethod, adults: bool, levels: Sequence[Level]
    ) -> FlowCount:
        """Persons at some levels. masks: fields that leave: sensitive, perhaps sensitive, ordinary."""
        yes, depends, no = masks
        count = self._count(yes, depends | no, method, adults, levels)
        strict = self._count(yes | depends, no, method, adults, levels) if depends else None
        return replace(count, strict=strict, notes=count_notes(self.tally))

    def _count(
        self, sensitive: int, ordinary: int, method: CountMethod, adults: bool, names: Sequence[Level]
    ) -> FlowCount:
        """Persons by masks of the sensitive and the ordinary fields that leave."""
        levels = [
            _level_counters(level, self.levels[level], (sensitive, ordinary), adults) for level in names
        ]

        def interval(name: str) -> Estimate:
            persons = [counters[name] for counters in levels]
            low = max(min(persons) - self.tally.doubtful, 0)
            estimate = Estimate(low, persons[1], max(persons), method)
            return replace(estimate, method=_method(self.tally, estimate)) if method == "exact" else estimate

        tells_ages = names != LEVELS or (self.tally.has_births is not False and not self.tells_no_age)
        return FlowCount(
            individuals=interval("individuals"),
            sensitive=interval("sensitive"),
            minors=interval("minors") if tells_ages else UNKNOWN,
            ordinary_only=interval("ordinary_only"),
            ordinary=interval("ordinary"),
        )

    @property
    def tells_no_age(self) -> bool:
        """Does nothing say how old anybody is?"""
        cells = self.tally.cells
        return bool(cells) and all(cell.unaged for cell in cells)


def _with_young(count: FlowCount, young: FlowCount) -> FlowCount:
    """A count with its reading in which whoever tells no age is under 14: itself, it assumes that none is."""

    def assumed(e: Estimate, other: Estimate) -> Estimate:
        is_assumed = e.method == "exact" and (e.low, e.high) != (other.low, other.high)
        return replace(e, method="linked") if is_assumed else e

    sensitive, minors = assumed(count.sensitive, young.sensitive), assumed(count.minors, young.minors)
    return replace(count, sensitive=sensitive, minors=minors, if_young=young)


def is_lowest(level: Level) -> bool:
    """Are persons counted by the kind of key that most of them have?"""
    return level.startswith("low")


def _cells_of_level(tally: Tally, level: Level, young: bool = False) -> LevelCells:
    cells = [c for c in tally.cells if level.startswith(c.level)]
    return LevelCells(
        np.array([c.bits for c in cells], _U64),
        np.array([c.minor or (young and c.unaged) for c in cells], bool),
        np.array([c.slots for c in cells], _U64), np.array([c.persons for c in cells], np.int64),
    )


def _level_counters(level: Level, cells: LevelCells, masks: tuple[int, int], adults: bool) -> dict[str, int]:
    """Persons of one level under each counter. masks: sensitive and ordinary fields that leave."""
    bits, minor, slots, persons = cells
    has_sensitive, has_ordinary = ((bits & _U64(mask)) != 0 for mask in masks)
    leaves = has_sensitive | has_ordinary
    if adults:
        leaves &= ~minor
    sensitive = (has_sensitive | minor) & leaves
    chosen = {
        "individuals": leaves,
        "sensitive": sensitive,
        "minors": minor & leaves,
        "ordinary_only": leaves & ~sensitive,
        "ordinary": has_ordinary & ~minor & leaves,
    }
    if is_lowest(level):
        return {name: _persons_by_main_key(slots[hits], persons[hits]) for name, hits in chosen.items()}
    return {name: int(persons[hits].sum()) for name, hits in chosen.items()}


def _persons_by_main_key(slots: np.ndarray, persons: np.ndarray) -> int:
    """Persons under the kind of key most of them have; one where there are persons and none has a key."""
    if not len(persons):
        return 0
    used = int(np.bitwise_or.reduce(slots))
    kinds = [
        int(persons[(slots >> _U64(k)) & _ONE != 0].sum()) for k in range(used.bit_length()) if used >> k & 1
    ]
    return max(kinds, default=1)


def count_notes(tally: Tally) -> tuple[Note, ...]:
    """How the count was made, with denominators."""
    out = [notes.keys_used(tally.kinds, tally.rows)]
    if tally.rows_without_key:
        out.append(notes.keyless(tally.rows_without_key, tally.rows, tally.has_parties))
    if tally.placeholders:
        out.append(notes.placeholders(tally.placeholders))
    if tally.shared:
        out.append(notes.shared(tally.shared))
    if tally.unproved:
        out.append(notes.unproved(tally.unproved))
    if tally.broken_accounts:
        out.append(notes.broken_accounts(tally.broken_accounts))
    if tally.open_accounts:
        out.append(notes.open_accounts(tally.open_accounts))
    if tally.unlinked_hashes:
        out.append(notes.unlinked_hashes(tally.unlinked_hashes))
    if tally.has_births and (unaged := sum(c.persons for c in tally.cells if c.unaged and c.level == "best")):
        out.append(notes.unaged(unaged))
    if tally.unread_births:
        out.append(notes.unread_births(tally.unread_births))
    if tally.doubtful:
        out.append(notes.doubtful_lines(tally.doubtful))
    out += [notes.equal_accounts(*pair) for pair in tally.equal_accounts]
    if tally.has_parties:
        out.append(notes.PARTIES)
    out += [subject_notes.subjects(each) for each in tally.subjects]
    if tally.coarse:
        from mappings.tally import MOST_CELLS

        out.append(notes.coarse(MOST_CELLS))
    if tally.crowded:
        from mappings.crowds import CROWD_SIZE

        out.append(notes.crowded(tally.crowded, CROWD_SIZE))
    return tuple(out)
