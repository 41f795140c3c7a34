"""Persons each entity holds in the scanned tables, as far as the lines for persons held ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from detectors.errors import SourceError
from detectors.ids import source_of, table_of
from detectors.message import Note
from detectors.model import ColumnId
from mappings import notes
from mappings.counts import leave_open_above, open_lines, tighten_count
from mappings.flow_report import Stock
from mappings.histogram import count_tally
from mappings.individuals import CHEAP_ROWS
from mappings.model import Estimate
from mappings.stock import stock_duties
from mappings.taxonomy import stock_lines
from scanner.count.ladder import Ladder, try_step
from scanner.count.request import BudgetSpent, CountRequest, CountRun
from scanner.count.row_plan import columns_by_table, plan_table
from scanner.count.rows import count_rows


@dataclass(frozen=True, slots=True)
class _StockCount:
    """Persons held, and notes on how they were counted."""

    persons: Estimate
    notes: tuple[Note, ...] = ()


def entity_stocks(
    holders: Mapping[str, str], default: str, run: CountRun,
    minors: Callable[[str], bool] = lambda entity: False,
) -> tuple[Stock, ...]:
    """Return the persons each entity holds. holders: source -> entity; default: of a source without one.

    minors: does an entity say that it processes data of persons under 18?
    """
    by_entity: dict[str, list[ColumnId]] = {}
    for column, assessed in run.meanings.findings.items():
        is_personal = assessed.finding.kind == "personal_information"
        info = run.meanings.catalogue.tables.get(table_of(column))
        if is_personal and info is not None and info.kind != "view":       # a view holds nobody of its own
            by_entity.setdefault(holders.get(source_of(column), default), []).append(column)
    return tuple(_stock(entity, columns, run, minors(entity)) for entity, columns in by_entity.items())


def _stock(entity: str, personal: Sequence[ColumnId], run: CountRun, minors: bool) -> Stock:
    faces = [c for c in personal if run.meanings.findings[c].finding.label == "biometric"]
    lines = stock_lines()
    counts = {
        group: _count(columns, [line.persons for line in lines if line.of == group and line.persons > 1], run)
        for group, columns in {"all": personal, "faces": faces}.items()
    }
    persons = {group: count.persons for group, count in counts.items()}
    if minors:
        persons["minors"] = Estimate(1, 1, None, "declared")
    duties = stock_duties(persons, lines)
    return Stock(entity, counts["all"].persons, counts["faces"].persons, duties, counts["all"].notes)


def _count(columns: Sequence[ColumnId], lines: Sequence[int], run: CountRun) -> _StockCount:
    """Return the persons of some columns, counted as far as the lines ask."""
    tables = columns_by_table(columns)
    plans = {tid: plan_table(tid, own, run.meanings) for tid, own in tables.items()}
    request = CountRequest(run, {tid: plan for tid, plan in plans.items() if plan is not None})
    return _climb_ladder(Ladder(request), lines) if request.plans else _StockCount(Estimate.exactly(0))


def _climb_ladder(ladder: Ladder, lines: Sequence[int]) -> _StockCount:
    policy = ladder.request.run.policy
    links_at_once = policy.exact or ladder.expected <= CHEAP_ROWS
    count = ladder.by_statistics()
    beside: tuple[Note, ...] = (notes.BY_STATISTICS,)
    while (links_at_once or open_lines(count.individuals, lines)) and not policy.is_spent():
        step = "exact" if links_at_once else ladder.next_step()
        if step == "exact":
            try:
                return _linked_stock(ladder.request)
            except BudgetSpent:
                return _StockCount(count.individuals, (*beside, notes.BUDGET_SPENT))
            except SourceError as e:          # units stayed on machines that are gone
                return _StockCount(count.individuals, (*beside, notes.not_read(e.message)))
        outcome = try_step(ladder, step)
        ladder = ladder.at(step)
        if isinstance(outcome, Note):
            beside = (*beside, outcome)
        else:
            count, beside = tighten_count(count, outcome), (notes.IN_DATABASE[step],)
    return _StockCount(count.individuals, beside)


def _linked_stock(request: CountRequest) -> _StockCount:
    counter = count_rows(request)
    count = count_tally(counter.tally())
    persons = (leave_open_above(count) if counter.spoiled else count).individuals
    return _StockCount(persons, tuple(notes.not_read(reason) for reason in counter.spoiled))
