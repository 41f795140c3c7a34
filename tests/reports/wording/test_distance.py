"""How far counts are from the legal lines: the year's is the one the rules decide by."""

from dataclasses import replace

import findings
import pytest

from mappings.flow_report import EntityReport, PartReport, Union
from mappings.model import Estimate, FlowCount, Margin
from mappings.rules import in_force
from reports.inventory.overview import year_words
from reports.wording.decision import margin_words
from reports.wording.distance import distance_words, flow_count, year_count

RULES = in_force(findings.DAY)
MANY, SOME, FEW = (Estimate.exactly(n) for n in (150_000, 80_000, 9_000))


def flow(id="crm-hq", everybody=MANY, ordinary=SOME):
    return replace(findings.flow(id, "crm/public/member/mobile", individuals=everybody), ordinary=ordinary)


def year(*counted, unions=(), flows=None):
    return EntityReport(
        "cn", MANY, FEW, findings.flow("x").decision, tuple(flows or counted), counted=counted, unions=unions
    )


def test_the_year_of_one_flow_counts_ordinary_persons_as_that_flow_does():
    f = flow()

    assert year_count(year("crm-hq"), [f], "ordinary") == flow_count(f, "ordinary") == (MANY, SOME)
    assert distance_words(year_count(year("crm-hq"), [f], "ordinary"), "ordinary", RULES, "en").startswith(
        "of 80,000"
    )


def test_the_year_of_several_flows_is_their_union_else_at_most_their_sum():
    mine = [flow("a", ordinary=FEW), flow("b", ordinary=FEW)]
    union = Union(("a", "b"), FlowCount(MANY, FEW, ordinary=Estimate.exactly(10_000)))

    assert year_count(year("a", "b", unions=(union,)), mine, "ordinary")[1].best == 10_000
    assert year_count(year("a", "b"), mine, "ordinary")[1].high == 18_000


def test_the_year_of_one_part_of_a_flow_counts_that_part():
    f = flow()
    f = replace(
        f, parts=(PartReport("crm-hq/partner", "partner", FlowCount(SOME, FEW, ordinary=FEW), f.decision),)
    )

    assert year_count(year("crm-hq/partner", flows=("crm-hq",)), [f], "ordinary")[1] == FEW


def test_where_a_report_does_not_say_everybody_counts():
    assert (
        year_count(year("gone"), [flow()], "ordinary")
        == year_count(year(), [flow()], "ordinary")
        == (MANY, MANY)
    )


@pytest.mark.parametrize("counter", ["ordinary", "sensitive"])
@pytest.mark.parametrize(("persons", "line"), [(5_500, 1_000_000), (5_500, 100_000), (5_500, 10_000), (0, 1)])
def test_a_workbook_names_the_line_that_the_screen_names(counter, persons, line):
    """A line below that changes no path is not named, in either place."""
    count = Estimate.exactly(persons)
    margin = Margin(counter, line, line - persons, "security_assessment")
    entity = replace(year("crm-hq"), individuals=count, sensitive_individuals=count)
    decision = replace(entity.decision, margin=(margin,))
    report = replace(findings.report(), flows=(flow(everybody=count, ordinary=count),))

    words = year_words(entity, decision, report, RULES, "en")[counter == "sensitive"]
    figures = f"{margin.to_next:,} short of the line of {line:,}"
    assert figures in words
    assert f"the line of {line:,}" in margin_words(margin, "en")
