"""Facts stated in a file, for `decide --facts`: who exports, what is claimed, how many people.

No scan is needed.

    as_of: 2026-06-30
    facts: {ciio: no}
    flows:
      - {id: crm, recipient: HQ, ordinary: 120000, sensitive: {low: 0, best: 0, high: 40}}

Worked examples for lawyers (`tests/cases/worked_examples.yaml`) are written the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

from detectors.errors import ConfigError
from detectors.message import Msg
from mappings.model import Claim, Estimate, Facts, Flow, FlowCount, FlowInput, Mode, Recipient
from mappings.rules import RuleSet
from scanner.config import facts
from scanner.config.facts import check_fact, read_facts
from scanner.config.yaml_lines import Day, Document, Either, ListOf, MapOf, Record, Text, Whole, load

_NUMBER = Either(
    Whole(),
    Record({"low": Whole(), "best": Whole(), "high": Whole()}, required=("low", "high")),
    help="distinct persons, or {low, best, high}",
)
_COUNTS = dict.fromkeys(("individuals", "ordinary", "ordinary_only", "sensitive", "minors"), _NUMBER)
_FLOW = Record(
    {
        "id": Text(),
        "entity": Text(),
        "recipient": Text(),
        "country": Text(),
        "purpose": Text(),
        "mode": Text(get_args(Mode)),
        "claim": Text(get_args(Claim)),
        "situation": Text(),
        "subject_group": Text(),
        "facts": MapOf(facts.SHAPE),
        "needless_fields": ListOf(Text()),
        **_COUNTS,
    },
    required=("id",),
)
SHAPE = Record(
    {
        "as_of": Day(),
        "entity": Text(),
        "facts": MapOf(facts.SHAPE),
        "flows": ListOf(_FLOW),
        "together": Record(_COUNTS, help="distinct persons over all flows of one entity"),
    },
    required=("flows",),
    help="facts for `chujing decide --facts`",
)


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """Facts of each entity, and the flows as far as they were described."""

    facts: tuple[Facts, ...]
    flows: Mapping[str, Flow]


def read_stated_facts(path: Path, rules: RuleSet, answers: Mapping[str, str], as_of: date) -> StatedFacts:
    """Return the facts of a file; raise ConfigError with file:line on the first fault.

    See `parse_stated_facts`.
    """
    return parse_stated_facts(load(path, SHAPE), rules, answers, as_of)


def parse_stated_facts(
    doc: Document, rules: RuleSet, answers: Mapping[str, str], as_of: date
) -> StatedFacts:
    """Return the facts of a parsed file. answers: over what it says. as_of: the day, where it names none."""
    raw = doc.value
    shared, _ = read_facts(raw.get("facts", {}), doc, ("facts",), rules)
    entity = raw.get("entity", "entity")
    flows = {f["id"]: _flow(f, f.get("entity", entity)) for f in raw["flows"]}
    if len(flows) < len(raw["flows"]):
        raise ConfigError(
            Msg("two flows have the same id"), where=doc.where("flows"), hint=Msg("give one another id")
        )
    inputs: dict[str, list[FlowInput]] = {}
    for i, flow in enumerate(raw["flows"]):
        inputs.setdefault(flow.get("entity", entity), []).append(_flow_input(flow, doc, i, rules))
    together = _flow_count(raw["together"], doc, ("together",)) if "together" in raw else None
    day = raw.get("as_of", as_of)
    entities = []
    for name, flow_inputs in inputs.items():
        ids = tuple(sorted(f.id for f in flow_inputs))
        unions = {ids: together} if together is not None else {}
        entities.append(Facts(name, day, tuple(flow_inputs), {**shared, **answers}, unions))
    return StatedFacts(tuple(entities), flows)


def _flow(raw: Mapping[str, Any], entity: str) -> Flow:
    return Flow(
        id=raw["id"],
        entity=entity,
        recipient=Recipient(raw.get("recipient", ""), raw.get("country", "")),
        purpose=raw.get("purpose", ""),
        mode=raw.get("mode", "transfer"),
        claim=raw.get("claim", "none"),
        subject_group=raw.get("subject_group", ""),
    )


def _flow_input(raw: Mapping[str, Any], doc: Document, i: int, rules: RuleSet) -> FlowInput:
    own, _ = read_facts(raw.get("facts", {}), doc, ("flows", str(i), "facts"), rules)
    return FlowInput(
        raw["id"],
        _flow_count(raw, doc, ("flows", str(i))),
        raw.get("mode", "transfer"),
        raw.get("claim", "none"),
        raw.get("situation", ""),
        raw.get("subject_group", ""),
        own,
        "yes",
        tuple(raw.get("needless_fields", ())),
    )


def check_answers(answers: Mapping[str, str], rules: RuleSet) -> None:
    """Raise ConfigError when an answer of --what-if is not known to the rule set."""
    for name, value in answers.items():
        check_fact(name, value, "--what-if", rules)


def _flow_count(raw: Mapping[str, Any], doc: Document, path: tuple[str, ...]) -> FlowCount:
    """Persons as stated at a path of a document.

    `ordinary` alone stands for both readings of the law; `individuals` alone lets the rules derive them.
    """
    counts = {name: _estimate(raw[name], doc, path) for name in _COUNTS if name in raw}
    nobody = Estimate.exactly(0, "declared")
    sensitive, ordinary = counts.get("sensitive", nobody), counts.get("ordinary")
    ordinary_only = counts.get("ordinary_only", ordinary)
    individuals = counts.get("individuals") or _at_least(ordinary or ordinary_only or nobody, sensitive)
    if individuals.high is not None and sensitive.low > individuals.high:
        raise ConfigError(
            Msg("more sensitive persons than persons"),
            where=doc.where("flows", *path[1:]),
            hint=Msg("individuals counts everybody"),
        )
    return FlowCount(individuals, sensitive, counts.get("minors", nobody), ordinary_only, ordinary)


def _at_least(persons: Estimate, part: Estimate) -> Estimate:
    """So many persons, and no fewer than a part of them."""
    high = None if persons.high is None or part.high is None else max(persons.high, part.high)
    return Estimate(max(persons.low, part.low), max(persons.best, part.best), high, "declared")


def _estimate(raw: Any, doc: Document, path: tuple[str, ...]) -> Estimate:
    if isinstance(raw, int):
        return Estimate.exactly(raw, "declared")
    low, high = raw["low"], raw["high"]
    best = raw.get("best", (low + high) // 2)
    if not low <= best <= high:
        raise ConfigError(Msg("low <= best <= high does not hold"), where=doc.where(*path))
    return Estimate(low, best, high, "declared")


def with_flow_facts(facts: Facts, answers: Mapping[str, str]) -> Facts:
    """Return the same facts with answers laid over those of the entity and of every flow."""
    flows = tuple(replace(f, facts={**f.facts, **answers}) for f in facts.flows)
    return replace(facts, values={**facts.values, **answers}, flows=flows)
