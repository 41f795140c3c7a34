"""Records of what people decided: YAML files beside chujing.yaml that people may read and chujing adds to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from detectors.errors import ChujingError, ConfigError, combined
from detectors.message import Msg
from detectors.yaml_document import Document, parse_document, read_text
from scanner.files import write_atomically

LogEntry = TypeVar("LogEntry")


@dataclass(frozen=True, slots=True)
class Entries(Generic[LogEntry]):
    """Entries of a file by their number, and everything wrong with the others, in the order of the file."""

    document: Document
    sound: Mapping[int, LogEntry]
    faults: tuple[ConfigError, ...]

    def all(self) -> tuple[LogEntry, ...]:
        """Return every entry; raise ConfigError with everything that is wrong."""
        if self.faults:
            raise combined(self.faults)
        return tuple(self.sound.values())


@dataclass(frozen=True, slots=True)
class AppendLog(Generic[LogEntry]):
    """One kind of record: a list of entries in a file of its own.

    head: comment on the first line of a new file. model: of an entry, in `scanner/records/grammar.py`.
    build: makes an entry of its keys and its place in the document; raises ConfigError.
    """

    file: str
    head: str
    model: str
    build: Callable[[Any, Document, str], LogEntry]

    def read(self, folder: Path) -> tuple[LogEntry, ...]:
        """Return the entries of a folder; none where there is no file.

        Raise ConfigError with everything that is wrong, each with file:line.
        """
        path = folder / self.file
        return self.read_file(path).all() if path.exists() else ()

    def read_file(self, path: Path) -> Entries[LogEntry]:
        """Return the entries of any file; raise ConfigError for what is no list in YAML."""
        return self._parse(read_text(path, ConfigError), str(path))

    def _parse(self, text: str, file: str) -> Entries[LogEntry]:
        from detectors.grammar import validated

        doc = parse_document(text, file, ConfigError)
        if not isinstance(doc.value, list):
            what = Msg('"{name}" must be a list', name="the file")
            raise ConfigError(what, where=f"{file}:1", hint=Msg("- {key: value}, one a line"))
        model = getattr(import_module("scanner.records.grammar"), self.model)
        sound: dict[int, LogEntry] = {}
        errors = doc.errors(list(doc.faults), ConfigError)
        for i, raw in enumerate(doc.value):
            keys, faults = validated(raw, model, (str(i),))
            if faults:
                errors += doc.errors(faults, ConfigError)
                continue
            try:
                sound[i] = self.build(keys, doc, str(i))
            except ConfigError as e:
                errors += [fault for fault in e.faults if isinstance(fault, ConfigError)]
        return Entries(doc, sound, tuple(sorted(errors, key=_line)))

    def append(self, folder: Path, lines: str) -> Path:
        """Add lines at the end and return the file; nothing that stands there is touched.

        The whole text is read again, and must be in order, before it takes the place of the file.
        """
        path = folder / self.file
        before = path.read_text(encoding="utf-8-sig") if path.exists() else self.head
        return self._replace(path, before + ("" if before.endswith("\n") else "\n") + lines)

    def rewrite(self, folder: Path, entries: Iterable[Mapping[str, Any]]) -> Path:
        """Put entries in the place of those that stand there, after they were read again; return the file."""
        body = yaml.safe_dump([dict(e) for e in entries], allow_unicode=True, sort_keys=False, width=130)
        return self._replace(folder / self.file, self.head + body)

    def _replace(self, path: Path, text: str) -> Path:
        self._parse(text, str(path)).all()
        write_atomically(path, text, "team")
        return path


def _line(error: ChujingError) -> int:
    line = error.where.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def entry_line(entry: Mapping[str, Any], dumper: Any = yaml.SafeDumper) -> str:
    """Return an entry as a line of YAML.

    >>> entry_line({"fact": "ciio", "value": "no"})
    "- {fact: ciio, value: 'no'}\\n"
    """
    text = yaml.dump(
        dict(entry),
        Dumper=dumper,
        allow_unicode=True,
        default_flow_style=True,
        sort_keys=False,
        width=1_000_000,
    )
    return f"- {text}"
