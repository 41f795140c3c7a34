"""A table in outline, for commands that look at every column of a report and print little of it.

An outline has every column with all its findings, of which it leaves out the words of the evidence: what
remains is the cells that agreed, and columns that a column is made of. What findings say alike (label,
category, clause) is written once for a whole report, as its kinds of findings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from detectors.model import ColumnFinding, ColumnId, Evidence
from mappings.model import Assessed
from reports.model import ColumnReport, TableReport
from reports.serial import build, dump

# a column: id after its table's, name where it is another, type, comment, cells examined, findings, the rest
OutlinedColumn = list[Any]
NAME = 12                                     # characters of the name of a kind
BY_PLACE = ("id", "name", "type", "comment", "findings", "examined")      # of a column, always written
_PLAIN = {f.name: f.default for f in fields(ColumnReport) if f.name not in BY_PLACE}   # where it is another


class FindingKinds:
    """What findings of a report say alike, each written once."""

    def __init__(self) -> None:
        self._names: dict[tuple[Any, ...], str] = {}
        self._kinds: dict[str, Any] = {}

    def name(self, assessed: Assessed) -> str:
        """Return the name of the kind of a finding, the same for equal kinds of any report."""
        finding = assessed.finding
        key = (*_parts(assessed, _OF_ASSESSED), *_parts(finding, _OF_FINDING))
        if (name := self._names.get(key)) is None:
            alike = replace(
                finding, column=ColumnId(""), confidence=0.0, evidence=(), primary=False, possible=False
            )
            kind = dump(replace(assessed, finding=alike))
            name = hashlib.sha256(json.dumps(kind, sort_keys=True).encode()).hexdigest()[:NAME]
            self._names[key] = name
            self._kinds[name] = kind
        return name

    def dump(self) -> dict[str, Any]:
        """Return the kinds ready for JSON, by name."""
        return self._kinds


_OWN = ("column", "confidence", "evidence", "primary", "possible")           # of a finding, not of its kind
_OF_FINDING = tuple(f.name for f in fields(ColumnFinding) if f.name not in _OWN)
_OF_ASSESSED = tuple(f.name for f in fields(Assessed) if f.name != "finding")


def _parts(record: Any, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in names)


# ---- writing


def dump_outline(table: TableReport, kinds: FindingKinds) -> dict[str, Any]:
    """Return a table in outline, ready for JSON. kinds: of the report, to which those of the table go."""
    body = dump(replace(table, columns=()))
    del body["columns"]
    return {"table": body, "columns": [_dump_column(column, table.id, kinds) for column in table.columns]}


def _dump_column(column: ColumnReport, table: str, kinds: FindingKinds) -> OutlinedColumn:
    beginning = f"{table}/"
    id: Any = column.id.removeprefix(beginning) if column.id.startswith(beginning) else [column.id]
    rest: Any = 0
    if any(getattr(column, name) != plain for name, plain in _PLAIN.items()):
        whole = dump(replace(column, findings=()))
        del whole["findings"]
        rest = whole
    findings = [_dump_finding(assessed, kinds) for assessed in column.findings]
    name = None if column.name == id else column.name
    return [id, name, column.type, column.comment, column.examined, findings or 0, rest]


def _dump_finding(assessed: Assessed, kinds: FindingKinds) -> list[Any]:
    finding = assessed.finding
    evidence: list[Any] = []
    for e in finding.evidence:
        if e.origin == "lineage":
            evidence.append(dump(e))
        elif e.origin == "value" and e.examined:
            evidence.append([e.matched, e.examined, e.unit])
    state = finding.primary + 2 * finding.possible
    return [kinds.name(assessed), finding.confidence, state, evidence]


# ---- reading
#
# A report has tens of thousands of columns, and of findings. Frozen records are filled field by field here:
# that takes half of the time that their own __init__ does, which is most of the time of reading them.


def _setters(kind: type) -> dict[str, Callable[[Any, Any], None]]:
    """Return what sets each field of a new record of a frozen dataclass with slots."""
    return {f.name: getattr(kind, f.name).__set__ for f in fields(kind)}


class OutlineReader:
    """Makes tables of outlines. kinds: of their report, as `FindingKinds.dump` gave them."""

    def __init__(self, kinds: Mapping[str, Any]) -> None:
        self._kinds = {name: _FindingMaker(build(Assessed, kind)) for name, kind in kinds.items()}

    def table(self, body: Mapping[str, Any]) -> TableReport:
        """Return a table; raise KeyError, TypeError, ValueError or IndexError where it is no outline."""
        table: TableReport = build(TableReport, {**body["table"], "columns": []})
        beginning = f"{table.id}/"
        return replace(table, columns=tuple([self._column(row, beginning) for row in body["columns"]]))

    def _column(self, row: OutlinedColumn, beginning: str) -> ColumnReport:
        id, name, type, comment, examined, findings, rest = row
        column = ColumnId(beginning + id if isinstance(id, str) else id[0])
        records: tuple[Assessed, ...] = ()
        if findings:
            kinds = self._kinds
            records = tuple([
                kinds[kind].finding(column, confidence, state, evidence)
                for kind, confidence, state, evidence in findings
            ])
        if rest:
            return replace(_rare_column(rest), findings=records)
        record = _new(ColumnReport)
        _set_id(record, column)
        _set_name(record, id if name is None else name)
        _set_type(record, type)
        _set_comment(record, comment)
        _set_findings(record, records)
        _set_examined(record, examined)
        for set_field, value in _SET_PLAIN:
            set_field(record, value)
        return record


_new: Any = object.__new__
_OF_COLUMN = _setters(ColumnReport)
_set_id, _set_name, _set_type, _set_comment, _set_findings, _set_examined = map(_OF_COLUMN.pop, BY_PLACE)
_SET_PLAIN = tuple((set_field, _PLAIN[name]) for name, set_field in _OF_COLUMN.items())


def _rare_column(rest: Mapping[str, Any]) -> ColumnReport:
    column: ColumnReport = build(ColumnReport, rest)
    return column


class _FindingMaker:
    """Makes findings of one kind, of which there are thousands, each with what is its own."""

    def __init__(self, alike: Assessed) -> None:
        self._of_finding = [(_FINDING[name], getattr(alike.finding, name)) for name in _OF_FINDING]
        self._of_assessed = [(_ASSESSED[name], getattr(alike, name)) for name in _OF_ASSESSED]

    def finding(self, column: ColumnId, confidence: float, state: int, evidence: Sequence[Any]) -> Assessed:
        """Return a finding. state: 1 for the one that stands for its column, 2 for a possible one."""
        finding = _new(ColumnFinding)
        _set_column(finding, column)
        _set_confidence(finding, confidence)
        _set_evidence(finding, tuple([_evidence(part) for part in evidence]))
        _set_primary(finding, bool(state & 1))
        _set_possible(finding, bool(state & 2))
        for set_field, value in self._of_finding:
            set_field(finding, value)
        assessed: Assessed = _new(Assessed)
        _set_finding(assessed, finding)
        for set_field, value in self._of_assessed:
            set_field(assessed, value)
        return assessed


_FINDING, _ASSESSED = _setters(ColumnFinding), _setters(Assessed)
_set_column, _set_confidence, _set_evidence, _set_primary, _set_possible = (_FINDING[f] for f in _OWN)
_set_finding = _ASSESSED["finding"]


def _evidence(part: Any) -> Evidence:
    if isinstance(part, dict):
        evidence: Evidence = build(Evidence, part)
        return evidence
    return _values_evidence(*part)


@lru_cache(maxsize=10_000)
def _values_evidence(matched: int, examined: int, unit: Any) -> Evidence:
    return Evidence("value", "", matched, examined, unit)
