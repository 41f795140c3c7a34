"""减项测算: which fields, kept at home or sent in a weaker form, would lower the path of a flow.

Everything comes from the flow's histogram; no data is read. The exact search looks at every set of up to
`EXACT_LIMIT` removable fields at once (`field_sets`). With more fields it takes those that matter most and
says that it is heuristic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from mappings.case_summary import Outcome
from mappings.model import Change, Decision, Item
from mappings.varied_flow import VariedFlow, level_range, path_level

EXACT_LIMIT = 20                              # removable fields up to which every set is looked at
PAIR_FLOW_LIMIT = 12  # flows of an entity up to which pairs of fields are tried for the screen
MOST_SHOWN = 8                                # smallest sets given for one lower level


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Changes that lower the level. exact: was every set of the items looked at? of: items in all."""

    changes: tuple[Change, ...]
    exact: bool
    of: int


def screen_changes(flow: VariedFlow, drops: Sequence[Item], before: Decision | Outcome) -> tuple[Change, ...]:
    """Return single fields, pairs and all sensitive ones that lower the level.

    Each stands only where nothing smaller in it does. Single fields that would take the lowest possible path
    away are among them: a person without sensitive items counts as ordinary, and under the reading that never
    counts a person twice more ordinary persons may ask for more.
    """
    if not drops or level_range(before) == (0, 0):
        return ()
    candidates = _weightiest(flow, drops)
    singles = [c for item in candidates if (c := flow.change((item,), before)).lower or c.higher]
    sufficient = {c.items[0] for c in singles if c.lower}
    pairs = _pair_changes(flow, [item for item in candidates if item not in sufficient], before)
    every = _without_sensitive(flow, drops, before)
    changes = [*singles, *pairs]
    return tuple(changes + [c for c in every if c.lower and c.items not in [x.items for x in changes]])


def _pair_changes(flow: VariedFlow, items: Sequence[Item], before: Decision | Outcome) -> list[Change]:
    """Pairs that lower the level, at most `MOST_SHOWN`; none where sets or flows are too many to try."""
    if len(items) > EXACT_LIMIT or len(flow.facts.flows) > PAIR_FLOW_LIMIT:
        return []
    from mappings.field_sets import lowering_sets

    lowering = lowering_sets(flow, items, before)
    numbered = combinations(enumerate(items), 2)
    pairs = [flow.change((a, b), before) for (i, a), (j, b) in numbered if (1 << i | 1 << j) in lowering]
    return sorted(pairs, key=lambda c: (path_level(c.path), c.items[0].column))[:MOST_SHOWN]


def _without_sensitive(flow: VariedFlow, drops: Sequence[Item], before: Decision | Outcome) -> list[Change]:
    """All sensitive fields together, where there are several."""
    sensitive = {column for column, _, kind in flow.parts[0].histogram.tally.fields if kind == "yes"}
    items = tuple(item for item in drops if item.column in sensitive)
    return [flow.change(items, before)] if len(items) > 1 else []


def smallest_changes(flow: VariedFlow, items: Sequence[Item], before: Decision | Outcome) -> SearchResult:
    """Return the smallest sets of items for each lower outcome: all of one size, at most `MOST_SHOWN`."""
    if not items or level_range(before) == (0, 0):
        return SearchResult((), True, len(items))
    from mappings.field_sets import lowering_sets

    candidates = list(items) if len(items) <= EXACT_LIMIT else _weightiest(flow, items)
    lowering = lowering_sets(flow, candidates, before)
    smallest: dict[tuple[int, int], int] = {}  # level range -> size of the smallest sets that lead there
    shown = Counter[tuple[int, int]]()
    changes: list[Change] = []
    for mask in sorted(lowering, key=lambda m: (m.bit_count(), m)):
        levels, size = level_range(lowering[mask]), mask.bit_count()
        if any(
            least < size for (high, low), least in smallest.items() if high <= levels[0] and low <= levels[1]
        ):
            continue                          # something smaller does as much
        smallest.setdefault(levels, size)
        shown[levels] += 1
        if shown[levels] <= MOST_SHOWN:
            chosen = [item for i, item in enumerate(candidates) if mask >> i & 1]
            changes.append(flow.change(chosen, before, lowering[mask]))
    return SearchResult(tuple(changes), len(candidates) == len(items), len(items))


def _weightiest(flow: VariedFlow, items: Sequence[Item]) -> list[Item]:
    """At most `EXACT_LIMIT` items: sensitive, perhaps sensitive, then ordinary ones; more persons first."""
    tally = flow.parts[0].histogram.tally
    kinds = {column: ("yes", "depends", "no").index(kind) for column, _, kind in tally.fields}
    filled = {
        column: sum(c.persons for c in tally.cells if c.level == "best" and c.bits >> bit & 1)
        for column, bit, _ in tally.fields
    }
    ranked = sorted(items, key=lambda i: (kinds.get(i.column, 0), -filled.get(i.column, 0), i.column))
    return ranked[:EXACT_LIMIT]
