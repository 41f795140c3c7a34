"""Which module serves a file suffix or a URL scheme, read without importing any of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files

_PACKAGE = "scanner.connectors"
_SERVES_LINE = re.compile(r"^SERVES = \((.*?)\)", re.M | re.S)


@cache
def families() -> Mapping[str, str]:
    """Return the module that serves each file suffix, and each scheme (with `://`), by its SERVES line."""
    modules: dict[str, str] = {}
    for name, file in sorted(_sources(files(_PACKAGE), _PACKAGE), key=lambda pair: pair[0]):
        if served := _SERVES_LINE.search(file.read_text(encoding="utf-8")):
            modules |= dict.fromkeys(re.findall(r'"([^"]+)"', served[1]), name)
    return modules


def _sources(folder: Traversable, package: str) -> Iterator[tuple[str, Traversable]]:
    """Yield the name and the file of every module, of an installed package or of one in a zip file."""
    for entry in folder.iterdir():
        if entry.name.endswith(".py"):
            yield f"{package}.{entry.name.removesuffix('.py')}", entry
        elif entry.is_dir():
            yield from _sources(entry, f"{package}.{entry.name}")
