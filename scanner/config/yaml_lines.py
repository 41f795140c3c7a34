"""Strict YAML: a declared shape, errors with file, line and the nearest name, and a JSON Schema from the same declaration.

Scalars are read as the text that was typed: `no` stays "no" and `010` stays "010"; numbers and dates are parsed where
the shape asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.yaml_problems import yaml_problem


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

    of: Any
    help: str = ""


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping with free keys and values of one shape; `keys` closes the set of keys."""

    of: Any
    keys: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys."""

    keys: Mapping[str, Any]
    required: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Either:
    """A scalar or a record: the node's kind decides."""

    scalar: Any
    record: Record
    help: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """Parsed values and the line each path came from, for later checks."""

    value: Any
    file: str
    lines: Mapping[tuple[str, ...], int] = field(repr=False)

    def where(self, *path: str) -> str:
        """`file:line` of a path, or of its nearest known parent."""
        for end in range(len(path), -1, -1):
            if (line := self.lines.get(path[:end])) is not None:
                return f"{self.file}:{line}"
        return self.file


def load(path: Path, shape: Any) -> Document:
    """Parse a file against a shape; ConfigError with file:line on the first thing that is wrong."""
    return parse(_text(path), shape, str(path))


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


def parse(text: str, shape: Any, file: str) -> Document:
    """Like `load`, from a string."""
    lines: dict[tuple[str, ...], int] = {}
    return Document(_read(_node(text, file), shape, (), lines, file), file, lines)


def load_each(path: Path, shape: ListOf) -> tuple[Document, list[ConfigError]]:
    """A list read item by item: the sound ones by their number, and every fault of the others, key by key."""
    file, node = str(path), _node(_text(path), str(path))
    lines: dict[tuple[str, ...], int] = {}
    sound: dict[int, Any] = {}
    wrong: list[ConfigError] = []
    if not isinstance(node, yaml.SequenceNode):
        _read(node, shape, (), lines, file)
    for i, item in enumerate(node.value):
        try:
            sound[i] = _read(item, shape.of, (str(i),), lines, file)
        except ConfigError as first:
            wrong += _wrong(item, shape.of, (str(i),), file) or [first]
    return Document(sound, file, lines), wrong


def _wrong(node: yaml.Node, shape: Any, path: tuple[str, ...], file: str) -> list[ConfigError]:
    """Every key of a mapping that is at fault, and every one that is missing."""
    if not isinstance(node, yaml.MappingNode) or not isinstance(shape, Record):
        return []
    found: list[ConfigError] = []
    for pair in node.value:
        try:
            _mapping(yaml.MappingNode(node.tag, [pair], node.start_mark), Record(shape.keys), path, {}, file)
        except ConfigError as e:
            found.append(e)
    given = {str(key.value) for key, _ in node.value}
    return found + [_missing(key, node, file) for key in shape.required if key not in given]


def _missing(key: str, node: yaml.Node, file: str) -> ConfigError:
    return ConfigError(Msg('"{name}" is missing', name=key), where=f"{file}:{node.start_mark.line + 1}")


def _node(text: str, file: str) -> yaml.Node:
    """The document; ConfigError when it is no YAML or empty."""
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        problem = Msg("not YAML: {said}", said=yaml_problem(str(e.problem)))
        raise ConfigError(problem, where=f"{file}:{line}") from None
    except yaml.YAMLError:
        raise ConfigError(Msg("not YAML: a character that cannot be read"), where=file) from None
    if node is None:
        raise ConfigError(Msg("the file is empty"), where=file)
    return node


def _composed(text: str) -> yaml.Node | None:
    """The document's nodes, by the fast parser where it is installed and content; faults are told by the other one."""
    if (fast := getattr(yaml, "CSafeLoader", None)) is not None:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=fast)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _read(node: yaml.Node, shape: Any, path: tuple[str, ...], lines: dict[tuple[str, ...], int], file: str) -> Any:
    lines[path] = node.start_mark.line + 1
    where = f"{file}:{node.start_mark.line + 1}"
    name = path[-1] if path else "the file"
    if isinstance(shape, Either):
        shape = shape.record if isinstance(node, yaml.MappingNode) else shape.scalar
    if isinstance(shape, Record | MapOf):
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(Msg("an entry of this list is a mapping (key: value)") if name.isdecimal() else
                              Msg('"{name}" must be a mapping (key: value)', name=name), where=where)
        return _mapping(node, shape, path, lines, file)
    if isinstance(shape, ListOf):
        if not isinstance(node, yaml.SequenceNode):
            raise ConfigError(Msg('"{name}" must be a list', name=name), where=where, hint=Msg("{name}: [..]", name=name))
        return [_read(n, shape.of, (*path, str(i)), lines, file) for i, n in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode):
        raise ConfigError(Msg('"{name}" must be a single value', name=name), where=where)
    return _scalar(node, shape, name, where)


def _mapping(node: yaml.MappingNode, shape: Record | MapOf, path: tuple[str, ...],
             lines: dict[tuple[str, ...], int], file: str) -> dict[str, Any]:
    known = tuple(shape.keys)
    out: dict[str, Any] = {}
    for key_node, value_node in node.value:
        where = f"{file}:{key_node.start_mark.line + 1}"
        key = str(key_node.value)
        if key in out:
            raise ConfigError(
                Msg('"{name}" stands twice', name=key), where=where, hint=Msg("remove one of them")
            )
        if known and key not in known:
            hint = nearest(key, known) or Msg("known here: {names}", names=tuple(sorted(known)))
            raise ConfigError(Msg('unknown key "{name}"', name=key), where=where, hint=hint)
        inner = shape.keys[key] if isinstance(shape, Record) else shape.of
        out[key] = _read(value_node, inner, (*path, key), lines, file)
    for key in shape.required if isinstance(shape, Record) else ():
        if key not in out:
            raise _missing(key, node, file)
    return out


def _scalar(node: yaml.ScalarNode, shape: Any, name: str, where: str) -> Any:
    text = str(node.value)
    if isinstance(shape, Text):
        if shape.choices and text not in shape.choices:
            hint = nearest(text, shape.choices) or Msg("one of: {names}", names=tuple(shape.choices))
            raise ConfigError(
                Msg('"{name}" cannot be "{value}"', name=name, value=text), where=where, hint=hint
            )
        return text
    if isinstance(shape, Whole):
        if not text.replace("_", "").isdecimal() or int(text) < shape.least:
            raise ConfigError(
                Msg('"{name}" must be a whole number >= {least}', name=name, least=shape.least), where=where
            )
        return int(text)
    if isinstance(shape, Day):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ConfigError(
                Msg('"{name}" must be a date such as 2026-01-31', name=name), where=where
            ) from None
    return yaml.safe_load(text) if not node.style and text else text


def json_schema(shape: Any) -> dict[str, Any]:
    """JSON Schema (2020-12) of a shape."""
    about = {"description": shape.help} if shape.help else {}
    match shape:
        case Text():
            return about | ({"enum": list(shape.choices)} if shape.choices else {"type": ["string", "number", "boolean"]})
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
                "type": "object", "additionalProperties": False, "required": list(shape.required),
                "properties": {k: json_schema(v) for k, v in shape.keys.items()},
            }
        case Either():
            return about | {"anyOf": [json_schema(shape.scalar), json_schema(shape.record)]}
        case _:
            return about
