"""One JSON object a line: every finding that stands for its column, every flow, everything that was not read.

For `jq` and log stores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from mappings.flow_report import FlowReport
from mappings.model import Assessed
from reports.cells import escape_json
from reports.model import ColumnReport, Report, TableReport, primary, standing
from reports.serial import dump


def lines(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the objects, `type` first: finding, flow, skipped, and at last run."""
    for table in report.tables:
        for column in table.columns:
            if (assessed := primary(column)) is not None:
                yield _finding(table, column, assessed)
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
        "kind": finding.kind, "category": assessed.category, "grade": assessed.grade,
        "sensitive": assessed.sensitive, "confidence": finding.confidence, "standing": standing(column),
        "owner": table.owner, "source": assessed.source,
        "confidence_of_source": assessed.confidence_of_source,
    }


def _flow(f: FlowReport) -> dict[str, Any]:
    decision = f.decision
    return {
        "type": "flow", "flow": f.flow.id, "entity": f.flow.entity, "recipient": f.flow.recipient.name,
        "path": decision.path, "possible": list(decision.possible), "certain": decision.certain,
        "individuals": dump(f.individuals), "sensitive_individuals": dump(f.sensitive_individuals),
        "columns": list(f.columns),
    }


def write(report: Report, file: IO[str]) -> None:
    """Write the lines."""
    for line in lines(report):
        file.write(escape_json(json.dumps(line, ensure_ascii=False)) + "\n")
