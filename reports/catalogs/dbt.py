"""dbt: a properties file a source, whose columns carry our findings as `meta` (and accepted ones as tags).

The files go into a project's `models/`; every schema of a source of ours is a source of dbt, called
`source_schema`. dbt renders what it reads, so braces of names and comments are written as text of Jinja.
Contract: dbt-core 1.12, `config: {meta: ..., tags: ...}` of columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from reports.catalogs.addresses import address_of
from reports.catalogs.naming import CatalogTable
from reports.catalogs.picking import Pick, Selection, picks
from reports.catalogs.protocol import Payload
from reports.model import ColumnReport, Report

TAG = "chujing"                               # in front of the label in a tag


def payloads(report: Report, selection: Selection) -> Iterator[Payload]:
    """Yield one table of a source at a time."""
    sources = {source.id: source for source in report.sources}
    for place, picked in picks(report, selection):
        address = address_of(place, sources.get(place.source))
        name = "_".join(filter(None, (place.source, place.schema)))
        levels = {"database": place.rule.cased(address.database), "schema": place.rule.cased(address.schema)}
        body = {
            "source": {"name": name, **{level: value for level, value in levels.items() if value}},
            "table": _table(place, picked),
        }
        key = f"{name}|{place.name}"
        yield Payload(key, "table", key, body, about=place.table.id, shown=f"{len(picked)} fields")


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """Yield `chujing_SOURCE.yml` and its text; an empty text if the file shall not exist."""
    import yaml

    def source_of(payload: Payload) -> str:
        return str(payload.body["source"]["name"])

    for name, of_source in groupby(sorted(payloads, key=lambda p: (source_of(p), p.key)), key=source_of):
        members = [*of_source]
        tables = [payload.body["table"] for payload in members if not payload.remove]
        document = {"version": 2, "sources": [{**members[0].body["source"], "tables": tables}]}
        text = yaml.safe_dump(_literal(document), allow_unicode=True, sort_keys=False, width=140)
        yield f"chujing_{re.sub(r'[^0-9A-Za-z_.-]', '_', name)}.yml", text if tables else ""


def _table(place: CatalogTable, picked: Sequence[Pick]) -> dict[str, Any]:
    """Return a table with the columns that hold something; dbt needs no others."""
    described: dict[str, Any] = {"name": place.rule.cased(place.name)}
    if place.table.comment:
        described["description"] = place.table.comment
    return described | {"columns": [_column(pick.column, pick) for pick in picked]}


def _column(column: ColumnReport, pick: Pick) -> dict[str, Any]:
    assessed = pick.assessed
    meta = {
        "label": assessed.finding.label,
        "title": pick.title[0],
        "category": assessed.category,
        "grade": assessed.grade,
        "sensitive": assessed.sensitive,
        "standing": "accepted" if pick.accepted else "suggested",
        "reason": pick.reason,
    }
    tags = [f"{TAG}:{assessed.finding.label}"] if pick.accepted else []
    texts = {"description": column.comment, "data_type": column.type}
    described = {"name": ".".join(pick.place.rule.cased(name) for name in pick.path)}
    described |= {key: text for key, text in texts.items() if text}
    return {**described, "config": {"meta": {"chujing": meta}, **({"tags": tags} if tags else {})}}


def _literal(value: Any) -> Any:
    """Return a document whose braces Jinja gives back as they are.

    >>> _literal(["{{ env_var('X') }}", "{a}"])
    ["{{ '{{' }} env_var('X') }}", '{a}']
    """
    if isinstance(value, Mapping):
        return {key: _literal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_literal(each) for each in value]
    return re.sub(r"\{[{%#]", r"{{ '\g<0>' }}", value) if isinstance(value, str) else value
