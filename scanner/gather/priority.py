"""In which order tables deserve to have their values read: in a flow; likely sensitive; many persons; uncertain; the rest.

Known so far are names, comments and statistics. `look` makes an entry of a table, `gathered` puts shards and copies together, `ranked`
orders entries and says why; `order` does all of it for a scan.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from detectors.columns import detect
from detectors.model import ColumnFinding, ColumnInfo, ColumnSample, CountMethod, TableId, TableInfo, TableRef
from detectors.names.tokens import tokens
from scanner.connectors.protocol import ROW_BYTES
from scanner.connectors.series import group_series
from scanner.connectors.whole_table import columns_key
from scanner.gather.table_copies import find_copies, originals, ref_of

Priority = Literal["flow", "sensitive", "persons", "uncertain", "rest", "copy"]
PRIORITIES: tuple[Priority, ...] = ("flow", "sensitive", "persons", "uncertain", "rest", "copy")
SURE = 0.75                                   # below it, a name leaves open what a column holds
_TEXT = ("char", "text", "string", "clob", "json", "object", "varchar", "array", "map", "struct")


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What is known of a table before any row is read, as far as ranking needs it; shards as one."""

    id: TableId
    columns: int
    labels: tuple[str, ...] = ()              # of its personal columns, sensitive ones first
    personal: int = 0                         # columns
    sensitive: int = 0                        # of them, by some reading
    uncertain: int = 0                        # columns whose name says too little
    rows: int | None = None
    method: CountMethod = "unknown"           # of `rows`
    bytes: int | None = None
    owner: str = ""
    accessed: str = ""                        # ISO day
    kind: str = "table"
    key: str = ""                             # equal where columns are equal in name and type
    reads: tuple[str, ...] = ()               # names of tables that a view is made of
    members: tuple[TableId, ...] = ()
    copy_of: str = ""                         # id of a living table


@dataclass(frozen=True, slots=True)
class RankedTable:
    """A table's place, and why: `labels` and counts of the entry say what speaks for it."""

    entry: TableSummary
    priority: Priority
    last_read: str = ""                       # when its values were last read; empty: never


def summarize(tid: TableId, info: TableInfo, sensitive: Collection[str]) -> TableSummary:
    """A table by its names, comments and statistics. sensitive: labels that are sensitive under the taxonomy."""
    source = tid.split("/", 1)[0]
    samples = [ColumnSample(info.ref.column(source, c.parts), info, c) for c in info.columns]
    best: dict[str, ColumnFinding] = {}
    for f in detect(info, samples):
        if f.kind == "personal_information" and f.tier == "core" and (f.column not in best or f.primary):
            best[f.column] = f
    sure = [f for f in best.values() if f.primary]
    labels = sorted({str(f.label) for f in sure}, key=lambda x: (x not in sensitive, x))
    unsure = sum(_mute(s.column) if s.id not in best else 0.3 <= best[s.id].confidence < SURE for s in samples)
    return TableSummary(
        tid, len(info.columns), tuple(labels), len(sure), sum(f.label in sensitive for f in sure), unsure,
        approximate_rows(info), info.rows.method, info.bytes, info.owner, info.accessed, info.kind, columns_key(info),
        _reads(info.definition),
        tuple(m.id(source) for m in info.members),
    )


def approximate_rows(info: TableInfo) -> int | None:
    """Rows of a table, about; of a text file, whose rows nobody counted, from its bytes."""
    counted = info.kind != "file" or info.rows.method == "exact" or info.bytes is None
    return info.rows.high if counted else info.bytes // ROW_BYTES  # type: ignore[operator]


def _mute(column: ColumnInfo) -> bool:
    """Does a column of text go without a comment under a name that says nothing, such as `c1` or `f_23`?"""
    text = any(w in column.type.lower() for w in _TEXT) or not column.type
    return text and not column.comment.strip() and all(len(w) < 3 for w in tokens(column.name))


def _reads(definition: str) -> tuple[str, ...]:
    found = re.findall(r"\b(?:from|join)\s+[\w.\"`\[\]]*?([^\s.\"`\[\](),;]+)[\"`\]]?(?=[\s,;)]|$)", definition, re.I)
    return tuple(dict.fromkeys(x.casefold() for x in found))


