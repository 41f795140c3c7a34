"""Strict YAML: a declared shape, errors with file:line and the nearest name, and a JSON Schema.

Scalars are read as the text that was typed: `no` stays "no" and `010` stays "010"; numbers and dates are
parsed where the shape asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.yaml_problems import yaml_problem

KeyPath = tuple[str, ...]                               # keys and, in lists, indices from the root


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `choices` closes the set."""

    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number >= `least`."""

    least: int = 0
    help: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date written 2026-01-31."""

    help: str = ""


@dataclass(frozen=True, slots=True)
class AnyScalar:
    """Any scalar, typed as YAML types it (comparison values in `where`)."""

    help: str = ""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    of: Shape
    help: str = ""


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping with free keys and values of one shape; `keys` closes the set of keys."""

    of: Shape
    keys: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys."""

    keys: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Either:
    """A scalar or a record: the node's kind decides."""

    scalar: Shape
    record: Record
    help: str = ""


Shape: TypeAlias = "Text | Whole | Day | AnyScalar | ListOf | MapOf | Record | Either"


@dataclass(frozen=True, slots=True)
class Document:
    """Parsed values and the line each path came from, for later checks."""

    value: Any
    file: str
    lines: Mapping[KeyPath, int] = field(repr=False)

    def where(self, *path: str) -> str:
        """Return `file:line` of a path, or of its nearest parent that is there."""
        for end in range(len(path), -1, -1):
            if (line := self.lines.get(path[:end])) is not None:
                return f"{self.file}:{line}"
        return self.file


def load(path: Path, shape: Shape) -> Document:
    """Parse a file against a shape; raise ConfigError with file:line on the first thing that is wrong."""
    return parse(_text(path), shape, str(path))


def parse(text: str, shape: Shape, file: str) -> Document:
    """Like `load`, from a string."""
    reader = _Reader(file)
    return Document(reader.read(_compose(text, file), shape, ()), file, reader.lines)


def load_each(path: Path, shape: ListOf) -> tuple[Document, list[ConfigError]]:
    """Read a list item by item.

    Return the sound ones by their number, and every fault of the others, key by key.

    Raise ConfigError for what is no list.
    """
    reader = _Reader(str(path))
    node = _compose(_text(path), str(path))
    if not isinstance(node, yaml.SequenceNode):
        reader.read(node, shape, ())
    sound: dict[int, Any] = {}
    faults: list[ConfigError] = []
    for i, item in enumerate(node.value):
        try:
            sound[i] = reader.read(item, shape.of, (str(i),))
        except ConfigError as first:
            faults += reader.faults(item, shape.of, (str(i),)) or [first]
    return Document(sound, str(path), reader.lines), faults


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(Msg("no such file"), where=str(path), hint=Msg("chujing init writes one")) from None
    except UnicodeDecodeError:
        raise ConfigError(
            Msg("not UTF-8 text"), where=str(path), hint=Msg("save the file as UTF-8")
        ) from None
    except OSError as e:
        raise ConfigError(Msg("cannot be read ({kind})", kind=type(e).__name__), where=str(path)) from None


def _compose(text: str, file: str) -> yaml.Node:
    """The nodes of a document; ConfigError when it is no YAML or empty."""
    try:
        node = _compose_fast(text)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        problem = Msg("not YAML: {said}", said=yaml_problem(str(e.problem)))
        raise ConfigError(problem, where=f"{file}:{line}") from None
    except yaml.YAMLError:
        raise ConfigError(Msg("not YAML: a character that cannot be read"), where=file) from None
    if node is None:
        raise ConfigError(Msg("the file is empty"), where=file)
    return node


def _compose_fast(text: str) -> yaml.Node | None:
    """The nodes by the fast parser where it is installed; by the other one, too, where it finds a fault."""
    if (fast := getattr(yaml, "CSafeLoader", None)) is not None:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=fast)
    return yaml.compose(text, Loader=yaml.SafeLoader)


