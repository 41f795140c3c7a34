"""The decision: worked examples, boundaries, and what must hold for any facts."""

import random
from dataclasses import replace
from datetime import date
from itertools import combinations, product

import places
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from imported_lists import cases_of

from detectors.errors import RulesError
from detectors.model import ColumnId
from mappings.counterfactual import screen_changes
from mappings.decide import decide, is_allowed
from mappings.histogram import Histogram
from mappings.model import Cell, Estimate, Facts, FlowCount, FlowInput, Item, Tally
from mappings.rules import in_force, load_ruleset, path_rank
from mappings.varied_flow import VariedFlow, VariedTotal
from scanner.records.stated_facts import parse_stated_facts

RULES = load_ruleset()
DAY = date(2026, 11, 1)
CASES = cases_of(places.CASES / "worked_examples.yaml")
KNOWN = {"ciio": "no", "important_data": "none"}


def facts_of(case):
    text = yaml.safe_dump(
        {k: v for k, v in case.items() if k in ("as_of", "facts", "flows", "together")}, allow_unicode=True
    )
    text = text.replace(": true", ": 'yes'").replace(": false", ": 'no'")
    return parse_stated_facts(text, "case", RULES, {}, DAY).facts


def people(ordinary=0, sensitive=0):
    return FlowCount(
        Estimate.exactly(max(ordinary, sensitive)),
        Estimate.exactly(sensitive),
        ordinary=Estimate.exactly(ordinary),
        ordinary_only=Estimate.exactly(ordinary),
    )


def crm(count, **values):
    return Facts("acme", DAY, (FlowInput("crm", count),), KNOWN | values)


