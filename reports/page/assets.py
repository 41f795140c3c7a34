"""Styles and scripts of a page, from `reports/templates/page`: put together, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from markupsafe import Markup

FIRST_PAGE = "129"                            # first characters of the scripts that need no table of columns


@dataclass(frozen=True, slots=True)
class Script:
    """The scripts of a page and their hash, for the rule that no other may run."""

    text: Markup
    hash: str                                 # SHA-256, base64


@cache
def script(with_table: bool) -> Script:
    """Return the scripts of a page. with_table: also those of the table of columns."""
    chosen = [file for file in _sorted_files("js") if with_table or file.name[0] in FIRST_PAGE]
    parts = [file.read_text(encoding="utf-8") for file in chosen]
    text = "\n(() => {\n'use strict';\n" + "\n".join(parts) + "})();\n"
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), digest)  # noqa: S704


def style() -> Markup:
    """Return the styles; DARK in them stands for the colours of the dark theme."""
    parts = [file.read_text(encoding="utf-8") for file in _sorted_files("css")]
    dark = _folder("css").joinpath("dark.tokens").read_text(encoding="utf-8").strip()
    return Markup("\n".join(parts).replace("DARK", dark))  # noqa: S704


def _sorted_files(kind: str) -> Iterator[Traversable]:
    """Yield the files of a folder with its own suffix, by name."""
    files = sorted(_folder(kind).iterdir(), key=lambda file: file.name)
    return (file for file in files if file.name.endswith(f".{kind}"))


def _folder(kind: str) -> Traversable:
    return files("reports").joinpath(f"templates/page/{kind}")
