"""The page of chujing.yaml: every key that may stand in it, from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.docs_build.markdown import code, page, table

SchemaNode = Mapping[str, Any]

INTRODUCTION = """\
Every key of `chujing.yaml`. `NAME` stands for a name that you choose, `[]` for each entry of a list. Other
keys are errors with file, line and the nearest known key. `chujing check --schema` prints the same as JSON
Schema; [configuration](../configuration.md) tells what the keys are for."""

PLAIN: tuple[SchemaNode, ...] = ({}, {"type": ["string", "number", "boolean"]})  # any single value; any text


def configuration_page(schema: SchemaNode) -> str:
    """Return the page. schema: JSON Schema of the whole file."""
    sections = [
        f"## {key}\n\n{table(('key', 'value', 'meaning'), _rows(part, key, key in schema['required']))}"
        for key, part in schema["properties"].items()
    ]
    return page("Keys of chujing.yaml", INTRODUCTION, *sections)


def _rows(schema: SchemaNode, path: str, required: bool) -> Iterator[tuple[str, str, str]]:
    """Yield a row for a key and one for each key below it."""
    for part in schema.get("anyOf", [schema]):
        value = _value(part) + (", required" if required else "")
        yield code(path), value, schema.get("description", "") or part.get("description", "")
        yield from _rows_below(part, path)


def _rows_below(schema: SchemaNode, path: str) -> Iterator[tuple[str, str, str]]:
    for key, part in schema.get("properties", {}).items():
        yield from _rows(part, f"{path}.{key}", key in schema.get("required", ()))
    for parts, mark in (("additionalProperties", ".NAME"), ("items", "[]")):
        below = schema.get(parts)
        if isinstance(below, Mapping) and below not in PLAIN:
            yield from _rows(below, path + mark, required=False)


def _value(schema: SchemaNode) -> str:
    """Return in words what may stand behind a key.

    >>> _value({"enum": ["keep", "lower"]}), _value({"type": "integer", "minimum": 1})
    ('`keep`, `lower`', 'whole number from 1')
    """
    if "enum" in schema:
        return ", ".join(code(choice) for choice in schema["enum"])
    match schema.get("type"):
        case "integer":
            return f"whole number from {schema['minimum']}"
        case "boolean":
            return "yes or no"
        case "array":
            return "list"
        case "object":
            keys = schema.get("propertyNames", {}).get("enum", ())
            return "mapping" + (f" of {', '.join(code(key) for key in keys)}" if keys else "")
        case "string" if schema.get("format") == "date":
            return "date, as 2026-01-31"
        case None:
            return "any single value"
        case _:
            return "text"
