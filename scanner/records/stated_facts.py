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

from detectors.errors import ConfigError, Gathering, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.yaml_document import Document, Fault, parse_document, read_text, shown
from mappings.countries import country_code
from mappings.flow_inputs import first_day
from mappings.ledger_cover import exported_count, periods_outside
from mappings.model import Facts, Flow, FlowCount, FlowInput, Ledgered, Recipient
from mappings.names import stated_text
from mappings.purpose import purpose_fit, purpose_situation, purpose_subjects
from mappings.rules import RuleSet
from scanner.config.answer_words import with_values
from scanner.config.consistency import below, country_faults, flow_facts_fit
from scanner.config.contradictions import (
    day_contradictions,
    is_day,
    later_facts,
    least_of,
    list_contradictions,
    most_of,
    most_persons,
    written_facts,
    written_flow,
)
from scanner.config.facts import check_fact, fact_faults, group_faults, read_facts
from scanner.records.stated_persons import flow_count, label_of, stated_count, together_count

if TYPE_CHECKING:
    from scanner.records.grammar import FactFlowKeys


ID_ALONE = "id_number_alone"                  # the reading of kinds that the standard does not list


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

    doc = with_values(parse_document(text, file, ConfigError), rules)
    checks = (
        partial(_fact_faults, rules=rules), _flows_exist, _flows_differ, _country_faults, group_faults,
        partial(_contradictions, as_of=as_of), _kinds_exist,
        _deleted_faults, _export_faults,
    )
    keys = parsed(doc, FactsKeys, ConfigError, checks).keys
    shared, _ = read_facts(keys.facts)
    reading = _chosen_reading(rules, {**shared, **answers})
    flows = {f.id: _flow(f, f.entity or keys.entity) for f in keys.flows}
    inputs: dict[str, list[FlowInput]] = {}
    exported: dict[str, Ledgered | None] = {}
    problems = Gathering()
    for i, flow in enumerate(keys.flows):
        with problems:
            count = stated_count(flow, doc, ("flows", str(i)), reading)
            day = keys.as_of or as_of
            exported[flow.id] = _ledgered(flow, flows[flow.id], doc, ("flows", str(i), "left"), day)
            if flow.status == "stopped":
                count = exported_count(flows[flow.id], exported[flow.id], keys.as_of or as_of)
            inputs.setdefault(flow.entity or keys.entity, []).append(_flow_input(flow, count))
    problems.raise_all()
    entities = []
    for name, flow_inputs in inputs.items():
        ids = tuple(sorted(f.id for f in flow_inputs))
        unions = {}
        if keys.together is not None:
            unions[ids] = together_count(keys.together, [f.count for f in flow_inputs], doc)
        entities.append(
            Facts(name, keys.as_of or as_of, tuple(flow_inputs), {**shared, **answers}, unions)
        )
    return StatedFacts(tuple(entities), flows, exported)


def _chosen_reading(rules: RuleSet, values: Mapping[str, str]) -> str:
    """How somebody chose to read an ID number alone and the like; empty where nobody did."""
    return rules.chosen_reading(ID_ALONE, values)[0] if ID_ALONE in rules.raw["readings"] else ""


def _fact_faults(doc: Document, rules: RuleSet) -> Iterator[Fault]:
    yield from fact_faults(doc, "facts", rules=rules)
    yield from fact_faults(doc, "flows", "*", "facts", rules=rules)


def _country_faults(doc: Document) -> Iterator[Fault]:
    for path, country in doc.at("flows", "*", "country"):
        if isinstance(country, str):
            yield from country_faults(path, country)


def _contradictions(doc: Document, as_of: date) -> Iterator[Fault]:
    """What cannot hold together. as_of: the day of the decision, where the file names none."""
    facts = written_facts(next((stated for _, stated in doc.at("facts")), {}))
    day = next((on for _, on in doc.at("as_of") if isinstance(on, str) and is_day(on)), as_of.isoformat())
    yield from flow_facts_fit(doc, ("facts",), facts, day=day)
    for path, stated in (*doc.at("facts"), *doc.at("flows", "*", "facts")):
        yield from below(path, later_facts(written_facts(stated), day))
    for path, flow in doc.at("flows", "*"):
        if isinstance(flow, dict):
            written = written_flow(path, flow)
            yield from below(path, day_contradictions(written, day))
            yield from below(path, list_contradictions(written, facts, day))