def merge_shards_and_copies(entries: Iterable[TableSummary]) -> list[TableSummary]:
    """Entries with shards put together and copies marked, by id."""
    by_source: dict[str, list[TableSummary]] = {}
    for e in entries:
        by_source.setdefault(e.id.split("/", 1)[0], []).append(e)
    out: list[TableSummary] = []
    for source, own in by_source.items():
        by_ref = {ref_of(e.id): e for e in own}
        wholes = group_series((r, e.key) for r, e in by_ref.items() if e.kind in ("table", "file") and not e.members)
        for ref, members in wholes.items():
            by_ref[ref] = _whole(ref.id(source), [by_ref.pop(m) for m in members])
        out += [replace(e, copy_of=living[r].id(source)) if r in living else e for living in (_copies(by_ref),) for r, e in by_ref.items()]
    return sorted(out, key=lambda e: e.id)


def _copies(entries: Mapping[TableRef, TableSummary]) -> dict[TableRef, TableRef]:
    """Copy -> living table. A series is a copy when its own name says so and every member is one: days alone are no copies."""
    whole_of = {ref_of(m): r for r, e in entries.items() for m in e.members}
    keys = {r: e.key for r, e in entries.items() if e.kind in ("table", "file")}
    found = find_copies(keys | {m: entries[r].key for m, r in whole_of.items()})
    out: dict[TableRef, TableRef] = {}
    for ref, e in entries.items():
        parts = [ref_of(m) for m in e.members] or [ref]
        marked = not e.members or any(originals(ref.name.partition("{")[0].rstrip("_")))
        if marked and all(p in found for p in parts) and (living := whole_of.get(found[parts[0]], found[parts[0]])) != ref:
            out[ref] = living
    return out


def _whole(tid: TableId, members: Sequence[TableSummary]) -> TableSummary:
    rows, sizes = [m.rows for m in members], [m.bytes for m in members]
    methods = {m.method for m in members}
    return replace(
        members[-1], id=tid, rows=None if None in rows else sum(r or 0 for r in rows),
        bytes=None if None in sizes else sum(b or 0 for b in sizes),
        method=methods.pop() if len(methods) == 1 else "unknown" if "unknown" in methods else "statistics",
        accessed=max(m.accessed for m in members), members=tuple(m.id for m in members),
    )


def rank_tables(
    entries: Iterable[TableSummary], flow_tables: Collection[TableId], read: Mapping[TableId, str] | None = None
) -> list[RankedTable]:
    """Entries in the order in which their values are to be read, each with its place.

    Tables of flows come first whether or not they were read before. Then those never read, by place; then the others, by place and the
    longest ago first, so that no table waits for ever behind those that change daily. read: ISO day or time of the last reading.
    Within a place the more rows the sooner; a table of unknown size counts as large.
    """
    seen = read or {}
    found = [RankedTable(e, _priority(e, flow_tables), seen.get(e.id, "")) for e in entries]
    return sorted(found, key=_key)


def _priority(e: TableSummary, flow_tables: Collection[TableId]) -> Priority:
    if e.id in flow_tables or any(m in flow_tables for m in e.members):
        return "flow"
    if e.copy_of:
        return "copy"
    return "sensitive" if e.sensitive else "persons" if e.personal else "uncertain" if e.uncertain else "rest"


def _key(r: RankedTable) -> tuple[object, ...]:
    e = r.entry
    rows = float("inf") if e.rows is None else e.rows
    weight = (-e.uncertain / max(e.columns, 1), -rows) if r.priority == "uncertain" else (-rows, -e.sensitive)
    if r.priority == "flow":
        return 0, not e.sensitive, "", *weight, e.id
    return 2 if r.last_read else 1, PRIORITIES.index(r.priority), r.last_read, *weight, e.id


def reading_order(
    infos: Mapping[TableId, TableInfo], flow_tables: Collection[TableId], sensitive: Collection[str],
    kept: Mapping[TableId, TableSummary] | None = None, read: Mapping[TableId, str] | None = None,
) -> list[TableId]:
    """Ids of a scan's tables in the order in which to read them. kept: entries of a sweep, which save looking at names again."""
    known = kept or {}
    same = {t: e for t, i in infos.items() if (e := known.get(t)) is not None and e.key == columns_key(i)}
    entries = (replace(same[t], rows=approximate_rows(i), bytes=i.bytes) if t in same else summarize(t, i, sensitive)
               for t, i in infos.items())
    return [r.entry.id for r in rank_tables(merge_shards_and_copies(entries), flow_tables, read)]


def sensitive_labels(profile: str) -> frozenset[str]:
    """Labels that are sensitive under a taxonomy's profile, or by some reading of it."""
    from mappings.taxonomy import load_taxonomy

    return frozenset(str(label) for label, entry in load_taxonomy(profile=profile).entries.items() if entry.sensitive != "no")
