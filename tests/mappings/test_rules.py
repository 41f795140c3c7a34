"""The decision: worked examples, boundaries, and what must hold for any facts."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.decide import allowed, decide
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.rules import load_ruleset, path_rank
from scanner.facts import SHAPE, stated
from scanner.strict import parse

RULES = load_ruleset()
DAY = date(2026, 11, 1)
CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "worked_examples.yaml").read_text(encoding="utf-8"))
KNOWN = {"ciio": "no", "important_data": "none"}


def facts_of(case):
    text = yaml.safe_dump({k: v for k, v in case.items() if k in ("as_of", "facts", "flows", "together")}, allow_unicode=True)
    return stated(parse(text.replace(": true", ": 'yes'").replace(": false", ": 'no'"), SHAPE, "case"), RULES, {}, DAY).facts


def people(ordinary=0, sensitive=0):
    return FlowCount(Estimate.exactly(max(ordinary, sensitive)), Estimate.exactly(sensitive), ordinary=Estimate.exactly(ordinary),
                     ordinary_only=Estimate.exactly(ordinary))


def crm(count, **values):
    return Facts("acme", DAY, (FlowInput("crm", count),), KNOWN | values)


def counted(facts, result):
    together = tuple(sorted(result.counted))
    if together in facts.unions:
        count = facts.unions[together]
        return {"ordinary": count.ordinary.best, "sensitive": count.sensitive.best}
    flows = [f for f in facts.flows if f.id in result.counted]
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
        slim = tuple(replace(f, unnecessary_fields=(), facts={**f.facts, "fields_necessary": "yes"}) for f in everyone[0].flows)
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

    assert [(m.counter, m.line, m.to_next) for m in margins] == [("ordinary", 100_000, 1_000), ("sensitive", 1, 1)]


@given(ordinary=st.integers(0, 3_000_000), sensitive=st.integers(0, 30_000), more=st.integers(0, 2_000_000))
@settings(max_examples=200, deadline=None)
def test_more_people_never_need_less(ordinary, sensitive, more):
    few = decide(crm(people(ordinary, sensitive)), RULES).entity.path
    many = decide(crm(people(ordinary + more, sensitive)), RULES).entity.path
    sick = decide(crm(people(ordinary, sensitive + more)), RULES).entity.path

    assert path_rank(few) <= min(path_rank(many), path_rank(sick))


def interval(low, wide):
    return Estimate(low, low + wide // 2, low + wide, "exact")


COUNTS = st.builds(lambda low, wide, some: FlowCount(interval(low, wide), interval(min(some, low), wide)),
                   st.integers(0, 1_200_000), st.integers(0, 300_000), st.integers(0, 12_000))
YES_NO = st.sampled_from(["yes", "no"])
OPEN = ("ciio", "important_data", "labour_rules", "collective_contract", "fields_necessary", "contract_with_individual", "emergency")


@given(count=COUNTS, claim=st.sampled_from(["none", "art5_1", "art5_2", "art5_3", "statutory_duty"]),
       open_facts=st.sets(st.sampled_from(OPEN)), answers=st.fixed_dictionaries(dict.fromkeys(OPEN, YES_NO)), share=st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_no_answer_and_no_count_inside_the_interval_leaves_the_possible_paths(count, claim, open_facts, answers, share):
    answers = answers | {"important_data": "notified" if answers["important_data"] == "yes" else "none"}
    vague = decide(
        Facts("a", DAY, (FlowInput("f", count, claim=claim),), {n: "unknown" if n in open_facts else v for n, v in answers.items()}), RULES
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

    assert tuple(a for a in ("exempt", "contract", "assessment") if allowed(decision, a)) == passing


def test_stopped_and_blocked_flows_never_pass():
    flow = FlowInput("f", people(10), facts={"export_necessary": "no"})

    decision = decide(Facts("a", DAY, (flow,), KNOWN), RULES).flows["f"]

    assert decision.path == "not_necessary_stop"
    assert not any(allowed(decision, a) for a in ("exempt", "contract", "assessment"))