def _deleted_faults(doc: Document) -> Iterator[Fault]:
    """More persons deleted than left, where that is stated, or than there are."""
    for path, flow in doc.at("flows", "*"):
        if isinstance(flow, dict):
            counts = flow.get("left", flow)
            most = most_persons(counts) if isinstance(counts, dict) else None
            deleted = most_of(flow.get("deleted"))
            if deleted and most is not None and deleted > most:
                what = Msg("{n} persons deleted of {most}", n=deleted, most=most)
                yield Fault((*path, "deleted"), what, Msg("deleted: of those that left"))


def _export_faults(doc: Document) -> Iterator[Fault]:
    """More persons left since 1 January than a running flow is about, or more with sensitive items."""
    for path, flow in doc.at("flows", "*"):
        exported = flow.get("left") if isinstance(flow, dict) and flow.get("status") != "stopped" else None
        if not isinstance(exported, dict):
            continue
        fewest = max(least_of(exported.get(name)) for name in ("individuals", "ordinary", "sensitive"))
        sensitive = least_of(exported.get("sensitive"))
        for n, most in ((fewest, most_persons(flow)), (sensitive, most_of(flow.get("sensitive")))):
            if most is not None and n > most:
                what = Msg("{n:,} persons left and the flow has {of:,} persons", n=n, of=most)
                hint = Msg("its persons are all of the year, those that left too")
                yield Fault((*path, "left"), what, hint)
                break


def _kinds_exist(doc: Document) -> Iterator[Fault]:
    for path, kind in doc.at("flows", "*", "kinds", "*"):
        if isinstance(kind, str) and not label_of(kind):
            what = Msg('no kind of personal information is called "{name}"', name=shown(kind))
            yield Fault(path, what, nearest(kind, labels()) or Msg("chujing detectors lists them"))


def _flows_exist(doc: Document) -> Iterator[Fault]:
    if any(isinstance(flows, list) and not flows for _, flows in doc.at("flows")):
        yield Fault(("flows",), Msg("no flow is told"), Msg("each with id, recipient and persons"))


def _flows_differ(doc: Document) -> Iterator[Fault]:
    ids = [value for _, value in doc.at("flows", "*", "id") if isinstance(value, str)]
    if len(set(ids)) < len(ids):
        yield Fault(("flows",), Msg("two flows have the same id"), Msg("give one another id"))


def _flow(keys: FactFlowKeys, entity: str) -> Flow:
    return Flow(
        id=keys.id,
        entity=entity,
        recipient=Recipient(stated_text(keys.recipient), stated_text(keys.country)),
        purpose=keys.purpose,
        mode=keys.mode,
        claim=keys.claim,
        subject_group=keys.subject_group,
        status=keys.status,
        since=keys.since,
        until=keys.until,
        onward=keys.onward,
        every=keys.every,
    )


def _flow_input(keys: FactFlowKeys, count: FlowCount) -> FlowInput:
    return FlowInput(
        keys.id,
        count,
        keys.mode,
        keys.claim,
        keys.situation or purpose_situation(keys.purpose),
        keys.subject_group,
        read_facts(keys.facts)[0],
        "yes",
        keys.needless_fields,
        country=country_code(keys.country),
        purpose_group=purpose_subjects(keys.purpose),
        ended=keys.status == "stopped",
        purpose_fit=purpose_fit(keys.purpose, keys.claim, keys.every),
        began=first_day(keys.status, keys.since),
    )


def check_answers(answers: Mapping[str, str], rules: RuleSet) -> None:
    """Raise ConfigError when an answer of --what-if is not known to the rule set."""
    for name, value in answers.items():
        check_fact(name, value, "--what-if", rules)


def _ledgered(
    keys: FactFlowKeys, flow: Flow, doc: Document, path: tuple[str, ...], as_of: date
) -> Ledgered | None:
    """What is stated to have left since 1 January: of the whole time it ran."""
    if keys.exported is None:
        return None
    months = tuple(f"{as_of.year}-{month:02d}" for month in range(1, as_of.month + 1))
    outside = periods_outside(flow, months)
    ran = tuple(month for month in months if month not in outside)
    return Ledgered(flow_count(keys.exported, doc, path), ran)


def with_flow_facts(facts: Facts, answers: Mapping[str, str]) -> Facts:
    """Return the same facts with answers laid over those of the entity and of every flow."""
    flows = tuple(replace(f, facts={**f.facts, **answers}) for f in facts.flows)
    return replace(facts, values={**facts.values, **answers}, flows=flows)
