"""From a flow's columns to counted persons: which keys a row has, whose they are, and within what they mean the same person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import ColumnId, ColumnInfo, TableId, TableInfo
from detectors.names.roles import role_of
from detectors.names.tables import table_subject
from detectors.names.tokens import tokens
from mappings.model import Assessed
from mappings.person_keys import GLOBAL
from scanner.connectors.protocol import Counting, CountsPersons
from scanner.gather.flow_columns import TableCatalogue, pick, source_of, table_of
from scanner.gather.progress import Progress

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter
    from mappings.row_columns import ExportedColumn, RowPlan
    from scanner.connectors.protocol import Connector
    from scanner.count.ladder import CountPolicy, Ladder

TRIES = 3                                     # times a table is read before a lost connection counts as unread
_NEUTRAL = frozenset({"sys", "t", "tb", "tbl", "info", "ums", "oms", "base", "main", "biz"})


@dataclass(frozen=True, slots=True)
class ColumnMeanings:
    """What is known of every column: its finding, whose it is by configuration, and what it points at."""

    catalogue: TableCatalogue
    findings: Mapping[ColumnId, Assessed]
    subjects: Mapping[ColumnId, str]
    links: Mapping[ColumnId, ColumnId]
    tests: Mapping[TableId, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)       # rows of test accounts

    def role(self, column: ColumnId, info: TableInfo, c: ColumnInfo) -> str:
        """Whose the column is; the table's own subject is never somebody else."""
        if column in self.subjects:
            return self.subjects[column]
        role = role_of(c.name, c.comment)
        return "" if role and role in tokens(info.ref.name) else role

    def scope(self, column: ColumnId, label: str) -> str:
        """Within what equal values are the same person."""
        if label in GLOBAL:
            return label
        seen = {column}
        while (target := self.links.get(column)) is not None and target not in seen:
            seen.add(target)
            column = target
        if len(seen) > 1:
            return column
        return self._same_name(column) if label == "user_id" else f"{source_of(column)}:{label}"

    def _same_name(self, column: ColumnId) -> str:
        """`orders/member_id` means `member/id` when one person table of the source is called so; else the column itself."""
        tid = table_of(column)
        words = tokens(column.rsplit("/", 1)[1])
        if tid in self.catalogue.tables and words == ("id",):
            return column
        stem = set(words[:-1]) if words and words[-1] in ("id", "no", "code") else set(words)
        hits = []
        for other, info in self.catalogue.tables.items():
            keys = [c for c in info.columns if c.primary_key]
            if source_of(other) == source_of(column) and len(keys) == 1 and table_subject(info) == "person":
                own = {w for w in tokens(info.ref.name) if w not in _NEUTRAL}
                own |= {w.removesuffix("s") for w in own}
                if stem and stem <= own and len(own - stem) <= 1:
                    hits.append(info.ref.column(source_of(other), keys[0].parts))
        return hits[0] if len(hits) == 1 else f"{source_of(column)}:{'_'.join(sorted(stem)) or column}"


def plan_table(tid: TableId, columns: Sequence[ColumnId], meaning: ColumnMeanings) -> RowPlan | None:
    """How the rows of a table speak of persons; None when no exported column holds personal information."""
    from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan

    info = meaning.catalogue.tables[tid]
    source = source_of(tid)
    exported: list[ExportedColumn] = []
    keys: list[KeyColumn] = []
    names: dict[str, str] = {}
    births: dict[str, tuple[str, str]] = {}
    devices: dict[str, str] = {}
    for c in info.columns:
        cid = info.ref.column(source, c.parts)
        finding = meaning.findings.get(cid)
        personal = finding is not None and finding.finding.kind == "personal_information"
        role = meaning.role(cid, info, c)
        if finding is not None and finding.finding.label == "contact_person":     # a name or a number of somebody else
            role = role or "contact"
            keys.append(KeyColumn(c.name, "phone_mobile", "phone_mobile", role, sure=False))
            names.setdefault(role, c.name)
        if personal and cid in columns:
            assert finding is not None
            exported.append(ExportedColumn(c.name, cid, finding.sensitive, role))
        if personal and finding is not None:
            label = str(finding.finding.label)
            if finding.finding.subject_key:
                keys.append(KeyColumn(c.name, label, meaning.scope(cid, label), role))
            elif label == "person_name":
                names.setdefault(role, c.name)
            elif label == "device_id":
                devices.setdefault(role, c.name)
            if label in ("resident_id", "birth_date") and (role not in births or label == "birth_date"):
                births[role] = (c.name, label)
        elif finding is None and c.primary_key and table_subject(info) == "person" and sum(k.primary_key for k in info.columns) == 1:
            keys.append(KeyColumn(c.name, "user_id", cid, role))
    others = {k.role for k in keys} | set(names)              # an address or a browser alone does not make another person of a row
    exported = [e if e.role in others else replace(e, role="") for e in exported]
    return RowPlan(tuple(exported), tuple(keys), names, births, devices) if exported else None