class _Reader:
    """Turns the nodes of one file into values, noting where each stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}

    def where(self, node: yaml.Node) -> str:
        return f"{self.file}:{node.start_mark.line + 1}"

    def read(self, node: yaml.Node, shape: Shape, path: KeyPath) -> Any:
        """Return the value of a node; raise ConfigError where it is not of the shape."""
        self.lines[path] = node.start_mark.line + 1
        name = path[-1] if path else "the file"
        if isinstance(shape, Either):
            shape = shape.record if isinstance(node, yaml.MappingNode) else shape.scalar
        if isinstance(shape, Record | MapOf):
            if not isinstance(node, yaml.MappingNode):
                raise ConfigError(_no_mapping(name), where=self.where(node))
            return self._read_mapping(node, shape, path)
        if isinstance(shape, ListOf):
            if not isinstance(node, yaml.SequenceNode):
                raise ConfigError(
                    Msg('"{name}" must be a list', name=name),
                    where=self.where(node),
                    hint=Msg("{name}: [..]", name=name),
                )
            return [self.read(item, shape.of, (*path, str(i))) for i, item in enumerate(node.value)]
        if not isinstance(node, yaml.ScalarNode):
            raise ConfigError(Msg('"{name}" must be a single value', name=name), where=self.where(node))
        return self._read_scalar(node, shape, name)

    def _read_mapping(self, node: yaml.MappingNode, shape: Record | MapOf, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in values:
                raise ConfigError(
                    Msg('"{name}" stands twice', name=key),
                    where=self.where(key_node),
                    hint=Msg("remove one of them"),
                )
            values[key] = self._read_value(key_node, value_node, shape, path)
        for key in shape.required if isinstance(shape, Record) else ():
            if key not in values:
                raise self._missing(key, node)
        return values

    def _read_value(
        self, key_node: yaml.Node, value_node: yaml.Node, shape: Record | MapOf, path: KeyPath
    ) -> Any:
        key, keys = str(key_node.value), tuple(shape.keys)
        if keys and key not in keys:
            raise ConfigError(
                Msg('unknown key "{name}"', name=key),
                where=self.where(key_node),
                hint=nearest(key, keys) or Msg("known here: {names}", names=tuple(sorted(keys))),
            )
        return self.read(value_node, shape.keys[key] if isinstance(shape, Record) else shape.of, (*path, key))

    def _read_scalar(self, node: yaml.ScalarNode, shape: Shape, name: str) -> Any:
        text, where = str(node.value), self.where(node)
        match shape:
            case Text(choices=choices) if choices and text not in choices:
                raise ConfigError(
                    Msg('"{name}" cannot be "{value}"', name=name, value=text),
                    where=where,
                    hint=nearest(text, choices) or Msg("one of: {names}", names=choices),
                )
            case Text():
                return text
            case Whole(least=least):
                if not text.replace("_", "").isdecimal() or int(text) < least:
                    raise ConfigError(
                        Msg('"{name}" must be a whole number >= {least}', name=name, least=least), where=where
                    )
                return int(text)
            case Day():
                try:
                    return date.fromisoformat(text)
                except ValueError:
                    raise ConfigError(
                        Msg('"{name}" must be a date such as 2026-01-31', name=name), where=where
                    ) from None
        return yaml.safe_load(text) if not node.style and text else text

    def faults(self, node: yaml.Node, shape: Shape, path: KeyPath) -> list[ConfigError]:
        """Return a fault for every key of a record that is wrong or missing; none for what is no record."""
        if not isinstance(node, yaml.MappingNode) or not isinstance(shape, Record):
            return []
        faults: list[ConfigError] = []
        for key_node, value_node in node.value:
            try:
                _Reader(self.file)._read_value(key_node, value_node, shape, path)
            except ConfigError as e:
                faults.append(e)
        present = {str(key_node.value) for key_node, _ in node.value}
        return faults + [self._missing(key, node) for key in shape.required if key not in present]

    def _missing(self, key: str, node: yaml.Node) -> ConfigError:
        return ConfigError(Msg('"{name}" is missing', name=key), where=self.where(node))


def _no_mapping(name: str) -> Msg:
    if name.isdecimal():
        return Msg("an entry of this list is a mapping (key: value)")
    return Msg('"{name}" must be a mapping (key: value)', name=name)


def json_schema(shape: Shape) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a shape."""
    about = {"description": shape.help} if shape.help else {}
    match shape:
        case Text():
            types = ["string", "number", "boolean"]
            return about | ({"enum": list(shape.choices)} if shape.choices else {"type": types})
        case Whole():
            return about | {"type": "integer", "minimum": shape.least}
        case Day():
            return about | {"type": "string", "format": "date"}
        case ListOf():
            return about | {"type": "array", "items": json_schema(shape.of)}
        case MapOf():
            keys = {"propertyNames": {"enum": list(shape.keys)}} if shape.keys else {}
            return about | keys | {"type": "object", "additionalProperties": json_schema(shape.of)}
        case Record():
            return about | {
                "type": "object",
                "additionalProperties": False,
                "required": list(shape.required),
                "properties": {k: json_schema(v) for k, v in shape.keys.items()},
            }
        case Either():
            return about | {"anyOf": [json_schema(shape.scalar), json_schema(shape.record)]}
        case _:
            return about
