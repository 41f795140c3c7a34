"""What stands in OpenMetadata about a report: a tag on each column, figures of the flows on each table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.catalogs.flow_figures import figures
from reports.catalogs.naming import CatalogTable
from reports.catalogs.openmetadata.definitions import TITLES, definitions
from reports.catalogs.openmetadata.names import label_tag, path, table_fqn, tag_key
from reports.catalogs.openmetadata.recognizers import recognizer_terms, recognizers
from reports.catalogs.picking import Pick, Selection, picks
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import node_title, term, terms
from reports.model import Report

RECOGNIZERS = True                            # it can use our patterns


def payloads(report: Report, selection: Selection) -> Iterator[Payload]:
    """Yield definitions in use, recognisers if selected, then what stands on columns and tables."""
    chosen = list(picks(report, selection))
    marks = [mark for place, picked in chosen for mark in _table_marks(report, place, picked, selection.lang)]
    used = terms(pick for _, picked in chosen for pick in picked)
    recognized = recognizer_terms() if selection.recognizers else []
    used_ids = {term.id for term in used}
    properties = {mark.body["name"] for mark in marks if mark.kind == "table_property"}
    yield from definitions([*used, *(t for t in recognized if t.id not in used_ids)], properties)
    yield from recognizers(recognized)
    yield from marks


def _table_marks(report: Report, place: CatalogTable, picked: Sequence[Pick], lang: str) -> Iterator[Payload]:
    """Yield what stands on one table and its columns."""
    table = table_fqn(place)
    yield from (_tag(table, place, pick) for pick in picked)
    for name, value in _numbers(report, place, lang):
        yield Payload(
            f"{table}|{name}",
            "table_property",
            table,
            {"name": name, "value": value},
            about=place.table.id,
            order=3,
            shown=f"{TITLES[name]}: {value}",
            stamp=report.run.finished,
        )


def _tag(table: str, place: CatalogTable, pick: Pick) -> Payload:
    """Return the tag of a column."""
    label, names = term(pick), path(place.rule, pick.path)
    fqn = label_tag(label.node, label.label)
    tag_label = {
        "tagFQN": fqn,
        "source": "Classification",
        "labelType": "Automated",
        "state": "Confirmed" if pick.accepted else "Suggested",
        "reason": f"{pick.reason}; {pick.assessed.grade}; sensitive: {pick.assessed.sensitive}",
    }
    return Payload(
        tag_key(table, names, fqn),
        "column_tag",
        table,
        {"path": list(names), "tag": tag_label},
        about=pick.column.id,
        order=3,
        shown=f"{label.zh} ({node_title(label.node)})",
        stamp=pick.stamp,
        guesses=pick.guesses,
    )


def _numbers(report: Report, place: CatalogTable, lang: str) -> Iterator[tuple[str, str | int]]:
    """Yield what the flows from a table came to, by the names of custom properties."""
    paths, persons = figures(report, place.table, lang)
    if paths:
        yield "chujingPath", "; ".join(paths)
    for name, count in persons.items():
        yield f"chujingPersons{name.removeprefix('persons_').title()}", count
