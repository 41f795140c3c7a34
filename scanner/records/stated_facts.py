"""Facts stated in a file, for `decide --facts`: who exports, what is claimed, how many people.

No scan is needed.

    as_of: 2026-06-30
    facts: {ciio: no}
    flows:
      - {id: crm, recipient: HQ, ordinary: 120000, sensitive: {low: 0, best: 0, high: 40}}

Worked examples for lawyers (`tests/cases/worked_examples.yaml`) are written the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError, Gathering
from detectors.message import Msg
from detectors.yaml_document import Document, Fault, parse_document, read_text
from mappings import notes
from mappings.counts import combine_counts
from mappings.ledger_cover import exported_count
from mappings.model import Estimate, Facts, Flow, FlowCount, FlowInput, Ledgered, Recipient
from mappings.rules import RuleSet
from scanner.config.consistency import country_faults, flow_facts_fit
from scanner.config.contradictions import written_facts
from scanner.config.facts import check_fact, fact_faults, read_facts

if TYPE_CHECKING:
    from scanner.records.grammar import BoundsKeys, CountKeys, FactFlowKeys


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """Facts of each entity, and the flows as far as they were described."""

    facts: tuple[Facts, ...]
    flows: Mapping[str, Flow]
    exported: Mapping[str, Ledgered | None] = field(default_factory=dict)     # since 1 January, by flow


def read_stated_facts(path: Path, rules: RuleSet, answers: Mapping[str, str], as_of: date) -> StatedFacts:
    """Return the facts of a file; raise ConfigError with everything that is wrong, each with file:line.

    See `parse_stated_facts`.
    """
    return parse_stated_facts(read_text(path, ConfigError), str(path), rules, answers, as_of)


def parse_stated_facts(
    text: str, file: str, rules: RuleSet, answers: Mapping[str, str], as_of: date
) -> StatedFacts:
    """Return the facts of a text. answers: over what it says. as_of: the day, where it names none."""
    from detectors.grammar import parsed
    from scanner.records.grammar import FactsKeys

    doc = parse_document(text, file, ConfigError)
    checks = (partial(_fact_faults, rules=rules), _flows_differ, _country_faults, _contradictions)
    keys = parsed(doc, FactsKeys, ConfigError, checks).keys
    shared, _ = read_facts(keys.facts)
    flows = {f.id: _flow(f, f.entity or keys.entity) for f in keys.flows}
    inputs: dict[str, list[FlowInput]] = {}
    exported: dict[str, Ledgered | None] = {}
    problems = Gathering()
    for i, flow in enumerate(keys.flows):
        with problems:
            count = _stated_count(flow, doc, ("flows", str(i)))
            exported[flow.id] = _ledgered(flow, doc, ("flows", str(i), "left"), keys.as_of or as_of)
            if flow.status == "stopped":
                count = exported_count(flows[flow.id], exported[flow.id], keys.as_of or as_of)
            inputs.setdefault(flow.entity or keys.entity, []).append(_flow_input(flow, count))
    together = None
    with problems:
        together = _flow_count(keys.together, doc, ("together",)) if keys.together is not None else None
    problems.raise_all()
    entities = []
    for name, flow_inputs in inputs.items():
        ids = tuple(sorted(f.id for f in flow_inputs))
        unions = {ids: together} if together is not None else {}
        entities.append(
            Facts(name, keys.as_of or as_of, tuple(flow_inputs), {**shared, **answers}, unions)
        )
    return StatedFacts(tuple(entities), flows, exported)


def _fact_faults(doc: Document, rules: RuleSet) -> Iterator[Fault]:
    yield from fact_faults(doc, "facts", rules=rules)
    yield from fact_faults(doc, "flows", "*", "facts", rules=rules)


def _country_faults(doc: Document) -> Iterator[Fault]:
    for path, country in doc.at("flows", "*", "country"):
        if isinstance(country, str):
            yield from country_faults(path, country)


def _contradictions(doc: Document) -> Iterator[Fault]:
    facts = written_facts(next((stated for _, stated in doc.at("facts")), {}))
    yield from flow_facts_fit(doc, ("facts",), facts)
    day = next((str(on) for _, on in doc.at("as_of")), "")
    for path, notified in (*doc.at("facts", "notified_on"), *doc.at("flows", "*", "facts", "notified_on")):
        if day and isinstance(notified, str) and notified > day:
            yield Fault(path, Msg("notified after the day of the decision"), Msg("check the two dates"))


def _flows_differ(doc: Document) -> Iterator[Fault]:
    ids = [value for _, value in doc.at("flows", "*", "id") if isinstance(value, str)]
    if len(set(ids)) < len(ids):
        yield Fault(("flows",), Msg("two flows have the same id"), Msg("give one another id"))


def _flow(keys: FactFlowKeys, entity: str) -> Flow:
    return Flow(
        id=keys.id,
        entity=entity,
        recipient=Recipient(keys.recipient, keys.country),
        purpose=keys.purpose,
        mode=keys.mode,
        claim=keys.claim,
        subject_group=keys.subject_group,
        status=keys.status,
        since=keys.since,
        until=keys.until,
        onward=keys.onward,
    )


def _flow_input(keys: FactFlowKeys, count: FlowCount) -> FlowInput:
    return FlowInput(
        keys.id,
        count,
        keys.mode,
        keys.claim,
        keys.situation,
        keys.subject_group,
        read_facts(keys.facts)[0],
        "yes",
        keys.needless_fields,
    )


def check_answers(answers: Mapping[str, str], rules: RuleSet) -> None:
    """Raise ConfigError when an answer of --what-if is not known to the rule set."""
    for name, value in answers.items():
        check_fact(name, value, "--what-if", rules)


def _ledgered(keys: FactFlowKeys, doc: Document, path: tuple[str, ...], as_of: date) -> Ledgered | None:
    """What is stated to have left since 1 January: of the whole time."""
    if keys.exported is None:
        return None
    months = tuple(f"{as_of.year}-{month:02d}" for month in range(1, as_of.month + 1))
    return Ledgered(_flow_count(keys.exported, doc, path), months)


def _stated_count(keys: FactFlowKeys, doc: Document, path: tuple[str, ...]) -> FlowCount:
    """Persons a flow brings to the year: of one that stopped, those that left."""
    count = _flow_count(keys, doc, path)
    if keys.kinds and count.individuals.high == 0:
        raise ConfigError(
            Msg("0 persons over personal columns"), where=doc.where(*path),
            hint=Msg("state how many persons they are about, or remove the columns"),
        )
    if keys.deleted:
        count = replace(count, remaining=_fewer(count, keys.deleted))
    return count


def _fewer(count: FlowCount, deleted: int) -> FlowCount:
    """The same persons, so many fewer of each counter; a smaller one may have lost none or all of them."""

    def fewer(e: Estimate) -> Estimate:
        return replace(
            e, low=max(0, e.low - deleted), best=max(0, e.best - deleted),
            high=None if e.high is None else max(0, e.high - (deleted if e == whole else 0)),
        )

    whole = count.ordinary or count.individuals
    return combine_counts([count], lambda estimates: fewer(estimates[0]))


def _flow_count(keys: CountKeys, doc: Document, path: tuple[str, ...]) -> FlowCount:
    """Persons as stated at a path of a document.

    `ordinary` alone stands for both readings of the law; `individuals` alone lets the rules derive them.
    """
    nobody = Estimate.exactly(0, "declared")
    minors = _estimate(keys.minors) or nobody
    sensitive, ordinary = _estimate(keys.sensitive) or minors, _estimate(keys.ordinary)
    ordinary_only = _estimate(keys.ordinary_only) or ordinary
    individuals = _estimate(keys.individuals) or _at_least(ordinary or ordinary_only or nobody, sensitive)
    if individuals.high is not None and max(sensitive.low, minors.low) > individuals.high:
        raise ConfigError(
            Msg("more sensitive persons or minors than persons"),
            where=doc.where(*path),
            hint=Msg("individuals counts everybody"),
        )
    if sensitive.high is not None and minors.low > sensitive.high:
        raise ConfigError(
            notes.MINORS_ARE_SENSITIVE, where=doc.where(*path), hint=Msg("sensitive counts minors, too")
        )
    if keys.individuals is not None:
        parts = _estimate(keys.ordinary), _estimate(keys.ordinary_only)
        if not _add_up(individuals, sensitive, *parts):
            raise ConfigError(
                Msg("sensitive and ordinary persons do not add up to all persons"), where=doc.where(*path),
                hint=Msg("ordinary_only and sensitive make individuals; ordinary may count some of both"),
            )
    return FlowCount(individuals, sensitive, minors, ordinary_only, ordinary)


def _add_up(
    everybody: Estimate, sensitive: Estimate, inclusive: Estimate | None, alone: Estimate | None
) -> bool:
    """Can the parts of all persons add up to them?

    inclusive, alone: persons with an ordinary item, and with nothing else; None: not stated.
    """
    ranges: list[tuple[int, int | None]] = []
    if inclusive is not None:
        ranges += [(inclusive.low, everybody.high), (everybody.low, _sum_of_highs(inclusive, sensitive))]
    if alone is not None:
        ranges += [
            (alone.low + sensitive.low, everybody.high), (everybody.low, _sum_of_highs(alone, sensitive)),
        ]
    return all(high is None or low <= high for low, high in ranges)


def _sum_of_highs(one: Estimate, other: Estimate) -> int | None:
    return None if one.high is None or other.high is None else one.high + other.high


def _at_least(persons: Estimate, part: Estimate) -> Estimate:
    """So many persons, and no fewer than a part of them."""
    high = None if persons.high is None or part.high is None else max(persons.high, part.high)
    return Estimate(max(persons.low, part.low), max(persons.best, part.best), high, "declared")


def _estimate(keys: BoundsKeys | None) -> Estimate | None:
    if keys is None:
        return None
    best = (keys.low + keys.high) // 2 if keys.best is None else keys.best
    return Estimate(keys.low, best, keys.high, "declared")


def with_flow_facts(facts: Facts, answers: Mapping[str, str]) -> Facts:
    """Return the same facts with answers laid over those of the entity and of every flow."""
    flows = tuple(replace(f, facts={**f.facts, **answers}) for f in facts.flows)
    return replace(facts, values={**facts.values, **answers}, flows=flows)
