"""The finished result of a scan. `report.json` is this, field by field; additive changes only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from detectors.message import Note, Text
from detectors.model import ColumnId, Drawn, Label, Rows, Skipped, TableId
from detectors.renamed import old_names
from mappings.deadlines import Deadline
from mappings.flow_report import EntityReport, FlowReport, Stock
from mappings.grading import Grading
from mappings.model import Assessed, Combination, Question
from reports import unread

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = "1.0"
Status = Literal["scanned", "metadata_only", "partial", "carried_over", "skipped"]


@dataclass(frozen=True, slots=True)
class TableReading:
    """When a table's verdict was made and what it rests on; marks are hashes and change with what they stand for."""

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


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person decided on the finding of a column, and whether that still speaks for it."""

    verdict: Literal["accept", "reject", "relabel", "justify"]
    label: Label                              # what the machine had found when it was decided; of a relabelling, what it became
    by: str
    on: date
    why: str
    scope: str = "column"                     # column, table, pattern or group
    until: date | None = None
    stale: str = ""                           # why it no longer does: label, values, schema or expired
    found: Label = Label("")                  # what the machine finds now
    against: Text = ""                        # what other people decided otherwise, and when
    id: str = ""                              # of the entry in reviews.yaml


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


@dataclass(frozen=True, slots=True)
class ExaminedColumns:
    """What a look at a sample gave: labels and counts, no value. fault: the kind of exception where the fault is ours."""

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
    subject: str = ""                         # person, organisation, product, order, log, dictionary, or empty
    combinations: tuple[Combination, ...] = ()    # columns to be judged as a whole
    owner: str = ""                           # as the source or the catalog says
    why: Note = unread.READ                   # why its values were not read now
    members: tuple[str, ...] = ()             # names of the shards that are read as this one table, in order


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
        """Tidy frames `findings` (one row per finding) and `flows` (one row per flow)."""
        import pandas as pd

        findings = [
            {
                "source": t.id.split("/", 1)[0], "table": t.id, "column": c.id, "name": c.name,
                "label": a.finding.label, "detector": a.finding.detector, "kind": a.finding.kind,
                "tier": a.finding.tier, "primary": a.finding.primary, "category": a.category, "grade": a.grade,
                "sensitive": a.sensitive, "confidence": a.finding.confidence,
            }
            for t in self.tables for c in t.columns for a in c.findings
        ]
        flows = [
            {
                "flow": f.flow.id, "entity": f.flow.entity, "recipient": f.flow.recipient.name,
                "country": f.flow.recipient.country, "purpose": f.flow.purpose, "path": f.decision.path,
                "certain": f.decision.certain, "individuals_low": f.individuals.low,
                "individuals_best": f.individuals.best, "individuals_high": f.individuals.high,
                "sensitive_best": f.sensitive_individuals.best, "minors_best": f.minors.best,
                "method": f.individuals.method,
            }
            for f in self.flows
        ]
        return {"findings": pd.DataFrame(findings), "flows": pd.DataFrame(flows)}


Standing = Literal["accepted", "suggested", "rejected", ""]


def standing(column: ColumnReport) -> Standing:
    """Is the finding of a column a person's word or a machine's guess? Empty where nothing was found."""
    decided = column.reviewed
    if decided is not None and not decided.stale and decided.verdict == "reject":
        return "rejected"
    if primary(column) is None:
        return ""
    accepted = decided is not None and not decided.stale and decided.verdict in ("accept", "relabel")
    return "accepted" if accepted else "suggested"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How tables were checked: by their values, now or in an earlier run; by names and comments alone, and why; not at all."""

    tables: int
    values: int                               # read in this run
    carried: int                              # not read again because nothing changed
    older: Mapping[Note, int]                  # changed since they were read, but left for later: by reason
    names: Mapping[Note, int]                  # by names and comments alone: by reason
    skipped: int                              # could not be read


def coverage(report: Report) -> Coverage:
    """How the tables of a report were checked; every table counts once."""
    older, names = Counter[Note](), Counter[Note]()
    values = carried = skipped = 0
    for t in report.tables:
        read = report.run.tables.get(t.id)
        if t.status == "skipped":
            skipped += 1
        elif t.status == "metadata_only":
            names[t.why or unread.NOT_REQUESTED] += 1
        elif t.why.code.startswith(unread.CHANGED):
            older[unread.unchanged(t.why)] += 1
        elif read is not None and read.carried:
            carried += 1
        else:
            values += 1
    return Coverage(len(report.tables), values, carried, older, names, skipped)


def waits(table: TableReport) -> bool:
    """Were the values of this table left for a later run, with no earlier verdict to stand in?"""
    return table.status == "metadata_only" and table.why.code in ("budget", "blackout")


def primary(column: ColumnReport) -> Assessed | None:
    """The finding that stands for the column, if any."""
    return next((a for a in column.findings if a.finding.primary), None)


def labels(report: Report) -> Mapping[ColumnId, Label]:
    """Primary label of every labelled column."""
    return {c.id: p.finding.label for t in report.tables for c in t.columns if (p := primary(c))}


Json = dict[str, Any]


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
