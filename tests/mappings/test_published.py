"""What the authority answered and what was decided or published, against what the program says.

The expectations in `cases/published.yaml` come from the sources alone. A case the program does not get right
yet stands under KNOWN_FAILURES with what is missing; strict, so that it leaves the list once it is right.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

import places
import pytest
import yaml

from detectors.errors import ConfigError
from mappings.baseline import CurrentExport, FiledScenario, filing_differences
from mappings.deadlines import Filing, extension_check, list_deadlines
from mappings.decision import Circumstances, decide_reports
from mappings.model import Estimate, Flow, Recipient
from mappings.rules import in_force
from mappings.stated import entity_of_facts, flows_of_facts, group_of_facts
from mappings.stock import stock_duties
from mappings.taxonomy import load_taxonomy, stock_lines
from scanner.records.stated_facts import parse_stated_facts

BOOK = yaml.safe_load((places.CASES / "published.yaml").read_text(encoding="utf-8"))
CASES = {name: case for name, case in BOOK["cases"].items() if "outside" not in case}
IDS = {name.split(" ")[0]: name for name in CASES}
TERMS = {name: re.compile(pattern) for name, pattern in BOOK["terms"].items()}
STATED = ("as_of", "facts", "flows", "together")

KNOWN_FAILURES = {
    "A004": "no duty is printed for a candidate answered as a fact",
    "A005b": "declared children do not raise the sensitive count",
    "A008a": "territory, force and completeness of a list are not asked",
    "A008b": "a list counts before the day it was issued",
    "B002a": "adoption of another zone's list is not asked",
    "B002b": "adoption of another zone's list is not asked",
    "B002c": "force of a list is not asked",
    "B004a": "the scale of persons is no point of necessity",
    "B006": "important data is asked once for the company; no statistics",
    "B008b": "the open reading shows only where the path depends on it",
    "C001a": "no duties of processors of important data",
    "C002b": "no duty is printed for a candidate answered as a fact",
    "D003b": "one reading only",
    "D009": "facts cannot state onward recipients",
    "D010": "the standards of a certification are not printed",
    "E001b": "what was filed this year changes nothing",
    "E001c": "what was filed this year changes nothing",
    "E001d": "what was filed this year changes nothing",
    "F001a": "the form of consent is not printed",
    "G002": "labels of the list are not sensitive in the taxonomy",
    "G004a": "no reporting within thirty working days",
    "H001a": "the line of the audit begins one above",
    "H001b": "deleted persons cannot be stated",
    "H002": "no audit below ten million",
    "H003": "no audit for minors",
    "H003b": "no date for the report on minors",
    "J002": "no yearly report of important data",
    "J002b": "no yearly report of important data",
    "J003": "pre-assessment is not printed",
    "K002": "encryption or de-identification is not printed",
    "L001": "a flow without persons is moved by its neighbour",
    "L002": "three totals are one",
    "L003": "three totals are one",
    "L004": "three totals are one",
    "L005": "one reading only",
    "L007": "a zone exempts without a zone",
    "L008": "a partial list exempts",
    "L009": "a superseded list exempts",
    "L010": "an expired result may be extended",
    "L011": "too early is not told apart",
    "L012": "the contradiction is not asked about",
    "L013": "storage is not printed",
    "L014": "state organs are not asked",
    "L015": "processors abroad are not asked",
    "L020": "the contradiction is not asked about",
}


def sentences(*things):
    """Every Chinese sentence of duties, options and notes, each with its clause."""
    for thing in things:
        words = getattr(thing, "words", thing)
        yield f"{getattr(words, 'zh', words)} {getattr(thing, 'source', '')}"


@dataclass
class Outcome:
    """What the program says of a case."""

    day: date
    flows: dict = field(default_factory=dict)  # FlowReport by id
    entities: tuple = ()
    refused: str = ""


@cache
def rules_of(day):
    return in_force(day)


def decided(case):
    """The flows and entities of a case, or the words of the refusal."""
    text = yaml.safe_dump({k: v for k, v in case.items() if k in STATED}, allow_unicode=True)
    text = re.sub(r"\b(true|false)\b", lambda m: "'yes'" if m[1] == "true" else "'no'", text)
    rules = rules_of(case["as_of"])
    try:
        stated = parse_stated_facts(text, "case", rules, {}, case["as_of"])
    except ConfigError as e:
        return Outcome(case["as_of"], refused=f"{e.what} {e.hint}")
    facts = {f.entity: f for f in stated.facts}
    if len(facts) > 1:
        group = group_of_facts(list(facts.values()))
        facts = {entity: replace(f, group=group) for entity, f in facts.items()}
    result = decide_reports(
        [flow for f in facts.values() for flow in flows_of_facts(f, stated.flows)],
        [entity_of_facts(f) for f in facts.values()],
        Circumstances(rules, case["as_of"], {}, stated=facts),
    )
    return Outcome(case["as_of"], {r.flow.id: r for r in result.flows}, result.entities)


def flow_sentences(report, status="due"):
    """What is printed beside a flow as due, or as not due."""
    duties = [d for d in (*report.decision.obligations, *report.duties) if d.status == status]
    return list(sentences(*duties))


def printed(report, outcome):
    """Everything printed about a flow and the filing plan of its entity."""
    plans = [e.plan for e in outcome.entities if e.plan is not None and report.flow.id in e.flows]
    options = [o for plan in plans for o in plan.options]
    compared = [" ".join(row) for plan in plans for row in plan.compared]
    return flow_sentences(report) + list(sentences(*options)) + compared


def check_duties(outcome, expected, status):
    for id, words in expected.items():
        lines = flow_sentences(outcome.flows[id], status)
        for word in words:
            assert any(TERMS[word].search(line) for line in lines), f"{id}: {word} ({status})"


def check_paths(outcome, expected):
    if "flows" in expected:
        paths = {id: outcome.flows[id].decision.path for id in expected["flows"]}
        assert paths == expected["flows"]
    every = [path for r in outcome.flows.values() for path in r.decision.possible]
    if "possible" in expected:
        assert set(every) == set(expected["possible"])
    assert set(every) >= set(expected.get("among", ()))
    for id, paths in expected.get("among_of", {}).items():
        assert set(outcome.flows[id].decision.possible) >= set(paths)
    assert not set(every) & set(expected.get("never", ()))
    if "year" in expected:
        assert outcome.entities[0].decision.path == expected["year"]
    if "counted" in expected:
        check_count(outcome, expected["counted"])


def check_count(outcome, expected):
    entity = outcome.entities[0]
    counted = [outcome.flows[id] for id in entity.counted]
    union = next((u.count for u in entity.unions if u.flows == tuple(sorted(entity.counted))), None)
    ordinary = union.ordinary.best if union else sum((r.ordinary or r.individuals).best for r in counted)
    sensitive = union.sensitive.best if union else sum(r.sensitive_individuals.best for r in counted)
    assert {"ordinary": ordinary, "sensitive": sensitive} == expected


def check_words(outcome, expected):
    for id, words in expected.get("words", {}).items():
        lines = " ".join(printed(outcome.flows[id], outcome))
        assert [w for w in words if w not in lines] == []
    decisions = [r.decision for r in outcome.flows.values()] + [e.decision for e in outcome.entities]
    clauses = " ".join(reason.clause for d in decisions for reason in d.because)
    assert [c for c in expected.get("clauses", ()) if c not in clauses] == []
    for id, words in expected.get("clauses_of", {}).items():
        lines = " ".join(printed(outcome.flows[id], outcome))
        assert [w for w in words if w not in lines] == []
    readings = {part for d in decisions for r in d.because for part in r.reading.split(", ")}
    names = reading_names(readings, outcome.day)
    assert [r for r in expected.get("readings", ()) if r not in names] == []


def reading_names(values, day):
    """Names of the open readings whose values reasons rest on."""
    book = rules_of(day).raw["readings"]
    return {name for name, about in book.items() if set(map(str, about["values"])) & values}


def check_stock(case, expected):
    persons = {"all": Estimate.exactly(case["held"]["all"]), "faces": Estimate.exactly(0)}
    duties = [d for d in stock_duties(persons, stock_lines()) if d.status == "reached"]
    lines = list(sentences(*duties))
    for word in expected.get("company", ()):
        assert any(TERMS[word].search(line) for line in lines), word
    for word in expected.get("not_company", ()):
        assert not any(TERMS[word].search(line) for line in lines), word


def check_filing(case, expected):
    filing = Filing("f", entity="acme", **case["filing"])
    rules = rules_of(case["today"])
    if "extension" in expected:
        assert extension_check(filing, rules, case["today"]).outcome == expected["extension"]
    check_deadlines(list_deadlines([filing], {}, rules, case["today"]), expected)


def check_deadlines(deadlines, expected):
    dates = {d.code: d.on for d in deadlines}
    assert {code: dates.get(code) for code in expected.get("deadlines", {})} == expected.get("deadlines", {})


def check_baseline(case, expected):
    """Does a flow that differs from its filing ask for a new one."""
    before, after = dict(case["before"]), dict(case["after"])
    before.pop("system", None)
    after.pop("system", None)
    filed = FiledScenario(
        "f", before.pop("kind"), "acme", "HQ", before.pop("purpose"), (), flow="crm", **before
    )
    flow = Flow(id="crm", entity="acme", recipient=Recipient("HQ", "DE"), **after)
    nobody = Estimate.exactly(0)
    rules = rules_of(case["as_of"])
    found = filing_differences([filed], CurrentExport(flow, (), nobody, nobody), rules, case["as_of"])
    refile = any(d.action == "supplement_or_refile" for d in found)
    assert refile is expected["refile"]


def check_case(case):
    expected = case["expected"]
    if "sensitive_labels" in case:
        taxonomy = load_taxonomy()
        assert [x for x in expected["sensitive"] if str(taxonomy.labels[x].sensitive) != "yes"] == []
    elif "filing" in case:
        check_filing(case, expected)
    elif "before" in case:
        check_baseline(case, expected)
    elif "held" in case:
        check_stock(case, expected)
        assert not set(expected) & {"deadlines"}, "no date follows from persons held"
    else:
        check_flows(case, expected)


def check_flows(case, expected):
    outcome = decided(case)
    assert bool(outcome.refused) is ("refused" in expected), outcome.refused
    if outcome.refused:
        assert expected["refused"] in outcome.refused
        return
    check_paths(outcome, expected)
    check_words(outcome, expected)
    check_duties(outcome, expected.get("duties", {}), "due")
    check_duties(outcome, expected.get("not_due", {}), "not_due")
    if "deadlines" in expected:
        rules = rules_of(case["as_of"])
        found = [
            d
            for r in outcome.flows.values()
            for d in list_deadlines([], {**case["facts"], **r.flow.facts}, rules, case["as_of"])
        ]
        check_deadlines(found, expected)
    assert not set(expected) & {"unknown", "today", "once"}, "three totals are not told apart"


@pytest.mark.parametrize("name", CASES)
def test_published_case(name, request):
    reason = KNOWN_FAILURES.get(name.split(" ")[0])
    if reason is not None:
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    check_case(CASES[name])


def test_every_answer_has_its_source_and_its_reading():
    for name, case in BOOK["cases"].items():
        source = BOOK["sources"][case["source"].split(" ")[0]]
        assert source["url"].startswith("http") and source["read_by"], name
        if "outside" in case:
            assert "expected" not in case
            continue
        assert case.get("stated", False) is not case.get("derived", False), name
        assert bool(case.get("clause")) is case.get("derived", False), name
    assert len(CASES) >= 50
    assert len(IDS) == len(CASES) and set(KNOWN_FAILURES) <= set(IDS)
