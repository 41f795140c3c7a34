"""In which order tables deserve to have their values read.

In a flow; likely sensitive; many persons; uncertain; the rest. Only names, comments and statistics are known
then. `summarize` sums a table up, `merge_shards_and_copies` puts shards and copies together, `rank_tables`
orders summaries and says why; `reading_order` does all of it for a scan.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from detectors.columns import detect
from detectors.columns.judge import model_without_reasons
from detectors.ids import source_of
from detectors.model import (
    ColumnFinding,
    ColumnId,
    ColumnInfo,
    ColumnSample,
    TableId,
    TableInfo,
    TableRef,
)
from detectors.names.tokens import tokens
from reports.reading_plan import PRIORITIES, Priority, RankedTable, TableSummary
from scanner.connectors.protocol import ROW_BYTES
from scanner.connectors.series import group_series
from scanner.connectors.whole_table import columns_key
from scanner.gather.table_catalogue import column_ids
from scanner.gather.table_copies import find_copies, originals, ref_of

SURE_CONFIDENCE = 0.75                        # below it, a name leaves open what a column holds
UNSURE_CONFIDENCE = 0.3                       # below it, a name does not even suggest anything
_TEXT_TYPES = ("char", "text", "string", "clob", "json", "object", "varchar", "array", "map", "struct")
_TABLE_AFTER_FROM = re.compile(
    r"\b(?:from|join)\s+[\w.\"`\[\]]*?([^\s.\"`\[\](),;]+)[\"`\]]?(?=[\s,;)]|$)", re.I
)


def summarize(tid: TableId, info: TableInfo, sensitive: Collection[str]) -> TableSummary:
    """Sum a table up by its names, comments and statistics. sensitive: labels that the taxonomy calls so."""
    samples = [ColumnSample(column_id, info, column)
               for column, column_id in zip(info.columns, column_ids(tid, info), strict=True)]
    findings = _personal_findings(info, samples)
    primaries = [f for f in findings.values() if f.primary]
    labels = sorted({str(f.label) for f in primaries}, key=lambda label: (label not in sensitive, label))
    return TableSummary(
        tid, len(info.columns), tuple(labels), len(primaries), sum(f.label in sensitive for f in primaries),
        sum(_is_uncertain(s.column, findings.get(s.id)) for s in samples),
        approximate_rows(info), info.rows.method, info.bytes, info.owner, info.accessed, info.kind,
        columns_key(info), _tables_read(info.definition), tuple(m.id(source_of(tid)) for m in info.members),
    )


def _personal_findings(info: TableInfo, samples: Sequence[ColumnSample]) -> dict[ColumnId, ColumnFinding]:
    """Return the personal finding of each column that has one, the primary before others."""
    findings: dict[ColumnId, ColumnFinding] = {}
    for f in detect(info, samples, judging=model_without_reasons()):
        if f.kind == "personal_information" and f.tier == "core" and (f.column not in findings or f.primary):
            findings[f.column] = f
    return findings


def _is_uncertain(column: ColumnInfo, finding: ColumnFinding | None) -> bool:
    if finding is None:
        return _is_mute(column)
    return finding.possible or UNSURE_CONFIDENCE <= finding.confidence < SURE_CONFIDENCE


def approximate_rows(info: TableInfo) -> int | None:
    """Return about how many rows a table has; of a text file whose rows nobody counted, by its bytes."""
    if info.kind == "file" and info.rows.method != "exact" and info.bytes is not None:
        return info.bytes // ROW_BYTES
    return info.rows.high


def _is_mute(column: ColumnInfo) -> bool:
    """Does a column of text go without a comment under a name that says nothing, such as `c1` or `f_23`?"""
    text = any(word in column.type.lower() for word in _TEXT_TYPES) or not column.type
    return text and not column.comment.strip() and all(len(token) < 3 for token in tokens(column.name))


def _tables_read(definition: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.casefold() for name in _TABLE_AFTER_FROM.findall(definition)))


def merge_shards_and_copies(entries: Iterable[TableSummary]) -> list[TableSummary]:
    """Return the summaries with shards put together and copies marked, by id."""
    by_source: dict[str, list[TableSummary]] = {}
    for entry in entries:
        by_source.setdefault(source_of(entry.id), []).append(entry)
    merged: list[TableSummary] = []
    for source, own in by_source.items():
        by_ref = {ref_of(e.id): e for e in own}
        single = {r: e for r, e in by_ref.items() if e.kind in ("table", "file") and not e.members}
        wholes = group_series((r, e.key) for r, e in single.items())
        for ref, members in wholes.items():
            by_ref[ref] = _merge_shards(ref.id(source), [by_ref.pop(m) for m in members])
        living = _originals_of_copies(by_ref)
        merged += [replace(e, copy_of=living[r].id(source)) if r in living else e for r, e in by_ref.items()]
    return sorted(merged, key=lambda e: e.id)


def _originals_of_copies(entries: Mapping[TableRef, TableSummary]) -> dict[TableRef, TableRef]:
    """Return copy -> living table.

    A series is a copy when its own name says so and every member is one: days alone are no copies.
    """
    series_of = {ref_of(m): r for r, e in entries.items() for m in e.members}
    keys = {r: e.key for r, e in entries.items() if e.kind in ("table", "file")}
    copied_from = find_copies(keys | {m: entries[r].key for m, r in series_of.items()})
    living: dict[TableRef, TableRef] = {}
    for ref, entry in entries.items():
        parts = [ref_of(m) for m in entry.members] or [ref]
        named_so = not entry.members or any(originals(ref.name.partition("{")[0].rstrip("_")))
        if not named_so or any(p not in copied_from for p in parts):
            continue
        original = copied_from[parts[0]]
        whole = series_of.get(original, original)
        if whole != ref:
            living[ref] = whole
    return living


def _merge_shards(tid: TableId, members: Sequence[TableSummary]) -> TableSummary:
    """Return shards as one table: rows and bytes add up, the newest member stands for the columns."""
    rows, sizes = [m.rows for m in members], [m.bytes for m in members]
    methods = {m.method for m in members}
    return replace(
        members[-1], id=tid, rows=None if None in rows else sum(n or 0 for n in rows),
        bytes=None if None in sizes else sum(n or 0 for n in sizes),
        method=methods.pop() if len(methods) == 1 else "unknown" if "unknown" in methods else "statistics",
        accessed=max(m.accessed for m in members), members=tuple(m.id for m in members),
    )


def rank_tables(
    entries: Iterable[TableSummary], flow_tables: Collection[TableId],
    last_read: Mapping[TableId, str] | None = None,
) -> list[RankedTable]:
    """Return summaries in the order in which their values are to be read, each with its priority.

    Tables of flows come first whether or not they were read before. Then those never read, by priority; then
    the others, by priority and the longest ago first, so that no table waits for ever behind those that
    change daily. last_read: ISO day or time, by table. Within a priority the more rows the sooner; a table of
    unknown size counts as large.
    """
    moments = last_read or {}
    tables = [RankedTable(e, _priority(e, flow_tables), moments.get(e.id, "")) for e in entries]
    return sorted(tables, key=_rank_key)


def _priority(e: TableSummary, flow_tables: Collection[TableId]) -> Priority:
    if e.id in flow_tables or any(m in flow_tables for m in e.members):
        return "flow"
    if e.copy_of:
        return "copy"
    return "sensitive" if e.sensitive else "persons" if e.personal else "uncertain" if e.uncertain else "rest"


def _rank_key(table: RankedTable) -> tuple[object, ...]:
    e = table.summary
    rows = float("inf") if e.rows is None else e.rows
    by_size = (-rows, -e.sensitive)
    weight = (-e.uncertain / max(e.columns, 1), -rows) if table.priority == "uncertain" else by_size
    if table.priority == "flow":
        return 0, not e.sensitive, "", *weight, e.id
    return 2 if table.last_read else 1, PRIORITIES.index(table.priority), table.last_read, *weight, e.id


def reading_order(
    tables: Mapping[TableId, TableInfo], flow_tables: Collection[TableId], sensitive: Collection[str],
    swept: Mapping[TableId, TableSummary] | None = None, last_read: Mapping[TableId, str] | None = None,
) -> list[TableId]:
    """Return the ids of a scan's tables in the order in which to read them.

    swept: summaries of a sweep, which save examining names again. last_read: as for `rank_tables`.
    """
    entries = (_summary(tid, info, sensitive, (swept or {}).get(tid)) for tid, info in tables.items())
    return [r.summary.id for r in rank_tables(merge_shards_and_copies(entries), flow_tables, last_read)]


def _summary(
    tid: TableId, info: TableInfo, sensitive: Collection[str], swept: TableSummary | None
) -> TableSummary:
    if swept is not None and swept.key == columns_key(info):
        return replace(swept, rows=approximate_rows(info), bytes=info.bytes)
    return summarize(tid, info, sensitive)


def sensitive_labels(profile: str) -> frozenset[str]:
    """Return the labels that are sensitive under a taxonomy's profile, or by some reading of it."""
    from mappings.taxonomy import load_taxonomy

    entries = load_taxonomy(profile=profile).entries
    return frozenset(str(label) for label, entry in entries.items() if entry.sensitive != "no")
