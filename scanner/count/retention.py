"""Rows of a flow's tables that are older than the retention the flow states, with their denominator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from detectors.errors import SourceError
from detectors.ids import source_of
from detectors.message import Msg, Note
from detectors.model import ColumnInfo, TableInfo
from detectors.names.tokens import tokens
from mappings import notes
from mappings.individuals import CHEAP_ROWS
from mappings.model import Flow
from scanner.connectors.protocol import CountsPersons
from scanner.count.flow import FlowAssessment
from scanner.count.request import CountRun
from scanner.count.row_plan import columns_by_table
from scanner.gather.table_catalogue import TableCatalogue

if TYPE_CHECKING:
    from scanner.connectors.protocol import Connector, Where

_EVENT_WORDS = (
    "created", "create", "gmt", "register", "registered", "reg", "add", "added", "order", "signup",
)
_MOMENT_WORDS = ("at", "time", "date", "on", "create")
_CHINESE_NAMES = ("创建时间", "注册时间", "下单时间", "登记时间")


def retention_notes(assessment: FlowAssessment, run: CountRun) -> Iterator[Note]:
    """Yield a note for each table of a flow that holds rows older than stated.

    The table must say when a row was created. Nothing is read of views, of large tables, and once the budget
    is spent. Of a flow that stopped, no row of today leaves; of a planned one, they are those that would.
    """
    flow = assessment.flow
    is_over = flow.status == "stopped"
    if not run.key or flow.retention_days is None or flow.declared is not None or is_over:
        return
    before = run.as_of - timedelta(days=flow.retention_days)
    for tid in columns_by_table(assessment.resolved.columns):
        info = run.table(tid)
        connector = run.connectors.get(source_of(tid))
        column = creation_column(info, flow, run.meanings.catalogue)
        is_costly = info.kind == "view" or (info.rows.high or 0) > CHEAP_ROWS or run.policy.is_spent()
        if column is None or connector is None or is_costly:
            continue
        run.progress.step(f"{tid}: {column}")
        leaving = flow.where.get(tid, {})
        try:
            total = _count_rows(connector, info, column, dict(leaving))
            older = {**leaving, column: {"lt": _limit_value(info, column, before)}}
            old = _count_rows(connector, info, column, older)
        except SourceError as e:
            yield notes.not_read(Msg("{where}: {what}", where=tid, what=e.message))
            continue
        if old:
            if flow.status == "planned":
                yield notes.too_old_once_started(tid, column, before, (old, total), flow.retention_days)
            else:
                yield notes.too_old(tid, column, before, (old, total), flow.retention_days)


def _limit_value(info: TableInfo, column: str, before: date) -> date | str:
    """Return a day as the column compares it: as text where its type is no date or time."""
    kind = next(c.type.lower() for c in info.columns if c.name == column)
    return before if "date" in kind or "time" in kind else before.isoformat()


def _count_rows(connector: Connector, info: TableInfo, column: str, where: Where) -> int:
    """Return the number of rows that pass `where`."""
    if isinstance(connector, CountsPersons):
        return connector.count_rows(info, where)
    return sum(batch.num_rows for batch in connector.read(info.ref, [column], where))


def creation_column(info: TableInfo, flow: Flow, catalogue: TableCatalogue) -> str | None:
    """Return the column that says when a row was created: the flow's `dated`, else the only one that says so.

    Raise ConfigError where `dated` names no column.
    """
    for word in flow.dated:
        column, table, name = catalogue.find_column(word)
        if table == info.ref.id(source_of(column)):
            return name
    names = [c.name for c in info.columns if _is_creation_column(c)]
    return names[0] if len(names) == 1 else None


def _is_creation_column(column: ColumnInfo) -> bool:
    """Does a column say by name or comment when a row was created?"""
    words = set(tokens(column.name))
    by_name = bool(words.intersection(_EVENT_WORDS) and words.intersection(_MOMENT_WORDS))
    return by_name or column.comment.startswith(_CHINESE_NAMES) or column.name in _CHINESE_NAMES
