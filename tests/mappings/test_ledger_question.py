"""Where the ledger lacks months in which a flow ran, its band is certain only if nobody could raise it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.decide import is_allowed
from mappings.decision import Circumstances, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport
from mappings.ledger_cover import EXPORT_OPEN
from mappings.model import Estimate, FieldVerdict, Flow, FlowCount, Ledgered, Recipient, law_text
from mappings.rules import in_force
from reports.messages.render import render

DAY = date(2026, 4, 20)
MONTHS = ("2026-01", "2026-02", "2026-03")
FIELD = FieldVerdict("crm/t/c", "phone_mobile", "necessary", law_text("理由"), "", "verified")
BY = Circumstances(in_force(DAY), DAY, {
    "ciio": "no", "important_data": "none", "export_necessary": "yes", "both_counters": "disjoint",
    "ordinary_beside_sensitive": "together",
})


def flow(persons, periods, sensitive=0, status="active", since=None):
    own = Flow("crm", "a", Recipient("HQ", "DE"), "", status=status, since=since)
    everybody, some = Estimate.exactly(persons), Estimate.exactly(sensitive)
    count = FlowCount(everybody, some)
    exported = Ledgered(count, tuple(periods)) if periods else None
    return FlowReport(
        own, everybody, some, Estimate.exactly(0), ("crm/t/c",), (FIELD,), UNDECIDED, personal="yes",
        exported=exported,
    )


def decided(report):
    entity = EntityReport("a", report.individuals, report.sensitive_individuals, UNDECIDED, ("crm",))
    result = decide_reports([report], [entity], BY)
    return result.flows[0], result.entities[0], result.questions


@given(
    persons=st.sampled_from([1, 99_999, 100_000, 999_999, 1_000_000, 2_000_000]),
    sensitive=st.sampled_from([0, 1, 9_999, 10_000]), periods=st.sets(st.sampled_from(MONTHS)),
    more=st.sampled_from([0, 1, 100_000, 1_000_000]),
)
@settings(max_examples=60, deadline=None)
def test_a_certain_band_is_that_of_whatever_may_have_left(persons, sensitive, periods, more):
    sensitive = min(sensitive, persons)
    report, entity, questions = decided(flow(persons, sorted(periods), sensitive))
    higher, _, _ = decided(flow(persons + more, MONTHS, sensitive))
    open_ones = [q for q in questions if q.fact == EXPORT_OPEN]

    if report.decision.certain and set(periods) != set(MONTHS):
        assert higher.decision.path == report.decision.path
        assert not open_ones
    elif not report.decision.certain:
        assert entity.decision.certain is False and set(periods) != set(MONTHS)
        [question] = open_ones
        lacking = [m for m in MONTHS if m not in periods]
        span = lacking[0] if len(lacking) == 1 else f"{lacking[0]}..{lacking[-1]}"
        assert f"chujing ledger record crm --period {lacking[0]}" in question.how.en
        assert f"chujing ledger declare crm --period {span} " in question.how.zh
        assert higher.decision.path in question.leads_to["yes"]
        settled, _, _ = decided(flow(persons, [*periods, span], sensitive))
        assert settled.decision.certain
    if set(periods) == set(MONTHS):
        assert report.decision.certain
    for allow in ("exempt", "contract", "assessment") if set(periods) != set(MONTHS) else ():
        assert is_allowed(report.decision, allow) <= is_allowed(higher.decision, allow)


KNOWN = {
    "every month is there": flow(500, MONTHS),
    "planned": flow(500, (), status="planned"),
    "began this month": flow(500, (), since=date(2026, 4, 2)),
    "at the highest band": flow(3_000_000, ()),
}


@pytest.mark.parametrize("report", KNOWN.values(), ids=KNOWN)
def test_what_nothing_can_raise_stays_certain(report):
    report, entity, questions = decided(report)

    assert report.decision.certain and entity.decision.certain
    assert not any(q.fact == EXPORT_OPEN for q in questions)


def test_a_flow_outside_the_count_is_moved_by_no_ledger():
    exempt = replace(flow(500, ()), personal="no", individuals=Estimate.exactly(0))
    report, _, questions = decided(exempt)

    assert report.decision.certain and not questions


def test_an_open_month_stands_before_a_filing_with_its_act():
    report, _, _ = decided(flow(200_000, MONTHS[:1]))

    assert report.decision.path == "needs_review"
    assert report.decision.possible == ("standard_contract_or_certification", "security_assessment")
    [words] = [render(note, "en") for note in report.not_ready if note.code == "left"]
    assert "ledger declare crm" in words
