"""A list's own entry that holds the persons of a flow, and somebody who says that no entry does."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.decide import decide
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.notes import ENTRY_DENIED
from mappings.rules import in_force
from mappings.zone_matching import judge_scenario
from mappings.zones import load_zone, zone_names

DAY = date(2025, 3, 3)                       # before the one list that holds counts was replaced
RULES = in_force(DAY)
YES = ("zone_in_scope", "list_in_force", "sector_listed", "scenario_listed", "list_complete", "filed")
SCENARIOS = [
    (name, scenario) for name in zone_names() for scenario in load_zone(name).scenarios
    if any(e.count_min for e in load_zone(name).scenario(scenario).entries)
]


@pytest.mark.parametrize("persons", [1, 150_000, 5_000_000])
@pytest.mark.parametrize(("name", "scenario"), SCENARIOS)
def test_an_entry_that_holds_the_persons_is_never_firmly_denied(name, scenario, persons):
    count = FlowCount(Estimate.exactly(persons), Estimate.exactly(0))
    facts = {**dict.fromkeys(YES, "yes"), "entry_matched": "no", "ftz_list": name, "zone_scenario": scenario}
    company = {"ciio": "no", "important_data": "none", "zone": load_zone(name).zone, "readings": "strict"}
    part = FlowInput("f", count, claim="ftz", facts=facts)
    decision = decide(Facts("a", DAY, (part,), company), RULES).flows["f"]
    bands = judge_scenario(replace(load_zone(name).scenario(scenario), complete=True), count)

    asks_more = {b.path for b in bands} - {"exempt_ftz"}
    assert not (asks_more and decision.certain and decision.path == "exempt_ftz")
    assert (ENTRY_DENIED in decision.notes) is bool(asks_more)


def test_lists_with_such_entries_ship():
    assert len(SCENARIOS) > 3
