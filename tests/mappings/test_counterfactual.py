"""减项测算: the search agrees with trying every set, and what it says of counts is what the rows say."""

from detectors.model import ColumnId
from mappings.counterfactual import screen_changes, smallest_changes
from mappings.decide import decide
from mappings.histogram import Histogram
from mappings.model import Cell, Facts, FlowInput, Item, Tally
from mappings.varied_flow import VariedFlow, VariedTotal
from small_flows import DAY, KNOWN, RULES, disagreement, reached, world


def test_the_search_agrees_with_trying_every_set(monkeypatch):
    monkeypatch.setattr("mappings.counterfactual.MOST_SHOWN", 10_000)
    results = {seed: disagreement(seed) for seed in range(30)}  # tests/bench/search_agrees.py tries 500

    assert [seed for seed, (differs, _) in results.items() if differs] == []
    assert sum(lowered for _, lowered in results.values()) > 12


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


def test_more_fields_than_are_searched_exactly_are_heuristic_and_said_to_be(monkeypatch):
    monkeypatch.setattr("mappings.counterfactual.EXACT_LIMIT", 8)
    subject, names, _ = world(7, fields=24)

    found = smallest_changes(subject, [Item("drop", x) for x in names], subject.decided(()))

    assert not found.exact
    assert found.of == 24


def test_dropping_the_one_sensitive_field_is_found_with_its_counts():
    fields = ((ColumnId("a/t/id"), 0, "no"), (ColumnId("a/t/diagnosis"), 1, "yes"))
    cells = tuple(
        Cell(lv, bits, False, 1 if lv == "low" else 0, n)
        for lv in ("low", "best", "high")
        for bits, n in ((1, 2_000), (3, 12_400))
    )
    own = Histogram(Tally(fields, cells, 14_400))
    facts = Facts("acme", DAY, (FlowInput("crm", own.count()),), KNOWN)
    subject = VariedFlow("crm", facts, RULES, (VariedTotal(("crm",), own),))

    (change,) = smallest_changes(
        subject, [Item("drop", f) for f, _, _ in fields], decide(facts, RULES).flows["crm"]
    ).changes

    assert change.items == (Item("drop", ColumnId("a/t/diagnosis")),)
    assert (change.individuals, change.sensitive, change.path) == (14_400, 0, "exempt_art5_4")
