"""Records of what people decided: YAML files beside chujing.yaml that people may read and chujing adds to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scanner.config.yaml_lines import Document, ListOf, load, parse
from scanner.files import write_atomically


@dataclass(frozen=True, slots=True)
class AppendLog:
    """One kind of record: a list of entries in a file of its own.

    head: comment on the first line of a new file.
    """

    file: str
    head: str
    shape: ListOf

    def read(self, folder: Path) -> Document | None:
        """Return the entries of a folder; None where there is no file.

        Raise ConfigError with file:line on the first fault.
        """
        path = folder / self.file
        return load(path, self.shape) if path.exists() else None

    def append(self, folder: Path, lines: str, check: Callable[[Document], object]) -> Path:
        """Add lines at the end and return the file; nothing that stands there is touched.

        The whole text is read again, and must pass `check`, before it takes the place of the file.
        """
        path = folder / self.file
        before = path.read_text(encoding="utf-8-sig") if path.exists() else self.head
        return self._replace(path, before + ("" if before.endswith("\n") else "\n") + lines, check)

    def rewrite(self, folder: Path, entries: Iterable[Mapping[str, Any]]) -> Path:
        """Put entries in the place of those that stand there, after they were read again; return the file."""
        body = yaml.safe_dump([dict(e) for e in entries], allow_unicode=True, sort_keys=False, width=130)
        return self._replace(folder / self.file, self.head + body, lambda _: None)

    def _replace(self, path: Path, text: str, check: Callable[[Document], object]) -> Path:
        check(parse(text, self.shape, str(path)))
        write_atomically(path, text, "team")
        return path


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
