"""What must hold between the keys of chujing.yaml: names that are used are named, parts fit each other.

Every function yields the faults of a document, whatever else is wrong in it, and passes over what it cannot
judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import nearest
from detectors.message import Msg
from detectors.yaml_document import Document, Fault, KeyPath, shown
from mappings.company_forms import may_be_one_company
from mappings.countries import countries_named, country_names, country_title, same_recipient
from mappings.names import is_empty
from scanner.config.contradictions import (
    company_contradictions,
    filing_contradictions,
    flow_contradictions,
    is_day,
    later_facts,
    written_facts,
    written_flow,
)
from scanner.config.facts import fact_faults, group_faults

if TYPE_CHECKING:
    from detectors.grammar import DocumentCheck

WAYS = ("fields", "view", "sql")              # how a flow says what leaves


def _unknown(path: KeyPath, what: Msg, name: str, names: Sequence[str]) -> Fault:
    return Fault(path, what, nearest(name, names) or Msg("known: {names}", names=tuple(names)))


def _names(doc: Document, *path: str) -> tuple[str, ...]:
    """Texts at a path."""
    return tuple(str(text) for _, text in doc.at(*path) if isinstance(text, str))


def sources_have_names(doc: Document) -> Iterator[Fault]:
    """Yield sources whose names cannot be part of the id of a table."""
    for path, _ in doc.at("sources", "*"):
        if "/" in path[-1] or not path[-1]:
            what = Msg('a source cannot be called "{name}"', name=shown(path[-1]))
            yield Fault(path, what, Msg("no / in a name"), "key")


def sources_exist(doc: Document) -> Iterator[Fault]:
    """Yield names of sources, in catalogs and in the schedule, that no source has."""
    names = tuple(path[-1] for path, _ in doc.at("sources", "*"))
    in_catalogs = doc.at("catalogs", "*", "entities", "*", "source")
    for path, name in (*in_catalogs, *doc.at("schedule", "*", "sources", "*")):
        if isinstance(name, str) and name not in names and (names or path[0] == "schedule"):
            yield _unknown(path, Msg('no source "{name}"', name=shown(name)), name, names)


def entities_exist(doc: Document) -> Iterator[Fault]:
    """Yield legal entities, of flows and filings, that the exporter does not name."""
    names = _names(doc, "exporter", "entities", "*")
    for path, name in (*doc.at("flows", "*", "entity"), *doc.at("filings", "*", "entity")):
        if names and isinstance(name, str) and name not in names:
            yield _unknown(
                path, Msg('entity "{name}" is not under exporter', name=shown(name)), name, names
            )


def purposes_exist(doc: Document) -> Iterator[Fault]:
    """Yield purposes of flows that neither ship nor are files."""
    from mappings.purpose import purpose_names

    names = purpose_names()
    for path, name in doc.at("flows", "*", "purpose"):
        if not isinstance(name, str) or name in names:
            continue
        if not name.endswith((".yaml", ".yml")):
            yield _unknown(
                path, Msg('unknown purpose "{name}"', name=shown(name)), name, tuple(sorted(names))
            )


def flows_say_what_leaves(doc: Document) -> Iterator[Fault]:
    """Yield flows that say in no way, or in two, what leaves; not those with a key that is unknown."""
    from scanner.config.grammar.flows import FlowKeys

    for path, flow in doc.at("flows", "*"):
        if not isinstance(flow, dict) or set(flow) - set(FlowKeys.model_fields):
            continue
        ways = [way for way in WAYS if way in flow]
        if len(ways) > 1 or not (ways or "declared" in flow):
            what = Msg(
                'flow "{name}" must say what leaves: one of fields, view, sql, or declared counts',
                name=shown(str(flow.get("id", path[-1]))),
            )
            yield Fault(path, what)


def flows_differ(doc: Document) -> Iterator[Fault]:
    """Yield ids of flows that stand twice."""
    earlier: set[str] = set()
    for path, name in doc.at("flows", "*", "id"):
        if isinstance(name, str):
            if name in earlier:
                what = Msg('flow "{name}" stands twice', name=shown(name))
                yield Fault(path, what, Msg("give one another id"))
            earlier.add(name)


def countries_exist(doc: Document) -> Iterator[Fault]:
    """Yield countries of recipients that are none, by ISO 3166 in Chinese or English."""
    for path, country in doc.at("flows", "*", "recipient", "country"):
        if isinstance(country, str):
            yield from country_faults(path, country)


def recipients_are_one(doc: Document) -> Iterator[Fault]:
    """Yield recipients of which several are named in one."""
    for path, name in doc.at("flows", "*", "recipient", "name"):
        if isinstance(name, str) and len(names := names_in(name)) > 1:
            yield Fault(
                path, Msg("several recipients in one: {names}", names=tuple(map(shown, names))),
                Msg("one flow for each"),
            )


def names_in(text: str) -> list[str]:
    """Return the names in a text: 、 and ； part them, and so do lines; a comma may belong to a name."""
    return [name.strip() for name in re.split("[;；\n、]+", text) if name.strip()]


def country_faults(path: KeyPath, country: str) -> Iterator[Fault]:
    """Yield what is wrong with a country: it is none, or it is no destination of an export."""
    if len(codes := countries_named(country)) > 1:
        what = Msg('several countries or regions are called "{name}"', name=shown(country))
        titles = (Msg("{country} ({code})", country=country_title(code), code=code) for code in codes)
        yield Fault(path, what, Msg("one of: {names}", names=tuple(titles)))
    elif not is_empty(country) and not codes:
        what = Msg('no country or region is called "{name}"', name=shown(country))
        code = Msg("write the code of ISO 3166, e.g. DE, HK, or the name")
        yield Fault(path, what, nearest(country, country_names()) or code)


def conditions_exist(doc: Document) -> Iterator[Fault]:
    """Yield conditions of an extension that the rules do not know."""
    from mappings.rules import load_ruleset

    for path, _ in doc.at("filings", "*", "conditions", "*"):
        names = tuple(c["id"] for c in load_ruleset().raw["extension"]["conditions"])
        if path[-1] not in names:
            what = Msg('no condition "{name}"', name=shown(path[-1]))
            hint = nearest(path[-1], names) or Msg("known: {names}", names=names)
            yield Fault(path, what, hint, "key")


def filed_flows_exist(doc: Document) -> Iterator[Fault]:
    """Yield flows of filings that no flow of the file is, where each of these has an id."""
    names = _names(doc, "flows", "*", "id")
    if len(names) < sum(1 for _ in doc.at("flows", "*")):
        return
    for path, name in doc.at("filings", "*", "flows", "*"):
        if isinstance(name, str) and name not in names:
            yield _unknown(path, Msg('no flow "{name}"', name=shown(name)), name, names)


def contracts_fit(doc: Document) -> Iterator[Fault]:
    """Yield contracts that cover flows to several recipients: each is concluded with one."""
    recipients = {
        flow["id"]: (shown(name), same_recipient(name, str(recipient.get("country", ""))))
        for _, flow in doc.at("flows", "*")
        if isinstance(flow, dict) and isinstance(flow.get("id"), str)
        and isinstance(recipient := flow.get("recipient"), dict)
        and isinstance(name := recipient.get("name"), str)
    }
    for path, filing in doc.at("filings", "*"):
        flows = filing.get("flows") if isinstance(filing, dict) else None
        if not isinstance(flows, list) or filing.get("kind") != "contract":
            continue
        covered = {key: name for flow in flows if flow in recipients for name, key in [recipients[flow]]}
        names = tuple(covered.values())
        if any(not may_be_one_company(names[0], other) for other in names[1:]):
            what = Msg("one contract covers several recipients: {names}", names=names)
            yield Fault((*path, "flows"), what, Msg("one filing for the contract with each recipient"))


def filings_fit(doc: Document) -> Iterator[Fault]:
    """Yield ids of filings that stand twice, and flows of another entity, unless the group files together."""
    together = any(value == "yes" for _, value in doc.at("exporter", "facts", "combined_filing"))
    names = _names(doc, "exporter", "entities", "*")
    entities = {                              # of another name, others say that it is unknown
        flow["id"]: flow["entity"] for _, flow in doc.at("flows", "*")
        if isinstance(flow, dict) and isinstance(flow.get("id"), str) and flow.get("entity") in names
    }
    earlier: set[str] = set()
    for path, filing in doc.at("filings", "*"):
        if not isinstance(filing, dict):
            continue
        name, entity, flows = filing.get("id"), filing.get("entity"), filing.get("flows")
        if isinstance(name, str) and name in earlier:
            what = Msg('filing "{name}" stands twice', name=shown(name))
            yield Fault((*path, "id"), what, Msg("give one another id"))
        earlier |= {name} if isinstance(name, str) else set()
        of_others = [
            flow for flow in flows if entities.get(str(flow), entity) != entity
        ] if isinstance(flows, list) and entity in names and not together else []
        if of_others:
            what = Msg(
                'the filing of "{entity}" covers flows of another entity: {flows}',
                entity=shown(str(entity)),
                flows=tuple(map(str, of_others)),
            )
            hint = Msg("name the entity that filed; of a group that files together: combined_filing: yes")
            yield Fault((*path, "flows"), what, hint)


def facts_exist(doc: Document) -> Iterator[Fault]:
    """Yield facts, of the exporter and of flows, that the rules do not know."""
    yield from fact_faults(doc, "exporter", "facts")
    yield from fact_faults(doc, "flows", "*", "facts")


def facts_fit(doc: Document, day: date | None = None) -> Iterator[Fault]:
    """Yield facts and dates, of the exporter, flows and filings, that cannot hold together.

    day: of the decision, today by default. Whether something is still to come is a matter of the calendar: a
    decision for an earlier day leaves what happened since where it stands.
    """
    today = date.today().isoformat()
    decided_on = day.isoformat() if day is not None else today
    facts = written_facts(next((stated for _, stated in doc.at("exporter", "facts")), {}))
    filings = [filing for _, filing in doc.at("filings", "*") if isinstance(filing, dict)]
    yield from flow_facts_fit(doc, ("exporter", "facts"), facts, filings, decided_on)
    for path, stated in (*doc.at("exporter", "facts"), *doc.at("flows", "*", "facts")):
        yield from below(path, later_facts(written_facts(stated), max(today, decided_on)))
    for path, on in doc.at("flows", "*", "declared", "on"):
        if isinstance(on, str) and is_day(on) and on > max(today, decided_on):
            yield Fault(path, Msg("it was declared on a day that is still to come"), Msg("check the date"))
    for path, filing in doc.at("filings", "*"):
        if isinstance(filing, dict):
            yield from below(path, filing_contradictions(filing))


def flow_facts_fit(
    doc: Document, at: KeyPath, company: Mapping[str, str], filings: Sequence[Mapping[str, Any]] = (),
    day: str = "",
) -> Iterator[Fault]:
    """Yield what cannot hold together of a company and its flows. at: where its facts stand.

    day: of the decision, whose year the filings are held against.
    """
    # of flows that name none, in a file of facts
    entity = next((name for _, name in doc.at("entity") if isinstance(name, str)), "")
    described = ((path, flow) for path, flow in doc.at("flows", "*") if isinstance(flow, dict))
    flows = [(path, written_flow(path, {"entity": entity, **flow})) for path, flow in described]
    yield from below(at, company_contradictions(company, filings, day))
    for path, flow in flows:
        yield from below(path, flow_contradictions(flow, company))


def below(path: KeyPath, faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield faults whose paths are below a path."""
    return (replace(fault, path=(*path, *fault.path)) for fault in faults)


