"""减项测算: which fields, kept at home or sent in a weaker form, would lower the path of a flow. From its histogram, reading no data.

The exact search looks at every set of up to `EXACT` removable fields at once: for each counter, those lost when a set D stays home are
the persons all of whose fields lie in D, and summing over subsets gives that for all 2^n sets together (a zeta transform; Yates 1937). Sets
whose counts lie in the same bands of every line lead to the same decision, so the rules are asked once for each such pattern. With more
fields the search takes the `EXACT` that matter most and says that it is heuristic.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from detectors.model import ColumnId
from mappings.cases import ENDLESS
from mappings.decide import Outcome, decide, decide_paths
from mappings.individuals import Histogram
from mappings.model import Change, Decision, Estimate, Facts, FlowCount, Item
from mappings.rules import RuleSet

EXACT = 20                                    # removable fields up to which every set is looked at
PAIRS = 12                                    # flows of an entity up to which pairs of fields are tried for the screen
SHOWN = 8                                     # smallest sets given for one lower level
_COUNTERS = ("individuals", "sensitive", "minors", "ordinary_only", "ordinary")
_LEVELS = {"gba_standard_contract": 1, "standard_contract_or_certification": 1, "security_assessment": 2, "not_necessary_stop": 3,
           "blocked_without_approval": 3}


def path_level(path: str) -> int:
    """0 nothing to file, 1 contract or certification, 2 assessment, 3 stopped."""
    return _LEVELS.get(path, 0)


@dataclass(frozen=True, slots=True)
class VariedTotal:
    """Persons of a part of the flow, or of several parts and flows together, as the histogram gives them.

    ids: the parts counted. roles: whose fields of the flow belong to it; None: all. rest: others beside those of the histogram, of unknown
    overlap. most: what there is today; less data never makes more persons.
    """

    ids: tuple[str, ...]
    histogram: Histogram
    roles: frozenset[str] | None = None
    rest: FlowCount | None = None
    most: FlowCount | None = None

    def count(self, drop: Collection[ColumnId], weaker: Collection[ColumnId], adults: bool) -> FlowCount:
        """Persons after a change."""
        found = self.histogram.count(drop, weaker, adults, self.roles)
        return found if self.rest is None else self._beside(found)

    def _beside(self, found: FlowCount) -> FlowCount:
        assert self.rest is not None
        out = _beside_one(found, self.rest, self.most)
        if found.strict is None and self.rest.strict is None:
            return out
        most = self.most.strict or self.most if self.most is not None else None
        return replace(out, strict=_beside_one(found.strict or found, self.rest.strict or self.rest, most))


def _beside_one(a: FlowCount, b: FlowCount, most: FlowCount | None) -> FlowCount:
    def one(name: str) -> Estimate:
        x, y = _of(a, name), _of(b, name)
        top = _of(most, name) if most is not None else None
        high = None if x.high is None or y.high is None else x.high + y.high
        if top is not None and top.high is not None:
            high = top.high if high is None else min(high, top.high)
        low = max(x.low, y.low)
        best = x.best + y.best if top is None else min(x.best + y.best, top.best)
        return Estimate(low, max(low, best), None if high is None else max(low, best, high), x.method, "overlap_unknown")

    found: dict[str, Any] = {name: one(name) for name in _COUNTERS}
    return FlowCount(**found)


def _of(count: FlowCount, name: str) -> Estimate:
    """A counter; ordinary ones that are not known are bounded by everybody."""
    found: Estimate | None = getattr(count, name)
    if found is not None:
        return found
    return replace(count.individuals, low=0) if name == "ordinary_only" else count.individuals


@dataclass(frozen=True, slots=True)
class VariedFlow:
    """A flow to be varied: the facts of its entity, its parts, and the totals it is counted in. needless: fields not shown necessary."""

    flow: str
    facts: Facts
    rules: RuleSet
    parts: tuple[VariedTotal, ...]
    unions: tuple[VariedTotal, ...] = ()
    needless: frozenset[ColumnId] = frozenset()

    def facts_with(self, items: Collection[Item]) -> Facts:
        """The facts after a change."""
        drop, weaker, adults = _split(items)
        counts = {t.ids[0]: t.count(drop, weaker, adults) for t in self.parts}
        left = tuple(sorted(self.needless - drop - weaker))
        flows = tuple(
            replace(f, count=counts.get(f.id, f.count), unnecessary_fields=left) if f.whole == self.flow else f for f in self.facts.flows
        )
        unions = {ids: c for ids, c in self.facts.unions.items() if not any(f.whole == self.flow for f in self.facts.flows if f.id in ids)}
        return replace(self.facts, flows=flows, unions=unions | {t.ids: t.count(drop, weaker, adults) for t in self.unions})

    def decided(self, items: Collection[Item]) -> Decision:
        """The flow's decision after a change."""
        return decide(self.facts_with(items), self.rules).flows[self.flow]

    def outcome(self, items: Collection[Item]) -> Outcome:
        """The flow's paths after a change."""
        return decide_paths(self.facts_with(items), self.rules, self.flow)

    def change(self, items: Sequence[Item], before: Decision | Outcome, found: Outcome | None = None) -> Change:
        """A change, with its counts."""
        found = found or self.outcome(items)
        own = self.parts[0].histogram.count(*_split(items))
        return Change(tuple(items), found.path, found.possible, own.individuals.best, own.sensitive.best, _reach(found) < _reach(before),
                      _reach(found)[1] > _reach(before)[1])


