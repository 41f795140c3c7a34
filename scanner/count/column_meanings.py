"""What is known of every column when persons are counted: its finding, whose it is, its links."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.columns.column_stems import account_words
from detectors.columns.subjects import OPERATOR, row_subjects
from detectors.errors import ConfigError
from detectors.ids import column_part, source_of, table_of
from detectors.labels import wide_label
from detectors.message import Msg
from detectors.model import ColumnId, Form, TableId, TableInfo
from detectors.names.tables import table_subject
from detectors.names.tokens import tokens
from mappings.account_scopes import HASHED, narrowed_scope
from mappings.model import Assessed
from mappings.person_keys import ACCOUNT_KEYS, GLOBAL_KEYS
from reports.column_findings import findings_of_columns
from reports.model import Report
from scanner.gather.inherit import link_pairs
from scanner.gather.table_catalogue import COLUMN, TABLE, TableCatalogue, column_ids, pick_id

if TYPE_CHECKING:
    from scanner.connectors.protocol import Where

_NEUTRAL_WORDS = frozenset({"sys", "t", "tb", "tbl", "info", "ums", "oms", "base", "main", "biz"})
# in `subjects:`: the row's own subject; a tenant or branch within which alone numbers are somebody's; of a
# column that says whose relative a row is: keys beside a relative are the holder's
OWN, SCOPE, RELATIVE = "self", "scope", "relative"
_NUMBER_TYPE = re.compile("^(u|big|small|tiny|medium)?int|serial|numeric|decimal|float|double|real|money")
_KEY_SUFFIXES = ("id", "no", "code")


@dataclass(frozen=True, slots=True)
class ColumnStatements:
    """What the configuration says of columns.

    subjects: whose key a column is. links: (column, column it points at). test_rows: conditions of test
    accounts' rows, by table.
    """

    subjects: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[tuple[str, str]] = ()
    test_rows: Mapping[str, Where] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnMeanings:
    """What is known of every column. tests: conditions that rows of test accounts fulfil, by table.

    links: by column the one it points at; itself, where others point at it alone.

    possible: what columns possibly hold, where nothing was found and nobody has decided. kinship: columns
    that say whose relative a row is. restarts: within which numbers begin anew, as samples say.
    """

    catalogue: TableCatalogue
    findings: Mapping[ColumnId, Assessed]
    subjects: Mapping[ColumnId, str]
    links: Mapping[ColumnId, ColumnId]
    tests: Mapping[TableId, Where] = field(default_factory=dict)
    possible: Mapping[ColumnId, Assessed] = field(default_factory=dict)
    kinship: frozenset[ColumnId] = frozenset()
    restarts: frozenset[ColumnId] = frozenset()

    def roles(self, tid: TableId, info: TableInfo) -> list[str]:
        """Return whose each column of a table is, empty for the row's own; the configuration goes first."""
        ids = column_ids(tid, info)
        findings = [self.findings.get(column_id) for column_id in ids]
        labels = [
            str(wide_label(a.finding.label))
            if a is not None and a.finding.kind == "personal_information" else ""
            for a in findings
        ]
        owners = row_subjects(info, labels).owners
        stated = (self.subjects.get(each, owner.role) for each, owner in zip(ids, owners, strict=True))
        return ["" if role in (OWN, SCOPE, RELATIVE) else role for role in stated]

    def scope(self, column: ColumnId, label: str, form: Form = "plain") -> str:
        """Return the scope of a key column: within equal scopes, equal values are the same person.

        A hashed or encrypted one has its own: by another salt or key the same person has another value. Where
        values of two such columns of a kind are equal all the same, they are hashed alike.
        """
        if form == "hashed":
            return self._end_of_links(column) or self._narrowed(column, f"{label}{HASHED}")
        if label in GLOBAL_KEYS:
            return label
        target = self._end_of_links(column)
        if target is not None:
            return target
        if label == "user_id":
            return self._scope_by_name(column)
        return self._narrowed(column, f"{source_of(column)}:{label}") if label in ACCOUNT_KEYS else (
            f"{source_of(column)}:{label}"
        )

    def kinship_column(self, tid: TableId, info: TableInfo) -> str:
        """Return the column that says whose relative the person of a row is; empty for none."""
        columns = zip(info.columns, column_ids(tid, info), strict=True)
        return next((c.name for c, column_id in columns if column_id in self.kinship), "")

    def operator_scope(self, column: ColumnId) -> str:
        """Return the scope of names of whoever handles the records of a source."""
        return f"{source_of(column)}:{OPERATOR}"

    def is_text(self, column: ColumnId, declared: str) -> bool:
        """Does a column hold, or possibly hold, texts with something personal here and there?

        declared: its type; numbers are no texts.
        """
        if _NUMBER_TYPE.search(declared.lower()):
            return False
        assessed = self.findings.get(column) or self.possible.get(column)
        return assessed is not None and assessed.finding.label == "free_text_with_pi"

    def _narrowed(self, column: ColumnId, scope: str) -> str:
        """Return a scope of accounts narrowed to the table, or to all tables of which it is a part.

        Parts have the same columns and a name in common: member_01 and member_02. Others may number anew.
        """
        tid = table_of(column)
        if tid not in self.catalogue.tables:
            return scope
        form = _table_form(self.catalogue.tables[tid])
        alike = (t for t, info in self.catalogue.tables.items()
                 if source_of(t) == source_of(tid) and _table_form(info) == form)
        return narrowed_scope(scope, min(alike))

    def _end_of_links(self, column: ColumnId) -> ColumnId | None:
        """Return the column at the end of the links that start or end here; None where none does."""
        if column not in self.links:
            return None
        passed: set[ColumnId] = set()
        while column not in passed:
            passed.add(column)
            column = self.links[column]
        return column

    def _scope_by_name(self, column: ColumnId) -> str:
        """Return the key that a column's name means: `orders/member_id` is `member/id`.

        That holds when one person table of the source is called so; else the name itself is the scope.
        """
        words = account_words(tokens(column_part(column)))
        if table_of(column) in self.catalogue.tables and words == ("id",):
            return column
        stem = set(words[:-1]) if words and words[-1] in _KEY_SUFFIXES else set(words)
        source = source_of(column)
        tables = [tid for tid in self.catalogue.tables if source_of(tid) == source]
        keys = [key for tid in tables for key in self._person_key(tid, stem)]
        if len(keys) == 1:
            return keys[0]
        return self._narrowed(column, f"{source}:{'_'.join(sorted(stem))}") if stem else f"{source}:{column}"

    def _person_key(self, tid: TableId, stem: set[str]) -> list[ColumnId]:
        """Return the one primary key of a person table that is called by `stem`.

        Nothing for any other table.
        """
        info = self.catalogue.tables[tid]
        keys = [c for c in info.columns if c.primary_key]
        if len(keys) != 1 or table_subject(info) != "person":
            return []
        words = {w for w in tokens(info.ref.name) if w not in _NEUTRAL_WORDS}
        words |= {w.removesuffix("s") for w in words}
        is_called_so = bool(stem) and stem <= words and len(words - stem) <= 1
        return [info.ref.column(source_of(tid), keys[0].parts)] if is_called_so else []


