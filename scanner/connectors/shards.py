"""Shards and months listed, sampled and read as one table: `user_{00-63}`, `order_{YYYY_MM}`; see `series` for the names.

A wrapper round any connector. What only some connectors can do beyond the four methods is theirs for other tables, and refused for these:
one person may stand in several shards, so counts of each cannot be added up.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Drawn, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.protocol import Connector, Sample, Where
from scanner.connectors.series import grouped

OPENED = 8                                    # members a sample opens, at most


def _as_listed(info: TableInfo) -> TableInfo | None:
    return info


class Shards:
    """A connector whose shards are one table."""

    def __init__(
        self, inner: Connector, source: str, kept: Callable[[TableInfo], TableInfo | None] = _as_listed,
        listed: Callable[[], Iterator[TableInfo | Skipped]] | None = None,
    ) -> None:
        """kept: the table as it is to be listed, or None to leave it out; asked of members, before they are grouped.

        listed: lists the tables in the connector's place.
        """
        self._inner = inner
        self._source = source
        self._kept = kept
        self._listed = listed or inner.tables
        self._wholes: dict[TableRef, TableInfo] = {}
        self._sizes: dict[TableRef, int | None] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return found if name.startswith("_") or not callable(found) else lambda *a, **kw: self._alone(found, a, kw)

    def _alone(self, can: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if any(isinstance(x, TableRef) and x in self._wholes for x in (*given, *named.values())):
            raise SourceError(
                Msg("its shards may share persons"),
                where=self._source,
                hint=Msg("their rows are linked instead"),
            )
        return can(*given, **named)

    def tables(self) -> Iterator[TableInfo | Skipped]:
        infos: dict[TableRef, TableInfo] = {}
        for listed in self._listed():
            if isinstance(listed, Skipped):
                yield listed
            elif (info := self._kept(listed)) is not None:
                infos[info.ref] = info
        wholes = grouped((ref, columns_key(i)) for ref, i in infos.items() if i.kind in ("table", "file") and not i.definition)
        self._wholes = {ref: whole(ref, [infos[m] for m in members]) for ref, members in wholes.items()}
        self._sizes = {m: infos[m].rows.high for members in wholes.values() for m in members}
        single = (i for ref, i in infos.items() if ref not in self._sizes)
        yield from sorted((*single, *self._wholes.values()), key=lambda i: (i.ref.schema, i.ref.name))

    def _members(self, ref: TableRef) -> tuple[TableRef, ...]:
        return self._wholes[ref].members if ref in self._wholes else ()

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """The rows asked for, divided over the members; small ones are read whole. `drawn` says how many members were read."""
        members = self._members(ref)
        if not members:
            return self._inner.sample(ref, columns, rows, seed)
        opened = chosen(members, seed)
        opened.sort(key=lambda m: self._sizes[m] or 0)       # what a small one leaves over goes to the larger ones after it
        drawn: list[Drawn] = []
        batches: list[pa.RecordBatch] = []
        failed: list[Skipped] = []
        for i, member in enumerate(opened):
            share = max(1, (rows - sum(d.rows for d in drawn)) // (len(opened) - i))
            try:
                sample = self._inner.sample(member, columns, share, seed)
            except SourceError as e:
                failed.append(Skipped(member.id(self._source), e.what, e.hint))
                continue
            drawn.append(sample.drawn)
            batches += sample.batches
        if not drawn:
            raise SourceError(f"none of {len(opened)} members: {failed[0].reason}", where=failed[0].id, hint=failed[0].hint)
        return Sample(one_schema(batches), _together(drawn, len(members), seed), tuple(failed))

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Every row of every member. SourceError after the last one when some could not be read: nobody else is lost by it."""
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
            raise SourceError(
                Msg(
                    "{n} of {of} members could not be read, {name}: {said}",
                    n=len(failed),
                    of=len(members),
                    name=name,
                    said=first.what,
                ),
                where=self._source,
                hint=first.hint,
            )

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        members = self._members(ref)
        if not members:
            return self._inner.plan(ref, columns, rows, seed)
        opened = chosen(members, seed)
        each = self._inner.plan(opened[0], columns, max(1, rows // len(opened)), seed)
        return f"{len(opened)} of {len(members)} members ({', '.join(m.name for m in opened)}), each like {each}"

    def close(self) -> None:
        self._inner.close()


def chosen(members: Sequence[TableRef], seed: int) -> list[TableRef]:
    """All members where they are few; else the first, the last and a seeded choice between, in order."""
    if len(members) <= OPENED:
        return list(members)
    between = random.Random(seed).sample(range(1, len(members) - 1), OPENED - 2)
    return [members[i] for i in (0, *sorted(between), len(members) - 1)]


def columns_key(info: TableInfo) -> str:
    """Equal where columns are equal in name and type, in whatever order they stand."""
    text = "\x1f".join(sorted(f"{c.name}\x1e{c.type.lower()}" for c in info.columns))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def whole(ref: TableRef, members: Sequence[TableInfo]) -> TableInfo:
    """The one table that members make; what cannot be added up is the last member's, the newest of a dated series."""
    highs = [m.rows.high for m in members]
    methods = {m.rows.method for m in members}
    rows = Rows(sum(m.rows.low for m in members), None if None in highs else sum(h or 0 for h in highs),
                methods.pop() if len(methods) == 1 else "unknown" if "unknown" in methods else "statistics")
    sizes = [m.bytes for m in members]
    parts = [m.partitions for m in members]
    marks = [m.fingerprint for m in members]
    told = "\x1f".join(f"{m.ref.name}\x1e{f}" for m, f in zip(members, marks, strict=True))
    last = members[-1]
    return replace(
        last, ref=ref, rows=rows, members=tuple(m.ref for m in members),
        comment=last.comment or next((m.comment for m in members if m.comment), ""),
        bytes=None if None in sizes else sum(s or 0 for s in sizes),
        partitions=None if None in parts else sum(p or 0 for p in parts),
        fingerprint=hashlib.sha256(told.encode()).hexdigest()[:16] if all(marks) else "",
        accessed=max(m.accessed for m in members),
    )


def one_schema(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Batches whose columns have one type each: text where members differ, for one shard's numbers may be another's blanks."""
    kinds = [{b.schema.field(i).type for b in batches} for i in range(batches[0].num_columns)] if batches else []
    wanted = [next(iter(k - {pa.null()}), pa.null()) if len(k - {pa.null()}) <= 1 else pa.string() for k in kinds]
    return [
        pa.RecordBatch.from_arrays([_cast(c, w) for c, w in zip(b.columns, wanted, strict=True)], names=b.schema.names) for b in batches
    ]


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):       # bytes that are no text
        return pa.nulls(len(column), kind)


def _together(drawn: Sequence[Drawn], members: int, seed: int) -> Drawn:
    how = " and ".join(sorted({d.method for d in drawn}))
    totals = [d.rows_total for d in drawn]
    known = len(drawn) == members and None not in totals
    return Drawn(f"{how}, {len(drawn)} of {members} members", sum(d.rows for d in drawn), sum(n or 0 for n in totals) if known else None,
                 seed, all(d.repeatable for d in drawn))
