"""Rows streamed into a counter of persons, here or where they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.errors import SourceError
from detectors.ids import source_of
from detectors.message import Msg
from detectors.model import Loss, TableId, TableInfo, TableRef
from mappings.individuals import PersonCounter
from mappings.numbered_rows import MOST_NUMBERED
from mappings.row_columns import RowPlan
from scanner.connectors.account import KINDS
from scanner.connectors.protocol import Counting, CountsPersons, FiltersRows
from scanner.count.request import BudgetSpent, CountRequest

if TYPE_CHECKING:
    import pyarrow as pa

    from scanner.connectors.protocol import Connector, Where

DOUBTFUL = frozenset(name for name, kind in KINDS.items() if kind.doubtful)
TRIES = 3                                     # readings of a table before a lost connection leaves it unread


def count_rows(request: CountRequest) -> PersonCounter:
    """Stream every row that leaves into one counter; what cannot be read is noted in `spoiled`.

    Raise BudgetSpent when the time is up: half a table counts nobody.
    """
    run = request.run
    counter = PersonCounter(run.key, run.as_of, request.exported, run.memory)
    run.progress.plan(len(request.plans))
    for tid in request.plans:
        run.progress.step(Msg("counting {name}", name=tid))
        connector = run.connectors.get(source_of(tid))
        if connector is None:
            reason = Msg("the source could not be opened")
            counter.spoiled.append(Msg("{where}: {what}", where=tid, what=reason))
        elif isinstance(connector, CountsPersons):
            _count_remotely(connector, tid, request, counter)
        else:
            _count_here(connector, tid, request, counter)
    return counter


def _count_here(connector: Connector, tid: TableId, request: CountRequest, counter: PersonCounter) -> None:
    """Read a table, again from its start while the connection is lost."""
    undo, rows_before = counter.snapshot(), counter.rows + counter.excluded
    for attempt in range(1, TRIES + 1):
        try:
            _add_rows(connector, tid, request, counter)
        except SourceError as e:
            if e.what != "connection lost" or attempt == TRIES:      # rows read so far stay: a lower bound
                counter.spoiled.append(Msg("{where}: {what}", where=tid, what=e.message))
                return
            undo()
            request.run.progress.step(Msg("counting {name} again: {said}", name=tid, said=e.what))
        else:
            losses = _losses(connector, request.run.table(tid))
            _note_losses(losses, tid, request, counter)
            if not request.where.get(tid) and not any(loss.lost or loss.rows for loss in losses):
                request.run.full_row_counts[tid] = counter.rows + counter.excluded - rows_before
            return


def _losses(connector: Connector | CountsPersons, info: TableInfo) -> tuple[Loss, ...]:
    """Return what the reading of a table that has just ended could not keep, or had to assume."""
    losses: Callable[[TableRef], tuple[Loss, ...]] | None = getattr(connector, "losses", None)
    return losses(info.ref) if losses is not None else ()


def _note_losses(
    losses: Sequence[Loss], tid: TableId, request: CountRequest, counter: PersonCounter
) -> None:
    """Note what was not kept; of lines that may be no rows, how many persons at most they speak of."""
    parties = len({e.role for e in request.plans[tid].exported})
    for loss in losses:
        if loss.kind in DOUBTFUL:
            counter.doubtful += loss.n * parties
        else:
            counter.spoiled.append(Msg("{where}: {what}", where=tid, what=loss.message))


def _add_rows(connector: Connector, tid: TableId, request: CountRequest, counter: PersonCounter) -> None:
    plan, where, tests = request.plans[tid], request.where.get(tid, {}), request.tests(tid)
    by_place = _is_by_place(connector, tid, request)
    read, reading = (read_by_place, tid) if by_place else (read_without_tests, _reading(tid, request))
    for batch, excluded, places in read(connector, request.run.table(tid), plan, where, tests):
        counter.add(plan, batch, reading, places)
        counter.excluded += excluded
        if request.run.policy.is_spent():
            raise BudgetSpent


def _reading(tid: TableId, request: CountRequest) -> str:
    """Return the name of a reading of a table: by what rows leave, in their order; no value stands in it."""
    conditions = [request.where.get(tid, {}), request.tests(tid)]
    text = json.dumps(conditions, sort_keys=True, default=str)
    return f"{tid} {blake2b(text.encode(), key=request.run.key[:64], digest_size=16).hexdigest()}"


def _is_by_place(connector: object, tid: TableId, request: CountRequest) -> bool:
    """Do rows of a table leave with several flows under conditions, and does its connector read them all?"""
    return tid in request.run.conditioned and isinstance(connector, FiltersRows)


def _count_remotely(
    connector: CountsPersons, tid: TableId, request: CountRequest, counter: PersonCounter
) -> None:
    """Have a table counted where its rows are."""
    run = request.run
    where = request.where.get(tid, {})
    most = run.table(tid).rows.high
    by_place, reading = _is_by_place(connector, tid, request), ""
    if most is not None and most <= MOST_NUMBERED:
        reading = tid if by_place else _reading(tid, request)
    counting = Counting(
        request.plans[tid], where, request.tests(tid), request.exported, run.as_of, run.key, reading, by_place
    )
    try:
        part, unread = connector.count_persons(run.table(tid), counting, run.policy.remaining_seconds())
    except TimeoutError:
        raise BudgetSpent from None
    except SourceError as e:
        counter.spoiled.append(Msg("{where}: {what}", where=tid, what=e.message))
        return
    rows, excluded = sum(part.rows.values()), part.excluded
    counter.merge(part)
    counter.spoiled += [Msg("{where}: {what}", where=tid, what=why) for why in unread]
    losses = _losses(connector, run.table(tid))
    _note_losses(losses, tid, request, counter)
    if not unread and not where and not any(loss.lost or loss.rows for loss in losses):
        run.full_row_counts[tid] = rows + excluded


RowBatch = tuple[Mapping[str, Any], int, np.ndarray | None]


def read_without_tests(
    connector: Connector, info: TableInfo, plan: RowPlan, where: Where, tests: Where
) -> Iterator[RowBatch]:
    """Yield (columns of a batch by name, rows of test accounts excluded from it, None: rows follow on)."""
    import pyarrow.compute as pc

    from scanner.connectors.files.conditions import mask

    for batch in connector.read(info.ref, list(dict.fromkeys([*plan.columns, *tests])), where):
        rows = batch.num_rows
        for column, test in tests.items():
            batch = batch.filter(pc.invert(mask(batch, {column: test})))
        yield _columns(batch), rows - batch.num_rows, None


def read_by_place(
    connector: Connector, info: TableInfo, plan: RowPlan, where: Where, tests: Where
) -> Iterator[RowBatch]:
    """Read all rows; yield the same of those that leave, and the place of each among all.

    So a row without a key that leaves with two flows under other conditions is one.
    """
    import pyarrow as pa

    from scanner.connectors.files.conditions import mask

    place = 0
    for batch in connector.read(info.ref, list(dict.fromkeys([*plan.columns, *where, *tests])), {}):
        leaving = mask(batch, where).to_numpy(zero_copy_only=False)
        passing = leaving.copy()
        for column, test in tests.items():
            passing &= ~mask(batch, {column: test}).to_numpy(zero_copy_only=False)
        places = place + np.flatnonzero(passing)
        place += batch.num_rows
        yield _columns(batch.filter(pa.array(passing))), int(leaving.sum()) - len(places), places


def _columns(batch: pa.RecordBatch) -> dict[str, Any]:
    return {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
