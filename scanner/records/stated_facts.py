"""Facts stated in a file, for `decide --facts`: who exports, what is claimed, how many people; no scan is needed.

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
from scanner.config import facts as fact_shape
from scanner.config.facts import check_fact
from scanner.config.yaml_lines import Day, Document, Either, ListOf, MapOf, Record, Text, Whole, load

_NUMBER = Either(Whole(), Record({"low": Whole(), "best": Whole(), "high": Whole()}, required=("low", "high")),
                 help="distinct persons, or {low, best, high}")
_COUNTS = dict.fromkeys(("individuals", "ordinary", "ordinary_only", "sensitive", "minors"), _NUMBER)
SHAPE = Record({
    "as_of": Day(), "entity": Text(), "facts": MapOf(fact_shape.SHAPE),
    "flows": ListOf(Record({
        "id": Text(), "entity": Text(), "recipient": Text(), "country": Text(), "purpose": Text(), "mode": Text(get_args(Mode)),
        "claim": Text(get_args(Claim)), "situation": Text(), "subject_group": Text(), "facts": MapOf(fact_shape.SHAPE),
        "needless_fields": ListOf(Text()), **_COUNTS,
    }, required=("id",))),
    "together": Record(_COUNTS, help="distinct persons over all flows of one entity"),
}, required=("flows",), help="facts for `chujing decide --facts`")


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """Facts of each entity, and the flows as far as they were described."""

    facts: tuple[Facts, ...]
    flows: Mapping[str, Flow]


def read_stated_facts(path: Path, rules: RuleSet, answers: Mapping[str, str], as_of: date) -> StatedFacts:
    """Read and check a facts file; ConfigError with file:line on the first fault."""
    return parse_stated_facts(load(path, SHAPE), rules, answers, as_of)


def parse_stated_facts(doc: Document, rules: RuleSet, answers: Mapping[str, str], as_of: date) -> StatedFacts:
    """Facts out of a parsed file; answers override what it says."""
    raw = doc.value
    shared = _facts(raw.get("facts", {}), doc, rules, ("facts",)) | dict(answers)
    entity = raw.get("entity", "entity")
    flows = {f["id"]: f for f in raw["flows"]}
    if len(flows) < len(raw["flows"]):
        raise ConfigError(
            Msg("two flows have the same id"), where=doc.where("flows"), hint=Msg("give one another id")
        )
    by_entity: dict[str, list[FlowInput]] = {}
    for i, f in enumerate(raw["flows"]):
        own = _facts(f.get("facts", {}), doc, rules, ("flows", str(i), "facts"))
        by_entity.setdefault(f.get("entity", entity), []).append(
            FlowInput(
                f["id"],
                _count(f, doc, i),
                f.get("mode", "transfer"),
                f.get("claim", "none"),
                f.get("situation", ""),
                f.get("subject_group", ""),
                own,
                "yes",
                tuple(f.get("needless_fields", ())),
            )
        )
    together = _count(raw["together"], doc, None) if "together" in raw else None
    day = raw.get("as_of", as_of)
    found = tuple(
        Facts(e, day, tuple(inputs), shared, {tuple(sorted(i.id for i in inputs)): together} if together is not None else {})
        for e, inputs in by_entity.items()
    )
    about = {
        f["id"]: Flow(f["id"], f.get("entity", entity), Recipient(f.get("recipient", ""), f.get("country", "")), f.get("purpose", ""),
                      f.get("mode", "transfer"), f.get("claim", "none"), subject_group=f.get("subject_group", ""))
        for f in raw["flows"]
    }
    return StatedFacts(found, about)


def check_answers(answers: Mapping[str, str], rules: RuleSet) -> None:
    """ConfigError when an answer of --what-if is not known to the rule set."""
    for name, value in answers.items():
        check_fact(name, value, "--what-if", rules)


def _facts(raw: Mapping[str, Any], doc: Document, rules: RuleSet, path: tuple[str, ...]) -> dict[str, str]:
    out = {}
    for name, answer in raw.items():
        value = answer["value"] if isinstance(answer, dict) else answer
        check_fact(name, value, doc.where(*path, name), rules)
        out[name] = value
    return out


def _count(raw: Mapping[str, Any], doc: Document, i: int | None) -> FlowCount:
    """Persons as stated. `ordinary` alone stands for both readings; `individuals` alone lets the rules derive them."""
    found = {k: _estimate(raw[k], doc, i) for k in _COUNTS if k in raw}
    sensitive = found.get("sensitive", Estimate.exactly(0, "declared"))
    ordinary = found.get("ordinary")
    only = found.get("ordinary_only", ordinary)
    if "individuals" in found:
        individuals = found["individuals"]
    else:
        base = ordinary or only or Estimate.exactly(0, "declared")
        high = None if base.high is None or sensitive.high is None else max(base.high, sensitive.high)
        individuals = Estimate(max(base.low, sensitive.low), max(base.best, sensitive.best), high, "declared")
    if individuals.high is not None and sensitive.low > individuals.high:
        raise ConfigError(
            Msg("more sensitive persons than persons"),
            where=doc.where("flows", str(i)),
            hint=Msg("individuals counts everybody"),
        )
    return FlowCount(individuals, sensitive, found.get("minors", Estimate.exactly(0, "declared")), only, ordinary)


def _estimate(raw: Any, doc: Document, i: int | None) -> Estimate:
    if isinstance(raw, int):
        return Estimate.exactly(raw, "declared")
    low, high = raw["low"], raw["high"]
    best = raw.get("best", (low + high) // 2)
    if not low <= best <= high:
        raise ConfigError(
            Msg("low <= best <= high does not hold"),
            where=doc.where(*(("flows", str(i)) if i is not None else ("together",))),
        )
    return Estimate(low, best, high, "declared")


def with_flow_facts(facts: Facts, answers: Mapping[str, str]) -> Facts:
    """The same facts with answers laid over those of the entity and of every flow."""
    flows = tuple(replace(f, facts={**f.facts, **answers}) for f in facts.flows)
    return replace(facts, values={**facts.values, **answers}, flows=flows)
