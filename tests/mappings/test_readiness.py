"""Readiness: nothing empty, unresolved, open or unknown passes; each obstacle names what settles it."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from companies import company
from hypothesis import given, settings
from hypothesis import strategies as st
from imported_lists import imported

from mappings import notes
from mappings.deadlines import Filing, list_deadlines
from mappings.decide import is_allowed
from mappings.decision import Circumstances, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, PossibleField
from mappings.ledger_cover import EXPORT_UNKNOWN, exported_count, is_ledgered
from mappings.model import (
    PATHS,
    UNKNOWN,
    Decision,
    Declared,
    Estimate,
    FieldVerdict,
    Flow,
    FlowCount,
    Ledgered,
    Question,
    Recipient,
    law_text,
)
from mappings.readiness import STAGES, STEP_BY_CODE, STOPS, flow_readiness
from mappings.rules import in_force
from reports.messages.render import render
from reports.wording.figures import since_words

DAY = date(2026, 11, 2)
FILED = "standard_contract_or_certification"


def decision(*possible, questions=()):
    return Decision(possible[0] if len(possible) == 1 else "needs_review", possible, len(possible) == 1,
                    questions=questions)


def verdict(kind):
    return FieldVerdict("crm/t/c", "phone_mobile", kind, law_text("理由"), "", "verified")


@dataclass(frozen=True)
class Reported:
    """A flow that is ready, as long as nothing is changed."""

    flow: Flow = Flow(id="crm", entity="a", recipient=Recipient("HQ", "DE"), purpose="crm")
    decision: Decision = field(default_factory=lambda: decision(FILED))
    fields: tuple = (verdict("necessary"),)
    individuals: Estimate = Estimate.exactly(150_000)
    sensitive_individuals: Estimate = Estimate.exactly(0)
    unresolved: tuple = ()
    personal: str = "yes"
    fields_to_settle: tuple = ()
    count_notes: tuple = ()


QUESTION = Question("ciio", law_text("？"), law_text(""), {})
READING = in_force(DAY).question("hr_basis", "", {"strict": (FILED,), "practice": ("exempt_art5_2",)})
LACKS = {
    "no recipient": ({"flow": Flow("crm", "a", Recipient(" "), "crm")}, ["flow"]),
    "a part that leads to no column": ({"unresolved": ("total()",)}, ["fields"]),
    "a column that may be personal": ({"personal": "unknown"}, ["fields"]),
    "a field without a reason": ({"fields": (verdict("not_shown"),)}, ["fields"]),
    "a possible column": ({"fields_to_settle": (PossibleField("crm/t/d", "employer", "no"),)}, ["fields"]),
    "an open fact": ({"decision": decision(FILED, "security_assessment", questions=(QUESTION,))}, ["facts"]),
    "an open count": ({"individuals": Estimate(1, 2, None, "sketch")}, ["count"]),
    "rows that were not read": (
        {"individuals": Estimate(1, 2, None, "exact"), "count_notes": (notes.not_read("s/t"),)}, ["count"],
    ),
    "names alone were read": ({"individuals": UNKNOWN, "count_notes": (notes.METADATA_ONLY,)}, ["count"]),
    "a count across a line": ({"decision": decision(FILED, "security_assessment")}, ["count"]),
    "an open reading": ({"decision": decision(FILED, "exempt_art5_2", questions=(READING,))}, ["facts"]),
    "nothing at all": ({"fields": (), "individuals": UNKNOWN}, ["flow", "count"]),
}


def test_a_flow_that_lacks_nothing_is_ready():
    assert flow_readiness(Reported()).is_ready


@pytest.mark.parametrize(("change", "steps"), LACKS.values(), ids=LACKS)
def test_what_is_lacking_is_named_at_its_step(change, steps):
    found = flow_readiness(Reported(**change))

    assert not found.is_ready
    assert [o.step for o in found.obstacles] == steps
    acts = ("chujing", "fill in the recipient", "name the fields", "name its fields")
    assert all(any(act in render(o.note, "en") for act in acts) for o in found.obstacles)


WIDENED = Estimate(900, 1_000, 1_200, "linked", "reviewed")


@pytest.mark.parametrize("change", [
    {"individuals": WIDENED}, {"count_notes": (notes.REVIEWED_SINCE,)},
    {"individuals": WIDENED, "count_notes": (notes.REVIEWED_SINCE,)},
])
def test_a_year_that_a_review_widened_says_so_and_asks_for_a_scan(change):
    crossing = decision(FILED, "security_assessment")
    [widened] = flow_readiness(Reported(decision=crossing, **change)).obstacles
    [plain] = flow_readiness(Reported(decision=crossing)).obstacles

    assert str(widened.note.message) == str(notes.COUNT_REVIEWED.message) != str(plain.note.message)
    for lang, review in (("zh", "复核"), ("en", "review")):
        assert review in render(widened.note, lang) and "chujing scan" in render(widened.note, lang)
        assert review in since_words(WIDENED, lang)


@pytest.mark.parametrize("path", sorted(STOPS))
@pytest.mark.parametrize("other", PATHS)
def test_what_may_have_to_stop_is_never_ready(path, other):
    assert flow_readiness(Reported(decision=decision(*{path, other}))).aim == "stop"


# ---- what the ledger covers

STATED = Declared(10, 0, "王敏", DAY, "x")


def flow(status, since=None, until=None):
    return Flow("crm", "a", Recipient("HQ"), "crm", status=status, since=since, until=until, declared=STATED)


COVERED = {
    "planned: nothing left": (flow("planned"), (), True),
    "stopped last year": (flow("stopped", until=date(2025, 12, 20)), (), True),
    "stopped, nobody knows when": (flow("stopped"), ("2026-01",), False),
    "its months are there": (
        flow("stopped", date(2026, 3, 5), date(2026, 4, 2)), ("2026-03", "2026-04"), True,
    ),
    "a month is missing": (flow("stopped", date(2026, 3, 5), date(2026, 4, 2)), ("2026-03",), False),
    "running since September": (flow("active", date(2026, 9, 1)), ("2026-09", "2026-10"), True),
    "running, without a ledger": (flow("active", date(2026, 9, 1)), (), False),
    "began this month": (flow("active", date(2026, 11, 1)), (), True),
}


@pytest.mark.parametrize(("own", "periods", "covered"), COVERED.values(), ids=COVERED)
def test_the_ledger_covers_the_months_a_flow_ran(own, periods, covered):
    assert is_ledgered(own, periods, DAY) is covered


@given(
    status=st.sampled_from(["active", "stopped"]), since=st.dates(date(2025, 1, 1), DAY) | st.none(),
    until=st.dates(date(2025, 1, 1), DAY) | st.none(), months=st.sets(st.integers(1, 12)),
    persons=st.integers(0, 9) | st.none(),
)
def test_what_the_ledger_does_not_cover_has_no_upper_end(status, since, until, months, persons):
    periods = tuple(f"2026-{month:02d}" for month in sorted(months))
    count = FlowCount(Estimate.exactly(persons or 0), Estimate.exactly(0))
    own = flow(status, since, until if status == "stopped" else None)
    exported = None if persons is None else Ledgered(count, periods)
    covered = is_ledgered(own, periods if exported else (), DAY)

    found = exported_count(own, exported, DAY).individuals

    assert (found.high is None) is (not covered)
    assert (found.note == EXPORT_UNKNOWN) is (not covered)
    assert found.low == (persons or 0)


# ---- nobody over personal columns


PERSONAL = FieldVerdict("crm/t/c", "phone_mobile", "necessary", law_text("理由"), "", "verified")


def decided_alone(persons, answers=(), beside=(), **changes):
    """A flow with a personal column and so many persons, decided with others of its entity."""
    exactly = Estimate.exactly(persons)
    own = FlowReport(
        Flow("crm", "a", Recipient("HQ", "DE"), "", facts=dict(answers)), exactly, Estimate.exactly(0),
        Estimate.exactly(0), ("crm/t/c",), (PERSONAL,), UNDECIDED,
    )
    reports = [replace(own, **changes), *beside]
    entity = EntityReport(
        "a", exactly, Estimate.exactly(0), UNDECIDED, tuple(r.flow.id for r in reports),
    )
    known = {"ciio": "no", "important_data": "none", "ordinary_beside_sensitive": "together"}
    result = decide_reports(reports, [entity], Circumstances(in_force(DAY), DAY, known))
    return result.flows, result.entities[0]


@given(persons=st.integers(0, 5), answer=st.sampled_from(["yes", "no", None]), fields=st.booleans())
def test_nobody_over_personal_columns_is_asked_about(persons, answer, fields):
    answers = {} if answer is None else {"nobody_leaves": answer}
    [flow], _ = decided_alone(persons, answers, fields=(PERSONAL,) if fields else ())
    open_here = persons == 0 and fields and answer != "yes"

    assert (flow.decision.path == "needs_review") is open_here
    assert is_allowed(flow.decision, "contract") is not open_here
    asked = [q for q in flow.decision.questions if q.fact == "nobody_leaves"]
    assert bool(asked) is (open_here and answer is None)


def test_an_empty_flow_keeps_no_other_flow_from_its_own_outcome():
    exempt = FlowReport(
        Flow("staff", "a", Recipient("HQ", "DE"), "", claim="art5_2", subject_group="employee", facts={
            "labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes",
        }), Estimate.exactly(300), Estimate.exactly(0), Estimate.exactly(0), ("hr/t/c",), (PERSONAL,),
        UNDECIDED,
    )
    (_, staff), _ = decided_alone(0, beside=[exempt])

    assert staff.decision.path == "exempt_art5_2" and staff.decision.certain


def bases(beside, status):
    """Codes of what stands before a running flow of few persons beside one of 12,000 sensitive ones."""
    months = tuple(f"2026-{month:02d}" for month in range(1, 11))

    def report(id, persons, sensitive, status):
        count = FlowCount(Estimate.exactly(persons), Estimate.exactly(sensitive))
        return FlowReport(
            Flow(id, "a", Recipient("HQ", "DE"), "", status=status), count.individuals, count.sensitive,
            Estimate.exactly(0), ("crm/t/c",), (PERSONAL,), UNDECIDED, personal="yes",
            exported=Ledgered(count, months) if status == "active" else None,
        )

    reports = [report("crm", 500, 0, "active"), report("app", *beside, status)]
    entity = EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, ("crm", "app"))
    known = {"ciio": "no", "important_data": "none", "readings": "strict"}
    by = Circumstances(in_force(DAY), DAY, known, knows_filings=True)
    return [note.code for note in decide_reports(reports, [entity], by).flows[0].not_ready]


def test_a_running_flow_lacks_its_basis_by_what_leaves_today():
    assert "no_basis" in bases((12_000, 12_000), "active")
    assert "no_basis" not in bases((12_000, 12_000), "planned")
    assert "no_basis" not in bases((400, 0), "active")


def test_an_exemption_by_a_list_that_is_not_named_lacks_its_ground():
    zone = {
        "zone_in_scope": "yes", "list_in_force": "yes", "list_complete": "yes", "sector_listed": "yes",
        "scenario_listed": "yes", "entry_matched": "no", "filed": "yes",
    }
    claimed = Flow("crm", "a", Recipient("HQ", "DE"), "", claim="ftz", facts=zone)
    named = replace(claimed, facts={**zone, "ftz_list": imported("beijing_2025")})
    empty = replace(claimed, facts={**zone, "ftz_list": "beijing_2025"})
    lines = [
        [render(note, "en") for note in decided_alone(500, flow=own)[0][0].not_ready]
        for own in (claimed, named, empty)
    ]

    assert [any("ftz_list=" in line for line in of_flow) for of_flow in lines] == [True, False, True]


@pytest.mark.parametrize("seed", range(40))
def test_every_note_on_what_stands_before_a_filing_has_its_step(seed):
    """So a stored report knows the step of each, as the check that made it did."""
    for report in company(random.Random(seed)).decided().flows:
        codes = [note.code for note in report.not_ready]
        steps = [STEP_BY_CODE[code] for code in codes]

        assert steps == sorted(steps, key=STAGES.index), codes


# ---- what left is never 0 where no ledger says so


@given(
    status=st.sampled_from(["active", "stopped", "planned"]),
    since=st.dates(date(2025, 1, 1), DAY) | st.none(),
    until=st.dates(date(2025, 1, 1), DAY) | st.none(),
)
@settings(max_examples=40, deadline=None)
def test_without_a_ledger_what_left_is_unknown_and_never_nobody(status, since, until):
    """Of a flow that ran this year, if only in the month under way."""
    until = until if status == "stopped" and (since is None or until is None or until >= since) else None
    own = Flow("crm", "a", Recipient("HQ", "DE"), "", status=status, since=since, until=until)
    [_], year = decided_alone(700, flow=own)
    began = status != "planned" or (since is not None and since < DAY)
    ran = began and (until is None or until.year == DAY.year)
    exported = year.totals.exported

    if year.counted:
        assert (exported is None) is ran and year.totals.unledgered == (("crm",) if ran else ())
        assert ran or exported.individuals == Estimate.exactly(0)


@pytest.mark.parametrize("filed", [None, 1, 40])
@pytest.mark.parametrize("kind", ["assessment", "contract", "certificate"])
@pytest.mark.parametrize("persons", [150_000, 1_500_000])
@pytest.mark.parametrize(("on", "expires"), [
    (date(2026, 3, 2), None), (date(2022, 3, 2), date(2032, 3, 2)), (date(2027, 1, 4), None),
])
def test_a_basis_is_of_the_kind_that_the_path_asks_for_and_valid_on_the_day(
    kind, persons, on, expires, filed
):
    """A contract covers no flow that needs an assessment; nothing holds before its day, or for ten years."""
    count = FlowCount(Estimate.exactly(persons), Estimate.exactly(0))
    months = tuple(f"2026-{month:02d}" for month in range(1, 11))
    report = FlowReport(
        Flow("crm", "a", Recipient("HQ", "DE"), "", status="active"), count.individuals, count.sensitive,
        Estimate.exactly(0), ("crm/t/c",), (PERSONAL,), UNDECIDED, personal="yes",
        exported=Ledgered(count, months),
    )
    filed_on = None if filed is None else on + timedelta(filed)
    filing = Filing("f1", kind, "a", on, expires=expires, filed=filed_on, flows=("crm",))
    by = Circumstances(
        in_force(DAY), DAY, {"ciio": "no", "important_data": "none", "readings": "strict"},
        filings=(filing,), knows_filings=True,
    )
    entity = EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, ("crm",))
    [decided] = decide_reports([report], [entity], by).flows
    suits = kind == "assessment" or persons < 1_000_000
    is_filed = kind != "contract" or filed is not None     # ten working days after it took effect
    is_valid = (on.year == 2026 or (on.year == 2022 and kind == "contract")) and is_filed
    dates = {d.code for d in list_deadlines((filing,), {}, by.rules, DAY)}
    assert ("file_by_late" in dates) is (kind == "contract" and filed == 40)
    again = replace(filing, extended=True)
    assert "extend_from" not in {d.code for d in list_deadlines((again,), {}, by.rules, DAY)}

    assert ("no_basis" in [note.code for note in decided.not_ready]) is not (suits and is_valid)
    for since, is_late in ((on - timedelta(1), True), (on, False)):
        flow = replace(report, flow=replace(report.flow, since=since))
        [began] = decide_reports([flow], [entity], by).flows
        notes = [note.code for note in began.decision.notes]
        assert ("basis_later" in notes) is (suits and is_valid and is_late)


@pytest.mark.parametrize("answer", [None, "unknown", "no", "yes"])
@pytest.mark.parametrize("group", ["customer", "employee"])
def test_unknown_ages_are_asked_for_and_never_nobody(answer, group):
    known = {} if answer is None else {"processes_minors": answer}
    flow = Flow("crm", "a", Recipient("HQ", "DE"), "", subject_group=group, facts=known)
    [decided], _ = decided_alone(500, flow=flow, minors=Estimate(0, 0, None, "unknown"))
    is_open = group == "customer" and answer != "no"

    lines = [render(note, "en") for note in decided.not_ready]
    assert any("persons under 1" in line for line in lines) is is_open
    assert any("how many persons under 14" in line for line in lines) is (is_open and answer == "yes")


@pytest.mark.parametrize(("kind", "days", "filed", "answers", "holds"), [
    *(("contract", 30, 20, {"seated_abroad": word}, word != "yes") for word in ("yes", "no")),
    *(("certificate", 30, None, {"seated_abroad": word}, True) for word in ("yes", "no")),
    *(("assessment", 30, None, {"important_data": "notified", "notified_on": f"{DAY - timedelta(n)}"},
       n >= 30) for n in (1, 29, 30, 31, 100)),
    ("assessment", 30, None, {}, True), ("contract", 30, -1, {}, False), ("contract", 30, 0, {}, True),
    ("contract", 3, -9, {}, True),             # still within the ten working days
])
def test_a_filing_is_no_basis_for_what_it_cannot_cover(kind, days, filed, answers, holds):
    """A contract with oneself; an assessment before the notice; a filing that is yet to be made.

    days: before the day, of the filing taking effect; filed: before it, of being filed.
    """
    months = tuple(f"2026-{month:02d}" for month in range(1, 11))
    count = FlowCount(Estimate.exactly(150_000), Estimate.exactly(0))
    report = FlowReport(
        Flow("crm", "a", Recipient("HQ", "DE"), "", status="active"), count.individuals, count.sensitive,
        Estimate.exactly(0), ("crm/t/c",), (PERSONAL,), UNDECIDED, personal="yes",
        exported=Ledgered(count, months),
    )
    filed_on = None if filed is None else DAY - timedelta(filed)
    filing = Filing("f1", kind, "a", DAY - timedelta(days), filed=filed_on, flows=("crm",))
    values = {"ciio": "no", "important_data": "none", "readings": "strict", **answers}
    by = Circumstances(in_force(DAY), DAY, values, filings=(filing,), knows_filings=True)
    [decided] = decide_reports([report], [EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, ("crm",))], by).flows
    assert ("no_basis" not in [note.code for note in decided.not_ready]) is holds
    due = [d for d in list_deadlines((filing,), {}, by.rules, DAY) if "file_by" in d.code]
    assert [d.done for d in due] == [filed is not None and filed >= 0] * (kind == "contract")
