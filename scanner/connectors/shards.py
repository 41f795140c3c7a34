"""Shards and months listed, sampled and read as one table: `user_{00-63}`, `order_{YYYY_MM}`.

For the names see `series`. A wrapper round any connector. What only some connectors can do beyond the four
methods remains possible for other tables, and is refused for these: one person may stand in several shards,
so counts of each cannot be added up.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Drawn, Loss, Skipped, TableInfo, TableRef
from scanner.connectors.protocol import Connector, Sample, Where
from scanner.connectors.series import group_series
from scanner.connectors.whole_table import columns_key, unify_batches, whole_table

OPENED = 8                                    # members a sample opens, at most


def _as_it_is(info: TableInfo) -> TableInfo | None:
    return info


class Shards:
    """A connector whose shards are one table."""

    def __init__(
        self, inner: Connector, source: str, adapt: Callable[[TableInfo], TableInfo | None] = _as_it_is,
        list_tables: Callable[[], Iterator[TableInfo | Skipped]] | None = None,
    ) -> None:
        """adapt: gives the table as it is to be listed, or None to leave it out; asked of members, ungrouped.

        list_tables: lists the tables in the connector's place.
        """
        self._inner = inner
        self._source = source
        self._adapt = adapt
        self._list_tables = list_tables or inner.tables
        self._wholes: dict[TableRef, TableInfo] = {}
        self._sizes: dict[TableRef, int | None] = {}          # rows of members, where they are known

    def __getattr__(self, name: str) -> Any:
        """Return what else the connector can do; calls about shards are refused."""
        attribute = getattr(self._inner, name)
        if name.startswith("_") or not callable(attribute):
            return attribute

        def call(*arguments: Any, **named: Any) -> Any:
            values = (*arguments, *named.values())
            if any(isinstance(value, TableRef) and value in self._wholes for value in values):
                raise SourceError(Msg("its shards may share persons"), where=self._source,
                                  hint=Msg("their rows are linked instead"))
            return attribute(*arguments, **named)

        return call

    def tables(self) -> Iterator[TableInfo | Skipped]:
        infos: dict[TableRef, TableInfo] = {}
        for listed in self._list_tables():
            if isinstance(listed, Skipped):
                yield listed
            elif (info := self._adapt(listed)) is not None:
                infos[info.ref] = info
        may_be_shards = {ref: info for ref, info in infos.items()
                         if info.kind in ("table", "file") and not info.definition and not info.runs}
        series = group_series((ref, columns_key(info)) for ref, info in may_be_shards.items())
        self._wholes = {ref: whole_table(ref, [infos[m] for m in members]) for ref, members in series.items()}
        self._sizes = {member: infos[member].rows.high for members in series.values() for member in members}
        single = (info for ref, info in infos.items() if ref not in self._sizes)
        whole = self._wholes.values()
        yield from sorted((*single, *whole), key=lambda info: (info.ref.schema, info.ref.name))

    def _members(self, ref: TableRef) -> tuple[TableRef, ...]:
        return self._wholes[ref].members if ref in self._wholes else ()

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return the rows asked for, divided over the members; `drawn` says how many members were read.

        Small members are read whole, and what they have too little is taken from the larger ones after them.
        """
        members = self._members(ref)
        if not members:
            return self._inner.sample(ref, columns, rows, seed)
        opened = sorted(choose_members(members, seed), key=lambda member: self._sizes[member] or 0)
        samplings: list[Drawn] = []
        batches: list[pa.RecordBatch] = []
        failed: list[Skipped] = []
        losses: list[Loss] = []
        for i, member in enumerate(opened):
            share = max(1, (rows - sum(d.rows for d in samplings)) // (len(opened) - i))
            try:
                sample = self._inner.sample(member, columns, share, seed)
            except SourceError as e:
                failed.append(Skipped(member.id(self._source), e.what, e.hint))
                continue
            samplings.append(sample.drawn)
            batches += sample.batches
            failed += sample.skipped
            losses += _of_member(member, sample.losses)
        if not samplings:
            what = Msg("none of {n} members: {said}", n=len(opened), said=failed[0].reason)
            raise SourceError(what, where=failed[0].id, hint=failed[0].hint)
        return Sample(unify_batches(batches), _combine(samplings, len(members), seed), tuple(failed),
                      tuple(losses))

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Yield every row of every member.

        Raise SourceError after the last one when some could not be read, so that the others are counted.
        """
        members = self._members(ref)
        if not members:
            yield from self._inner.read(ref, columns, where)
            return
        failed: dict[str, SourceError] = {}
        for member in members:
            try:
                yield from self._inner.read(member, columns, where)
            except SourceError as e:
                if e.what == "connection lost":
                    raise
                failed[member.name] = e
        if failed:
            name, first = next(iter(failed.items()))
            what = Msg("{n} of {of} members could not be read, {name}: {said}",
                       n=len(failed), of=len(members), name=name, said=first.what)
            raise SourceError(what, where=self._source, hint=first.hint)

    def losses(self, ref: TableRef) -> tuple[Loss, ...]:
        """Return what the last finished `read` of a table, or of its members, could not keep."""
        losses_of = getattr(self._inner, "losses", None)
        if losses_of is None:
            return ()
        members = self._members(ref)
        by_member = [_of_member(member, losses_of(member)) for member in members]
        return tuple(loss for losses in by_member for loss in losses) if members else losses_of(ref)

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        members = self._members(ref)
        if not members:
            return self._inner.plan(ref, columns, rows, seed)
        opened = choose_members(members, seed)
        of_one = self._inner.plan(opened[0], columns, max(1, rows // len(opened)), seed)
        return Msg("{n} of {of} members ({names}), each like {how}",
                   n=len(opened), of=len(members), names=tuple(member.name for member in opened), how=of_one)

    def close(self) -> None:
        self._inner.close()


def _of_member(member: TableRef, losses: Sequence[Loss]) -> list[Loss]:
    return [replace(loss, message=Msg("{where}: {what}", where=member.name, what=loss.message))
            for loss in losses]


def choose_members(members: Sequence[TableRef], seed: int) -> list[TableRef]:
    """Return all members where they are few; else the first, the last and some between, in order."""
    if len(members) <= OPENED:
        return list(members)
    between = random.Random(seed).sample(range(1, len(members) - 1), OPENED - 2)
    return [members[i] for i in (0, *sorted(between), len(members) - 1)]


def _combine(samplings: Sequence[Drawn], members: int, seed: int) -> Drawn:
    """Return how the samples of some members were drawn. members: how many there are."""
    first, *others = sorted({d.method for d in samplings})
    how = reduce(lambda one, other: Msg("{one} and {other}", one=one, other=other), others, first)
    totals = [d.rows_total for d in samplings]
    is_complete = len(samplings) == members and None not in totals
    return Drawn(
        method=Msg("{how}, {n} of {of} members", how=how, n=len(samplings), of=members),
        rows=sum(d.rows for d in samplings), rows_total=sum(n or 0 for n in totals) if is_complete else None,
        seed=seed, repeatable=all(d.repeatable for d in samplings))
