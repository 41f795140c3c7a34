"""Dataclasses to JSON and back, and the JSON Schema, all three from the same type hints. Readers skip keys they do not know.

A message is written twice: its English sentence under the field's own key (`reason`), and what it is made of beside it
(`reason_message`). A list of sentences has a list of records beside it, null where a sentence is plain text.
A text of the law (a field of the type `Word`) is written in Chinese under the field's own key and in English beside it (`words_en`).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from detectors.message import Note, Text, Word
from detectors.model import ColumnFinding, Evidence
from mappings.flow_report import StockDuty
from mappings.model import Assessed, Combination, FieldVerdict, law_text
from reports.messages.legacy import read_note
from reports.messages.stored import from_record, to_record

RENAMED: dict[tuple[type, str], str] = {(Evidence, "origin"): "from"}
FLATTENED: dict[tuple[type, str], type] = {(Assessed, "finding"): ColumnFinding}           # an assessed finding is one flat record
MESSAGE = "_message"                          # ends the key under which a message is written once more, as a record
LANGUAGES: dict[tuple[type, str], tuple[str, str]] = {        # keys of a text of the law, where they are others than X and X_en
    (Combination, "title"): ("zh", "en"), (StockDuty, "words"): ("zh", "en"),
}
SCHEMA_NAMES = {"TableReading": "Read"}       # class -> name in the schema, where that is another
LATER: dict[tuple[type, str], str] = {(FieldVerdict, "reason"): "confidence_of_source"}       # field before its English key


@cache
def hints(kind: type) -> Mapping[str, Any]:
    """Resolved type hints of a dataclass."""
    return get_type_hints(kind)


class _JsonKey(NamedTuple):
    """A key of a record in JSON. flat: type of a record that lies flat in this one. lang: of a text of the law, else empty."""

    name: str                                 # the field
    key: str
    flat: type | None = None
    lang: Literal["", "zh", "en"] = ""


@cache
def _parts(kind: type) -> tuple[_JsonKey, ...]:
    """The keys of a dataclass in JSON, in order."""
    parts: list[_JsonKey] = []
    english: dict[str, list[_JsonKey]] = {}      # field -> keys that follow it
    for f in fields(kind):
        at = (kind, f.name)
        if hints(kind)[f.name] is Word:
            zh, en = LANGUAGES.get(at, (f.name, f"{f.name}_en"))
            parts.append(_JsonKey(f.name, zh, lang="zh"))
            english.setdefault(LATER.get(at, f.name), []).append(_JsonKey(f.name, en, lang="en"))
        else:
            parts.append(_JsonKey(f.name, RENAMED.get(at, f.name), FLATTENED.get(at)))
        parts += english.get(f.name, ())
    return tuple(parts)


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
        for name, key, flat, lang in _parts(kind):
            if flat is not None:
                out |= {k: v for k, v in dump(getattr(value, name)).items() if k != "column"}
            elif lang:
                out[key] = getattr(getattr(value, name), lang)
            else:
                field = getattr(value, name)
                out[key] = dump(field)
                if (message := _messages(field)) is not None:
                    out[key + MESSAGE] = message
        return out
    if isinstance(value, Mapping):
        return {str(k): dump(v) for k, v in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _messages(field: Any) -> Any:
    """The records of the messages in a field, one or a list; None where it holds none."""
    if isinstance(field, str):
        return to_record(field)
    if isinstance(field, tuple) and field and isinstance(field[0], str):
        records = [to_record(part) for part in field]
        return records if any(records) else None
    return None


def _from_messages(value: Any, records: Any) -> Any:
    """A field with the messages that stand beside it put in."""
    if isinstance(value, tuple):
        return tuple(_from_messages(part, r) if r is not None else part for part, r in zip(value, records, strict=True))
    message = from_record(records)
    return Note.stored(str(value), value.code, message) if isinstance(value, Note) else message


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
    if kind is Note:
        return lambda data, column: read_note(data)
    if is_dataclass(kind) and isinstance(kind, type):
        return lambda data, column: _record(kind, data, column)
    return lambda data, column: data


def _record(kind: type, data: Mapping[str, Any], column: str) -> Any:
    values: dict[str, Any] = {}
    column = str(data.get("id", column)) if "findings" in data else column
    for name, key, flat, lang in _parts(kind):
        if flat is not None:
            values[name] = _record(flat, {**data, "column": column}, column)
        elif lang == "zh" and key in data:
            values[name] = law_text(data[key])
        elif lang == "en" and name in values:
            values[name] = law_text(values[name].zh, data.get(key, ""))
        elif not lang and key in data:
            values[name] = build(hints(kind)[name], data[key], column)
            if data.get(key + MESSAGE) is not None:
                values[name] = _from_messages(values[name], data[key + MESSAGE])
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
        name = SCHEMA_NAMES.get(kind.__name__, kind.__name__)
        if name not in about:
            about[name] = {}
            about[name] = _record_schema(kind, about)
        return {"$ref": f"#/$defs/{name}"}
    if kind is date:
        return {"type": "string", "format": "date"}
    plain = str if kind is Note else getattr(kind, "__supertype__", kind)
    return {str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"}}.get(plain, {})


def _record_schema(kind: type, about: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, key, flat, lang in _parts(kind):
        if flat is not None:
            found = _record_schema(flat, about)
            properties |= {k: v for k, v in found["properties"].items() if k != "column"}
            required += [r for r in found["required"] if r != "column"]
        else:
            properties[key] = {"type": "string"} if lang else schema(hints(kind)[name], about)
            required.append(key)
            properties |= _message_schema(key, get_type_hints(kind, include_extras=True)[name], about)
    first = (kind.__doc__ or "").strip().split("\n")[0]
    text = {} if first.startswith(f"{kind.__name__}(") or not first else {"description": first}
    return text | {"type": "object", "properties": properties, "required": required}


def _message_schema(name: str, hint: Any, about: dict[str, Any]) -> dict[str, Any]:
    """What may stand beside a field of the type `Text`, or a list of them."""
    record = {"$ref": "#/$defs/Message"}
    if hint in (Text, Note):
        about["Message"] = MESSAGE_SCHEMA
        return {name + MESSAGE: record}
    if get_origin(hint) is tuple and get_args(hint) in ((Text, ...), (Note, ...)):
        about["Message"] = MESSAGE_SCHEMA
        return {name + MESSAGE: {"type": "array", "items": {"anyOf": [record, {"type": "null"}]}}}
    return {}


MESSAGE_SCHEMA: dict[str, Any] = {
    "description": "A sentence, the id of its template and the values in it; or words with their Chinese (zh) and English (en).",
    "type": "object",
    "properties": {
        "id": {"type": "string"}, "text": {"type": "string"}, "values": {"type": "object"},
        "zh": {"type": "string"}, "en": {"type": "string"},
    },
    "required": ["text"],
}
