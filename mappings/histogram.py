"""Persons of a tally: how many there are when some fields stay home, go in a weaker form, or minors' rows stay home."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from detectors.message import Note
from detectors.model import ColumnId, CountMethod
from mappings import notes
from mappings.linking import CROWD
from mappings.model import Estimate, FlowCount, Tally
from mappings.tally import CELLS

_U64 = np.uint64
_ONE = np.uint64(1)


def estimate(tally: Tally, without: Collection[ColumnId] = (), method: CountMethod = "exact") -> FlowCount:
    """Persons of a tally when the fields `without` do not leave."""
    return Histogram(tally).count(without, method=method)


class Histogram:
    """A tally as arrays, for many questions: which fields leave, in which form, of whom."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.levels: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = {}
        for level in ("low", "best", "high"):
            cells = [c for c in tally.cells if c.level == level]
            self.levels[level] = (np.array([c.bits for c in cells], _U64), np.array([c.minor for c in cells], bool),
                                  np.array([c.slots for c in cells], _U64), np.array([c.persons for c in cells], np.int64))

    def masks(
        self, without: Collection[ColumnId] = (), weaker: Collection[ColumnId] = (), roles: Collection[str] | None = None
    ) -> tuple[int, int, int]:
        """Bits of the fields that leave: sensitive, perhaps sensitive, ordinary."""
        yes = depends = no = 0
        for f, i, kind in self.tally.fields:
            if f in without or roles is not None and self.tally.roles.get(f, "") not in roles:
                continue
            if kind == "no" or f in weaker:
                no |= 1 << i
            elif kind == "yes":
                yes |= 1 << i
            else:
                depends |= 1 << i
        return yes, depends, no

    def count(
        self, without: Collection[ColumnId] = (), weaker: Collection[ColumnId] = (), adults: bool = False,
        roles: Collection[str] | None = None, method: CountMethod = "exact",
    ) -> FlowCount:
        """Persons when the fields `without` do not leave.

        weaker: sensitive fields sent in a form that is not sensitive. adults: rows of persons under 14 stay home. roles: only the persons
        whose fields these are; an empty role is the rows' own subject, None is everybody.
        A minor's every item is sensitive (个人信息保护法 第二十八条). Items that are sensitive only by context, an ID number alone say,
        are ordinary in the count itself and sensitive in its `strict` reading.
        """
        yes, depends, no = self.masks(without, weaker, roles)
        found = self._measured(yes, depends | no, method, adults)
        return replace(found, strict=self._measured(yes | depends, no, method, adults)) if depends else found

    def _measured(self, sensitive: int, ordinary: int, method: CountMethod, adults: bool) -> FlowCount:
        numbers: dict[str, dict[str, int]] = {}
        for level, (bits, minor, slots, persons) in self.levels.items():
            here = (bits & _U64(sensitive | ordinary)) != 0
            if adults:
                here &= ~minor
            careful = (((bits & _U64(sensitive)) != 0) | minor) & here
            which = {"individuals": here, "sensitive": careful, "minors": minor & here, "ordinary_only": here & ~careful,
                     "ordinary": ((bits & _U64(ordinary)) != 0) & ~minor & here}
            numbers[level] = {name: int(persons[hits].sum()) if level != "low" else _by_kind(slots[hits], persons[hits])
                              for name, hits in which.items()}

        def interval(name: str) -> Estimate:
            found = sorted(numbers[level][name] for level in numbers)
            return Estimate(found[0], numbers["best"][name], found[2], method)

        return FlowCount(
            interval("individuals"),
            interval("sensitive"),
            interval("minors"),
            interval("ordinary_only"),
            interval("ordinary"),
            count_notes(self.tally),
        )


def _by_kind(slots: np.ndarray, persons: np.ndarray) -> int:
    """Persons under the kind of key most of them have; one where there are persons and none has a key."""
    if not len(persons):
        return 0
    used = int(np.bitwise_or.reduce(slots))
    kinds = [int(persons[(slots >> _U64(k)) & _ONE != 0].sum()) for k in range(used.bit_length()) if used >> k & 1]
    return max(kinds, default=1)


def count_notes(tally: Tally) -> tuple[Note, ...]:
    """How the count was made, with denominators."""
    out = [notes.keys_used(tally.kinds, tally.rows)]
    if tally.rows_without_key:
        out.append(notes.keyless(tally.rows_without_key, tally.rows))
    if tally.placeholders:
        out.append(notes.placeholders(tally.placeholders))
    if tally.shared:
        out.append(notes.shared(tally.shared))
    if tally.coarse:
        out.append(notes.coarse(CELLS))
    if tally.crowded:
        out.append(notes.crowded(tally.crowded, CROWD))
    return tuple(out)
