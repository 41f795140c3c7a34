"""The ledger of a day in the flows and years of a scan's report: no data is read.

What was entered since is added, what had not left by the day is taken away. Who of the exported ones are
persons of the scan is not known: their union is bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mappings.counts import bound_union
from mappings.entity_year import with_exports, with_ledger
from mappings.flow_inputs import flow_count
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.ledger_entries import LedgerEntry, count_entries
from mappings.model import FlowCount


def is_later(entry: LedgerEntry, finished: str) -> bool:
    """Was an entry made after a scan had finished? The moment of an entry is known to the second.

    A scan itself never declares.
    """
    recorded = datetime.fromisoformat(entry.recorded)
    end = datetime.fromisoformat(finished).replace(microsecond=0)
    return recorded > end or (recorded == end and entry.how == "declared")


ReportsOfYear = tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]


def with_ledger_of_day(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], entries: Sequence[LedgerEntry],
    scanned: Sequence[LedgerEntry],
) -> ReportsOfYear:
    """Return flows and years with the ledger of a day.

    entries: of the year, up to the day, of all entities. scanned: those that the scan went by.
    """
    if {e.number for e in scanned} <= {e.number for e in entries}:
        numbers = {e.number for e in scanned}
        return with_later_entries(flows, entities, entries, [e for e in entries if e.number not in numbers])
    return with_earlier_ledger(flows, entities, entries)


def with_earlier_ledger(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], entries: Sequence[LedgerEntry]
) -> ReportsOfYear:
    """Return flows and years without any entry of their own ledger, but with these."""
    own = {e.entity: [entry for entry in entries if entry.entity == e.entity] for e in entities}
    updated = tuple(with_exports(replace(f, exported=None), own.get(f.flow.entity, ())) for f in flows)
    by_id = {f.flow.id: f for f in updated}
    years = []
    for entity in entities:
        year = replace(
            entity, exported=None, exported_sensitive=None, exported_measured=None, exported_exempt=None,
            exported_elsewhere=None, months=(),
            unions=tuple(_union_without_ledger(union, by_id) for union in entity.unions),
        )
        in_count = {part.partition("/")[0] for part in entity.counted}
        if own[entity.entity]:
            year = replace(year, unions=tuple(_raised_unions(year, by_id, own[entity.entity])))
        years.append(with_ledger(year, own[entity.entity], set(entity.flows) - in_count))
    return updated, tuple(years)


def _union_without_ledger(union: Union, flows: Mapping[str, FlowReport]) -> Union:
    """The persons of a union as they are now: as they were linked, else bounds."""
    if union.past is None:
        return union
    parts = {id: count for f in flows.values() for id, count in _parts(f) if f.flow.status != "stopped"}
    count = union.count.remaining or bound_union([parts[id] for id in union.flows if id in parts])
    return replace(union, count=count, past=None)


def with_later_entries(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], entries: Sequence[LedgerEntry],
    later: Sequence[LedgerEntry],
) -> ReportsOfYear:
    """Return flows and years with the ledger as it stands.

    entries: of the year, of all entities. later: those of them that the scan did not know.
    """
    if not later:
        return tuple(flows), tuple(entities)
    own = {e.entity: [entry for entry in entries if entry.entity == e.entity] for e in entities}
    updated = tuple(with_exports(f, own.get(f.flow.entity, ())) for f in flows)
    by_id = {f.flow.id: f for f in updated}
    years = []
    for entity in entities:
        new = [entry for entry in later if entry.entity == entity.entity]
        in_count = {part.partition("/")[0] for part in entity.counted}
        year = replace(entity, unions=tuple(_raised_unions(entity, by_id, new))) if new else entity
        years.append(with_ledger(year, own[entity.entity], set(entity.flows) - in_count))
    return updated, tuple(years)


def _raised_unions(
    entity: EntityReport, flows: Mapping[str, FlowReport], new: Sequence[LedgerEntry]
) -> Iterator[Union]:
    """Yield the unions of an entity with later entries, and such of single parts that had none."""
    for union in entity.unions:
        members = {part.partition("/")[0] for part in union.flows}
        exports = [e for e in new if e.flow in members or e.flow not in entity.flows]
        if not exports:
            yield union
            continue
        more = count_entries(exports)
        past = more if union.past is None else bound_union([union.past, more])
        yield replace(union, count=_with_more(union.count, more), tallies={}, past=past)
    existing = {union.flows for union in entity.unions}
    for id in entity.flows:
        exports = [e for e in new if e.flow == id or e.flow not in entity.flows]
        for part, count in _parts(flows[id]):
            if exports and (part,) not in existing and flows[id].flow.status != "stopped":
                more = count_entries(exports)
                yield Union((part,), _with_more(count, more), past=more)


def _with_more(count: FlowCount, more: FlowCount) -> FlowCount:
    """Persons of whom more left: those of now are as many as they were."""
    return replace(bound_union([count, more]), remaining=count.remaining or count)


def _parts(report: FlowReport) -> Iterator[tuple[str, FlowCount]]:
    """Yield the parts of a flow with their persons; the whole flow where it is not judged in parts."""
    if report.parts:
        yield from ((part.id, part.count) for part in report.parts)
    else:
        yield report.flow.id, flow_count(report)
