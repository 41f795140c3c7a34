"""What stands in Atlas about a report: classifications of columns, figures of the flows on tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detectors.model import quote
from reports.catalogs.atlas.names import classification, entity_name, parts
from reports.catalogs.atlas.types import MARK_ATTRIBUTE, MARK_VALUE, NUMBERS, definitions, shorten
from reports.catalogs.flow_figures import figures
from reports.catalogs.naming import CatalogTable
from reports.catalogs.picking import Pick, Selection, picks
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import node_title, term
from reports.model import Report

TITLES = {name: description.split(" ")[0] for name, _, description in NUMBERS}


def payloads(report: Report, selection: Selection) -> Iterator[Payload]:
    """Yield types in use, then what stands on columns and tables."""
    chosen = list(picks(report, selection))
    marks = [mark for place, picked in chosen for mark in _table_marks(report, place, picked, selection.lang)]
    table_types = [parts(mark.entity)[0] for mark in marks if mark.kind != "column_class"]
    yield from definitions([pick for _, picked in chosen for pick in picked], table_types)
    yield from marks


def _table_marks(report: Report, place: CatalogTable, picked: Sequence[Pick], lang: str) -> Iterator[Payload]:
    """Yield what stands on one table and its columns. A nested field is marked on its column."""
    name = entity_name(place)
    by_column: dict[tuple[str, str], list[Pick]] = {}
    for pick in picked:
        by_column.setdefault((pick.path[0], classification(term(pick).id)), []).append(pick)
    for (column, kind), column_picks in by_column.items():
        yield _column_mark(name, place.rule.cased(column), kind, column_picks)
    yield from _figures(name, place, report, lang)


def _column_mark(name: str, column: str, kind: str, picked: Sequence[Pick]) -> Payload:
    """Return a classification of a column. Several fields nested in it with one label share it."""
    best = max(picked, key=lambda pick: pick.assessed.finding.confidence)
    finding, label = best.assessed.finding, term(best)
    reasons = [f"{'.'.join(p.path)}: {p.reason}" if len(p.path) > 1 else p.reason for p in picked]
    attributes = {
        "grade": best.assessed.grade,
        "sensitive": best.assessed.sensitive,
        "confidence": round(finding.confidence, 1),
        "reason": shorten("; ".join(reasons)),
        "detector": finding.detector,
        MARK_ATTRIBUTE: MARK_VALUE,
    }
    return Payload(
        f"{name}/{quote(column)}/{kind}",
        "column_class",
        name,
        {"column": column, "classification": kind, "attributes": attributes},
        about=best.column.id,
        order=2,
        stamp=best.stamp,
        shown=f"{label.zh} ({node_title(label.node)})",
        guesses=tuple(sorted(guess for pick in picked for guess in pick.guesses)),
    )


def _figures(name: str, place: CatalogTable, report: Report, lang: str) -> Iterator[Payload]:
    """Yield what the flows from a table came to."""
    paths, persons = figures(report, place.table, lang)
    values: dict[str, list[str] | int] = {"path": sorted(map(shorten, paths))} if paths else {}
    for key, value in {**values, **persons}.items():
        words = ", ".join(value) if isinstance(value, list) else value
        yield Payload(
            f"{name}//{key}",
            key,
            name,
            {"name": key, "value": value},
            about=place.table.id,
            order=2,
            stamp=report.run.finished,
            shown=f"{TITLES[key]}: {words}",
        )
