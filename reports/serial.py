"""Dataclasses to JSON and back, by their type hints. Readers skip keys they do not know.

A message is written twice: its English sentence under the field's own key (`reason`), and what it is made of
beside it (`reason_message`). A list of sentences has a list of records beside it, null where a sentence is
plain text. A text of the law (a field of the type `Word`) is written in Chinese under the field's own key and
in English beside it (`words_en`).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from detectors.message import Note, Word
from detectors.model import ColumnFinding, Evidence
from mappings.flow_report import StockDuty
from mappings.model import Assessed, Combination, FieldVerdict, law_text
from reports.messages.legacy import read_note
from reports.messages.stored import from_record, to_record

MESSAGE = "_message"                          # ends the key under which a message is written as a record
Field = tuple[type, str]                      # a dataclass, and the name of a field
RENAMED: dict[Field, str] = {(Evidence, "origin"): "from"}
# an assessed finding is one flat record
FLATTENED: dict[Field, type] = {(Assessed, "finding"): ColumnFinding}
# keys of a text of the law, where they are others than X and X_en
LANGUAGES: dict[Field, tuple[str, str]] = {
    (Combination, "title"): ("zh", "en"),
    (StockDuty, "words"): ("zh", "en"),
}
# the field after which the English key of a text of the law stands, where that is another
LATER: dict[Field, str] = {(FieldVerdict, "reason"): "confidence_of_source"}


class JsonKey(NamedTuple):
    """A key of a record in JSON.

    flat: type of a record that lies flat in this one. lang: of a text of the law, else empty.
    """

    name: str                                 # the field
    key: str
    flat: type | None = None
    lang: Literal["", "zh", "en"] = ""


@cache
def type_hints(kind: type) -> Mapping[str, Any]:
    """Return the resolved type hints of a dataclass."""
    return get_type_hints(kind)


@cache
def json_keys(kind: type) -> tuple[JsonKey, ...]:
    """Return the keys of a dataclass in JSON, in order."""
    keys: list[JsonKey] = []
    english: dict[str, list[JsonKey]] = {}      # field -> keys that follow it
    for f in fields(kind):
        field = (kind, f.name)
        if type_hints(kind)[f.name] is Word:
            zh, en = LANGUAGES.get(field, (f.name, f"{f.name}_en"))
            keys.append(JsonKey(f.name, zh, lang="zh"))
            english.setdefault(LATER.get(field, f.name), []).append(JsonKey(f.name, en, lang="en"))
        else:
            keys.append(JsonKey(f.name, RENAMED.get(field, f.name), FLATTENED.get(field)))
        keys += english.get(f.name, ())
    return tuple(keys)


# ---- writing

_PLAIN = frozenset({str, int, float, bool, type(None)})


def dump(value: Any) -> Any:
    """Return a value ready for JSON: dataclasses become objects, tuples lists, dates text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple | list):
        return [dump(part) for part in value]
    if is_dataclass(kind):
        return _dump_record(kind, value)
    if isinstance(value, Mapping):
        return {str(key): dump(part) for key, part in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _dump_record(kind: type, record: Any) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, key, flat, lang in json_keys(kind):
        value = getattr(record, name)
        if flat is not None:
            body |= {k: v for k, v in dump(value).items() if k != "column"}
        elif lang:
            body[key] = getattr(value, lang)
        else:
            body[key] = dump(value)
            if (message := _message_records(value)) is not None:
                body[key + MESSAGE] = message
    return body


def _message_records(value: Any) -> Any:
    """Return the records of the messages in a field, one or a list; None where it holds none."""
    if isinstance(value, str):
        return to_record(value)
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        records = [to_record(part) for part in value]
        return records if any(records) else None
    return None


# ---- reading


def build(kind: Any, data: Any, column: str = "") -> Any:
    """Return a value of a type from JSON; raise KeyError, TypeError or ValueError if it does not fit.

    column: id of the column around a finding.
    """
    return None if data is None else _builder(kind)(data, column)


Builder = Callable[[Any, str], Any]           # from JSON that is not null, and the id of the column around it


@cache
def _builder(kind: Any) -> Builder:
    """Return what makes a value of a type."""
    origin = get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _builder(next(part for part in get_args(kind) if part is not type(None)))
    if origin is tuple:
        return _tuple_builder(get_args(kind))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        inner = get_args(kind)[1]
        return lambda data, column: {key: build(inner, part, column) for key, part in data.items()}
    if kind is date:
        return lambda data, column: date.fromisoformat(data)
    if kind is Note:
        return lambda data, column: read_note(data)
    if is_dataclass(kind) and isinstance(kind, type):
        return lambda data, column: _build_record(kind, data, column)
    return _as_it_is


def _as_it_is(data: Any, column: str) -> Any:
    return data


def _tuple_builder(inner: tuple[Any, ...]) -> Builder:
    if len(inner) == 2 and inner[1] is Ellipsis:
        of_part = _builder(inner[0])
        if of_part is _as_it_is:
            return lambda data, column: tuple(data)
        return lambda data, column: tuple(
            None if part is None else of_part(part, column) for part in data
        )
    return lambda data, column: tuple(
        build(kind, part, column) for kind, part in zip(inner, data, strict=True)
    )


class _RecordPlan(NamedTuple):
    """What the type of a record decides, once for all its records."""

    plain: Sequence[tuple[str, str, str, Builder]]             # field, key, key of its messages, its builder
    flat: Sequence[tuple[str, Builder]]                        # a record that lies flat in this one
    of_law: Sequence[tuple[str, str, str]]                     # field, key, language


@cache
def _plan(kind: type) -> _RecordPlan:
    hints, keys = type_hints(kind), json_keys(kind)
    return _RecordPlan(
        [(k.name, k.key, k.key + MESSAGE, _builder(hints[k.name]))
         for k in keys if k.flat is None and not k.lang],
        [(k.name, _builder(k.flat)) for k in keys if k.flat is not None],
        [(k.name, k.key, k.lang) for k in keys if k.lang],
    )


def _build_record(kind: type, data: Mapping[str, Any], column: str) -> Any:
    values: dict[str, Any] = {}
    column = str(data.get("id", column)) if "findings" in data else column
    plan = _plan(kind)
    for name, key, message_key, of_field in plan.plain:
        if key not in data:
            continue
        part = data[key]
        values[name] = part if part is None or of_field is _as_it_is else of_field(part, column)
        if message_key in data and data[message_key] is not None:
            values[name] = _with_messages(values[name], data[message_key])
    for name, of_record in plan.flat:
        values[name] = of_record({**data, "column": column}, column)
    for name, key, lang in plan.of_law:
        if lang == "zh" and key in data:
            values[name] = law_text(data[key])
        elif lang == "en" and name in values:
            values[name] = law_text(values[name].zh, data.get(key, ""))
    return kind(**values)


def _with_messages(value: Any, records: Any) -> Any:
    """Return a field with the messages that stand beside it put in."""
    if isinstance(value, tuple):
        return tuple(
            _with_messages(part, record) if record is not None else part
            for part, record in zip(value, records, strict=True)
        )
    message = from_record(records)
    return Note.stored(str(value), value.code, message) if isinstance(value, Note) else message
