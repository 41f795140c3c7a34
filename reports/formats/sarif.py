"""Findings as SARIF 2.1.0, which code hosts and editors show beside the file.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0. A rule is a label, a result a column; a
source that is a file is named as the place, its table and column as the logical location.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote

from detectors.labels import label_word
from reports.cells import escape_json, shown
from reports.model import Report, SourceReport, standing
from reports.query import FindingQuery, MatchedColumn, matching_columns

SarifObject = dict[str, Any]
_LEVELS = {"yes": "error", "depends": "warning", "no": "warning"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(report: Report, file: IO[str]) -> None:
    """Write one run, its rules and results in the order of the report."""
    hits = [*matching_columns(report, FindingQuery())]
    rules = list(dict.fromkeys(hit.assessed.finding.label for hit in hits))
    sources = {source.id: source for source in report.sources}
    driver = {
        "name": "chujing", "version": report.run.version, "semanticVersion": report.run.version,
        "rules": [_rule(label) for label in rules],
    }
    results = [_result(hit, rules.index(hit.assessed.finding.label), sources) for hit in hits]
    invocation = {
        "executionSuccessful": not report.run.interrupted,
        "toolExecutionNotifications": [*_notifications(report)],
    }
    run = {
        "tool": {"driver": driver}, "invocations": [invocation], "results": results,
        "columnKind": "unicodeCodePoints",
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    file.write(escape_json(json.dumps(document, ensure_ascii=False, indent=1)) + "\n")


def _rule(label: str) -> SarifObject:
    word = label_word(label)
    return {
        "id": label, "name": label, "shortDescription": {"text": word.en},
        "fullDescription": {"text": f"{word.en} ({word.zh})"},
    }


def _notifications(report: Report) -> Iterator[SarifObject]:
    """Yield what could not be read: its absence among the results says nothing."""
    for skipped in report.skipped:
        yield {"level": "warning", "message": {"text": shown(f"{skipped.id}: {skipped.reason}")}}


def _result(hit: MatchedColumn, rule: int, sources: Mapping[str, SourceReport]) -> SarifObject:
    assessed, column = hit.assessed, hit.column
    finding = assessed.finding
    is_possible = standing(column) == "possible"
    level = "note" if is_possible else _LEVELS[assessed.sensitive]
    doubt = "possibly " if is_possible else ""
    words = f"{column.id}: {doubt}{label_word(finding.label).en} ({finding.confidence:.2f})"
    location: SarifObject = {"logicalLocations": [
        {"name": shown(column.name), "fullyQualifiedName": shown(column.id), "kind": "member"}
    ]}
    source = sources.get(column.id.split("/", 1)[0])
    if source is not None and source.kind == "files":
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(source.url)}}
    return {
        "ruleId": finding.label, "ruleIndex": rule, "level": level, "message": {"text": shown(words)},
        "locations": [location], "partialFingerprints": {"column/v1": f"{column.id}|{finding.label}"},
        "properties": {
            "standing": standing(column), "sensitive": assessed.sensitive, "category": assessed.category,
            "grade": assessed.grade, "confidence": finding.confidence, "flows": list(hit.flows),
        },
    }
