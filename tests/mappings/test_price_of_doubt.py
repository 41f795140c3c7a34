"""Doubt has a price: with every fact answered and numbers for counts, only an open reading keeps a flow open.

The share is taken over the worked examples and the published cases; a case that leaves a fact or a month out,
or states an interval, does so because it is about that.
"""

from collections import Counter
from datetime import date
from functools import cache

import places
import yaml
from imported_lists import cases_of

from mappings.decision import Circumstances, decide_reports
from mappings.ledger_cover import EXPORT_OPEN
from mappings.rules import in_force
from mappings.stated import entity_of_facts, flows_of_facts
from scanner.records.stated_facts import parse_stated_facts

DAY = date(2026, 11, 2)
STATED = ("as_of", "facts", "flows", "together")


def clean_cases():
    """(name, facts, flows, what left) of every case that states flows and is not refused."""
    worked = cases_of(places.CASES / "worked_examples.yaml")
    published = cases_of(places.CASES / "published.yaml")["cases"]
    for name, case in {**worked, **published}.items():
        if "flows" not in case or "refused" in case.get("expected", {}):
            continue
        text = yaml.safe_dump({k: v for k, v in case.items() if k in STATED}, allow_unicode=True)
        text = text.replace(": true", ": 'yes'").replace(": false", ": 'no'")
        day = case.get("as_of", DAY)
        yield name, parse_stated_facts(text, "case", in_force(day), {}, day)


def why_open(decision, rules, counts):
    """What keeps a flow from being certain."""
    asked = {q.fact for q in decision.questions}
    facts = asked - set(rules.raw["readings"]) - {EXPORT_OPEN}
    if facts or EXPORT_OPEN in asked:
        return "a fact or month that the case leaves out"
    if asked:
        return "an open reading: " + ", ".join(sorted(asked))
    wide = any(c.individuals.low != c.individuals.high or c.sensitive.low != c.sensitive.high for c in counts)
    return "a count stated as an interval" if wide else "nothing that is named"


@cache
def outcomes():
    found = Counter()
    for _, stated in clean_cases():
        for facts in stated.facts:
            rules = in_force(facts.as_of)
            result = decide_reports(
                flows_of_facts(facts, stated.flows, stated.exported), [entity_of_facts(facts)],
                Circumstances(rules, facts.as_of, {}, stated={facts.entity: facts}),
            )
            counts = [f.count for f in facts.flows]
            for report in result.flows:
                needs = report.decision.path == "needs_review"
                found[why_open(report.decision, rules, counts) if needs else "certain"] += 1
    return found


def test_only_what_is_named_keeps_a_flow_open():
    assert outcomes()["nothing that is named"] == 0


def test_with_everything_answered_a_flow_ends_certain_or_at_a_named_reading():
    found = outcomes()
    left_out = {"a fact or month that the case leaves out", "a count stated as an interval"}
    clean = sum(n for why, n in found.items() if why not in left_out)

    assert found["certain"] > 0.9 * clean > 100
    assert all(why == "certain" or why.startswith("an open reading: ") for why in set(found) - left_out)
