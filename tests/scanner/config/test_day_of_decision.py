"""What holds on one day and not on another is held against the day of the decision, not the clock."""

from datetime import date

import pytest

from detectors.errors import ConfigError
from mappings.zones import load_zone, zone_names
from scanner.config.contradictions import company_contradictions, flow_contradictions
from scanner.config.stated_flow import StatedFlow
from scanner.workspace import open_workspace

DAYS = [f"{year}-{month:02}-15" for year in (2024, 2025, 2026, 2027) for month in (1, 4, 5, 9, 12)]


@pytest.mark.parametrize("name", zone_names())
def test_a_list_is_stated_in_force_only_on_its_days(name):
    zone = load_zone(name)
    for day in DAYS:
        for stated in ("yes", "no", "unknown"):
            flow = StatedFlow("f", facts={"ftz_list": name, "list_in_force": stated, "zone": zone.zone})
            faults = [f for f in flow_contradictions(flow, {}, day) if f.path[-1] == "list_in_force"]
            assert bool(faults) == (stated == "yes" and not zone.is_in_force(date.fromisoformat(day))), day


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("on", ["2025-03-01", "2026-06-01", "2027-12-15"])
def test_a_filing_is_of_the_year_of_the_decision(day, on):
    faults = list(company_contradictions({"already_filed": "none"}, [{"kind": "contract", "on": on}], day))

    assert bool(faults) == (on[:4] == day[:4] and on <= day)


@pytest.mark.parametrize(("day", "fits"), [("2026-03-31", True), ("2026-05-31", False)])
def test_a_configuration_is_read_for_the_day_of_the_decision(tmp_path, day, fits):
    """Shanghai's list of 2024 was in force until 2026-04-23."""
    file = tmp_path / "chujing.yaml"
    file.write_text(
        "version: 1\nexporter: {id: g, entities: [a], facts: {zone: 上海自贸试验区}}\nflows:\n"
        "- {id: p, entity: a, claim: ftz, purpose: crm, recipient: {name: HQ, country: DE},"
        " facts: {ftz_list: shanghai_2024, list_in_force: 'yes'}, declared: {individuals: 10,"
        " sensitive_individuals: 0, by: lin, on: 2026-02-02, evidence: list}}\n", encoding="utf-8",
    )
    if fits:
        assert open_workspace(file, day=date.fromisoformat(day)).config.flows
    else:
        with pytest.raises(ConfigError, match="shanghai_2024"):
            open_workspace(file, day=date.fromisoformat(day))