def _split(items: Collection[Item]) -> tuple[set[ColumnId], set[ColumnId], bool]:
    """(fields dropped, fields in a weaker form, do rows of persons under 14 stay home)."""
    return ({i.column for i in items if i.action == "drop"}, {i.column for i in items if i.action == "weaken"},
            any(i.action == "adults" for i in items))


def _reach(decision: Decision | Outcome) -> tuple[int, int]:
    """(highest, lowest) level among the possible paths: an open fact that keeps the highest one must not hide that the lowest fell."""
    levels = [path_level(p) for p in decision.possible or (decision.path,)]
    return max(levels), min(levels)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """exact: every set of the items was looked at. of: items in all."""

    changes: tuple[Change, ...]
    exact: bool
    of: int


def screen_changes(subject: VariedFlow, drops: Sequence[Item], before: Decision | Outcome) -> tuple[Change, ...]:
    """Single fields, pairs and all sensitive ones: those that lower the level, each only where nothing smaller in it does.

    Single fields that would take the lowest possible path away are shown too: a person without sensitive items counts as ordinary, and
    under the reading that never counts a person twice more ordinary persons may ask for more.
    """
    if not drops or _reach(before) == (0, 0):
        return ()
    chosen = _that_matter(subject, drops)
    singles = [c for i in chosen if (c := subject.change((i,), before)).lower or c.higher]
    alone = {c.items[0] for c in singles if c.lower}
    rest = [i for i in chosen if i not in alone]
    masks = _lowering(subject, rest, before) if len(rest) <= EXACT and len(subject.facts.flows) <= PAIRS else {}
    pairs = [subject.change((a, b), before) for a, b in combinations(rest, 2) if (1 << rest.index(a) | 1 << rest.index(b)) in masks]
    out = singles + sorted(pairs, key=lambda c: (path_level(c.path), c.items[0].column))[:SHOWN]
    sensitive = tuple(i for i in drops if i.column in _sensitive(subject))
    if len(sensitive) > 1:
        every = subject.change(sensitive, before)
        out += [every] if every.lower and every.items not in [c.items for c in out] else []
    return tuple(out)


def _sensitive(subject: VariedFlow) -> set[ColumnId]:
    return {f for f, _, kind in subject.parts[0].histogram.tally.fields if kind == "yes"}


def smallest_changes(subject: VariedFlow, items: Sequence[Item], before: Decision | Outcome) -> SearchResult:
    """The smallest sets of items for each lower outcome that can be reached; all of one size, at most `SHOWN`."""
    if not items or _reach(before) == (0, 0):
        return SearchResult((), True, len(items))
    chosen = list(items) if len(items) <= EXACT else _that_matter(subject, items)
    found: list[Change] = []
    best: dict[tuple[int, int], list[int]] = {}          # where one gets -> [size, sets shown]
    for mask, decision in _ordered(_lowering(subject, chosen, before)):
        reached, size = _reach(decision), mask.bit_count()
        if any(least < size for (high, low), (least, _) in best.items() if high <= reached[0] and low <= reached[1]):
            continue                          # something smaller does as much
        shown = best.setdefault(reached, [size, 0])
        shown[1] += 1
        if shown[1] <= SHOWN:
            found.append(subject.change([chosen[i] for i in range(len(chosen)) if mask >> i & 1], before, decision))
    return SearchResult(tuple(found), len(chosen) == len(items), len(items))


def _ordered(masks: dict[int, Outcome]) -> Iterator[tuple[int, Outcome]]:
    for mask in sorted(masks, key=lambda m: (m.bit_count(), m)):
        yield mask, masks[mask]


def _that_matter(subject: VariedFlow, items: Sequence[Item]) -> list[Item]:
    """At most `EXACT` items: sensitive ones before perhaps sensitive ones before ordinary ones, more persons first."""
    tally = subject.parts[0].histogram.tally
    kinds = {f: ("yes", "depends", "no").index(kind) for f, _, kind in tally.fields}
    bits = {f: 1 << i for f, i, _ in tally.fields}
    filled = {f: sum(c.persons for c in tally.cells if c.level == "best" and c.bits & b) for f, b in bits.items()}
    return sorted(items, key=lambda i: (kinds.get(i.column, 0), -filled.get(i.column, 0), i.column))[:EXACT]


def _lowering(subject: VariedFlow, items: Sequence[Item], before: Decision | Outcome) -> dict[int, Outcome]:
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
    now = _reach(before)
    out: dict[int, Outcome] = {}
    for kind in range(len(patterns)):
        decision = subject.outcome([items[i] for i in range(n) if int(first[kind]) >> i & 1])
        if _reach(decision) < now:
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
                beside, top = _of(rest, name), _of(most, name) if most is not None else None
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
