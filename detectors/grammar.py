"""What may stand in a YAML file, declared as pydantic models; every fault of a file at once, with its line.

A file is a model of `Keys`, or a list of one. The models lie in `grammar` modules beside what they are read
into, and are imported where a file is read: nothing else needs pydantic.

    class FactKeys(Keys):
        value: str
        on: Day | None = described("when it was answered")

A value that no field can judge alone (does this entity exist?) is for a check: a function of the document
that yields faults, whatever else is wrong in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, WithJsonSchema
from pydantic_core import core_schema

from detectors.errors import ChujingError, combined, nearest
from detectors.message import Msg, Text
from detectors.yaml_document import Document, Fault, KeyPath, Unquoted, masked, shown

Model = TypeVar("Model")
JsonSchema = dict[str, Any]
DocumentCheck = Callable[[Document], Iterable[Fault]]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANY_TEXT = ("string", "number", "boolean")    # what a text may look like to YAML
YES, NO = ("yes", "true"), ("no", "false")


class Keys(BaseModel):
    """A mapping with known keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    def stated(self) -> dict[str, Any]:
        """Return what the file states, by its keys; what it leaves out is left out."""
        fields = type(self).model_fields.items()
        keys = {name: field.alias or name for name, field in fields if name in self.model_fields_set}
        return {key: getattr(self, name) for name, key in keys.items()}


def described(text: str, default: Any = None, **more: Any) -> Any:
    """Return a field with a description for the reference and the JSON Schema. default: `...` for none."""
    return Field(default, description=text, **more)


class Unfit(ValueError):
    """What a validator raises: makes what is wrong, and what to do, of the name of the key."""

    def __init__(self, fault: Callable[[str], tuple[Text, Text]]) -> None:
        super().__init__("unfit")
        self.fault = fault

    @classmethod
    def because(cls, error: ChujingError) -> Unfit:
        """Return the same fault as an error names it."""
        return cls(lambda name: (masked(error.what), error.hint))


