"""The columns of a page as arrays, one for each property; texts and what recurs by their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detectors.ids import column_part, source_of
from detectors.message import Text
from detectors.model import ColumnId, Evidence, quote, unquote
from mappings.flow_report import FlowReport
from mappings.model import Assessed, Combination
from reports.messages.render import render
from reports.model import ColumnReport, Report, Reviewed, TableReport, standing, stands_or_possible
from reports.page.bilingual import LANGS, WordPair
from reports.reviews.basis import shape_of, support_of, unreviewed_column
from reports.wording.figures import number

STANDINGS = ("", "suggested", "accepted", "rejected", "possible")
STALE = 8                                     # added to a standing whose review is stale
TIERS = ("core", "weak", "audit")
ORIGINS = ("value", "name", "comment", "table", "lineage", "review")
UNITS = "cdx"                                 # cells, distinct values, neither: by first letter
PROPERTIES = (
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


class NumberedThings:
    """Things by their number, each once, in the order in which they came."""

    def __init__(self, first: Sequence[Any] = ()) -> None:
        self._numbers: dict[Any, int] = {}
        for thing in first:
            self(thing)

    def __call__(self, thing: Any) -> int:
        """Return the number of a thing; a new one gets the next."""
        return self._numbers.setdefault(thing, len(self._numbers))

    def __contains__(self, thing: Any) -> bool:
        return thing in self._numbers

    def all(self) -> list[Any]:
        """Return all things in the order of their numbers."""
        return list(self._numbers)


class ColumnArrays:
    """The columns of some tables, gathered one by one. What it holds is read by the page's scripts."""

    def __init__(self, report: Report) -> None:
        self.strings, self.meanings = NumberedThings([""]), NumberedThings()
        self.sources = NumberedThings([source.id for source in report.sources])
        self.tables: list[list[Any]] = []
        self.rows: dict[str, list[Any]] = {name: [] for name in PROPERTIES}
        self.translated: dict[int, WordPair] = {}            # texts not shown as they are stored, by number
        self.reviewed: dict[int, list[Any]] = {}          # by column
        self.leaving: dict[int, list[Any]] = {}           # by column
        self._flows = _flows_of_columns(report.flows)
        self._reads = report.run.tables

    def add(self, table: TableReport) -> None:
        """Take in a table and every column of it."""
        text, read, sample = self.strings, self._reads.get(table.id), table.drawn
        self.tables.append([
            self.sources(unquote(source_of(table.id))),
            text(table.id),
            text(table.comment),
            table.status,
            _row_count(table),
            sample.rows if sample is not None else 0,
            text(sample.method if sample is not None else ""),
            text(table.owner),
            text(read.at[:10] if read else ""),
            text(read.data if read else ""),
            len(table.columns),
            [self._combination(combination) for combination in table.combinations],
        ])
        for column in table.columns:
            self._add_column(column)

    def _combination(self, combination: Combination) -> list[int]:
        texts = (combination.title.zh, combination.title.en, combination.source, *combination.columns)
        return [self.strings(text) for text in texts]

    def _add_column(self, column: ColumnReport) -> None:
        position, text = len(self.rows["name"]), self.strings
        assessed, review = stands_or_possible(column), column.reviewed
        machine = unreviewed_column(column)
        support, key = support_of(machine), column_part(column.id)
        values = {
            "name": text(column.name),
            "key": 0 if key == quote(column.name, dots=False) else text(key),
            "type": text(column.type),
            "comment": text(column.comment),
            "meaning": -1 if assessed is None else self._meaning(assessed),
            "confidence": 0 if assessed is None else hundredths(assessed.finding.confidence),
            "shape": text(shape_of(column)),
            "support": -1 if support is None else hundredths(support),
            "examined": column.examined,
            "standing": STANDINGS.index(standing(column))
            + (STALE if review is not None and review.stale else 0),
            "ignored": self._translated_text(column.ignored),
            "findings": self._findings(column) or 0,
        }
        for name, value in values.items():
            self.rows[name].append(value)
        if review is not None:
            self.reviewed[position] = _review(review, stands_or_possible(machine))
        if (flows := self._flows.get(column.id)) is not None:
            self.leaving[position] = flows

    def _translated_text(self, text: Text) -> int:
        """Return the number of a text that is shown in the reader's language."""
        is_new = text not in self.strings
        position = self.strings(text)
        if is_new and (words := (render(text, "zh"), render(text, "en"))) != (text, text):
            self.translated[position] = words
        return position

    def _meaning(self, assessed: Assessed) -> int:
        finding = assessed.finding
        return self.meanings((
            str(finding.label),
            finding.kind,
            assessed.category,
            assessed.category_zh,
            assessed.grade,
            assessed.sensitive,
            assessed.source,
            assessed.confidence_of_source,
            "" if finding.form == "plain" else finding.form,
        ))

    def _findings(self, column: ColumnReport) -> list[list[Any]]:
        """Return the findings of a column, the primary or possible one first."""
        ordered = sorted(column.findings, key=lambda a: not (a.finding.primary or a.finding.possible))
        return [self._finding(assessed) for assessed in ordered]

    def _finding(self, assessed: Assessed) -> list[Any]:
        """Return [meaning, detector, tier, confidence, then five values of each evidence]."""
        finding = assessed.finding
        evidence = [value for e in finding.evidence for value in self._evidence(e)]
        return [
            self._meaning(assessed),
            self.strings(finding.detector),
            _position(TIERS, finding.tier),
            hundredths(finding.confidence),
            *evidence,
        ]

    def _evidence(self, evidence: Evidence) -> tuple[int, ...]:
        return (
            _position(ORIGINS, evidence.origin),
            self._translated_text(evidence.note),
            evidence.matched,
            evidence.examined,
            UNITS.index(evidence.unit[:1] or "x"),
        )


def hundredths(share: float) -> int:
    """Return a share as it is printed with two decimals, without the point.

    >>> hundredths(0.9528)
    95
    """
    return int(f"{share:.2f}".replace(".", ""))


def _position(words: Sequence[str], word: str) -> int:
    return words.index(word) if word in words else 0


def _review(review: Reviewed, machine: Assessed | None) -> list[Any]:
    """Return a review. machine: what stands without it."""
    return [
        review.verdict,
        str(review.label),
        review.by,
        review.on.isoformat(),
        review.why,
        review.scope,
        review.until.isoformat() if review.until else "",
        review.stale,
        str(machine.finding.label) if machine else "",
        hundredths(machine.finding.confidence) if machine else 0,
        [render(review.against, lang) for lang in LANGS] if review.against else 0,
    ]


def _row_count(table: TableReport) -> str:
    """Return the number of rows of a table as it is shown."""
    rows = table.rows
    if rows.high is None:
        return f"≥ {number(rows.low)}" if rows.low else ""
    return number(rows.low) if rows.low == rows.high else f"{number(rows.low)}–{number(rows.high)}"


def _flows_of_columns(flows: Sequence[FlowReport]) -> Mapping[ColumnId, list[Any]]:
    """Return [number of the flow, verdict on the column's necessity in it] of every column that leaves."""
    flows_of: dict[ColumnId, list[Any]] = {}
    for i, flow in enumerate(flows):
        verdicts = {field.column: field.verdict for field in flow.fields}
        for column in flow.columns:
            flows_of.setdefault(column, []).append([i, verdicts.get(column, "")])
    return flows_of
