"""What of ours is defined in Atlas: classifications and business metadata of tables.

One classification holds what was accepted, one what was suggested; below them is one for every label in use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reports.catalogs.atlas.names import classification
from reports.catalogs.picking import Pick
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import ACCEPTED, SUGGESTED, terms

Definition = Mapping[str, Any]                # AtlasClassificationDef or AtlasBusinessMetadataDef

METADATA_NAME = "chujing"                     # business metadata of tables
MARK_ATTRIBUTE = "kept_by"                    # attribute that tells our classifications from people's
MARK_VALUE = "chujing"                        # its value
LONGEST_TEXT = 1_000                          # characters
APPLICABLE = "applicableEntityTypes"

ATTRIBUTES = (                                # of a classification: name, type, description
    ("grade", "string", "数据级别 grade under the taxonomy of the scan"),
    ("sensitive", "string", "敏感个人信息 sensitive personal information: yes, no or depends"),
    ("confidence", "double", "置信度 how sure the machine was, 0 to 1"),
    ("reason", "string", "依据 who accepted it, or what it was seen by"),
    ("detector", "string", "识别器 what found it"),
    (
        MARK_ATTRIBUTE, "string",
        "Who keeps this classification up to date. Clear it and chujing leaves it alone.",
    ),
)
NUMBERS = (                                   # business metadata of a table: name, type, description
    ("persons_low", "long", "自然人数（下限） persons of the largest flow from here: lower end"),
    ("persons_best", "long", "自然人数（估计） persons of the largest flow from here: estimate"),
    ("persons_high", "long", "自然人数（上限） persons of the largest flow from here: upper end"),
    ("path", "array<string>",
     "出境合规路径（测算） export path of each flow that takes data from here, as computed; people decide"),
)


def definitions(picked: Sequence[Pick], table_types: Iterable[str]) -> Iterator[Payload]:
    """Yield the types in use. table_types: types of the tables that get business metadata."""
    used = terms(picked)
    nodes = {term.node for term in used}
    for id, name, description in (ACCEPTED, SUGGESTED):
        if id in nodes:
            yield _payload(id, _classification(id, name, f"{name}. {description}", [], ATTRIBUTES), 0)
    for term in used:
        name = classification(term.id)
        yield _payload(name, _classification(name, term.zh, term.words, [term.node], ()), 1)
    for table_type in sorted(set(table_types)):
        yield _payload(METADATA_NAME, _business_metadata(table_type), 1, f" on {table_type}")


def shorten(text: str) -> str:
    """Return a text that is no longer than the catalog takes it."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT - 1] + "…"


def _classification(
    name: str,
    title: str,
    description: str,
    parents: Sequence[str],
    attributes: Iterable[tuple[str, str, str]],
) -> Definition:
    return {
        "category": "CLASSIFICATION",
        "name": name,
        "description": shorten(description),
        "typeVersion": "1.0",
        "superTypes": list(parents),
        "attributeDefs": [_attribute(*attribute) for attribute in attributes],
        "options": {"displayName": title},
    }


def _business_metadata(table_type: str) -> Definition:
    options = {APPLICABLE: json.dumps([table_type]), "maxStrLength": str(LONGEST_TEXT)}
    return {
        "category": "BUSINESS_METADATA",
        "name": METADATA_NAME,
        "description": "自然人数与出境路径 head-counts and export paths, by chujing",
        "typeVersion": "1.0",
        "attributeDefs": [_attribute(*number) | {"options": options} for number in NUMBERS],
    }


def _attribute(name: str, type: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "typeName": type,
        "description": description,
        "isOptional": True,
        "cardinality": "LIST" if "array" in type else "SINGLE",
        "isUnique": False,
        "isIndexable": name != "reason",
    }


def _payload(name: str, definition: Definition, order: int, suffix: str = "") -> Payload:
    shown = definition.get("options", {}).get("displayName", definition["description"])
    return Payload(f"type {name}{suffix}", "type", name, definition, order=order, lasting=True, shown=shown)