def counted(facts, result):
    together = tuple(sorted(result.in_count))
    if together in facts.unions:
        count = facts.unions[together]
        return {"ordinary": count.ordinary.best, "sensitive": count.sensitive.best}
    flows = [f for f in facts.flows if f.id in result.in_count]
    return {
        "ordinary": sum((f.count.ordinary or f.count.individuals).best for f in flows),
        "sensitive": sum(f.count.sensitive.best for f in flows),
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_worked_example(case):
    expected = dict(case["expected"])
    everyone = facts_of(case)
    results = [decide(f, RULES) for f in everyone]
    flows = {k: d for r in results for k, d in r.flows.items()}
    only = results[0].entity

    if "path" in expected:
        assert only.path == expected.pop("path")
    if "flows" in expected:
        assert {k: d.path for k, d in flows.items()} == expected.pop("flows")
    if "possible" in expected:
        assert set(only.possible) == set(expected.pop("possible"))
    if "counted" in expected:
        assert counted(everyone[0], results[0]) == {"ordinary": 0, "sensitive": 0} | expected.pop("counted")
    if "at_least" in expected:
        assert (only.possible[0], only.possible[-1]) == (expected.pop("at_least"), expected.pop("at_most"))
    if "file_by" in expected:
        assert only.extra["file_by"] == expected.pop("file_by")
    if "national_path" in expected:
        assert only.extra["national_path"] == [expected.pop("national_path")]
    if "inclusive" in expected:
        readings = {r.reading: r.path for r in only.because}
        assert readings == {"inclusive": expected.pop("inclusive"), "disjoint": expected.pop("disjoint")}
    if "scope" in expected:
        own = next(iter(flows.values())).extra
        assert (own["scope"], own["ordinary_part"]) == (expected.pop("scope"), expected.pop("ordinary_part"))
    if "alternative" in expected:
        path = expected.pop("alternative").rsplit(" ", 1)[1]
        slim = tuple(
            replace(f, unnecessary_fields=(), facts={**f.facts, "fields_necessary": "yes"})
            for f in everyone[0].flows
        )
        assert decide(replace(everyone[0], flows=slim), RULES).entity.path == path
    if "group_total" in expected:
        assert sum(f.count.individuals.high for e in everyone for f in e.flows) == expected.pop("group_total")
    if "include_since" in expected:
        assert RULES.raw["counting"]["from"] == expected.pop("include_since")
    assert not expected


BOUNDARIES = {
    "99,999 ordinary": (99_999, 0, "exempt_art5_4"),
    "100,000 ordinary": (100_000, 0, "standard_contract_or_certification"),
    "999,999 ordinary": (999_999, 0, "standard_contract_or_certification"),
    "1,000,000 ordinary": (1_000_000, 0, "security_assessment"),
    "1 sensitive": (0, 1, "standard_contract_or_certification"),
    "9,999 sensitive": (0, 9_999, "standard_contract_or_certification"),
    "10,000 sensitive": (0, 10_000, "security_assessment"),
    "nobody": (0, 0, "no_filing_art3"),
}


@pytest.mark.parametrize(("ordinary", "sensitive", "path"), BOUNDARIES.values(), ids=BOUNDARIES)
def test_boundaries_are_inclusive(ordinary, sensitive, path):
    assert decide(crm(people(ordinary, sensitive)), RULES).entity.path == path


def test_an_interval_across_a_line_is_said_to_straddle_it():
    count = FlowCount(Estimate(90_000, 95_000, 110_000, "exact"), Estimate.exactly(0))

    decision = decide(crm(count), RULES).entity

    assert decision.path == "needs_review"
    assert decision.possible == ("exempt_art5_4", "standard_contract_or_certification")


def test_one_unknown_does_not_hide_the_rest():
    decision = decide(crm(people(50_000), ciio="unknown"), RULES).flows["crm"]

    assert decision.possible == ("exempt_art5_4", "security_assessment")
    assert [q.fact for q in decision.questions] == ["ciio"]
    assert decision.questions[0].leads_to == {"yes": ("security_assessment",), "no": ("exempt_art5_4",)}


def test_every_reason_names_clause_fact_and_confidence():
    for case in CASES.values():
        for facts in facts_of(case):
            for reason in decide(facts, RULES).entity.because:
                assert reason.clause
                assert reason.fact
                assert reason.confidence_of_source in ("verified", "secondary", "recalled")


def test_the_margin_counts_persons_to_the_next_line():
    margins = decide(crm(people(99_000)), RULES).flows["crm"].margin

    assert [(m.counter, m.line, m.to_next) for m in margins] == [
        ("ordinary", 100_000, 1_000),
        ("sensitive", 1, 1),
    ]


@given(ordinary=st.integers(0, 3_000_000), sensitive=st.integers(0, 30_000), more=st.integers(0, 2_000_000))
@settings(max_examples=200, deadline=None)
def test_more_people_never_need_less(ordinary, sensitive, more):
    few = decide(crm(people(ordinary, sensitive)), RULES).entity.path
    many = decide(crm(people(ordinary + more, sensitive)), RULES).entity.path
    sick = decide(crm(people(ordinary, sensitive + more)), RULES).entity.path

    assert path_rank(few) <= min(path_rank(many), path_rank(sick))


def interval(low, wide):
    return Estimate(low, low + wide // 2, low + wide, "exact")


COUNTS = st.builds(
    lambda low, wide, some: FlowCount(interval(low, wide), interval(min(some, low), wide)),
    st.integers(0, 1_200_000),
    st.integers(0, 300_000),
    st.integers(0, 12_000),
)
YES_NO = st.sampled_from(["yes", "no"])
OPEN = (
    "ciio",
    "important_data",
    "labour_rules",
    "collective_contract",
    "fields_necessary",
    "contract_with_individual",
    "emergency",
)


@given(
    count=COUNTS,
    claim=st.sampled_from(["none", "art5_1", "art5_2", "art5_3", "statutory_duty"]),
    open_facts=st.sets(st.sampled_from(OPEN)),
    answers=st.fixed_dictionaries(dict.fromkeys(OPEN, YES_NO)),
    share=st.floats(0, 1),
)
@settings(max_examples=300, deadline=None)
def test_no_answer_and_no_count_inside_the_interval_leaves_the_possible_paths(
    count, claim, open_facts, answers, share
):
    answers = answers | {"important_data": "notified" if answers["important_data"] == "yes" else "none"}
    vague = decide(
        Facts(
            "a",
            DAY,
            (FlowInput("f", count, claim=claim),),
            {n: "unknown" if n in open_facts else v for n, v in answers.items()},
        ),
        RULES,
    )

    def at(e):
        return Estimate.exactly(round(e.low + (e.high - e.low) * share))

    settled = FlowCount(at(count.individuals), at(count.sensitive))
    clear = decide(Facts("a", DAY, (FlowInput("f", settled, claim=claim),), answers), RULES).entity

    assert set(clear.possible) <= set(vague.entity.possible)
    if vague.entity.certain:
        assert clear.path == vague.entity.path


ALLOW = {
    "an exempt flow passes everything": ((50_000, 0), ("exempt", "contract", "assessment")),
    "a contract flow does not pass as exempt": ((150_000, 0), ("contract", "assessment")),
    "an assessment flow passes only as assessment": ((2_000_000, 0), ("assessment",)),
}


@pytest.mark.parametrize(("count", "passing"), ALLOW.values(), ids=ALLOW)
def test_allow(count, passing):
    decision = decide(crm(people(*count)), RULES).flows["crm"]

    assert tuple(a for a in ("exempt", "contract", "assessment") if is_allowed(decision, a)) == passing


def test_stopped_and_blocked_flows_never_pass():
    flow = FlowInput("f", people(10), facts={"export_necessary": "no"})

    decision = decide(Facts("a", DAY, (flow,), KNOWN), RULES).flows["f"]

    assert decision.path == "not_necessary_stop"
    assert not any(is_allowed(decision, a) for a in ("exempt", "contract", "assessment"))


# ---- boundary grid, made from the thresholds themselves

LINES = [(t["counter"], t["min"] + d) for t in RULES.raw["thresholds"] if t["min"] for d in (-1, 0, 1)]
HR = {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes"}


def by_table(ordinary, sensitive):
    """The table of articles 5, 7 and 8, written once more by hand."""
    if ordinary >= 1_000_000 or sensitive >= 10_000:
        return "security_assessment"
    if ordinary >= 100_000 or sensitive >= 1:
        return "standard_contract_or_certification"
    return "exempt_art5_4" if ordinary else "no_filing_art3"


@pytest.mark.parametrize("ciio", ["yes", "no", "unknown"])
@pytest.mark.parametrize("exempt", [True, False], ids=["exempt", "counted"])
@pytest.mark.parametrize(("counter", "n"), LINES)
def test_boundary_grid(counter, n, exempt, ciio):
    count = people(n, 0) if counter == "ordinary" else people(0, n)
    claim = {"claim": "art5_2", "subject_group": "employee", "facts": HR} if exempt else {}
    decision = decide(
        Facts("acme", DAY, (FlowInput("f", count, **claim),), KNOWN | {"ciio": ciio}), RULES
    ).flows["f"]

    plain = by_table(n if counter == "ordinary" else 0, n if counter == "sensitive" else 0)
    counted = {"yes": {"security_assessment"}, "no": {plain}, "unknown": {plain, "security_assessment"}}[ciio]
    if n == 0:
        counted = {"no_filing_art3"}
    assert set(decision.possible) == ({"exempt_art5_2"} if exempt else counted)


# ---- every assignment of the unknown facts, enumerated

ASKED = {
    "ciio": ("yes", "no"),
    "important_data": ("none", "notified"),
    "labour_rules": ("yes", "no"),
    "collective_contract": ("yes", "no"),
}
OWN = {
    "fields_necessary": ("yes", "no"),
    "contract_with_individual": ("yes", "no"),
    "emergency": ("yes", "no"),
    "domestic_data_introduced": ("yes", "no"),
    "employees_only": ("yes", "no"),
}
EXACT_COUNTS = st.builds(
    people,
    st.sampled_from([0, 90_000, 99_999, 100_000, 999_999, 1_000_000]),
    st.sampled_from([0, 0, 1, 9_999, 10_000]),
)
FLOW = st.builds(
    lambda count, claim, open_facts, known: FlowInput(
        "f", count, claim=claim, facts={k: "unknown" if k in open_facts else v for k, v in known.items()}
    ),
    EXACT_COUNTS,
    st.sampled_from(["none", "art4", "art5_1", "art5_2", "art5_3"]),
    st.sets(st.sampled_from(sorted(OWN)), max_size=2),
    st.fixed_dictionaries({k: st.sampled_from(v) for k, v in OWN.items()}),
)


@given(
    flows=st.lists(FLOW, min_size=1, max_size=3),
    open_facts=st.sets(st.sampled_from(sorted(ASKED)), max_size=2),
    known=st.fixed_dictionaries({k: st.sampled_from(v) for k, v in ASKED.items()}),
)
@settings(max_examples=80, deadline=None)
def test_the_possible_paths_are_those_of_all_assignments(flows, open_facts, known):
    flows = tuple(replace(f, id=f"f{i}") for i, f in enumerate(flows))
    values = {k: "unknown" if k in open_facts else v for k, v in known.items()}
    vague = decide(Facts("a", DAY, flows, values), RULES)
    asked = [("", k) for k in sorted(open_facts)] + [
        (f.id, k) for f in flows for k, v in f.facts.items() if v == "unknown"
    ]
    found = {f.id: set() for f in flows} | {"": set()}
    for answers in product(*((ASKED | OWN)[k] for _, k in asked)):
        told = dict(zip(asked, answers, strict=True))
        clear = decide(
            Facts(
                "a",
                DAY,
                tuple(
                    replace(f, facts={k: told.get((f.id, k), v) for k, v in f.facts.items()}) for f in flows
                ),
                {k: told.get(("", k), v) for k, v in values.items()},
            ),
            RULES,
        )
        found[""] |= set(clear.entity.possible)
        for f in flows:
            found[f.id] |= set(clear.flows[f.id].possible)

    assert set(vague.entity.possible) == found[""]
    assert {f.id: set(vague.flows[f.id].possible) for f in flows} == {f.id: found[f.id] for f in flows}
    if vague.entity.certain:
        assert found[""] == {vague.entity.path}


@given(
    flow=FLOW,
    open_facts=st.sets(st.sampled_from(sorted(ASKED)), max_size=2),
    ordinary=st.integers(0, 900_000),
    sensitive=st.integers(0, 9_000),
    known=st.fixed_dictionaries({k: st.sampled_from(v) for k, v in ASKED.items()}),
)
@settings(max_examples=150, deadline=None)
def test_more_people_never_need_less_whatever_is_claimed_or_open(
    flow, open_facts, ordinary, sensitive, known
):
    values = {k: "unknown" if k in open_facts else v for k, v in known.items()}
    before = flow.count
    after = people((before.ordinary or before.individuals).best + ordinary, before.sensitive.best + sensitive)
    few, many = (
        decide(Facts("a", DAY, (replace(flow, count=c),), values), RULES).flows["f"].possible
        for c in (before, after)
    )

    assert path_rank(few[0]) <= path_rank(many[0])
    assert path_rank(few[-1]) <= path_rank(many[-1])


def test_too_many_combinations_are_bounded_and_never_narrower():
    flows = tuple(
        FlowInput(f"f{i}", people(30_000, 0), claim="art5_1", facts={"contract_with_individual": "unknown"})
        for i in range(14)
    )
    vague = decide(Facts("a", DAY, flows, KNOWN), RULES)
    draw = random.Random(7)
    for _ in range(30):
        told = tuple(
            replace(
                f,
                facts={
                    "contract_with_individual": draw.choice(("yes", "no")),
                    "fields_necessary": draw.choice(("yes", "no")),
                },
            )
            for f in flows
        )
        clear = decide(Facts("a", DAY, told, KNOWN), RULES)
        assert set(clear.entity.possible) <= set(vague.entity.possible)
        assert all(set(clear.flows[f.id].possible) <= set(vague.flows[f.id].possible) for f in flows)


# ---- readings


def reading(name, value):
    """The rules with one reading settled."""
    readings = {**RULES.raw["readings"], name: {**RULES.raw["readings"][name], "values": [value]}}
    return replace(RULES, raw={**RULES.raw, "readings": readings})


def histogram(draw):
    kinds = [draw.choice(("no", "yes", "depends")) for _ in range(4)]
    cells = []
    for _ in range(8):
        bits, n = draw.randrange(1, 16), draw.choice((3, 900, 9_999, 60_000, 500_000))
        cells += [
            Cell(lv, bits, draw.random() < 0.1, 1 if lv == "low" else 0, n) for lv in ("low", "best", "high")
        ]
    return Histogram(Tally(tuple((ColumnId(f"f{i}"), i, k) for i, k in enumerate(kinds)), tuple(cells), 1))


def worst(rules, count):
    return max(path_rank(p) for p in decide(crm(count), rules).entity.possible)


def test_dropping_a_field_never_raises_the_path_under_the_inclusive_reading():
    inclusive = reading("both_counters", "inclusive")
    for seed in range(150):
        own = histogram(random.Random(seed))
        whole = worst(inclusive, own.count())
        for f, _, _ in own.tally.fields:
            assert worst(inclusive, own.count([f])) <= whole, seed


def test_under_the_disjoint_reading_a_rise_is_possible_and_shown():
    fields = ((ColumnId("a/t/name"), 0, "no"), (ColumnId("a/t/illness"), 1, "yes"))
    cells = tuple(
        Cell(lv, bits, False, 1 if lv == "low" else 0, n)
        for lv in ("low", "best", "high")
        for bits, n in ((1, 999_000), (3, 5_000))
    )
    own = Histogram(Tally(fields, cells, 1))
    facts = crm(own.count())
    before = decide(facts, RULES).flows["crm"]
    subject = VariedFlow("crm", facts, RULES, (VariedTotal(("crm",), own),))

    assert before.possible == ("standard_contract_or_certification", "security_assessment")
    assert (
        decide(facts, reading("both_counters", "disjoint")).entity.path
        == "standard_contract_or_certification"
    )
    assert subject.decided([Item("drop", ColumnId("a/t/illness"))]).path == "security_assessment"
    shown = {
        c.items[0].column: (c.lower, c.higher)
        for c in screen_changes(subject, [Item("drop", f) for f, _, _ in fields], before)
    }
    assert shown == {"a/t/illness": (False, True), "a/t/name": (True, False)}


def outcomes(decision):
    return {r.reading: r.path for r in decision.because if r.reading}


def test_an_id_number_alone_is_read_both_ways():
    count = FlowCount(
        Estimate.exactly(12_000),
        Estimate.exactly(0),
        ordinary=Estimate.exactly(12_000),
        ordinary_only=Estimate.exactly(12_000),
        strict=FlowCount(
            Estimate.exactly(12_000),
            Estimate.exactly(12_000),
            ordinary=Estimate.exactly(12_000),
            ordinary_only=Estimate.exactly(0),
        ),
    )
    decision = decide(crm(count), RULES).flows["crm"]

    assert decision.path == "needs_review"
    assert decision.possible == ("exempt_art5_4", "security_assessment")
    assert outcomes(decision) == {"ordinary": "exempt_art5_4", "sensitive": "security_assessment"}


def test_an_id_number_alone_may_also_take_persons_out_of_the_ordinary_count():
    def count(ordinary, sensitive):
        return FlowCount(
            Estimate.exactly(1_000_500),
            Estimate.exactly(sensitive),
            ordinary=Estimate.exactly(ordinary),
            ordinary_only=Estimate.exactly(1_000_500 - sensitive),
        )

    decision = decide(crm(replace(count(1_000_500, 100), strict=count(999_999, 600))), RULES).flows["crm"]

    assert decision.possible == ("standard_contract_or_certification", "security_assessment")


def test_automotive_100_000_is_read_both_ways():
    assert outcomes(decide(crm(people(150_000), sector="automotive"), RULES).entity) == {
        "important": "security_assessment",
        "by_bands": "standard_contract_or_certification",
    }
    assert outcomes(decide(crm(people(150_000), sector="汽车"), RULES).entity).keys() == {
        "important",
        "by_bands",
    }
    assert decide(crm(people(99_999), sector="automotive"), RULES).entity.path == "exempt_art5_4"


def test_a_combined_filing_reads_the_group_total_both_ways():
    facts = replace(crm(people(80_000), combined_filing="yes"), group=people(240_000))

    assert decide(facts, RULES).entity.possible == ("exempt_art5_4", "standard_contract_or_certification")
    assert decide(replace(facts, values=KNOWN), RULES).entity.path == "exempt_art5_4"


# ---- subject groups

GROUPS = {
    "employees are exempt": ("employee", {"exempt_art5_2"}),
    "emergency contacts are counted": ("emergency_contact", {"standard_contract_or_certification"}),
    "relatives are counted": ("relative", {"standard_contract_or_certification"}),
    "applicants are counted": ("applicant", {"standard_contract_or_certification"}),
    "agency workers are for a person to judge": (
        "agency_worker",
        {"exempt_art5_2", "standard_contract_or_certification"},
    ),
    "whose data it is has not been said": ("", {"exempt_art5_2", "standard_contract_or_certification"}),
}


@pytest.mark.parametrize(("group", "possible"), GROUPS.values(), ids=GROUPS)
def test_the_hr_exemption_covers_employees_only(group, possible):
    flow = FlowInput(
        "hr",
        people(300, 20),
        claim="art5_2",
        subject_group=group,
        facts=HR | {"overseas_takes_part_in_decision": "yes"},
    )

    assert set(decide(Facts("a", DAY, (flow,), KNOWN), RULES).entity.possible) == possible


def test_parts_of_a_flow_are_decided_apart_and_the_flow_by_its_worst():
    staff = FlowInput("hr", people(300, 20), claim="art5_2", subject_group="employee", facts=HR, flow="hr")
    kin = FlowInput(
        "hr/emergency_contact",
        people(120_000, 0),
        claim="art5_2",
        subject_group="emergency_contact",
        facts=HR,
        flow="hr",
    )
    found = decide(Facts("a", DAY, (staff, kin), KNOWN), RULES)

    assert {k: d.path for k, d in found.parts.items()} == {
        "hr": "exempt_art5_2",
        "hr/emergency_contact": "standard_contract_or_certification",
    }
    assert found.flows["hr"].path == "standard_contract_or_certification"
    assert found.in_count == ("hr/emergency_contact",)


# ---- what stops an export, and rules of another day

STOPS = {
    "state-secret survey results": ({"state_secret": "yes"}, "blocked_without_approval"),
    "a recipient on the restricted list": ({"recipient_restricted": "yes"}, "blocked_without_approval"),
    "an export that is not necessary": ({"export_necessary": "no"}, "not_necessary_stop"),
}


@pytest.mark.parametrize(("answer", "path"), STOPS.values(), ids=STOPS)
def test_what_stops(answer, path):
    assert (
        decide(Facts("a", DAY, (FlowInput("f", people(10), facts=answer),), KNOWN), RULES).flows["f"].path
        == path
    )


def test_steps_follow_the_order_of_the_rules_and_say_what_was_assumed():
    steps = decide(crm(people(10)), RULES).flows["crm"].steps

    assert [s.id for s in steps] == [s["id"] for s in RULES.raw["order"]]
    assert {s.id: s.answers for s in steps}["foreign_authority"] == ("assumed_no",)
    assert {s.id: s.answers for s in steps}["count"] == ("exempt_art5_4",)


def on(day, ordinary, **values):
    rules = in_force(day)
    return decide(
        Facts(
            "a",
            day,
            (
                FlowInput(
                    "f",
                    people(ordinary),
                    claim="art5_1",
                    facts={"contract_with_individual": "yes", "fields_necessary": "yes"},
                ),
            ),
            KNOWN | values,
        ),
        rules,
    ).entity


def test_an_old_decision_is_made_by_the_rules_of_its_day():
    assert on(date(2024, 3, 22), 120_000).path == "exempt_art5_1"
    assert on(date(2024, 3, 21), 120_000, holds_one_million="no").path == "security_assessment"
    assert on(date(2024, 3, 21), 99_999, holds_one_million="no").path == "standard_contract_or_certification"
    assert on(date(2024, 3, 21), 99_999).possible == (
        "standard_contract_or_certification",
        "security_assessment",
    )
    assert "counting_previous_year" in on(date(2023, 6, 1), 5).notes
    with pytest.raises(RulesError, match="no rule set is known"):
        in_force(date(2022, 8, 31))


def test_a_source_that_came_later_is_not_cited():
    old, new = (
        decide(replace(crm(people(100_000)), as_of=day), in_force(day)).entity.because[0].clause
        for day in (date(2025, 6, 1), DAY)
    )

    assert "个人信息出境认证办法" not in old
    assert "个人信息出境认证办法" in new


def test_the_reason_of_an_open_fact_is_marked_as_supposed():
    because = decide(crm(people(50_000), ciio="unknown"), RULES).flows["crm"].because

    assert {r.rule: r.supposed for r in because} == {"ciio": True, "T7": False}


ANSWERED = {  # claim of a flow and its answers, all given: what the exemption rests on
    "art4": {"collected_abroad": "yes", "domestic_data_introduced": "no"},
    "art5_1": {"contract_with_individual": "yes", "fields_necessary": "yes"},
    "art5_2": {"employees_only": "yes", "fields_necessary": "yes", "for_hr_management": "yes"},
    "art5_3": {"emergency": "yes", "fields_necessary": "yes"},
}


@pytest.mark.parametrize(("claim", "answers"), ANSWERED.items(), ids=ANSWERED)
def test_an_answer_stays_one_beside_a_flow_that_has_not_given_it(claim, answers):
    known = KNOWN | {"labour_rules": "yes", "collective_contract": "yes"}
    answered = FlowInput("answered", people(10), claim=claim, facts=answers)
    open_one = FlowInput("open", people(10), claim=claim)

    alone = decide(Facts("a", DAY, (answered,), known), RULES).flows["answered"]
    beside = decide(Facts("a", DAY, (answered, open_one), known), RULES).flows
    of_open = [r for r in beside["open"].because if r.path == f"exempt_{claim}"]

    assert alone.path == f"exempt_{claim}"
    assert beside["answered"].because == alone.because
    assert of_open
    assert all(r.supposed for r in of_open)


GROUP = 500  # persons


def people_of(sets, sick):
    """Head-counts of sets of groups of invented persons; `sick` have sensitive items."""
    every = set().union(*sets)
    return people_both(len(every) * GROUP, len(every & sick) * GROUP)


def people_both(everybody, sensitive):
    return FlowCount(
        Estimate.exactly(everybody),
        Estimate.exactly(sensitive),
        ordinary=Estimate.exactly(everybody),
        ordinary_only=Estimate.exactly(everybody - sensitive),
    )


def test_sets_that_were_not_linked_are_bounded_by_those_that_were():
    """Four flows that may or may not be counted, over 150 000 persons who overlap, in groups of 500:
    fewer linked sets never make the answer narrower.
    """
    narrower = wider = 0
    for seed in range(40):
        draw = random.Random(seed)
        blocks = [range(i * 30, (i + 1) * 30) for i in range(10)]
        sets = {f"f{i}": set().union(*draw.sample(blocks, draw.randrange(1, 6))) for i in range(4)}
        sick = set(range(draw.choice((0, 5_000, 10_500)) // GROUP))
        flows = tuple(FlowInput(k, people_of([v], sick), claim="art5_3") for k, v in sets.items())
        every = {
            c: people_of([sets[i] for i in c], sick) for n in (2, 3, 4) for c in combinations(sorted(sets), n)
        }
        full = decide(Facts("a", DAY, flows, KNOWN, every), RULES)
        some = decide(Facts("a", DAY, flows, KNOWN, {tuple(sorted(sets)): every[tuple(sorted(sets))]}), RULES)

        assert set(full.entity.possible) <= set(some.entity.possible), seed
        assert all(set(full.flows[k].possible) <= set(some.flows[k].possible) for k in sets), seed
        narrower += full.entity.possible == some.entity.possible
        wider += full.entity.possible != some.entity.possible
    assert narrower and narrower + wider == 40


@pytest.mark.parametrize("persons", [800, 120_000, 1_200_000])
@pytest.mark.parametrize("stated", [{"subject_group": "applicant"}, {"purpose_group": "applicant"}])
def test_nobody_has_a_contract_with_who_only_applies(persons, stated):
    facts = {"contract_with_individual": "yes", "fields_necessary": "yes"}
    flow = FlowInput("f", people(persons), claim="art5_1", facts=facts, **stated)
    decided = decide(Facts("a", date(2026, 11, 30), (flow,), KNOWN), in_force(date(2026, 11, 30)))
    decisions = decided.flows["f"].possible, decided.entity.possible

    assert not any("exempt_art5_1" in possible for possible in decisions)
