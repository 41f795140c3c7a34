"""`chujing init --add`: one more source for a chujing.yaml, with every other line left as it is.

The lines are put behind the last source, in the style of the block that is there. Where that cannot be done,
it is refused with the lines to be written by hand: nothing but the new source reads otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from detectors.errors import ConfigError
from detectors.input_files import input_bytes
from detectors.message import Msg
from detectors.yaml_document import parse_document
from scanner.config.model import check_text
from scanner.config.sources import resolve_url
from scanner.config.yaml_words import parse_words
from scanner.files import write_atomically

SOURCES = "sources"
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as it is written: its name, and its keys in YAML on one line each."""

    name: str
    keys: Mapping[str, str]

    def block(self, indent: int, step: int) -> str:
        """Return it as lines of a block."""
        inner = " " * (indent + step)
        lines = [f"{' ' * indent}{self.name}:", *(f"{inner}{key}: {text}" for key, text in self.keys.items())]
        return "\n".join(lines) + "\n"

    def inline(self) -> str:
        """Return it as an entry of a mapping in braces."""
        keys = ", ".join(f"{key}: {text}" for key, text in self.keys.items())
        return f"{self.name}: {{{keys}}}"


def add_to_config(path: Path, source: NewSource) -> None:
    """Put a source into a configuration; raise ConfigError where it has it, or where the lines do not fit."""
    raw = input_bytes(path, ConfigError).decode("utf-8")
    mark, text = (BOM, raw[1:]) if raw.startswith(BOM) else ("", raw)
    ends = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    name = str(yaml.safe_load(source.name))
    _check_new(path, plain, name, resolve_url(str(yaml.safe_load(source.keys["url"])), path.parent))
    added = _with_source(plain, source)
    if not _differs_alone(plain, added, name):
        raise ConfigError(
            Msg("the source cannot be added without changing other lines"), where=str(path),
            hint=Msg("write under sources: {lines}", lines=source.inline()),
        )
    check_text(added, str(path))
    write_atomically(path, (mark + added.replace("\n", ends)).encode(), "team")


def _check_new(path: Path, text: str, name: str, url: str) -> None:
    """Raise ConfigError for a file that is no YAML, and for a source or a name that it has already."""
    doc = parse_document(text, str(path), ConfigError)
    listed = doc.value.get(SOURCES) if isinstance(doc.value, dict) else None
    for other, of_other in listed.items() if isinstance(listed, dict) else ():
        if other == name:
            raise ConfigError(
                Msg('a source is called "{name}" already', name=name), where=doc.where(SOURCES, other),
                hint=Msg("--name gives it another name"),
            )
        if isinstance(of_other, dict) and resolve_url(str(of_other.get("url")), path.parent) == url:
            raise ConfigError(
                Msg('source "{name}" has this URL already', name=other), where=doc.where(SOURCES, other),
                hint=Msg("chujing scan reads it"),
            )


def _differs_alone(before: str, after: str, name: str) -> bool:
    """Do two texts say the same, but for a source at the end of the sources?"""
    try:
        old, new = parse_words(before), parse_words(after)
    except yaml.YAMLError:
        return False
    old, new = ({**each, SOURCES: list((each.get(SOURCES) or {}).items())} for each in (old, new))
    return bool(new[SOURCES]) and new[SOURCES][-1][0] == name and {**new, SOURCES: new[SOURCES][:-1]} == old


def _with_source(text: str, source: NewSource) -> str:
    """The text with a source behind the others."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs: Sequence[tuple[Any, Any]] = root.value if isinstance(root, yaml.MappingNode) else []
    index = next((i for i, (key, _) in enumerate(pairs) if key.value == SOURCES), None)
    if index is None:
        end = re.search(r"(?m)(^\.\.\.\s*)*\Z", text)
        body, rest = (text[:end.start()], end[0]) if end is not None else (text, "")
        return f"{body.rstrip(chr(10))}\n\n{SOURCES}:\n{source.block(2, 2)}{rest}"
    key, value = pairs[index]
    if not isinstance(value, yaml.MappingNode) or not value.value:
        return _in_empty_block(text, key, value, source)
    if value.flow_style:
        end = value.value[-1][1].end_mark.index
        return f"{text[:end]}, {source.inline()}{text[end:]}"
    below = pairs[index + 1][0].start_mark.line if index + 1 < len(pairs) else None
    return _behind_block(text, value, below, source)


def _in_empty_block(text: str, key: Any, value: Any, source: NewSource) -> str:
    """Nothing stands under the key, or {}: the block takes its place, and a comment beside it stays."""
    start, end = key.end_mark.index, value.end_mark.index
    head = text[:start] + ":"
    rest = text[end:] if isinstance(value, yaml.MappingNode) else text[start:].removeprefix(":")
    beside, newline, below = rest.partition("\n")
    return f"{head}{beside}\n{source.block(key.start_mark.column + 2, 2)}{below if newline else ''}"


def _behind_block(text: str, value: Any, below: int | None, source: NewSource) -> str:
    """Behind the last line of the block; blank lines and comments at the margin belong to what follows."""
    lines = text.splitlines(keepends=True)
    end = len(lines) if below is None else below
    while end > value.start_mark.line + 1 and not _is_in_block(lines[end - 1]):
        end -= 1
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    first_key, first = value.value[0]
    inner = first.value[0][0].start_mark.column if _is_block(first) else first_key.start_mark.column + 2
    indent = first_key.start_mark.column
    return "".join([*lines[:end], source.block(indent, max(1, inner - indent)), *lines[end:]])


def _is_in_block(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#") and not re.match(r"(\.\.\.|---)\s*$", line)


def _is_block(node: Any) -> bool:
    return isinstance(node, yaml.MappingNode) and bool(node.value) and not node.flow_style

