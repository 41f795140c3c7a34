"""Laws of a decision over invented companies: what a flow comes to by itself, and what the year binds."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.decide import decide
from mappings.model import IN_BAND, Estimate, Facts, FlowCount, FlowInput
from mappings.readiness import STOPS
from mappings.rules import load_ruleset

RULES = load_ruleset()
DAY = date(2026, 11, 2)
ANSWER = st.sampled_from(["yes", "no", "unknown"])


def people(ordinary, sensitive):
    return FlowCount(
        Estimate.exactly(max(ordinary, sensitive)), Estimate.exactly(sensitive),
        ordinary_only=Estimate.exactly(ordinary), ordinary=Estimate.exactly(ordinary),
    )


OWN_FACTS = {
    "foreign_authority_request": ANSWER, "approval": ANSWER, "export_necessary": ANSWER,
    "important_data": st.sampled_from(["none", "candidate", "notified"]), "emergency": ANSWER,
    "contract_with_individual": ANSWER, "fields_necessary": ANSWER, "domestic_data_introduced": ANSWER,
}
FLOW = st.builds(
    FlowInput,
    id=st.just("f"),
    count=st.builds(
        people,
        st.sampled_from([0, 1, 50_000, 99_999, 100_000, 999_999, 2_000_000]),
        st.sampled_from([0, 0, 0, 1, 9_999, 10_000]),
    ),
    mode=st.sampled_from(["transfer", "access_from_abroad", "access_inside_china"]),
    claim=st.sampled_from(["none", "none", "art4", "art5_1", "art5_3"]),
    facts=st.fixed_dictionaries({}, optional=OWN_FACTS).map(dict),
)
VALUES = st.fixed_dictionaries({"ciio": ANSWER, "important_data": st.just("none")})


def company(flows, values):
    return Facts("a", DAY, tuple(replace(f, id=f"f{i}") for i, f in enumerate(flows)), values)


@given(flow=FLOW, others=st.lists(FLOW, max_size=2), instead=st.lists(FLOW, max_size=2), values=VALUES)
@settings(max_examples=150, deadline=None)
def test_no_other_flow_moves_what_a_flow_comes_to_by_itself(flow, others, instead, values):
    before, after = (decide(company([flow, *rest], values), RULES) for rest in (others, instead))

    assert before.own["f0"] == after.own["f0"]
    if IN_BAND not in before.own["f0"]:
        assert before.flows["f0"].possible == after.flows["f0"].possible == before.own["f0"]


@given(flows=st.lists(FLOW, min_size=1, max_size=3), values=VALUES)
@settings(max_examples=100, deadline=None)
def test_the_band_is_that_of_the_counted_flows_alone(flows, values):
    whole = decide(company(flows, values), RULES)
    counted = [f for i, f in enumerate(flows) if f"f{i}" in whole.in_count]

    if whole.band is None:
        assert not counted
        return
    alone = decide(company(counted, values), RULES)
    assert alone.band == whole.band


@given(flows=st.lists(FLOW, min_size=2, max_size=3), values=VALUES)
@settings(max_examples=100, deadline=None)
def test_notified_important_data_takes_nobody_out_of_the_count(flows, values):
    def answered(value):
        facts = flows[0].facts | {"important_data": value}
        return decide(company([replace(flows[0], facts=facts), *flows[1:]], values), RULES)

    plain, notified = answered("none"), answered("notified")
    others = [f"f{i}" for i in range(1, len(flows))]

    assert [plain.flows[f].possible for f in others] == [notified.flows[f].possible for f in others]
    assert notified.in_count == plain.in_count
    assert set(notified.own["f0"]) <= {"security_assessment", *STOPS, "not_export"}


@pytest.mark.parametrize("beside", [0, 2_000_000], ids=["nobody beside it", "two million beside it"])
def test_a_flow_of_nobody_files_nothing(beside):
    flows = (FlowInput("parts", people(0, 0)), FlowInput("crm", people(beside, 0)))

    found = decide(Facts("a", DAY, flows, {"ciio": "no", "important_data": "none"}), RULES)

    assert found.flows["parts"].path == "no_filing_art3"
    assert "parts" not in found.in_count
