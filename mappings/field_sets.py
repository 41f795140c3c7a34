"""Every set of removable fields at once: the persons each set loses, and the sets that lead to a lower level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from detectors.model import ColumnId
from mappings.case_summary import Outcome
from mappings.counts import ENDLESS
from mappings.model import Decision, Item
from mappings.rules import RuleSet
from mappings.varied_flow import VariedFlow, VariedTotal, counter_of, level_range


def lowering_sets(subject: VariedFlow, items: Sequence[Item], before: Decision | Outcome) -> dict[int, Outcome]:
    """Every set of items (as a bit mask) that lowers the level, with its decision."""
    n = len(items)
    totals = [*subject.parts, *subject.unions]
    pattern, width = _needless_left(subject, items, n), 2
    for total in totals:
        for bands in _bands(total, items, subject.rules):
            kinds = int(bands.max()) + 1
            if width * kinds > 1 << 60:
                pattern = np.unique(pattern, return_inverse=True)[1]
                width = int(pattern.max()) + 1
            pattern, width = pattern * kinds + bands, width * kinds
    patterns, first, inverse = np.unique(pattern, return_index=True, return_inverse=True)
    now = level_range(before)
    out: dict[int, Outcome] = {}
    for kind in range(len(patterns)):
        decision = subject.outcome([items[i] for i in range(n) if int(first[kind]) >> i & 1])
        if level_range(decision) < now:
            out |= dict.fromkeys(np.flatnonzero(inverse == kind).tolist(), decision)
    return out


def _needless_left(subject: VariedFlow, items: Sequence[Item], n: int) -> np.ndarray:
    """Is a field that is not shown to be necessary left as it is, for each set of items?"""
    left = set(subject.needless)
    need = 0
    for i, item in enumerate(items):
        if item.column in left and item.action != "adults":
            need |= 1 << i
            left.discard(item.column)
    if left:
        return np.ones(1 << n, np.int64)
    return ((np.arange(1 << n) & need) != need).astype(np.int64)


def _bands(total: VariedTotal, items: Sequence[Item], rules: RuleSet) -> Iterator[np.ndarray]:
    """For each counter and end, the band its persons fall in, for all sets of items at once."""
    lines = np.array(sorted({1, *rules.lines_of("ordinary"), *rules.lines_of("sensitive"), *rules.lines_of("individuals"),
                             *_zone_lines()}))
    fields = {item.column: i for i, item in enumerate(items) if item.action == "drop"}
    softened = {item.column: i for i, item in enumerate(items) if item.action in ("drop", "weaken")}
    adults = next((i for i, item in enumerate(items) if item.action == "adults"), None)
    strict = [False, True] if total.histogram.masks(roles=total.roles)[1] or (total.rest and total.rest.strict) else [False]
    for reading in strict:
        counts = {lv: _lost(total, lv, fields, softened, adults, len(items), reading) for lv in ("low", "best", "high")}
        rest = (total.rest.strict or total.rest if reading else total.rest) if total.rest else None
        most = (total.most.strict or total.most if reading else total.most) if total.most else None
        for name in ("individuals", "sensitive", "ordinary_only", "ordinary"):
            stack = np.stack([counts[lv][name] for lv in ("low", "best", "high")])
            low, best, high = stack.min(axis=0), counts["best"][name], stack.max(axis=0)
            if rest is not None:
                beside, top = counter_of(rest, name), counter_of(most, name) if most is not None else None
                low = np.maximum(low, beside.low)
                best = best + beside.best if top is None else np.minimum(best + beside.best, top.best)
                high = high + (ENDLESS if beside.high is None else beside.high)
                high = np.minimum(high, top.high) if top is not None and top.high is not None else high
                high = np.maximum(np.maximum(low, best), high)
            yield np.searchsorted(lines, low, side="right")
            yield np.searchsorted(lines, high, side="right")


@cache
def _zone_lines() -> frozenset[int]:
    """Every number of persons at which a zone's list changes."""
    from mappings.zones import load_zone, zone_names

    return frozenset(n for name in zone_names() for e in load_zone(name).entries for n in (e.count_min, e.count_max or 0) if n)


