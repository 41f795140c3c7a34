"""What holds on one day and not on another is held against the day of the decision, not the clock."""

from datetime import date

import pytest

from detectors.errors import ConfigError
from scanner.config.contradictions import company_contradictions
from scanner.workspace import open_workspace

DAYS = [f"{year}-{month:02}-15" for year in (2024, 2025, 2026, 2027) for month in (1, 4, 5, 9, 12)]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("on", ["2025-03-01", "2026-06-01", "2027-12-15"])
def test_a_filing_is_of_the_year_of_the_decision(day, on):
    faults = list(company_contradictions({"already_filed": "none"}, [{"kind": "contract", "on": on}], day))

    assert bool(faults) == (on[:4] == day[:4] and on <= day)


@pytest.mark.parametrize(("day", "fits"), [("2026-03-31", True), ("2026-07-31", False)])
def test_a_configuration_is_read_for_the_day_of_the_decision(tmp_path, day, fits):
    file = tmp_path / "chujing.yaml"
    file.write_text(
        "version: 1\nexporter: {id: g, entities: [a], facts: {already_filed: none}}\nfilings:\n"
        "- {id: c1, kind: contract, on: 2026-06-01, filed: 2026-06-05, entity: a, flows: [p]}\nflows:\n"
        "- {id: p, entity: a, purpose: crm, recipient: {name: HQ, country: DE}, declared: {individuals: 10,"
        " sensitive_individuals: 0, by: lin, on: 2026-02-02, evidence: list}}\n", encoding="utf-8",
    )
    if fits:
        assert open_workspace(file, day=date.fromisoformat(day)).config.filings
    else:
        with pytest.raises(ConfigError, match="already_filed"):
            open_workspace(file, day=date.fromisoformat(day))
