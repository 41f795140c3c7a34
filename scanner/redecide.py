"""Decide again without reading data: from the last report's histograms, or from facts in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from mappings.individuals import estimate
from mappings.model import UNKNOWN, Decision, Facts, FlowCount, FlowInput
from mappings.rules import RuleSet, decide, load_ruleset
from reports.model import FlowReport, Report, Run
from scanner.assessment import NEEDLESS, entity_report, flow_input, questions
from scanner.config import Config
from scanner.facts import check_answers, read_facts, with_flow_facts
from scanner.pipeline import VERSION


def again(previous: Report, config: Config | None, answers: Mapping[str, str], as_of: date | None) -> Report:
    """The previous report decided anew: with today's configuration, other answers, or as on another day."""
    rules = load_ruleset()
    check_answers(answers, rules)
    day = as_of or previous.run.as_of
    stated = config.facts if config is not None else previous.facts.get("exporter", {})
    values = {**stated, **answers}
    now = {f.id: f for f in config.flows} if config is not None else {}
    flows: dict[str, FlowReport] = {}
    entities = []
    for e in previous.exporter:
        mine = [_refreshed(f, now) for f in previous.flows if f.flow.id in e.flows]
        inputs = tuple(_input(f) for f in mine)
        unions = {u.flows: u.count for u in e.unions}
        facts = with_flow_facts(Facts(e.entity, day, inputs, values, unions), answers)
        result = decide(facts, rules)
        for f in mine:
            flows[f.flow.id] = replace(f, decision=result.flows[f.flow.id], without_unnecessary=_slim(f, facts, rules))
        entities.append(entity_report(e.entity, e.flows, [i.count for i in inputs], result, unions))
    ordered = tuple(flows[f.flow.id] for f in previous.flows)
    return replace(previous, run=replace(previous.run, as_of=day), flows=ordered, exporter=tuple(entities),
                   questions=questions(ordered, entities), facts={**previous.facts, "exporter": values})


def _refreshed(f: FlowReport, now: Mapping[str, object]) -> FlowReport:
    """Claim, mode, facts and subject group may change without a new scan; what leaves may not."""
    current = now.get(f.flow.id)
    if current is None:
        return f
    return replace(
        f, flow=replace(f.flow, **{k: getattr(current, k) for k in ("mode", "claim", "facts", "subject_group", "status", "since")})
    )


def _input(f: FlowReport) -> FlowInput:
    count = FlowCount(f.individuals, f.sensitive_individuals, f.minors, f.ordinary_only, f.ordinary)
    nobody = f.individuals.high == 0 and not f.declared
    needless = tuple(v.column for v in f.fields if v.verdict in NEEDLESS)
    return flow_input(f.flow, count, "no" if nobody and not f.unresolved else "yes", needless)


def _slim(f: FlowReport, facts: Facts, rules: RuleSet) -> Decision | None:
    if f.tally is None or not f.dropped:
        return None
    count = estimate(f.tally, f.dropped)
    inputs = tuple(replace(i, count=count, unnecessary_fields=()) if i.id == f.flow.id else i for i in facts.flows)
    unions = {ids: c for ids, c in facts.unions.items() if f.flow.id not in ids}
    return decide(replace(facts, flows=inputs, unions=unions), rules).flows[f.flow.id]


def from_facts(path: Path, answers: Mapping[str, str], as_of: date) -> Report:
    """A report with flows only, decided from a facts file."""
    rules = load_ruleset()
    check_answers(answers, rules)
    stated = read_facts(path, rules, {}, as_of)
    flows: dict[str, FlowReport] = {}
    entities = []
    for facts in stated.facts:
        facts = with_flow_facts(facts, answers) if answers else facts
        result = decide(facts, rules)
        for i in facts.flows:
            c = i.count
            flows[i.id] = FlowReport(stated.flows[i.id], c.individuals, c.sensitive, c.minors or UNKNOWN, (), (), result.flows[i.id],
                                     declared=True, ordinary=c.ordinary, ordinary_only=c.ordinary_only)
        entities.append(entity_report(facts.entity, [i.id for i in facts.flows], [i.count for i in facts.flows], result, facts.unions))
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    name = hashlib.sha256(f"{moment}{path}".encode()).hexdigest()[:8]
    day = stated.facts[0].as_of if stated.facts else as_of
    run = Run(f"facts-{name}", moment, moment, day, VERSION, 0, (rules.id,), (), "")
    ordered = tuple(flows[i.id] for facts in stated.facts for i in facts.flows)
    return Report(run, (), (), ordered, tuple(entities), (), questions(ordered, entities),
                  facts={"exporter": dict(stated.facts[0].values)} if stated.facts else {})