def _lost(
    total: VariedTotal, lv: str, fields: dict[ColumnId, int], softened: dict[ColumnId, int], adults: int | None, n: int, strict: bool
) -> dict[str, np.ndarray]:
    """Counters of one level for every set of items, by summing over subsets."""
    bits, minor, slots, persons = total.histogram.levels[lv]
    yes, depends, no = total.histogram.masks(roles=total.roles)
    sensitive, ordinary = (yes | depends, no) if strict else (yes, depends | no)
    place = {f: i for f, i, _ in total.histogram.tally.fields}

    def lost_when(mask: int, items: dict[ColumnId, int]) -> np.ndarray:
        """For each cell, the items that must all be in a set for none of its bits in `mask` to be left; -1: no set does it."""
        out = np.zeros(len(bits), np.int64)
        for position in range(mask.bit_length()):
            if not mask >> position & 1:
                continue
            names = [f for f, i in place.items() if i == position and (total.roles is None or total.histogram.tally.roles.get(f, "")
                                                                      in total.roles)]
            has = (bits >> np.uint64(position)) & np.uint64(1) != 0
            if names and all(f in items for f in names):
                need = sum(1 << items[f] for f in names)
                out[has & (out >= 0)] |= need
            else:
                out[has] = -1
        return out

    away, calm, plain = lost_when(sensitive | ordinary, fields), lost_when(sensitive, softened), lost_when(ordinary, fields)
    turned = np.zeros(len(bits), np.int64)    # items that turn a sensitive field of the person into an ordinary one
    flipped = 0
    for f, i in softened.items():
        if f not in fields and f in place and sensitive >> place[f] & 1:
            turned[(bits >> np.uint64(place[f])) & np.uint64(1) != 0] |= 1 << i
            flipped |= 1 << i
    plain = np.where(plain >= 0, plain | turned, -1)
    here = np.flatnonzero((bits & np.uint64(sensitive | ordinary)) != 0)

    def counters(who: np.ndarray) -> dict[str, np.ndarray]:
        """Of some cells. A person leaves with a set D unless all items of `away` are in D, is sensitive unless all of `calm` are."""
        grown, young = who[~minor[who]], who[minor[who]]

        def kept(masks: np.ndarray, cells: np.ndarray, flip: int = 0) -> np.ndarray:
            return int(persons[cells].sum()) - _zeta(masks[cells], persons[cells], n, flip)

        left, minors, careful = kept(away, grown), kept(away, young), kept(calm, grown)
        if adults is not None:
            minors[(np.arange(1 << n) >> adults & 1) != 0] = 0
        return {"individuals": left + minors, "sensitive": careful + minors, "ordinary_only": left - careful,
                "ordinary": kept(plain, grown, flipped)}

    if lv != "low":
        return counters(here)
    kinds = [counters(here[group]) for group in _groups(slots[here])]
    keyless = counters(here[slots[here] == 0])
    found = {name: np.max([k[name] for k in kinds], axis=0) if kinds else np.zeros(1 << n, np.int64) for name in keyless}
    return {name: np.where((values == 0) & (keyless[name] > 0), 1, values) for name, values in found.items()}


def _groups(slots: np.ndarray) -> list[np.ndarray]:
    used = int(np.bitwise_or.reduce(slots)) if len(slots) else 0
    return [(slots >> np.uint64(k)) & np.uint64(1) != 0 for k in range(used.bit_length()) if used >> k & 1]


def _zeta(masks: np.ndarray, persons: np.ndarray, n: int, flip: int = 0) -> np.ndarray:
    """For every set D, the persons whose mask lies in D; a mask of -1 lies in none. Items in `flip` must not be in D instead."""
    out = np.zeros(1 << n, np.int64)
    inside = masks >= 0
    np.add.at(out, masks[inside], persons[inside])
    for i in range(n):
        pairs = out.reshape(-1, 2, 1 << i)
        if flip >> i & 1:
            without = pairs[:, 0].copy()
            pairs[:, 0] += pairs[:, 1]
            pairs[:, 1] = without
        else:
            pairs[:, 1] += pairs[:, 0]
    return out
