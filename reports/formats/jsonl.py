"""One JSON object a line: every finding that stands for its column, every flow, everything that was not read. For `jq` and log stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from reports.model import Report, primary, standing
from reports.serial import dump


def lines(report: Report) -> Iterator[dict[str, Any]]:
    """The objects, `type` first: finding, flow, skipped, and at last run."""
    for table in report.tables:
        for c in table.columns:
            if (p := primary(c)) is not None:
                f = p.finding
                yield {
                    "type": "finding", "column": c.id, "label": f.label, "detector": f.detector, "kind": f.kind, "category": p.category,
                    "grade": p.grade, "sensitive": p.sensitive, "confidence": f.confidence, "standing": standing(c), "owner": table.owner,
                    "source": p.source, "confidence_of_source": p.confidence_of_source,
                }
    for flow in report.flows:
        yield {
            "type": "flow", "flow": flow.flow.id, "entity": flow.flow.entity, "recipient": flow.flow.recipient.name,
            "path": flow.decision.path, "possible": list(flow.decision.possible), "certain": flow.decision.certain,
            "individuals": dump(flow.individuals), "sensitive_individuals": dump(flow.sensitive_individuals), "columns": list(flow.columns),
        }
    for s in report.skipped:
        yield {"type": "skipped", "id": s.id, "reason": s.reason, "hint": s.hint}
    yield {"type": "run", "id": report.run.id, "as_of": report.run.as_of.isoformat(), "interrupted": report.run.interrupted}


def write(report: Report, file: IO[str]) -> None:
    """Write the lines."""
    for line in lines(report):
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
