"""JSON Schema (2020-12) of dataclasses as `serial` writes them, from their type hints.

Enumerations are open: readers accept values they do not know.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints

from detectors.message import Note, Text
from reports.serial import MESSAGE, json_keys, type_hints

# class -> name in the schema, where that is another
SCHEMA_NAMES = {"TableReading": "Read", "LabelGrading": "Graded"}
PLAIN_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
MESSAGE_SCHEMA: dict[str, Any] = {
    "description": "A sentence, the id of its template and the values in it; "
    "or words with their Chinese (zh) and English (en).",
    "type": "object",
    "properties": {
        "id": {"type": "string"}, "text": {"type": "string"}, "values": {"type": "object"},
        "zh": {"type": "string"}, "en": {"type": "string"},
    },
    "required": ["text"],
}
Schema = dict[str, Any]


def schema_of(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a type. definitions: filled with the schemas of records, by name."""
    origin = get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        parts = [part for part in get_args(kind) if part is not type(None)]
        return {"anyOf": [*(schema_of(part, definitions) for part in parts), {"type": "null"}]}
    if origin is Literal:
        return {"type": "string", "examples": list(get_args(kind))}
    if origin is tuple:
        return _array_schema(get_args(kind), definitions)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(get_args(kind)[1], definitions)}
    if is_dataclass(kind) and isinstance(kind, type):
        return _reference(kind, definitions)
    if kind is date:
        return {"type": "string", "format": "date"}
    plain = str if kind is Note else getattr(kind, "__supertype__", kind)
    return {"type": PLAIN_TYPES[plain]} if plain in PLAIN_TYPES else {}


def _array_schema(inner: tuple[Any, ...], definitions: dict[str, Schema]) -> Schema:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return {"type": "array", "items": schema_of(inner[0], definitions)}
    return {"type": "array", "prefixItems": [schema_of(part, definitions) for part in inner]}


def _reference(kind: type, definitions: dict[str, Schema]) -> Schema:
    """Return a reference to the schema of a record, which is added once."""
    name = SCHEMA_NAMES.get(kind.__name__, kind.__name__)
    if name not in definitions:
        definitions[name] = {}                # so that a record may hold records of its own kind
        definitions[name] = _record_schema(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _record_schema(kind: type, definitions: dict[str, Schema]) -> Schema:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, key, flat, lang in json_keys(kind):
        if flat is not None:
            inner = _record_schema(flat, definitions)
            properties |= {k: v for k, v in inner["properties"].items() if k != "column"}
            required += [k for k in inner["required"] if k != "column"]
        else:
            hint = get_type_hints(kind, include_extras=True)[name]
            properties[key] = {"type": "string"} if lang else schema_of(type_hints(kind)[name], definitions)
            required.append(key)
            properties |= _message_schema(key, hint, definitions)
    return _description(kind) | {"type": "object", "properties": properties, "required": required}


def _description(kind: type) -> Schema:
    """Return the first line of a class's docstring; nothing where Python made it."""
    first = (kind.__doc__ or "").strip().split("\n")[0]
    return {"description": first} if first and not first.startswith(f"{kind.__name__}(") else {}


def _message_schema(key: str, hint: Any, definitions: dict[str, Schema]) -> Schema:
    """Return what may stand beside a field of messages, or a list of them; nothing for any other."""
    record = {"$ref": "#/$defs/Message"}
    if hint in (Text, Note):
        beside: Schema = record
    elif get_origin(hint) is tuple and get_args(hint) in ((Text, ...), (Note, ...)):
        beside = {"type": "array", "items": {"anyOf": [record, {"type": "null"}]}}
    else:
        return {}
    definitions["Message"] = MESSAGE_SCHEMA
    return {key + MESSAGE: beside}
