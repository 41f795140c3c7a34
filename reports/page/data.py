"""The columns of a page as compact JSON: one array for each property, texts by number. Counts and names only, no value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from detectors.labels import labels
from detectors.model import ColumnId, quote, unquote
from mappings.flow_report import FlowReport
from mappings.grading import Grading
from mappings.model import Assessed
from reports.messages.render import render
from reports.messages.words import all_words
from reports.model import ColumnReport, Report, TableReport, standing
from reports.page.safe import safe_id
from reports.reviews.basis import shape_of, support_of, unreviewed
from reports.wording.figures import number

STANDINGS = ("", "suggested", "accepted", "rejected")
TIERS = ("core", "weak", "audit")
ORIGINS = ("value", "name", "comment", "table", "lineage", "review")
WORDS_USED = (
    "page.",
    "standing.",
    "stale.",
    "sensitive.",
    "grade.",
    "tier.",
    "origin.",
    "kind.",
    "status.",
    "verified",
    "secondary",
    "recalled",
    "verdict.",
    "evidence",
    "confidence",
    "label",
    "category",
    "column",
    "table",
    "owner",
    "source",
)


class Interned:
    """Things by their number, each once, in the order they came."""

    def __init__(self, first: Sequence[Any] = ()) -> None:
        self.found: dict[Any, int] = {}
        for x in first:
            self(x)

    def __call__(self, x: Any) -> int:
        return self.found.setdefault(x, len(self.found))

    def all(self) -> list[Any]:
        return list(self.found)


class ColumnArrays:
    """The columns of some tables, gathered one by one."""

    def __init__(self, report: Report) -> None:
        self.strings, self.meanings = Interned([""]), Interned()
        self.sources = Interned([s.id for s in report.sources])
        self.tables: list[list[Any]] = []
        self.rows: dict[str, list[Any]] = {
            k: []
            for k in (
                "name",
                "key",
                "type",
                "comment",
                "meaning",
                "confidence",
                "shape",
                "support",
                "examined",
                "standing",
                "ignored",
                "findings",
            )
        }
        self.said: dict[int, tuple[str, str]] = {}           # texts that are not read as they are stored: zh, en by their number
        self.reviewed: dict[int, list[Any]] = {}
        self.leaving: dict[int, list[Any]] = {}
        self._flows = leaving(report.flows)
        self._reads = report.run.tables

    def add(self, table: TableReport) -> None:
        """A table and every column of it."""
        read = self._reads.get(table.id)
        drawn = table.drawn
        self.tables.append(
            [
                self.sources(unquote(table.id.split("/", 1)[0])),
                self.strings(table.id),
                self.strings(table.comment),
                table.status,
                _rows(table),
                drawn.rows if drawn is not None else 0,
                self.strings(drawn.method if drawn is not None else ""),
                self.strings(table.owner),
                self.strings(read.at[:10] if read else ""),
                self.strings(read.data if read else ""),
                len(table.columns),
                [
                    [self.strings(c.title.zh), self.strings(c.title.en), self.strings(c.source), *(self.strings(x) for x in c.columns)]
                    for c in table.combinations
                ],
            ]
        )
        for column in table.columns:
            self._column(column)

    def _column(self, column: ColumnReport) -> None:
        at, text, rows = len(self.rows["name"]), self.strings, self.rows
        first = next((a for a in column.findings if a.finding.primary), None)
        tail = column.id.rsplit("/", 1)[1]
        rows["name"].append(text(column.name))
        rows["key"].append(0 if tail == quote(column.name, dots=False) else text(tail))
        rows["type"].append(text(column.type))
        rows["comment"].append(text(column.comment))
        rows["meaning"].append(-1 if first is None else self._meaning(first))
        rows["confidence"].append(0 if first is None else hundredths(first.finding.confidence))
        machine = column if column.reviewed is None else unreviewed(column)
        support = support_of(machine)
        rows["shape"].append(text(shape_of(column)))
        rows["support"].append(-1 if support is None else hundredths(support))
        rows["examined"].append(column.examined)
        stale = 4 if column.reviewed is not None and column.reviewed.stale else 0
        rows["standing"].append(STANDINGS.index(standing(column)) + stale)
        rows["ignored"].append(self._saying(column.ignored))
        ordered = sorted(column.findings, key=lambda a: not a.finding.primary) if len(column.findings) > 1 else column.findings
        rows["findings"].append([self._finding(a) for a in ordered] or 0)
        if (r := column.reviewed) is not None:
            found = next((a for a in machine.findings if a.finding.primary), None)
            self.reviewed[at] = [
                r.verdict,
                str(r.label),
                r.by,
                r.on.isoformat(),
                r.why,
                r.scope,
                r.until.isoformat() if r.until else "",
                r.stale,
                str(found.finding.label) if found else "",
                hundredths(found.finding.confidence) if found else 0,
                [render(r.against, lang) for lang in ("zh", "en")] if r.against else 0,
            ]
        if (flows := self._flows.get(column.id)) is not None:
            self.leaving[at] = flows

    def _saying(self, text: str) -> int:
        """The number of a text that is read in the reader's language."""
        known = len(self.strings.found)
        at = self.strings(text)
        if at >= known and (said := (render(text, "zh"), render(text, "en"))) != (text, text):
            self.said[at] = said
        return at

    def _meaning(self, a: Assessed) -> int:
        return self.meanings(
            (str(a.finding.label), a.finding.kind, a.category, a.category_zh, a.grade, a.sensitive, a.source, a.confidence_of_source)
        )

    def _finding(self, a: Assessed) -> list[Any]:
        f = a.finding
        told = [
            x
            for e in f.evidence
            for x in (
                ORIGINS.index(e.origin) if e.origin in ORIGINS else 0,
                self._saying(e.note),
                e.matched,
                e.examined,
                "cdx".index(e.unit[:1] or "x"),
            )
        ]
        return [self._meaning(a), self.strings(f.detector), TIERS.index(f.tier) if f.tier in TIERS else 0, hundredths(f.confidence), *told]


