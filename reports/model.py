"""The finished result of a scan. `report.json` is this, field by field; additive changes only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from detectors.ids import source_of
from detectors.labels import label_word
from detectors.message import Note, Text
from detectors.model import ColumnId, Drawn, Label, Loss, Rows, Skipped, TableId
from detectors.renamed import old_names
from mappings.deadlines import Deadline
from mappings.flow_report import EntityReport, FlowReport, Stock
from mappings.grading import Grading
from mappings.model import Assessed, Combination, Question
from reports import unread

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = "1.0"
Json = dict[str, Any]
Status = Literal["scanned", "metadata_only", "partial", "carried_over", "skipped"]


@dataclass(frozen=True, slots=True)
class TableReading:
    """When a table's verdict was made and what it rests on.

    Marks are hashes and change with what they stand for.
    """

    at: str                                   # ISO 8601, UTC
    shape: str                                # columns, types, comments, keys, definition
    data: str                                 # rows; empty where the source cannot say whether they changed
    context: str                              # detectors, sample size and seed, inherited labels
    carried: bool = False                     # taken over from an earlier run


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Everything that may differ between two runs over the same data stands here and only here."""

    id: str
    started: str                              # ISO 8601, UTC
    finished: str
    as_of: date
    version: str
    seed: int
    rulesets: tuple[str, ...]
    taxonomies: tuple[str, ...]
    detectors: str                            # version of the detector set
    interrupted: bool = False
    command: str = ""
    tables: Mapping[str, TableReading] = field(default_factory=dict)          # by table id


