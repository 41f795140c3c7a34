"""Names of a Delta table's flat columns in its data files and in the table; column mapping makes them differ.

Source: Delta Transaction Log Protocol, "Schema Serialization Format" and "Column Mapping".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.connectors.files import nested

_PHYSICAL_NAME = "delta.columnMapping.physicalName"
_Paths = tuple[nested.Steps, nested.Steps]    # of one flat column: in the data files, in the table


def column_names(schema: str) -> dict[str, str]:
    """Return dotted name in the data files -> in the table. schema: the log's JSON.

    >>> field = {"name": "id", "type": "long", "metadata": {"delta.columnMapping.physicalName": "x"}}
    >>> column_names(json.dumps({"fields": [field]}))
    {'x': 'id'}
    """
    paths = [pair for field in json.loads(schema)["fields"] for pair in _paths_of_field(field, (), ())]
    inner, outer = nested.names(i for i, _ in paths), nested.names(o for _, o in paths)
    return {inner[i]: outer[o] for i, o in paths}


def _paths_of_field(field: Mapping[str, Any], inner: nested.Steps, outer: nested.Steps) -> Iterator[_Paths]:
    physical_name = field.get("metadata", {}).get(_PHYSICAL_NAME, field["name"])
    yield from _paths_of_type(field["type"], (*inner, physical_name), (*outer, field["name"]))


def _paths_of_type(kind: Any, inner: nested.Steps, outer: nested.Steps) -> Iterator[_Paths]:
    type_name = kind["type"] if isinstance(kind, dict) else kind
    if type_name == "struct":
        for field in kind["fields"]:
            yield from _paths_of_field(field, inner, outer)
    elif type_name == "array" and _holds_fields(kind["elementType"]):
        yield from _paths_of_type(kind["elementType"], nested.mark_list(inner), nested.mark_list(outer))
    elif type_name == "map":
        inner, outer = nested.mark_list(inner), nested.mark_list(outer)
        yield from _paths_of_type(kind["keyType"], (*inner, "key"), (*outer, "key"))
        yield from _paths_of_type(kind["valueType"], (*inner, "value"), (*outer, "value"))
    else:
        yield inner, outer


def _holds_fields(kind: Any) -> bool:
    """Return whether a struct or a map stands in it, however deep in arrays."""
    while isinstance(kind, dict) and kind["type"] == "array":
        kind = kind["elementType"]
    return isinstance(kind, dict) and kind["type"] in ("struct", "map")
