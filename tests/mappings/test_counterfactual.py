"""减项测算: the search agrees with trying every set, and what it says of counts is what the rows say."""

import random
from datetime import date
from itertools import combinations

import pytest

from detectors.model import ColumnId
from mappings.counterfactual import EXACT, screen_changes, smallest_changes
from mappings.decide import decide
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
        cells += [Cell("low", bits, minor, draw.choice(slots), low), Cell("best", bits, minor, 0, many),
                  Cell("high", bits, minor, 0, many + draw.choice((0, 0, many // 10)))]
    tally = Tally(tuple(zip(names, range(n), kinds, strict=True)), tuple(cells), 1)
    claim = draw.choice(("none", "none", "art5_1"))
    needless = frozenset(x for x in names if draw.random() < 0.3) if claim == "art5_1" else frozenset()
    facts = {"contract_with_individual": "yes"} | ({} if needless else {"fields_necessary": draw.choice(("yes", "unknown"))})
    own = Histogram(tally)
    flows = [FlowInput("crm", own.count(), claim=claim, facts=facts, unnecessary_fields=tuple(sorted(needless)))]
    unions, totals = {}, ()
    if draw.random() < 0.5:
        beside = FlowCount(Estimate.exactly(draw.choice((500, 95_000, 900_000))), Estimate.exactly(draw.choice((0, 50, 9_990))))
        flows.append(FlowInput("other", beside))
        total = VariedTotal(("crm", "other"), own, None, beside)
        unions, totals = {("crm", "other"): total.count((), (), False)}, (total,)
    values = KNOWN | {"ciio": draw.choice(("no", "no", "unknown")), "sector": draw.choice(("retail", "retail", "automotive"))}
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
            if there < now and not any(best[x][0] < size for x in best if x[0] <= there[0] and x[1] <= there[1]):
                best.setdefault(there, (size, set()))[1].add(frozenset(chosen))
    return {there: sets for there, (_, sets) in best.items()}


def by_search(subject, items):
    found = {}
    for c in smallest_changes(subject, items, subject.decided(())).changes:
        levels = [path_level(p) for p in c.possible]
        found.setdefault((max(levels), min(levels)), set()).add(frozenset(c.items))
    return found


@pytest.mark.parametrize("block", range(5))
def test_the_search_agrees_with_trying_every_set(block, monkeypatch):
    monkeypatch.setattr("mappings.counterfactual.SHOWN", 10_000)
    lowered = 0
    for seed in range(block * 100, block * 100 + 100):
        subject, names, kinds = world(seed)
        drops = [Item("drop", x) for x in names]
        mild = [Item("weaken" if k != "no" else "drop", x) for x, k in zip(names, kinds, strict=True)] + [Item("adults")]
        for items in (drops, mild):
            assert by_search(subject, items) == by_hand(subject, items), seed
            lowered += bool(by_search(subject, items))
    assert lowered > 40


def test_what_the_screen_shows_lowers_the_path():
    shown = 0
    for seed in range(100):
        subject, names, _ = world(seed)
        before = subject.decided(())
        for change in screen_changes(subject, [Item("drop", x) for x in names], before):
            after = reached(subject.decided(change.items))
            assert after < reached(before) if change.lower else after[1] > reached(before)[1]
            shown += 1
    assert shown > 20


def test_sixty_fields_are_heuristic_and_said_to_be():
    subject, names, _ = world(7, fields=60)

    found = smallest_changes(subject, [Item("drop", x) for x in names], subject.decided(()))

    assert not found.exact
    assert found.of == 60 > EXACT


def test_dropping_the_one_sensitive_field_is_found_with_its_counts():
    fields = ((ColumnId("a/t/id"), 0, "no"), (ColumnId("a/t/diagnosis"), 1, "yes"))
    cells = tuple(
        Cell(lv, bits, False, 1 if lv == "low" else 0, n) for lv in ("low", "best", "high") for bits, n in ((1, 2_000), (3, 12_400))
    )
    own = Histogram(Tally(fields, cells, 14_400))
    facts = Facts("acme", DAY, (FlowInput("crm", own.count()),), KNOWN)
    subject = VariedFlow("crm", facts, RULES, (VariedTotal(("crm",), own),))

    (change,) = smallest_changes(subject, [Item("drop", f) for f, _, _ in fields], decide(facts, RULES).flows["crm"]).changes

    assert change.items == (Item("drop", ColumnId("a/t/diagnosis")),)
    assert (change.individuals, change.sensitive, change.path) == (14_400, 0, "exempt_art5_4")