def hundredths(x: float) -> int:
    """A share as it is printed with two decimals, without the point.

    >>> hundredths(0.9528)
    95
    """
    return int(f"{x:.2f}".replace(".", ""))


def _rows(table: TableReport) -> str:
    rows = table.rows
    if rows.high is None:
        return f"≥ {number(rows.low)}" if rows.low else ""
    return number(rows.low) if rows.low == rows.high else f"{number(rows.low)}–{number(rows.high)}"


def leaving(flows: Sequence[FlowReport]) -> Mapping[ColumnId, list[Any]]:
    """[number of the flow, verdict on its necessity] of every column that leaves."""
    found: dict[ColumnId, list[Any]] = {}
    for i, f in enumerate(flows):
        verdicts = {v.column: v.verdict for v in f.fields}
        for c in f.columns:
            found.setdefault(c, []).append([i, verdicts.get(c, "")])
    return found


def _grading(g: Grading, used: Collection[str]) -> list[Any]:
    """[source, title, grades from least to most severe, label -> [classes, grade, how sure]] of a further taxonomy."""
    return [g.source, g.title, g.grades, {str(x): [y.levels, y.grade, y.confidence_of_source] for x, y in g.labels.items() if x in used}]


def data(report: Report, tables: Sequence[TableReport], home: str = "") -> dict[str, Any]:
    """Everything the scripts of a page know. home: address of the index, empty where the page is it."""
    columns = ColumnArrays(report)
    for table in tables:
        columns.add(table)
    kinds = {s.id: (s.kind, s.url) for s in report.sources}
    return {
        "run": report.run.id,
        "asOf": report.run.as_of.isoformat(),
        "home": home,
        "words": words(),
        "labels": [[str(i.label), i.zh, i.en] for i in labels().values()],
        "standings": STANDINGS,
        "tiers": TIERS,
        "origins": ORIGINS,
        "sources": [[s, *kinds.get(s, ("", ""))] for s in columns.sources.all()],
        "flows": [[f.flow.id, f.flow.recipient.name, f.flow.recipient.country, safe_id(f.flow.id)] for f in report.flows],
        "meanings": columns.meanings.all(),
        "gradings": [_grading(g, {m[0] for m in columns.meanings.all()}) for g in report.gradings],
        "tables": columns.tables,
        "columns": columns.rows,
        "reviewed": columns.reviewed,
        "leaving": columns.leaving,
        "strings": columns.strings.all(),
        "said": columns.said,
    }


def words() -> dict[str, tuple[str, str]]:
    """The words the scripts say."""
    return {k: v for k, v in all_words().items() if k.startswith(WORDS_USED)}
