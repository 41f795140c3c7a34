"""What was entered into the ledger since a scan, in the flows and years of its report: no data is read.

Who of the later ones are persons of the scan is not known: their union is bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mappings.counts import bound_union
from mappings.entity_year import with_exports, with_ledger
from mappings.flow_inputs import flow_count
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.ledger import LedgerEntry, count_entries
from mappings.model import FlowCount


def is_later(entry: LedgerEntry, finished: str) -> bool:
    """Was an entry made after a scan had finished? The moment of an entry is known to the second.

    A scan itself never declares.
    """
    recorded = datetime.fromisoformat(entry.recorded)
    end = datetime.fromisoformat(finished).replace(microsecond=0)
    return recorded > end or (recorded == end and entry.how == "declared")


def with_later_entries(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], entries: Sequence[LedgerEntry],
    finished: str,
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Return flows and years with the ledger as it stands. entries: of the year, of all entities."""
    later = [entry for entry in entries if is_later(entry, finished)]
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
        yield replace(union, count=bound_union([union.count, more]), tallies={}, past=past)
    existing = {union.flows for union in entity.unions}
    for id in entity.flows:
        exports = [e for e in new if e.flow == id or e.flow not in entity.flows]
        for part, count in _parts(flows[id]):
            if exports and (part,) not in existing and flows[id].flow.status != "stopped":
                more = count_entries(exports)
                yield Union((part,), bound_union([count, more]), past=more)


def _parts(report: FlowReport) -> Iterator[tuple[str, FlowCount]]:
    """Yield the parts of a flow with their persons; the whole flow where it is not judged in parts."""
    if report.parts:
        yield from ((part.id, part.count) for part in report.parts)
    else:
        yield report.flow.id, flow_count(report)
