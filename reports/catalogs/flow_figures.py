"""What the flows from a table came to, for the table in a catalog: paths, persons of the largest flow."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.flow_report import FlowReport
from reports.messages import words
from reports.model import Report, TableReport


def flows_of(report: Report, table: TableReport) -> list[FlowReport]:
    """Return the flows that take columns of a table."""
    prefix = table.id + "/"
    return [flow for flow in report.flows if any(column.startswith(prefix) for column in flow.columns)]


def figures(report: Report, table: TableReport, lang: str = "") -> tuple[list[str], Mapping[str, int]]:
    """Return "flow: path" of each flow from a table, sorted, and persons of the largest.

    lang: of the path's words; empty for its code. The persons are persons_low, persons_best and, if every
    flow has an upper bound, persons_high; nothing where nobody was counted.
    """
    flows = flows_of(report, table)
    paths = sorted(f"{f.flow.id}: {_path(f.decision.path, lang)}" for f in flows)
    counts = [f.individuals for f in flows if f.individuals.method != "unknown"]
    if not counts:
        return paths, {}
    persons = {"persons_low": max(c.low for c in counts), "persons_best": max(c.best for c in counts)}
    highs = [c.high for c in counts if c.high is not None]
    if len(highs) == len(counts):
        persons["persons_high"] = max(highs)
    return paths, persons


def _path(path: str, lang: str) -> str:
    return words.t(f"path.{path}", lang) if lang else path
