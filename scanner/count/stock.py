"""Persons each entity holds in the scanned tables, whatever leaves, as far as the lines for persons held ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from detectors.message import Note
from detectors.model import ColumnId
from mappings import notes
from mappings.counts import leave_open_above, open_lines, tighten_count
from mappings.flow_report import Stock
from mappings.individuals import CHEAP
from mappings.model import Estimate
from mappings.stock import stock_duties
from mappings.taxonomy import stock_lines
from scanner.config.model import Config
from scanner.count.ladder import BudgetSpent, CountPolicy, Ladder, try_step
from scanner.count.row_plan import ColumnMeanings, count_rows, plan_table, tables_of
from scanner.gather.flow_columns import source_of, table_of
from scanner.gather.inherit import Scanned
from scanner.gather.progress import Progress


def entity_stocks(
    config: Config, meaning: ColumnMeanings, state: Scanned, key: bytes, as_of: date, progress: Progress, policy: CountPolicy
) -> tuple[Stock, ...]:
    """Persons each entity holds in the scanned tables, as far as the lines for persons held ask."""
    there = {t for t, info in meaning.catalogue.tables.items() if info.kind != "view"}        # a view holds nobody of its own
    personal = [c for c, f in meaning.findings.items() if f.finding.kind == "personal_information" and table_of(c) in there]
    whose = {s.id: s.entity or (config.entities[0] if len(config.entities) == 1 else config.exporter) for s in config.sources}
    by_entity: dict[str, list[ColumnId]] = {}
    for c in personal:
        by_entity.setdefault(whose.get(source_of(c), config.exporter), []).append(c)
    return tuple(_stock_of(e, cs, meaning, state, key, as_of, progress, policy) for e, cs in by_entity.items())


def _stock_of(
    entity: str, personal: Sequence[ColumnId], meaning: ColumnMeanings, state: Scanned, key: bytes, as_of: date,
    progress: Progress, policy: CountPolicy,
) -> Stock:
    groups = {"all": personal, "faces": [c for c in personal if meaning.findings[c].finding.label == "biometric"]}
    lines = stock_lines()
    found: dict[str, tuple[Estimate, tuple[Note, ...]]] = {}
    for name, columns in groups.items():
        mine = [line.persons for line in lines if line.of == name]
        plans = {t: p for t, cs in tables_of(columns).items() if (p := plan_table(t, cs, meaning)) is not None}
        ladder = Ladder(plans, {}, meaning.catalogue, state.connectors, meaning.tests, state.full_row_counts)
        found[name] = _count_held(ladder, mine, key, as_of, progress, policy) if plans else (
            Estimate.exactly(0), ())
    duties = stock_duties({name: count for name, (count, _) in found.items()}, lines)
    return Stock(entity, found["all"][0], found["faces"][0], duties, found["all"][1])


def _count_held(
    ladder: Ladder, lines: Sequence[int], key: bytes, as_of: date, progress: Progress, policy: CountPolicy
) -> tuple[Estimate, tuple[Note, ...]]:
    from mappings.histogram import estimate

    count = ladder.by_statistics()
    beside: tuple[Note, ...] = (notes.BY_STATISTICS,)
    while (policy.exact or ladder.expected <= CHEAP or open_lines(count.individuals, lines)) and not policy.is_spent():
        step = "exact" if policy.exact or ladder.expected <= CHEAP else ladder.next_step()
        if step == "exact":
            try:
                counter = count_rows(ladder, key, as_of, progress, policy)
            except BudgetSpent:
                return count.individuals, (*beside, notes.BUDGET_SPENT)
            linked = estimate(counter.tally())
            return (leave_open_above(linked) if counter.spoiled else linked).individuals, tuple(notes.not_read(s) for s in counter.spoiled)
        found = try_step(ladder, step)
        if isinstance(found, Note):
            beside = (*beside, found)
        else:
            count, beside = tighten_count(count, found), (notes.IN_DATABASE[step],)
    return count.individuals, beside