def _table_form(info: TableInfo) -> tuple[object, ...]:
    """Return what tables that are parts of one have in common: schema, name but for numbers, columns."""
    return info.ref.schema, tokens(info.ref.name), tuple(sorted(c.name for c in info.columns))


def column_meanings(
    report: Report, catalogue: TableCatalogue, statements: ColumnStatements
) -> ColumnMeanings:
    """Return what findings and configuration say of the columns.

    Raise ConfigError where the configuration names a column or table that is not listed.
    """
    columns = catalogue.columns
    subjects = {
        ColumnId(pick_id(name, columns, COLUMN)): statements.subjects[name]
        for name in catalogue.listed_names(statements.subjects, columns, COLUMN)
    }
    links = dict(link_pairs(catalogue, catalogue.listed_links(statements.links)))
    links = {target: target for target in links.values()} | links
    tables = catalogue.listed_names(statements.test_rows, list(catalogue.tables), TABLE)
    tests = conditions_by_table({name: statements.test_rows[name] for name in tables}, catalogue)
    kinship = frozenset(c.id for t in report.tables for c in t.columns if c.kinship)
    findings, possible = _with_stated_keys(*findings_of_columns(report), subjects)
    restarts = frozenset(c.id for t in report.tables for c in t.columns if c.restarts)
    return ColumnMeanings(catalogue, findings, subjects, links, tests, possible, kinship, restarts)


def _with_stated_keys(
    findings: Mapping[ColumnId, Assessed], possible: Mapping[ColumnId, Assessed],
    subjects: Mapping[ColumnId, str],
) -> tuple[dict[ColumnId, Assessed], dict[ColumnId, Assessed]]:
    """Return findings and possible ones where somebody said whose a possible key is, or that it is none."""
    keys = {c: word for c, word in subjects.items() if c in possible and possible[c].finding.subject_key}
    somebodys = {c: possible[c] for c, word in keys.items() if word not in (SCOPE, RELATIVE)}
    return {**findings, **somebodys}, {c: a for c, a in possible.items() if c not in keys}


def conditions_by_table(where: Mapping[str, Where], catalogue: TableCatalogue) -> dict[TableId, Where]:
    """Return conditions by table id; raise ConfigError when a table or column is unknown."""
    by_table: dict[TableId, Where] = {}
    for name, tests in where.items():
        tid = TableId(pick_id(name, list(catalogue.tables), TABLE))
        names = {c.name for c in catalogue.tables[tid].columns}
        for column in tests:
            if column not in names:
                raise ConfigError(
                    Msg('where: no column "{name}" in {table}', name=column, table=tid),
                    hint=Msg("known: {names}", names=tuple(sorted(names)[:8])),
                )
        by_table[tid] = tests
    return by_table
