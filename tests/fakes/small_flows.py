"""Small flows drawn at random, and their smallest changes by two ways: the search,
and every set of fields tried one by one.
"""

import random
from datetime import date
from itertools import combinations

from detectors.model import ColumnId
from mappings.counterfactual import smallest_changes
from mappings.histogram import Histogram
from mappings.model import Cell, Estimate, Facts, FlowCount, FlowInput, Item, Tally
from mappings.rules import load_ruleset
from mappings.varied_flow import VariedFlow, VariedTotal, path_level

RULES = load_ruleset()
DAY = date(2026, 11, 1)
KNOWN = {"ciio": "no", "important_data": "none"}


def world(seed, fields=None):
    """A small flow drawn at random: its tally, what is counted beside it, claims and needless fields."""
    draw = random.Random(seed)
    n = fields or draw.randrange(2, 7)
    kinds = [draw.choice(("no", "no", "yes", "depends")) for _ in range(n)]
    names = [ColumnId(f"crm/member/f{i}") for i in range(n)]
    slots = [draw.randrange(0, 4) for _ in range(3)]
    cells = []
    for _ in range(draw.randrange(3, 14)):
        bits, minor = draw.randrange(1, 1 << n), draw.random() < 0.15
        many = draw.choice((1, 40, 900, 9_000, 60_000, 400_000))
        low = max(1, many - draw.choice((0, 0, many // 20)))
        cells += [
            Cell("low", bits, minor, draw.choice(slots), low),
            Cell("best", bits, minor, 0, many),
            Cell("high", bits, minor, 0, many + draw.choice((0, 0, many // 10))),
        ]
    tally = Tally(tuple(zip(names, range(n), kinds, strict=True)), tuple(cells), 1)
    claim = draw.choice(("none", "none", "art5_1"))
    needless = frozenset(x for x in names if draw.random() < 0.3) if claim == "art5_1" else frozenset()
    facts = {"contract_with_individual": "yes"} | (
        {} if needless else {"fields_necessary": draw.choice(("yes", "unknown"))}
    )
    own = Histogram(tally)
    flows = [
        FlowInput("crm", own.count(), claim=claim, facts=facts, unnecessary_fields=tuple(sorted(needless)))
    ]
    unions, totals = {}, ()
    if draw.random() < 0.5:
        beside = FlowCount(
            Estimate.exactly(draw.choice((500, 95_000, 900_000))),
            Estimate.exactly(draw.choice((0, 50, 9_990))),
        )
        flows.append(FlowInput("other", beside))
        total = VariedTotal(("crm", "other"), own, None, beside)
        unions, totals = {("crm", "other"): total.count((), (), False)}, (total,)
    values = KNOWN | {
        "ciio": draw.choice(("no", "no", "unknown")),
        "sector": draw.choice(("retail", "retail", "automotive")),
    }
    facts = Facts("acme", DAY, tuple(flows), values, unions)
    return VariedFlow("crm", facts, RULES, (VariedTotal(("crm",), own),), totals, needless), names, kinds


def reached(decision):
    levels = [path_level(p) for p in decision.possible]
    return max(levels), min(levels)


def by_hand(subject, items):
    """The smallest sets for each level, every set tried one by one."""
    now = reached(subject.decided(()))
    best = {}
    for size in range(1, len(items) + 1):
        for chosen in combinations(items, size):
            there = reached(subject.decided(chosen))
            if there < now and not any(
                best[x][0] < size for x in best if x[0] <= there[0] and x[1] <= there[1]
            ):
                best.setdefault(there, (size, set()))[1].add(frozenset(chosen))
    return {there: sets for there, (_, sets) in best.items()}


def by_search(subject, items):
    found = {}
    for c in smallest_changes(subject, items, subject.decided(())).changes:
        levels = [path_level(p) for p in c.possible]
        found.setdefault((max(levels), min(levels)), set()).add(frozenset(c.items))
    return found


def disagreement(seed):
    """(do search and trial differ for a flow,
    how many of its two lists of items have a change that lowers the path).
    """
    subject, names, kinds = world(seed)
    drops = [Item("drop", x) for x in names]
    mild = [Item("weaken" if k != "no" else "drop", x) for x, k in zip(names, kinds, strict=True)] + [
        Item("adults")
    ]
    pairs = [(by_search(subject, items), by_hand(subject, items)) for items in (drops, mild)]
    return any(a != b for a, b in pairs), sum(bool(a) for a, _ in pairs)
