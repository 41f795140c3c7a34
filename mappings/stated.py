"""Flows and entities whose facts and head-counts somebody states, without a scan; not decided yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mappings.counts import bound_union
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, Union
from mappings.model import Estimate, Facts, Flow, FlowCount, Ledgered


def flows_of_facts(
    facts: Facts, flows: Mapping[str, Flow], exported: Mapping[str, Ledgered | None] | None = None
) -> tuple[FlowReport, ...]:
    """Return the flows of an entity with their stated counts.

    flows: what else is stated of them, by id. exported: persons that left since 1 January, by flow.
    """
    reports = []
    for stated in facts.flows:
        c = stated.count
        flow = replace(flows[stated.id], facts=stated.facts)
        reports.append(
            FlowReport(
                flow,
                c.individuals,
                c.sensitive,
                c.minors,
                (),
                (),
                UNDECIDED,
                declared=True,
                ordinary=c.ordinary,
                ordinary_only=c.ordinary_only,
                strict=c.strict,
                exported=(exported or {}).get(stated.id),
            )
        )
    return tuple(reports)


def entity_of_facts(facts: Facts) -> EntityReport:
    """Return the year of an entity with the unions that are stated."""
    nobody = Estimate.exactly(0)
    unions = tuple(Union(ids, count) for ids, count in facts.unions.items())
    return EntityReport(
        facts.entity,
        nobody,
        nobody,
        UNDECIDED,
        tuple(f.id for f in facts.flows),
        unions=unions,
        group=facts.group,
    )


def group_of_facts(entities: Sequence[Facts]) -> FlowCount:
    """Return the persons of several entities together, as bounds."""
    counts: list[FlowCount] = []
    for facts in entities:
        whole = tuple(sorted(f.id for f in facts.flows))
        counts += [facts.unions[whole]] if whole in facts.unions else [f.count for f in facts.flows]
    return bound_union(counts)
