"""What of ours is defined in OpenMetadata: classifications, tags, and custom properties of tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports.catalogs.openmetadata.names import CLASSIFICATION, label_tag
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import ACCEPTED, ROOT_NODE, SUGGESTED, Term


@dataclass(frozen=True, slots=True)
class CustomProperty:
    """A custom property of tables."""

    name: str
    title: str                                # Chinese
    description: str
    type: Literal["string", "integer"]


PROPERTIES = (
    CustomProperty("chujingPath", "出境合规路径（测算）",
                   "Export path of each flow that takes data from here, as computed; people decide.",
                   "string"),
    CustomProperty("chujingPersonsLow", "自然人数（下限）",
                   "Persons of the largest flow from here: lower end.", "integer"),
    CustomProperty("chujingPersonsBest", "自然人数（估计）",
                   "Persons of the largest flow from here: estimate.", "integer"),
    CustomProperty("chujingPersonsHigh", "自然人数（上限）",
                   "Persons of the largest flow from here: upper end.", "integer"),
)
TITLES = {p.name: p.title for p in PROPERTIES}


def definitions(used: Sequence[Term], properties: Collection[str]) -> Iterator[Payload]:
    """Yield classifications and tags of terms, and the custom properties whose names are given."""
    for id, title, description in (ACCEPTED, SUGGESTED):
        if any(term.node == id for term in used):
            create = {
                "name": CLASSIFICATION[id],
                "displayName": f"{ROOT_NODE[1]}：{title}",
                "description": f"{description} {ROOT_NODE[2]}",
                "mutuallyExclusive": False,
            }
            yield _definition("classification", CLASSIFICATION[id], create, 0)
    for term in sorted(used, key=lambda term: term.id):
        create = {
            "classification": CLASSIFICATION[term.node],
            "name": term.label,
            "displayName": term.zh,
            "description": term.words,
            "mutuallyExclusive": False,
        }
        yield _definition("tag", label_tag(term.node, term.label), create, 1)
    for property in (p for p in PROPERTIES if p.name in properties):
        create = {
            "name": property.name,
            "displayName": property.title,
            "description": property.description,
            "type": property.type,
        }
        yield _definition("property", property.name, create, 1)


def _definition(kind: str, name: str, create: Mapping[str, Any], order: int) -> Payload:
    key, body = f"{kind}:{name}", {"fqn": name, "create": create}
    return Payload(key, kind, key, body, order=order, shown=create["displayName"], lasting=True)
