"""Which module serves a file suffix or a URL scheme, read without importing any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_SERVES_LINE = re.compile(r"^SERVES = \((.*?)\)", re.M | re.S)


def families() -> Mapping[str, str]:
    """Return the module that serves each file suffix, and each scheme (with `://`), by its SERVES line."""
    folder = Path(__file__).parent
    modules: dict[str, str] = {}
    for file in sorted(folder.rglob("*.py")):
        if served := _SERVES_LINE.search(file.read_text(encoding="utf-8")):
            module = ".".join(("scanner", "connectors", *file.relative_to(folder).with_suffix("").parts))
            modules |= dict.fromkeys(re.findall(r'"([^"]+)"', served[1]), module)
    return modules
