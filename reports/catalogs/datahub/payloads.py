"""What stands in DataHub about a report: terms and grades on fields, figures of the flows on datasets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reports.catalogs.datahub.definitions import TITLES, definitions
from reports.catalogs.datahub.names import dataset_urn, field_path, simple_path
from reports.catalogs.flow_figures import figures
from reports.catalogs.naming import CatalogTable
from reports.catalogs.picking import Pick, Selection, path_of, picks
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import node_title, term
from reports.model import Report


def payloads(report: Report, selection: Selection) -> Iterator[Payload]:
    """Yield nodes, terms and property definitions in use, then what stands on fields and datasets."""
    chosen = list(picks(report, selection))
    marks = [
        mark for place, picked in chosen for mark in _dataset_marks(report, place, picked, selection.lang)
    ]
    if selection.whole:
        marks += [_table(report, place) for place, _ in chosen]
    properties = {name for mark in marks for name in mark.body.get("values", ())}
    yield from definitions([pick for _, picked in chosen for pick in picked], properties)
    yield from marks


def _dataset_marks(
    report: Report, place: CatalogTable, picked: Sequence[Pick], lang: str
) -> Iterator[Payload]:
    """Yield what stands on one dataset and its fields."""
    urn = dataset_urn(place)
    for pick in picked:
        yield from _field_marks(urn, pick)
    yield from _figures(urn, place, report, lang)


def _table(report: Report, place: CatalogTable) -> Payload:
    """Return a dataset with its fields, for a catalog that may not have it."""
    urn, table = dataset_urn(place), place.table
    names = [[place.rule.cased(name) for name in path_of(column)] for column in table.columns]
    fields = [
        {"path": field_path(tuple(path), c.type), "type": c.type, "description": c.comment}
        for path, c in zip(names, table.columns, strict=True)
    ]
    body = {
        "platform": place.rule.platform or "external",
        "name": place.rule.dotted(place.schema, place.name),
        "description": table.comment,
        "fields": fields,
    }
    return Payload(f"{urn}|table", "table", urn, body, about=table.id, order=2, stamp=report.run.finished)


def _field_marks(urn: str, pick: Pick) -> Iterator[Payload]:
    """Yield the term of a field and its grade."""
    assessed, finding = pick.assessed, pick.assessed.finding
    names = tuple(pick.place.rule.cased(name) for name in pick.path)
    path = field_path(names, pick.column.type)
    key = f"{urn}|{simple_path(path)}"
    detail = {
        "detector": finding.detector,
        "confidence": f"{finding.confidence:.1f}",
        "reason": pick.reason,
    }
    common: dict[str, Any] = {
        "about": pick.column.id,
        "stamp": pick.stamp,
        "order": 3,
        "guesses": pick.guesses,
    }
    label = term(pick)
    body: dict[str, Any] = {"path": path, "term": f"urn:li:glossaryTerm:{label.id}", "detail": detail}
    shown = f"{label.zh} ({node_title(label.node)})"
    yield Payload(f"{key}|{label.id}", "field_term", urn, body, shown=shown, **common)

    prefix = "chujing." if pick.accepted else "chujing.suggested_"
    grade, sensitive = f"{prefix}grade", f"{prefix}sensitive"
    body = {
        "path": path,
        "values": {grade: [assessed.grade], sensitive: [assessed.sensitive]},
        "detail": detail,
    }
    shown = f"{TITLES[grade]}: {assessed.grade}; {TITLES[sensitive]}: {assessed.sensitive}"
    yield Payload(f"{key}|{grade}", "field_grade", urn, body, shown=shown, **common)


def _figures(urn: str, place: CatalogTable, report: Report, lang: str) -> Iterator[Payload]:
    """Yield what the flows from a table came to."""
    paths, persons = figures(report, place.table, lang)
    values: dict[str, list[Any]] = {"chujing.path": list(paths)} if paths else {}
    values |= {f"chujing.{name}": [count] for name, count in persons.items()}
    for name, value in values.items():
        yield Payload(
            f"{urn}|{name}",
            "dataset_" + name.removeprefix("chujing."),
            urn,
            {"values": {name: value}},
            about=place.table.id,
            order=3,
            stamp=report.run.finished,
            shown=f"{TITLES[name]}: {', '.join(map(str, value))}",
        )