@dataclass(frozen=True, slots=True)
class SourceReport:
    id: str
    url: str                                  # password shown as ***
    kind: str
    tables: int
    columns: int
    dictionary: str = ""
    account: Text = ""                        # what the account may do beyond reading, if that is known
    other_files: tuple[Text, ...] = ()        # files that hold no records, by their sorts


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person decided on the finding of a column, and whether that still speaks for it.

    label: what the machine had found when it was decided; of a relabelling, what it became. found: what it
    finds now.
    """

    verdict: Literal["accept", "reject", "relabel", "justify"]
    label: Label
    by: str
    on: date
    why: str
    scope: str = "column"                     # column, table, pattern or group
    until: date | None = None
    stale: str = ""                           # why it no longer does: label, values, schema or expired
    found: Label = Label("")
    against: Text = ""                        # what other people decided otherwise, and when
    id: str = ""                              # of the entry in reviews.yaml
    possible: bool = False                    # is what the machine finds now merely possible


@dataclass(frozen=True, slots=True)
class Density:
    """Cells of a column in which something was found, where every one was looked at.

    rows: cells in all. examined: those neither null nor blank. low and high differ by cells too long to
    be looked at to their ends.
    """

    rows: int
    examined: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class ColumnReport:
    id: ColumnId
    name: str
    type: str
    comment: str
    findings: tuple[Assessed, ...] = ()
    examined: int = 0                         # cells that were neither null nor blank
    ignored: Text = ""                        # why, by whom, until when, if silenced by configuration
    constant: bool = False                    # do all of several cells examined hold one value
    decimals: int | None = None               # decimal places of coordinates, the usual number
    reviewed: Reviewed | None = None
    kinship: bool = False                     # does it say whose relative a row is
    restarts: bool = False                    # do numbers of accounts begin anew under each of its values
    density: Density | None = None            # where every value was looked at; None: a sample


@dataclass(frozen=True, slots=True)
class ExaminedColumns:
    """Columns of a table after its sample was examined: labels and counts, no value.

    fault: the kind of exception where examining failed by a fault of ours; empty: none.
    """

    columns: tuple[ColumnReport, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class TableReport:
    id: TableId
    status: Status
    comment: str
    rows: Rows
    drawn: Drawn | None
    columns: tuple[ColumnReport, ...]
    subject: str = ""                         # person, organisation, product, order, log, dictionary
    combinations: tuple[Combination, ...] = ()    # of columns, to be judged as a whole
    owner: str = ""                           # as the source or the catalog says
    why: Note = unread.READ                   # why its values were not read now
    members: tuple[str, ...] = ()             # names of the shards that are read as this one table, in order
    losses: tuple[Loss, ...] = ()             # what was not kept of its sample, or had to be assumed


@dataclass(frozen=True, slots=True)
class Report:
    run: Run
    sources: tuple[SourceReport, ...]
    tables: tuple[TableReport, ...]
    flows: tuple[FlowReport, ...] = ()
    exporter: tuple[EntityReport, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    questions: tuple[Question, ...] = ()
    profile: str = "gbt-45574-2025"
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stock: tuple[Stock, ...] = ()
    gradings: tuple[Grading, ...] = ()        # further taxonomies, to be shown beside the national one
    schema_version: str = SCHEMA_VERSION
    deadlines: tuple[Deadline, ...] = ()      # that follow from what was filed, soonest first

    def to_pandas(self) -> Mapping[str, pd.DataFrame]:
        """Return tidy frames with stable columns: `findings` (a row a finding), `flows` and `tables`.

        Persons of a flow: low, best, high; a high that is missing has no bound. `sensitive_strict` is the
        best figure where an ID number alone and the like count as sensitive.
        """
        import pandas as pd

        findings = [
            _finding_row(table, column, assessed)
            for table in self.tables
            for column in table.columns
            for assessed in column.findings
        ]
        flows = [_flow_row(flow) for flow in self.flows]
        tables = [_table_row(table) for table in self.tables]
        return {
            "findings": _typed(pd.DataFrame(findings, columns=FINDING_COLUMNS)),
            "flows": _typed(pd.DataFrame(flows, columns=FLOW_COLUMNS)),
            "tables": _typed(pd.DataFrame(tables, columns=TABLE_COLUMNS)),
        }


FINDING_COLUMNS = (                           # of `to_pandas()["findings"]`
    "source", "table", "column", "name", "label", "detector", "kind", "tier", "primary", "possible", "form",
    "category", "grade", "sensitive", "confidence", "title_zh", "title_en", "standing", "evidence",
)
FLOW_COLUMNS = (
    "flow", "entity", "recipient", "country", "purpose", "path", "certain", "individuals_low",
    "individuals_best", "individuals_high", "sensitive_best", "minors_best", "method", "sensitive_low",
    "sensitive_high", "sensitive_strict", "minors_low", "minors_high", "possible_paths",
)
TABLE_COLUMNS = (
    "source", "table", "status", "comment", "rows_low", "rows_high", "rows_method", "rows_drawn", "columns",
    "personal", "possible", "sensitive", "subject", "owner", "unread", "losses",
)
_BOOLEANS = ("primary", "possible", "certain")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns of yes and no are that also where it has no row."""
    if len(frame):
        return frame
    return frame.astype({name: bool for name in _BOOLEANS if name in frame})


def _table_row(table: TableReport) -> Json:
    labelled = [a for column in table.columns if (a := primary(column)) is not None]
    rows, drawn = table.rows, table.drawn
    return {
        "source": source_of(table.id), "table": table.id, "status": table.status, "comment": table.comment,
        "rows_low": rows.low, "rows_high": rows.high, "rows_method": rows.method,
        "rows_drawn": drawn.rows if drawn is not None else None, "columns": len(table.columns),
        "personal": len(labelled), "possible": sum(possible(c) is not None for c in table.columns),
        "sensitive": sum(a.sensitive == "yes" for a in labelled), "subject": table.subject,
        "owner": table.owner, "unread": table.why.code, "losses": sum(loss.n for loss in table.losses),
    }


def _finding_row(table: TableReport, column: ColumnReport, assessed: Assessed) -> Json:
    finding = assessed.finding
    word = label_word(finding.label)
    return {
        "source": source_of(table.id), "table": table.id, "column": column.id, "name": column.name,
        "label": finding.label, "detector": finding.detector, "kind": finding.kind, "tier": finding.tier,
        "primary": finding.primary, "possible": finding.possible, "form": finding.form,
        "category": assessed.category, "grade": assessed.grade,
        "sensitive": assessed.sensitive, "confidence": finding.confidence, "title_zh": word.zh,
        "title_en": word.en, "standing": standing(column), "evidence": _evidence_text(assessed),
    }


