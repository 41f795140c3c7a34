"""The page of formats: what reports are written as, and what connectors read."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.docs_build.markdown import code, first_line, page, table
from reports.formats import formats

WRITTEN_SECTION = """\
## Written

The suffix of `-o FILE` chooses the format; `-o` may be repeated. The screen (`reports/formats/terminal.py`)
is no file."""

READ_SECTION = """\
## Read: files, folders and addresses

The suffix of a file, or the scheme of an address, chooses the reader; [files](../files.md) says more."""

DATABASES_SECTION = """\
## Read: databases

The scheme of a SQLAlchemy address chooses the rules of its dialect; a scheme without a file here gets the
general ones. *Extra*: `pip install 'chujing[EXTRA]'` brings the driver. [Databases](../databases.md) says
which rights suffice."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A SQL dialect. extra: what installs its driver; empty where none is needed."""

    name: str
    extra: str
    file: Path


def formats_page(readers: Mapping[str, Sequence[str]], dialects: Sequence[Dialect], root: Path) -> str:
    """Return the page.

    readers: file of each reader -> suffixes and schemes it serves. root: files are named below this folder.
    """
    written = [(code(f".{name}"), *_format(name)) for name in formats()]
    read = [
        (", ".join(code(served) for served in serves), docstring_of(root / file), code(file))
        for file, serves in readers.items()
    ]
    databases = [
        (code(f"{d.name}://"), docstring_of(d.file), code(d.extra), code(d.file.relative_to(root).as_posix()))
        for d in dialects
    ]
    return page(
        "Formats",
        WRITTEN_SECTION, table(("suffix", "what", "file"), written),
        READ_SECTION, table(("suffix or scheme", "what", "file"), read),
        DATABASES_SECTION, table(("scheme", "what differs", "extra", "file"), databases),
    )


def _format(name: str) -> tuple[str, str]:
    """Return what a report format is, and its file."""
    module = importlib.import_module(f"reports.formats.{name}")
    return first_line(module.__doc__ or ""), code(f"{module.__name__.replace('.', '/')}.py")


def docstring_of(file: Path) -> str:
    """Return the first line of a module's docstring; the module is not imported."""
    return first_line(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "")
