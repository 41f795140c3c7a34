"""Persons that somebody declares, over columns that the scan has read."""

from datetime import date
from types import SimpleNamespace

import pytest

from mappings.counts import UNSTATED
from mappings.model import Declared, Estimate, Flow, Recipient
from reports.messages.render import render
from scanner.count.flow import FlowAssessment, _declared_assessment
from scanner.gather.flow_columns import SourceColumns


@pytest.mark.parametrize("sensitive", ["yes", "no", "depends"])
@pytest.mark.parametrize("stated", [None, 0, 3])
@pytest.mark.parametrize("persons", [0, 1, 1_000])
def test_no_sensitive_person_over_a_sensitive_column_is_asked_about(sensitive, stated, persons):
    stated = None if stated is None else min(stated, persons)
    declared = Declared(persons, stated, "王敏", date(2026, 11, 2), "统计")
    flow = Flow("crm", "a", Recipient("HQ", "DE"), "", declared=declared)
    found = SimpleNamespace(sensitive=sensitive, finding=SimpleNamespace(column="crm/t/diagnosis"))
    meanings = SimpleNamespace(findings={"crm/t/diagnosis": found})

    done = _declared_assessment(FlowAssessment(flow, SourceColumns(("crm/t/diagnosis",)), ()), meanings)
    contradicted = sensitive == "yes" and stated == 0 and persons > 0

    assert ("declared_over_sensitive" in [note.code for note in done.notes]) is contradicted
    if contradicted:
        assert done.count.sensitive == Estimate(1, 1, persons, "declared", UNSTATED)
        assert "crm/t/diagnosis" in render(done.notes[-1], "zh")
    elif stated is not None:
        assert done.count.sensitive.high == stated
