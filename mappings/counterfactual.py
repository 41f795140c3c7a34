"""减项测算: which fields, kept at home or sent in a weaker form, would lower the path of a flow. From its histogram, reading no data.

The exact search looks at every set of up to `EXACT` removable fields at once: for each counter, those lost when a set D stays home are
the persons all of whose fields lie in D, and summing over subsets gives that for all 2^n sets together (a zeta transform; Yates 1937). Sets
whose counts lie in the same bands of every line lead to the same decision, so the rules are asked once for each such pattern. With more
fields the search takes the `EXACT` that matter most and says that it is heuristic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from detectors.model import ColumnId
from mappings.case_summary import Outcome
from mappings.field_sets import lowering_sets
from mappings.model import Change, Decision, Item
from mappings.varied_flow import VariedFlow, level_range, path_level

EXACT = 20                                    # removable fields up to which every set is looked at
PAIRS = 12                                    # flows of an entity up to which pairs of fields are tried for the screen
SHOWN = 8                                     # smallest sets given for one lower level


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
    if not drops or level_range(before) == (0, 0):
        return ()
    chosen = _that_matter(subject, drops)
    singles = [c for i in chosen if (c := subject.change((i,), before)).lower or c.higher]
    alone = {c.items[0] for c in singles if c.lower}
    rest = [i for i in chosen if i not in alone]
    masks = lowering_sets(subject, rest, before) if len(rest) <= EXACT and len(subject.facts.flows) <= PAIRS else {}
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
    if not items or level_range(before) == (0, 0):
        return SearchResult((), True, len(items))
    chosen = list(items) if len(items) <= EXACT else _that_matter(subject, items)
    found: list[Change] = []
    best: dict[tuple[int, int], list[int]] = {}          # where one gets -> [size, sets shown]
    for mask, decision in _ordered(lowering_sets(subject, chosen, before)):
        reached, size = level_range(decision), mask.bit_count()
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