def _single(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(lambda name: (Msg('"{name}" must be a single value', name=name), ""))
    return value


MOST_DIGITS = 12                              # of a number: there are fewer people


def whole(least: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers from `least` on, which raises Unfit."""

    def read(value: Any) -> int:
        text = _single(value)
        if len(text.replace("_", "")) > MOST_DIGITS:
            raise Unfit(
                lambda name: (Msg('"{name}" has more digits than a number here may have', name=name), "")
            )
        if not text.replace("_", "").isdecimal() or int(text) < least:
            raise Unfit(
                lambda name: (
                    Msg('"{name}" must be a whole number >= {least}', name=name, least=least), "",
                )
            )
        return int(text)

    return read


def _number(value: Any) -> float:
    try:
        return float(_single(value))
    except ValueError:
        raise Unfit(lambda name: (Msg('"{name}" must be a number', name=name), "")) from None


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(_single(value))
    except Unfit:
        raise
    except ValueError:
        raise Unfit(
            lambda name: (Msg('"{name}" must be a date such as 2026-01-31', name=name), "")
        ) from None


def _yes(value: Any) -> bool:
    text = _single(value).lower()
    if text not in (*YES, *NO):
        raise Unfit(lambda name: (Msg('"{name}" must be yes or no', name=name), ""))
    return text in YES


def _typed(value: Any) -> Any:
    text = _single(value)
    return yaml.safe_load(text) if isinstance(value, Unquoted) and text else str(text)


Whole = Annotated[int, BeforeValidator(whole(0)), WithJsonSchema({"type": "integer", "minimum": 0})]
Positive = Annotated[int, BeforeValidator(whole(1)), WithJsonSchema({"type": "integer", "minimum": 1})]
Number = Annotated[float, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
YesNo = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"type": "boolean"})]
Typed = Annotated[Any, BeforeValidator(_typed), WithJsonSchema({})]     # as YAML types what has no quotes


def checked(check: Callable[[str], object]) -> BeforeValidator:
    """Return a validator of a text by a function that raises a ChujingError."""

    def read(value: Any) -> str:
        try:
            check(text := _single(value))
        except ChujingError as e:
            raise Unfit.because(e) from None
        return text

    return BeforeValidator(read)


class Either:
    """Metadata of a model: a single value may stand for the mapping that has it under each of some keys.

    about: description of both. read: checks the single value, and raises Unfit. schema: of the single value.
    """

    def __init__(
        self, *keys: str, about: str, read: Callable[[Any], Any] = _single,
        schema: JsonSchemaValue | None = None,
    ) -> None:
        self.keys, self.about, self.read = keys, about, read
        self.schema = schema or {"type": list(ANY_TEXT)}

    def _as_mapping(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        self.read(value)
        return dict.fromkeys(self.keys, value)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_mapping, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [self.schema, handler(schema)], "description": self.about}


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Model]):
    """What a file holds by its model, and the document with its lines."""

    keys: Model
    document: Document


def parsed(
    document: Document, model: Any, kind: type[ChujingError], checks: Iterable[DocumentCheck] = ()
) -> Parsed[Any]:
    """Return a document by a model; raise an error of a kind with everything that is wrong in it."""
    keys, of_model = validated(document.value, model)
    faults = list(document.faults)
    faults += [fault for fault in of_model if not _follows(fault, [*faults, *of_model])]
    faults += [fault for check in checks for fault in check(document) if not _follows(fault, faults)]
    if faults:
        raise combined(document.errors(faults, kind))
    return Parsed(keys, document)


def validated(value: Any, model: Any, path: KeyPath = ()) -> tuple[Any, list[Fault]]:
    """Return (value by a model, nothing), or (None, everything wrong with it). path: of the value."""
    try:
        return _adapter(model).validate_python(value), []
    except ValidationError as e:
        return None, [_fault(error, model, path) for error in e.errors(include_url=False)]


def _follows(fault: Fault, others: Iterable[Fault]) -> bool:
    """Does a fault follow from another one?

    It lies in a value at fault, or a key that is missing stands there with a typo or a wrong value.
    """
    if fault.of == "missing":
        hint = str(nearest(fault.path[-1], fault.path[-1:]))
        return any(
            k.of == "key" and k.path[:-1] == fault.path[:-1] and str(k.hint) == hint
            or k.of == "value" and k.path == fault.path
            for k in others
        )
    return any(
        k is not fault and k.of == "value" and k.path and fault.path[: len(k.path)] == k.path for k in others
    )


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _fault(error: Mapping[str, Any], model: Any, above: KeyPath) -> Fault:
    """An error of pydantic's in our words.

    Of values, only what should have been one of a few words is shown.
    """
    below = tuple(str(part) for part in error["loc"] if part != "[key]")
    path = (*above, *below)
    name = shown(path[-1]) if path else "the file"
    unfit = error.get("ctx", {}).get("error")
    if isinstance(unfit, Unfit):
        return Fault(path, *unfit.fault(name))
    match error["type"]:
        case "extra_forbidden":
            around = schema_at(json_schema(model), below[:-1])
            keys = tuple(key for way in around.get("anyOf", [around]) for key in way.get("properties", {}))
            hint = nearest(path[-1], keys) or Msg("known here: {names}", names=tuple(sorted(keys)))
            return Fault(path, Msg('unknown key "{name}"', name=name), hint, "key")
        case "missing":
            return Fault(path, Msg('"{name}" is missing', name=name), "", "missing")
        case "literal_error":
            return Fault(path, *_no_choice(name, error))
        case "list_type" | "tuple_type" | "set_type" | "frozen_set_type":
            return Fault(path, Msg('"{name}" must be a list', name=name), Msg("{name}: [..]", name=name))
        case "dict_type" | "model_type" | "mapping_type" | "model_attributes_type":
            return Fault(path, no_mapping(name))
        case _:
            return Fault(path, Msg('"{name}" must be a single value', name=name))


def _no_choice(name: str, error: Mapping[str, Any]) -> tuple[Text, Text]:
    choices = tuple(re.findall("'([^']*)'", error["ctx"]["expected"]))
    if not isinstance(error["input"], str):
        return Msg('"{name}" must be a single value', name=name), ""
    value = shown(error["input"])
    hint = nearest(value, choices) or Msg("one of: {names}", names=choices)
    return Msg('"{name}" cannot be "{value}"', name=name, value=value), hint


def no_mapping(name: str) -> Msg:
    """Return what is wrong with a value that should have keys."""
    if name.isdecimal():
        return Msg("an entry of this list is a mapping (key: value)")
    return Msg('"{name}" must be a mapping (key: value)', name=name)


class _Generator(GenerateJsonSchema):
    """JSON Schema of what may be typed: a text may look like a number, and nothing is null."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {"type": list(ANY_TEXT)}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        part = super().default_schema(schema)
        if part.get("default") in (None, "", [], {}):
            part.pop("default", None)
        return part

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        part = super().model_schema(schema)
        part.pop("description", None)         # the docstring of the class, which is about the class
        return part

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@cache
def json_schema(model: Any) -> JsonSchema:
    """Return the JSON Schema (2020-12) of a model, everything in its place: no references."""
    part = _adapter(model).json_schema(schema_generator=_Generator)
    return dict(_inlined(part, part.get("$defs", {})))


def _inlined(part: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    rest = {
        key: {name: _inlined(value, definitions) for name, value in inner.items()}
        if key == "properties" else _inlined(inner, definitions)
        for key, inner in part.items() if key not in ("$ref", "$defs", "title")
    }
    if "$ref" in part:
        return {**_inlined(definitions[part["$ref"].rsplit("/", 1)[1]], definitions), **rest}
    return rest


def schema_at(schema: JsonSchema, path: KeyPath) -> JsonSchema:
    """Return the part of a JSON Schema that a path leads to; empty where there is none."""
    for part in path:
        schema = next(_steps(schema, part), {})
    return schema


def _steps(schema: JsonSchema, part: str) -> Iterator[JsonSchema]:
    for way in schema.get("anyOf", [schema]):
        below = way.get("properties", {}).get(part) or way.get("additionalProperties") or way.get("items")
        if isinstance(below, dict):
            yield below
