"""A YAML file as plain values that know their lines, read to the end: faults are gathered, not raised.

Scalars are the text that was typed: `no` stays "no" and `010` stays "010". What a text means, a number or a
date, is up to whoever declares the key (`detectors/grammar.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from detectors.errors import ChujingError
from detectors.input_files import input_text
from detectors.message import Msg, Text
from detectors.redaction import redact_text
from detectors.shipped import fast_loader
from detectors.yaml_problems import yaml_problem

KeyPath = tuple[str, ...]                     # keys and, in lists, indices from the root
FaultError = TypeVar("FaultError", bound=ChujingError)
MOST_REPEATED = 10_000                        # nodes that aliases may repeat: a few lines could hold millions
MERGE = "tag:yaml.org,2002:merge"              # `<<: *other`: the keys of another mapping
MOST_SHOWN = 80                               # characters of a name in a message


class Unquoted(str):
    """A scalar that stands without quotes, so that YAML would give it a type."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path: with a value, with a key itself, or a key that is missing.

    line: 0 stands for that of the path.
    """

    path: KeyPath
    what: Text
    hint: Text = ""
    of: Literal["value", "key", "missing"] = "value"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """Values of a file: dictionaries, lists and texts. faults: what is wrong with it as YAML."""

    value: Any
    file: str
    root: yaml.Node | None = field(default=None, repr=False, compare=False)
    faults: tuple[Fault, ...] = ()

    def line(self, path: KeyPath, of_key: bool = False) -> int:
        """Return the line of a path, or of its nearest parent that is there; 0 without a file."""
        node, line = self.root, self.root.start_mark.line + 1 if self.root is not None else 0
        for depth, part in enumerate(path, 1):
            key, node = _child(node, part)
            if node is None:
                break
            at = key if of_key and depth == len(path) and key is not None else node
            line = at.start_mark.line + 1
        return line

    def where(self, *path: str) -> str:
        """Return `file:line` of a path, or of its nearest parent that is there."""
        line = self.line(path)
        return f"{self.file}:{line}" if line else self.file

    def at(self, *path: str) -> Iterator[tuple[KeyPath, Any]]:
        """Yield (path, value) of what is there at a path; `*` stands for each entry of a list or mapping."""
        yield from _at(self.value, path, ())

    def errors(self, faults: list[Fault], kind: type[FaultError]) -> list[FaultError]:
        """Return faults as errors with file and line, in the order of the file."""
        lines = [fault.line or self.line(fault.path, fault.of == "key") for fault in faults]
        ordered = sorted(zip(lines, faults, strict=True), key=lambda pair: pair[0])
        return [kind(f.what, where=f"{self.file}:{line}", hint=f.hint) for line, f in ordered]


def _child(node: yaml.Node | None, part: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The nodes of a key, where there is one, and of what stands behind it; None for what is not there."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key, value
    if isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        return None, node.value[int(part)]
    return None, None


def _at(value: Any, path: KeyPath, done: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if not path:
        yield done, value
        return
    entries: Mapping[str, Any] = {}
    if isinstance(value, dict):
        entries = value
    elif isinstance(value, list):
        entries = {str(i): item for i, item in enumerate(value)}
    for key in entries if path[0] == "*" else (path[0],):
        if key in entries:
            yield from _at(entries[key], path[1:], (*done, key))


def read_text(path: Path, kind: type[ChujingError], hint: Text = "") -> str:
    """Return the text of a UTF-8 file; raise an error of a kind when it cannot be read.

    hint: for a file that is not there.
    """
    try:
        return input_text(path, kind)
    except FileNotFoundError:
        raise kind(Msg("no such file"), where=str(path), hint=hint) from None
    except UnicodeDecodeError:
        raise kind(Msg("not UTF-8 text"), where=str(path), hint=Msg("save the file as UTF-8")) from None
    except OSError as e:
        raise kind(Msg("cannot be read ({kind})", kind=type(e).__name__), where=str(path)) from None


def parse_document(text: str, file: str, kind: type[ChujingError]) -> Document:
    """Return a document; raise an error of a kind, with the line, when it is no YAML or empty."""
    root = _compose(text, file, kind)
    reader = _Reader()
    value = reader.value(root, ())
    return Document(value, file, root, tuple(reader.faults))


def _compose(text: str, file: str, kind: type[ChujingError]) -> yaml.Node:
    try:
        node = _compose_fast(text)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        problem = Msg("not YAML: {said}", said=yaml_problem(str(e.problem)))
        raise kind(problem, where=f"{file}:{line}") from None
    except yaml.YAMLError:
        raise kind(Msg("not YAML: a character that cannot be read"), where=file) from None
    except RecursionError:
        raise kind(Msg("not YAML: nested too deeply"), where=file) from None
    if node is None:
        raise kind(Msg("the file is empty"), where=file)
    return node


def _compose_fast(text: str) -> yaml.Node | None:
    """The nodes by the fast parser where it is installed; by the other one, too, where it finds a fault."""
    with suppress(yaml.YAMLError):
        return yaml.compose(text, Loader=fast_loader())
    return yaml.compose(text, Loader=yaml.SafeLoader)


class _Reader:
    """Turns the nodes of one file into plain values, and notes what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._open: set[int] = set()          # collections that are being read
        self._read: set[int] = set()
        self._repeated = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        if isinstance(node, yaml.ScalarNode):
            text = str(node.value)
            return text if node.style else Unquoted(text)
        if self._is_endless(node):
            what = Msg("an alias repeats too much, or itself")
            self.faults.append(Fault(path, what, Msg("write it out"), line=node.start_mark.line + 1))
            return ""
        self._open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            value: Any = [self.value(item, (*path, str(i))) for i, item in enumerate(node.value)]
        else:
            value = self._mapping(node, path)
        self._open.discard(id(node))
        return value

    def _is_endless(self, node: yaml.Node) -> bool:
        if id(node) in self._read:
            self._repeated += 1 + len(node.value)
        self._read.add(id(node))
        return id(node) in self._open or self._repeated > MOST_REPEATED

    def _mapping(self, node: Any, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key_node.tag == MERGE:
                merged.update(self._merged(value_node, path))
            elif fault := self._key_fault(key_node, value_node, node.flow_style, key in values):
                line = key_node.start_mark.line + 1
                self.faults.append(Fault((*path, key), *fault, "key", line))
            else:
                values[key] = self.value(value_node, (*path, key))
        return {**merged, **values} if merged else values

    def _merged(self, node: Any, path: KeyPath) -> dict[str, Any]:
        """The keys of `<<: *other` or of a list of others, the first of which counts."""
        merged: dict[str, Any] = {}
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(part, yaml.MappingNode):
                merged = {**self.value(part, path), **merged}
            else:
                what = Msg('"{name}" must be a mapping (key: value)', name="<<")
                self.faults.append(Fault((*path, "<<"), what, "", "key", part.start_mark.line + 1))
        return merged

    def _key_fault(
        self, key: yaml.Node, value: yaml.Node, in_braces: bool, is_repeated: bool
    ) -> tuple[Text, Text] | None:
        if not isinstance(key, yaml.ScalarNode):
            return Msg("a key is a single word"), ""
        if is_repeated:
            return Msg('"{name}" stands twice', name=shown(str(key.value))), Msg("remove one of them")
        if in_braces and not value.value and _has_no_colon(key, value):
            # not shown: it may be the second half of a password
            what = Msg("a text with a comma stands here without quotes")
            return what, Msg('write it in quotes: "one, two"')
        return None


def _has_no_colon(key: yaml.Node, value: yaml.Node) -> bool:
    """Is a key of `{a, b: c}` all there is? A text cut by its comma looks so."""
    return isinstance(value, yaml.ScalarNode) and not value.style and (
        value.start_mark.index <= key.end_mark.index
    )


def shown(text: str) -> str:
    """Return what was typed as a message may show it: no secret of an address, long text cut.

    >>> shown("postgresql://reader:s3cret@db/hr")
    'postgresql://reader:***@db/hr'
    """
    text = redact_text(text)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def masked(text: Text) -> Text:
    """Return a message with what was typed as `shown` shows it."""
    return text.with_names(shown) if isinstance(text, Msg) else shown(text)
