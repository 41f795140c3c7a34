"""What of ours is defined in DataHub: nodes and terms of the glossary, and structured properties."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reports.catalogs.picking import Pick
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import ACCEPTED, ROOT_NODE, SUGGESTED, Term, terms


@dataclass(frozen=True, slots=True)
class StructuredProperty:
    """A structured property of ours."""

    id: str
    title: str                                # Chinese
    description: str
    type: Literal["string", "number"]
    cardinality: Literal["SINGLE", "MULTIPLE"]
    carrier: Literal["schemaField", "dataset"]


PROPERTIES = (
    StructuredProperty("chujing.grade", "数据级别", "Grade under the taxonomy of the scan.",
                       "string", "SINGLE", "schemaField"),
    StructuredProperty("chujing.sensitive", "敏感个人信息",
                       "Sensitive personal information, of what a person accepted.",
                       "string", "SINGLE", "schemaField"),
    StructuredProperty("chujing.suggested_grade", "疑似数据级别·待复核",
                       "Grade a machine suggests; nobody accepted it.", "string", "SINGLE", "schemaField"),
    StructuredProperty("chujing.suggested_sensitive", "疑似敏感·待复核",
                       "Sensitive, a machine suggests; nobody accepted it.",
                       "string", "SINGLE", "schemaField"),
    StructuredProperty("chujing.path", "出境合规路径（测算）",
                       "Export path of each flow that takes data from here, as computed; people decide.",
                       "string", "MULTIPLE", "dataset"),
    StructuredProperty("chujing.persons_low", "自然人数（下限）",
                       "Persons of the largest flow from here: lower end.", "number", "SINGLE", "dataset"),
    StructuredProperty("chujing.persons_best", "自然人数（估计）",
                       "Persons of the largest flow from here: estimate.", "number", "SINGLE", "dataset"),
    StructuredProperty("chujing.persons_high", "自然人数（上限）",
                       "Persons of the largest flow from here: upper end.", "number", "SINGLE", "dataset"),
)
TITLES = {p.id: p.title for p in PROPERTIES}
SENSITIVE_VALUES = {                          # allowed values of `sensitive`, with their descriptions
    "yes": "敏感个人信息 sensitive personal information",
    "no": "非敏感 not sensitive",
    "depends": "视情形而定 depends on the circumstances",
}


def definitions(picked: Iterable[Pick], properties: Collection[str]) -> Iterator[Payload]:
    """Yield nodes and terms of the picks, and the structured properties whose ids are given."""
    used = terms(picked)
    if used:
        yield _node(ROOT_NODE, None, 0)
    nodes = {term.node for term in used}
    for node in (ACCEPTED, SUGGESTED):
        if node[0] in nodes:
            yield _node(node, ROOT_NODE[0], 1)
    yield from map(_term, used)
    yield from (_property(p) for p in PROPERTIES if p.id in properties)


def _node(node: tuple[str, str, str], parent: str | None, order: int) -> Payload:
    id, name, description = node
    value = {"name": name, "definition": description}
    if parent is not None:
        value["parentNode"] = f"urn:li:glossaryNode:{parent}"
    return _definition("glossaryNode", id, "glossaryNodeInfo", value, order)


def _term(term: Term) -> Payload:
    value = {
        "name": term.zh,
        "definition": term.words,
        "termSource": "INTERNAL",
        "parentNode": f"urn:li:glossaryNode:{term.node}",
    }
    return _definition("glossaryTerm", term.id, "glossaryTermInfo", value, 2)


def _property(property: StructuredProperty) -> Payload:
    value: dict[str, Any] = {
        "qualifiedName": property.id,
        "displayName": property.title,
        "description": property.description,
        "valueType": f"urn:li:dataType:datahub.{property.type}",
        "cardinality": property.cardinality,
        "entityTypes": [f"urn:li:entityType:datahub.{property.carrier}"],
        "immutable": False,
    }
    if property.id.endswith("sensitive"):
        value["allowedValues"] = [
            {"value": {"string": text}, "description": description}
            for text, description in SENSITIVE_VALUES.items()
        ]
    return _definition("structuredProperty", property.id, "propertyDefinition", value, 2)


def _definition(kind: str, id: str, aspect: str, value: Mapping[str, Any], order: int) -> Payload:
    urn = f"urn:li:{kind}:{id}"
    body = {"type": kind, "aspect": aspect, "value": value}
    shown = value.get("name") or value.get("displayName", id)
    return Payload(urn, kind, urn, body, order=order, lasting=True, shown=shown)
