"""DataHub: glossary terms on fields, grades on fields, head-counts and paths on datasets. PATCH only beside stewards' own marks.

Terms stand under a node of what people accepted and one of what a machine suggests. Everything is written under our attribution, and
removed only where it still carries it. By REST (OpenAPI v3, as the SDK's own emitter speaks it), or a file for `datahub ingest`
(source `file`). Contract: acryl-datahub 1.7, `emitter/mcp_patch_builder.py`, `emitter/request_helper.py`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reports.catalogs import Client, Payload, Pushed, Unmatched, by_entity
from reports.catalogs.datahub import rest
from reports.catalogs.datahub.names import dataset, field_path, simple
from reports.catalogs.datahub.patches import patches, proposal, upsert
from reports.catalogs.picking import CatalogTable, Pick, Selection, catalog_tables, figures, picks
from reports.catalogs.terms import ACCEPTED, ROOT, SUGGESTED, node_title, term, terms
from reports.model import Report

BATCH = 1_000

PROPERTIES = (                                # id, Chinese, what it says, value type, cardinality, what carries it
    ("chujing.grade", "数据级别", "Grade under the taxonomy of the scan.", "string", "SINGLE", "schemaField"),
    ("chujing.sensitive", "敏感个人信息", "Sensitive personal information, of what a person accepted.", "string", "SINGLE", "schemaField"),
    ("chujing.suggested_grade", "疑似数据级别·待复核", "Grade a machine suggests; nobody accepted it.", "string", "SINGLE", "schemaField"),
    ("chujing.suggested_sensitive", "疑似敏感·待复核", "Sensitive, a machine suggests; nobody accepted it.", "string", "SINGLE",
     "schemaField"),
    ("chujing.path", "出境合规路径（测算）", "Export path of each flow that takes data from here, as computed; people decide.",
     "string", "MULTIPLE", "dataset"),
    ("chujing.persons_low", "自然人数（下限）", "Persons of the largest flow from here: lower end.", "number", "SINGLE", "dataset"),
    ("chujing.persons_best", "自然人数（估计）", "Persons of the largest flow from here: estimate.", "number", "SINGLE", "dataset"),
    ("chujing.persons_high", "自然人数（上限）", "Persons of the largest flow from here: upper end.", "number", "SINGLE", "dataset"),
)
TITLES = {id: title for id, title, *_ in PROPERTIES}
SENSITIVE = [                                 # PropertyValue
    {"value": {"string": value}, "description": told} for value, told in (
        ("yes", "敏感个人信息 sensitive personal information"), ("no", "非敏感 not sensitive"),
        ("depends", "视情形而定 depends on the circumstances"),
    )
]


def payloads(report: Report, asked: Selection) -> Iterator[Payload]:
    """Nodes, terms and property definitions in use, then what stands on fields and datasets."""
    chosen = list(picks(report, asked))
    on = [p for place, picked in chosen for p in _carried(report, place, picked, asked.lang)]
    used = {name for p in on for name in p.body.get("values", ())}
    yield from _definitions([p for _, picked in chosen for p in picked], used)
    yield from on


def _carried(report: Report, place: CatalogTable, picked: Sequence[Pick], lang: str) -> Iterator[Payload]:
    """What stands on one dataset and its fields."""
    urn = _urn(place)
    for p in picked:
        yield from _field(urn, p)
    yield from _dataset(urn, place, report, lang)


def _urn(place: CatalogTable) -> str:
    name = place.rule.dotted(place.schema, place.name)
    return dataset(place.rule.platform or "external", name, place.rule.env, place.rule.platform_instance)


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """Definitions the catalog lacks are made; datasets and fields it has are patched. What it lacks is refused, one by one."""
    return rest.push(list(payloads), client)


def check(payloads: Iterable[Payload], client: Client) -> Iterator[Unmatched]:
    """Datasets and fields that the catalog lacks, with what it has that is near."""
    return rest.check([p for p in payloads if not p.lasting], client)


def owners(report: Report, asked: Selection, client: Client) -> Iterator[tuple[str, str]]:
    """(table, owner) of datasets that have one there: the first person, else the first group."""
    named: dict[str, list[str]] = {}
    for place in catalog_tables(report, asked):
        named.setdefault(_urn(place), []).append(place.table.id)
    for urn, held in rest.owners(list(named), client):
        yield from ((table, held) for table in named.get(urn, ()))


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """One file of metadata change proposals, for a recipe with `source: {type: file}`."""
    every = sorted(payloads, key=lambda p: (p.order, p.key))
    proposals = [upsert(p) for p in every if p.lasting]
    for entity, of in by_entity(p for p in every if not p.lasting).items():
        proposals += [proposal(patch) for patch in patches(entity, of)]
    yield "", "[\n" + ",\n".join(json.dumps(p, ensure_ascii=False, sort_keys=True) for p in proposals) + "\n]\n"


def _definitions(picked: Sequence[Pick], properties: Collection[str]) -> Iterator[Payload]:
    used = terms(picked)
    nodes = {t.node for t in used}
    if used:
        yield _definition("glossaryNode", ROOT[0], "glossaryNodeInfo", {"name": ROOT[1], "definition": ROOT[2]}, 0)
    for id, name, told in (ACCEPTED, SUGGESTED):
        if id in nodes:
            above = {"parentNode": f"urn:li:glossaryNode:{ROOT[0]}"}
            yield _definition("glossaryNode", id, "glossaryNodeInfo", {"name": name, "definition": told} | above, 1)
    for t in used:
        yield _definition("glossaryTerm", t.id, "glossaryTermInfo", {
            "name": t.zh, "definition": t.words, "termSource": "INTERNAL", "parentNode": f"urn:li:glossaryNode:{t.node}",
        }, 2)
    for id, name, told, kind, many, carrier in (p for p in PROPERTIES if p[0] in properties):
        yield _definition("structuredProperty", id, "propertyDefinition", {
            "qualifiedName": id, "displayName": name, "description": told, "valueType": f"urn:li:dataType:datahub.{kind}",
            "cardinality": many, "entityTypes": [f"urn:li:entityType:datahub.{carrier}"], "immutable": False,
        } | ({"allowedValues": SENSITIVE} if id.endswith("sensitive") else {}), 2)


def _definition(kind: str, id: str, aspect: str, value: Mapping[str, Any], order: int) -> Payload:
    urn = f"urn:li:{kind}:{id}"
    return Payload(urn, kind, urn, {"type": kind, "aspect": aspect, "value": value}, order=order, lasting=True,
                   shown=value.get("name") or value.get("displayName", id))


def _field(urn: str, p: Pick) -> Iterator[Payload]:
    names = tuple(p.place.rule.cased(n) for n in p.path)
    path, t = field_path(names, p.column.type), term(p)
    told = {"detector": p.assessed.finding.detector, "confidence": f"{p.assessed.finding.confidence:.1f}", "reason": p.reason}
    common: dict[str, Any] = {"about": p.column.id, "stamp": p.stamp, "order": 3, "guesses": p.guesses}
    yield Payload(
        f"{urn}|{simple(path)}|{t.id}", "field_term", urn, {"path": path, "term": f"urn:li:glossaryTerm:{t.id}", "detail": told},
        shown=f"{t.zh} ({node_title(t.node)})", **common,
    )
    kind = "chujing." if p.accepted else "chujing.suggested_"
    yield Payload(
        f"{urn}|{simple(path)}|{kind}grade", "field_grade", urn,
        {"path": path, "values": {f"{kind}grade": [p.assessed.grade], f"{kind}sensitive": [p.assessed.sensitive]}, "detail": told},
        shown=f"{TITLES[f'{kind}grade']}: {p.assessed.grade}; {TITLES[f'{kind}sensitive']}: {p.assessed.sensitive}", **common,
    )


def _dataset(urn: str, place: CatalogTable, report: Report, lang: str) -> Iterator[Payload]:
    """What the flows from a table came to."""
    paths, persons = figures(report, place.table, lang)
    values: dict[str, list[Any]] = {f"chujing.{name}": [n] for name, n in persons.items()}
    if paths:
        values = {"chujing.path": list(paths)} | values
    for name, value in values.items():
        yield Payload(f"{urn}|{name}", "dataset_" + name.removeprefix("chujing."), urn, {"values": {name: value}}, about=place.table.id,
                      order=3, stamp=report.run.finished, shown=f"{TITLES[name]}: {', '.join(map(str, value))}")