def run_fits(doc: Document) -> Iterator[Fault]:
    """Yield keys of `run:` that contradict others."""
    from scanner.config.grammar.root import RunKeys

    run = {path[-1]: value for path, value in doc.at("run", "*")}
    if run.get("master") and run.get("engine", "local") == "local" and set(run) <= set(RunKeys.model_fields):
        what = Msg('"master" is for engine: spark')
        yield Fault(("run", "master"), what, Msg("engine: spark, or remove it"))
    older = _names(doc, "notify", "metrics")
    if older and "metrics" in run and Path(str(run["metrics"])) != Path(older[0]):
        what = Msg('"metrics" stands here and under notify')
        yield Fault(("run", "metrics"), what, Msg("remove one of them"))


OF_FLOWS: tuple[DocumentCheck, ...] = (
    entities_exist, purposes_exist, flows_say_what_leaves, flows_differ, facts_exist,
    countries_exist, recipients_are_one, group_faults,
)


def checks_on(day: date | None) -> tuple[DocumentCheck, ...]:
    """Return every check of a configuration. day: of the decision, today by default."""
    return (
        *OF_FLOWS, sources_have_names, sources_exist, conditions_exist, partial(facts_fit, day=day), run_fits,
        filed_flows_exist, contracts_fit, filings_fit,
    )
