"""Dataclasses to JSON and back, and the JSON Schema, all three from the same type hints. Readers skip keys they do not know."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
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


@cache
def _parts(kind: type) -> tuple[tuple[str, str, type | None], ...]:
    """(field, key in JSON, type of a record that lies flat in this one) of a dataclass."""
    return tuple((f.name, RENAMED.get((kind, f.name), f.name), FLATTENED.get((kind, f.name))) for f in fields(kind))


_PLAIN = frozenset({str, int, float, bool, type(None)})


def dump(value: Any) -> Any:
    """JSON-ready value: dataclasses become objects, tuples lists, dates text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple | list):
        return [dump(v) for v in value]
    if is_dataclass(kind):
        out: dict[str, Any] = {}
        for name, key, flat in _parts(kind):
            if flat is not None:
                out |= {k: v for k, v in dump(getattr(value, name)).items() if k != "column"}
            else:
                out[key] = dump(getattr(value, name))
        return out
    if isinstance(value, Mapping):
        return {str(k): dump(v) for k, v in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return value


def build(kind: Any, data: Any, column: str = "") -> Any:
    """A value of a type from JSON; KeyError, TypeError or ValueError when it does not fit. column: id of the column around a finding."""
    return None if data is None else _builder(kind)(data, column)


@cache
def _builder(kind: Any) -> Callable[[Any, str], Any]:
    """What makes a value of a type from JSON that is not null, and the id of the column around it."""
    origin = get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _builder(next(a for a in get_args(kind) if a is not type(None)))
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return lambda data, column: tuple(build(inner[0], d, column) for d in data)
        return lambda data, column: tuple(build(k, d, column) for k, d in zip(inner, data, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        value = get_args(kind)[1]
        return lambda data, column: {k: build(value, v, column) for k, v in data.items()}
    if kind is date:
        return lambda data, column: date.fromisoformat(data)
    if is_dataclass(kind) and isinstance(kind, type):
        return lambda data, column: _record(kind, data, column)
    return lambda data, column: data


def _record(kind: type, data: Mapping[str, Any], column: str) -> Any:
    values: dict[str, Any] = {}
    column = str(data.get("id", column)) if "findings" in data else column
    for name, key, flat in _parts(kind):
        if flat is not None:
            values[name] = _record(flat, {**data, "column": column}, column)
        elif key in data:
            values[name] = build(hints(kind)[name], data[key], column)
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
