"""One JSON object a line: each finding that stands for its column or is possible, each flow, all not read.

For `jq` and log stores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from mappings.flow_report import FlowReport
from mappings.model import Assessed
from reports.cells import escape_json
from reports.model import ColumnReport, Report, TableReport, possible, primary, standing
from reports.serial import dump
from reports.wording.possible import outcome_paths


def lines(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the objects, `type` first: finding, possible, flow, skipped, and at last run."""
    for table in report.tables:
        for column in table.columns:
            if (assessed := primary(column)) is not None:
                yield _finding(table, column, assessed)
            elif (doubt := possible(column)) is not None:
                yield _possible(table, column, doubt)
    for flow in report.flows:
        yield _flow(flow)
    for skipped in report.skipped:
        yield {"type": "skipped", "id": skipped.id, "reason": skipped.reason, "hint": skipped.hint}
    run = report.run
    yield {"type": "run", "id": run.id, "as_of": run.as_of.isoformat(), "interrupted": run.interrupted}


def _finding(table: TableReport, column: ColumnReport, assessed: Assessed) -> dict[str, Any]:
    finding = assessed.finding
    return {
        "type": "finding", "column": column.id, "label": finding.label, "detector": finding.detector,
        "kind": finding.kind, "form": finding.form, "category": assessed.category, "grade": assessed.grade,
        "sensitive": assessed.sensitive, "confidence": finding.confidence, "standing": standing(column),
        "owner": table.owner, "source": assessed.source,
        "confidence_of_source": assessed.confidence_of_source,
    }


def _possible(table: TableReport, column: ColumnReport, assessed: Assessed) -> dict[str, Any]:
    settled_by = [f"chujing review {verdict} {column.id}" for verdict in ("accept", "reject")]
    return {**_finding(table, column, assessed), "type": "possible", "settled_by": settled_by}


def _flow(f: FlowReport) -> dict[str, Any]:
    decision = f.decision
    return {
        "type": "flow", "flow": f.flow.id, "entity": f.flow.entity, "recipient": f.flow.recipient.name,
        "path": decision.path, "possible": list(decision.possible), "certain": decision.certain,
        "individuals": dump(f.individuals), "sensitive_individuals": dump(f.sensitive_individuals),
        "columns": list(f.columns),
        "possible_columns": [p.column for p in f.fields_to_settle],
        "if_personal": _if_personal(f),
    }


def _if_personal(f: FlowReport) -> dict[str, Any] | None:
    """Return what the flow is if its possible columns are personal; None where none is open."""
    if f.if_personal is None:
        return None
    count = f.if_personal
    return {
        "paths": list(outcome_paths(f)["yes"]), "individuals": dump(count.individuals),
        "sensitive_individuals": dump(count.sensitive),
    }


def write(report: Report, file: IO[str]) -> None:
    """Write the lines."""
    for line in lines(report):
        file.write(escape_json(json.dumps(line, ensure_ascii=False)) + "\n")
