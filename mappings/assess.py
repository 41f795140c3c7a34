"""Findings with their meaning under a taxonomy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from detectors.labels import is_among
from detectors.model import ColumnFinding, ColumnId
from mappings.model import Assessed, Combination
from mappings.taxonomy import Taxonomy


def assess(findings: Iterable[ColumnFinding], taxonomy: Taxonomy) -> Iterator[Assessed]:
    """Yield category, grade and sensitivity of each finding, with the clause it rests on.

    An identity document photographed or scanned is sensitive under both profiles; a bare number only under
    the stricter one.
    """
    for finding in findings:
        entry = taxonomy.entries[finding.label]
        category = entry.category
        source, confidence = category.source, category.confidence
        sensitive = "yes" if finding.sensitive_by_nature and entry.sensitive == "depends" else entry.sensitive
        if sensitive == "yes":
            source, confidence = f"{source}; {taxonomy.sensitive_source}", taxonomy.sensitive_confidence
        yield Assessed(finding, category.id, category.zh, entry.grade, sensitive, source, confidence)


def find_combinations(
    primaries: Mapping[ColumnId, Assessed], timed: bool, taxonomy: Taxonomy
) -> Iterator[Combination]:
    """Yield the combinations that a table's columns make up together.

    primaries: primary finding by column. timed: has the table a date or time? Findings about other people
    than the row's subject count as well: whoever gets the table gets them together.
    """
    for rule in taxonomy.combinations:
        members = [
            [c for c, a in primaries.items() if is_among(a.finding.label, group)] for group in rule.groups
        ]
        if all(members) and (timed or not rule.time):
            columns = tuple(sorted({c for group in members for c in group}))
            yield Combination(rule.id, rule.title, columns, rule.source, rule.confidence)