def tables_of(columns: Sequence[ColumnId]) -> dict[TableId, list[ColumnId]]:
    """Columns by table, in order."""
    out: dict[TableId, list[ColumnId]] = {}
    for c in columns:
        out.setdefault(table_of(c), []).append(c)
    return out


Tests = Mapping[str, Mapping[str, Any]]       # column -> test -> value


def conditions(where: Mapping[str, Tests], catalogue: TableCatalogue) -> dict[TableId, Tests]:
    """`where` by table id and column name; ConfigError when a table or column is unknown."""
    out: dict[TableId, Tests] = {}
    for name, tests in where.items():
        tid = TableId(pick(name, list(catalogue.tables), "table"))
        known = {c.name for c in catalogue.tables[tid].columns}
        for column in tests:
            if column not in known:
                raise ConfigError(
                    Msg('where: no column "{name}" in {table}', name=column, table=tid),
                    hint=Msg("known: {names}", names=tuple(sorted(known)[:8])),
                )
        out[tid] = tests
    return out


def count_rows(ladder: Ladder, key: bytes, as_of: date, progress: Progress, policy: CountPolicy) -> PersonCounter:
    """Stream every row of the ladder's tables that leaves into one counter; what cannot be read is noted in `spoiled`.

    BudgetSpent when the time is up: half a table counts nobody.
    """
    from mappings.individuals import PersonCounter
    from scanner.count.ladder import BudgetSpent

    plans, where, connectors, catalogue = ladder.plans, ladder.where, ladder.connectors, ladder.catalogue
    fields = [e for p in plans.values() for e in p.exported]
    counter = PersonCounter(key, as_of, fields)
    progress.plan(len(plans))
    for tid, plan in plans.items():
        progress.step(f"counting {tid}")
        connector = connectors.get(source_of(tid))
        if connector is None:
            counter.spoiled.append(f"{tid}: the source could not be opened")
            continue
        if isinstance(connector, CountsPersons):
            counting = Counting(plan, where.get(tid, {}), ladder.tests.get(tid, {}), fields, as_of, key)
            _elsewhere(connector, tid, counter, counting, ladder, policy)
            continue
        back, before = counter.snapshot(), counter.rows + counter.excluded
        for attempt in range(1, TRIES + 1):
            try:
                tests = ladder.tests.get(tid, {})
                for batch, left_out in read_without_tests(connector, catalogue.tables[tid], plan, where.get(tid, {}), tests):
                    counter.add(plan, batch)
                    counter.excluded += left_out
                    if policy.is_spent():
                        raise BudgetSpent
                if not where.get(tid):
                    ladder.full_row_counts[tid] = counter.rows + counter.excluded - before
                break
            except SourceError as e:
                if e.what != "connection lost" or attempt == TRIES:      # what was read of it stays: at least these persons
                    counter.spoiled.append(f"{tid}: {e}")
                    break
                back()                        # from the start of this table, and nothing of it twice
                progress.step(Msg("counting {name} again: {said}", name=tid, said=e.what))
    return counter


def _elsewhere(
    connector: CountsPersons, tid: TableId, counter: PersonCounter, counting: Counting, ladder: Ladder, policy: CountPolicy
) -> None:
    """One table counted where its rows are."""
    from scanner.count.ladder import BudgetSpent

    try:
        part, unread = connector.count_persons(ladder.catalogue.tables[tid], counting, policy.remaining_seconds())
    except TimeoutError:
        raise BudgetSpent from None
    except SourceError as e:
        counter.spoiled.append(f"{tid}: {e}")
        return
    counter.merge(part)
    counter.spoiled += [f"{tid}: {why}" for why in unread]
    if not unread and not counting.where:
        ladder.full_row_counts[tid] = sum(part.rows.values()) + part.excluded


def read_without_tests(
    connector: Connector, info: TableInfo, plan: RowPlan, where: Mapping[str, Mapping[str, Any]], tests: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], int]]:
    """(columns of a batch, rows of test accounts left out of it)."""
    import pyarrow.compute as pc

    from scanner.connectors.files.conditions import mask

    for batch in connector.read(info.ref, list(dict.fromkeys([*plan.columns, *tests])), where):
        before = batch.num_rows
        for column, test in tests.items():
            batch = batch.filter(pc.invert(mask(batch, {column: test})))
        yield {name: batch.column(i) for i, name in enumerate(batch.schema.names)}, before - batch.num_rows
