"""Findings with their meaning under a taxonomy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detectors.model import ColumnFinding
from mappings.model import Assessed
from mappings.taxonomy import Taxonomy


def assess(findings: Iterable[ColumnFinding], taxonomy: Taxonomy) -> Iterator[Assessed]:
    """Category, grade and sensitivity of each finding, with the clause it rests on.

    An identity document photographed or scanned is sensitive under both profiles; a bare number only under the stricter one.
    """
    for finding in findings:
        entry = taxonomy.entries[finding.label]
        category = entry.category
        source, confidence = category.source, category.confidence
        if entry.sensitive == "yes":
            source, confidence = f"{source}; {taxonomy.sensitive_source}", taxonomy.sensitive_confidence
        yield Assessed(finding, category.id, category.zh, entry.grade, entry.sensitive, source, confidence)
