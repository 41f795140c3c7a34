"""Dataclasses to JSON and back, and the JSON Schema, all three from the same type hints. Readers skip keys they do not know."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from detectors.model import ColumnFinding, Evidence
from mappings.model import Assessed

RENAMED: dict[tuple[type, str], str] = {(Evidence, "origin"): "from"}
FLATTENED: dict[tuple[type, str], type] = {(Assessed, "finding"): ColumnFinding}           # an assessed finding is one flat record


@cache
def hints(kind: type) -> Mapping[str, Any]:
    """Resolved type hints of a dataclass."""
    return get_type_hints(kind)


def dump(value: Any) -> Any:
    """JSON-ready value: dataclasses become objects, tuples lists, dates text."""
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        out: dict[str, Any] = {}
        for f in fields(value):
            if (kind, f.name) in FLATTENED:
                out |= {k: v for k, v in dump(getattr(value, f.name)).items() if k != "column"}
            else:
                out[RENAMED.get((kind, f.name), f.name)] = dump(getattr(value, f.name))
        return out
    if isinstance(value, Mapping):
        return {str(k): dump(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [dump(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def build(kind: Any, data: Any, column: str = "") -> Any:
    """A value of a type from JSON; KeyError, TypeError or ValueError when it does not fit. column: id of the column around a finding."""
    if data is None:
        return None
    origin = get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return build(next(a for a in get_args(kind) if a is not type(None)), data, column)
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(build(inner[0], d, column) for d in data)
        return tuple(build(k, d, column) for k, d in zip(inner, data, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {k: build(get_args(kind)[1], v, column) for k, v in data.items()}
    if kind is date:
        return date.fromisoformat(data)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, data, column)
    return data


def _record(kind: type, data: Mapping[str, Any], column: str) -> Any:
    values: dict[str, Any] = {}
    column = str(data.get("id", column)) if "findings" in data else column
    for f in fields(kind):
        if inner := FLATTENED.get((kind, f.name)):
            values[f.name] = build(inner, {**data, "column": column}, column)
        elif (key := RENAMED.get((kind, f.name), f.name)) in data:
            values[f.name] = build(hints(kind)[f.name], data[key], column)
    return kind(**values)


def schema(kind: Any, about: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of a type; records go into `about` by name. Enumerations are open: readers accept values they do not know."""
    origin = get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema(a, about) for a in get_args(kind) if a is not type(None)] + [{"type": "null"}]}
    if origin is Literal:
        return {"type": "string", "examples": list(get_args(kind))}
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return {"type": "array", "items": schema(inner[0], about)}
        return {"type": "array", "prefixItems": [schema(k, about) for k in inner]}
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema(get_args(kind)[1], about)}
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in about:
            about[kind.__name__] = {}
            about[kind.__name__] = _record_schema(kind, about)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if kind is date:
        return {"type": "string", "format": "date"}
    plain = getattr(kind, "__supertype__", kind)
    return {str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"}}.get(plain, {})


def _record_schema(kind: type, about: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for f in fields(kind):
        if inner := FLATTENED.get((kind, f.name)):
            found = _record_schema(inner, about)
            properties |= {k: v for k, v in found["properties"].items() if k != "column"}
            required += [r for r in found["required"] if r != "column"]
        else:
            name = RENAMED.get((kind, f.name), f.name)
            properties[name] = schema(hints(kind)[f.name], about)
            required.append(name)
    first = (kind.__doc__ or "").strip().split("\n")[0]
    text = {} if first.startswith(f"{kind.__name__}(") or not first else {"description": first}
    return text | {"type": "object", "properties": properties, "required": required}