def _evidence_text(assessed: Assessed) -> str:
    """Return the kinds of evidence with their denominators: `name; value 940 of 980 cells`."""
    return "; ".join(dict.fromkeys(
        f"{e.origin} {e.matched} of {e.examined} {e.unit}".rstrip() if e.examined else e.origin
        for e in assessed.finding.evidence
    ))


def _flow_row(report: FlowReport) -> Json:
    flow, decision, people = report.flow, report.decision, report.individuals
    sensitive, minors = report.sensitive_individuals, report.minors
    strict = sensitive if report.strict is None else report.strict.sensitive
    return {
        "flow": flow.id, "entity": flow.entity, "recipient": flow.recipient.name,
        "country": flow.recipient.country, "purpose": flow.purpose, "path": decision.path,
        "certain": decision.certain, "individuals_low": people.low, "individuals_best": people.best,
        "individuals_high": people.high, "sensitive_best": sensitive.best,
        "minors_best": minors.best, "method": people.method, "sensitive_low": sensitive.low,
        "sensitive_high": sensitive.high, "sensitive_strict": strict.best, "minors_low": minors.low,
        "minors_high": minors.high, "possible_paths": ", ".join(decision.possible),
    }


Standing = Literal["accepted", "suggested", "possible", "rejected", ""]


def standing(column: ColumnReport) -> Standing:
    """Return whether a person accepted or rejected the finding of a column, or a machine suggests it.

    possible: not found, and not surely nothing. Empty where it is surely nothing. A stale review does not
    count.
    """
    review = column.reviewed
    verdict = review.verdict if review is not None and not review.stale else ""
    if verdict == "reject":
        return "rejected"
    if primary(column) is None:
        return "possible" if possible(column) is not None else ""
    return "accepted" if verdict in ("accept", "relabel") else "suggested"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many tables were checked in which way; every table counts once."""

    tables: int
    values: int                               # by their values, read in this run
    carried: int                              # by earlier values: not read again because nothing changed
    older: Mapping[Note, int]                 # by earlier values, although they changed: by reason
    names: Mapping[Note, int]                 # by names and comments alone: by reason
    skipped: int                              # could not be read


def is_unread(report: Report) -> bool:
    """Return whether nothing of any table was read, not even names.

    Flows without a source stand on what people stated: there nothing was to be read.
    """
    if not report.sources and report.flows:
        return False
    return not any(table.columns and table.status != "skipped" for table in report.tables)


def coverage(report: Report) -> Coverage:
    """Return how the tables of a report were checked."""
    older, names = Counter[Note](), Counter[Note]()
    values = carried = skipped = 0
    for table in report.tables:
        reading = report.run.tables.get(table.id)
        if table.status == "skipped":
            skipped += 1
        elif table.status == "metadata_only":
            names[table.why or unread.NOT_REQUESTED] += 1
        elif table.why.code.startswith(unread.CHANGED):
            older[unread.unchanged_reason(table.why)] += 1
        elif reading is not None and reading.carried:
            carried += 1
        else:
            values += 1
    return Coverage(len(report.tables), values, carried, older, names, skipped)


def waits(table: TableReport) -> bool:
    """Return whether a table's values are to be read by a later run, and no earlier verdict stands in."""
    return table.status == "metadata_only" and table.why.code in ("budget", "blackout")


def primary(column: ColumnReport) -> Assessed | None:
    """Return the finding that stands for the column, if any."""
    for assessed in column.findings:          # asked of every column, several times
        if assessed.finding.primary:
            return assessed
    return None


def possible(column: ColumnReport) -> Assessed | None:
    """Return what the column possibly holds, where nothing stands for it and no review has settled it."""
    for assessed in column.findings:
        if assessed.finding.possible:
            return assessed
    return None


def stands_or_possible(column: ColumnReport) -> Assessed | None:
    """Return the finding that stands for the column, else the possible one."""
    return primary(column) or possible(column)


def labels(report: Report) -> Mapping[ColumnId, Label]:
    """Return the primary label of every labelled column."""
    columns = (column for table in report.tables for column in table.columns)
    return {column.id: assessed.finding.label for column in columns if (assessed := primary(column))}


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
