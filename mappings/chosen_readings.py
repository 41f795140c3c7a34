"""Readings of the law that somebody chose, beside the decisions that rest on them, with who chose them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from detectors.message import Note
from mappings import notes
from mappings.decide import EntityDecision, decide
from mappings.model import Decision, Facts, law_text
from mappings.rules import ALL_READINGS, RuleSet

Origins = Mapping[tuple[str, str], tuple[str, str]]     # (entity, or "" for the group; fact) -> (by, on)


def with_chosen_readings(
    result: EntityDecision, facts: Facts, origin: Mapping[str, tuple[str, str]], rules: RuleSet
) -> EntityDecision:
    """Return the decision of an entity with a note on every chosen reading on which its paths would turn.

    facts: what it was decided by. origin: who stated a fact, and when.
    """
    names = [name for name in rules.raw["readings"] if rules.chosen_reading(name, facts.values)[0]]
    if not names:
        return result
    rest = {fact: value for fact, value in facts.values.items() if fact not in (*names, ALL_READINGS)}
    unchosen = decide(replace(facts, values=rest), rules)

    def noted(decision: Decision, otherwise: Decision) -> Decision:
        turning = {question.fact for question in otherwise.questions}
        chosen = (_chosen_note(name, facts.values, origin, rules) for name in names if name in turning)
        return replace(decision, notes=(*decision.notes, *chosen))

    flows = {flow: noted(decision, unchosen.flows[flow]) for flow, decision in result.flows.items()}
    return replace(result, entity=noted(result.entity, unchosen.entity), flows=flows)


def origin_of(origins: Origins, entity: str) -> Mapping[str, tuple[str, str]]:
    """Return who stated each fact of an entity: its own facts before those of the group."""
    group = {fact: origin for (scope, fact), origin in origins.items() if not scope}
    return group | {fact: origin for (scope, fact), origin in origins.items() if scope == entity}


def _chosen_note(
    name: str, values: Mapping[str, str], origin: Mapping[str, tuple[str, str]], rules: RuleSet
) -> Note:
    about, (value, fact) = rules.raw["readings"][name], rules.chosen_reading(name, values)
    words = law_text(about["zh"][value], about["en"][value])
    question = law_text(about["words"], about["words_en"])
    return notes.chosen_reading(question, words, fact, origin.get(fact, ("", "")))
