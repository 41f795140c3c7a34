"""What workers lack. Imports the standard library alone, for it runs where other things may be missing."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

# module -> package
NEEDED = {"numpy": "numpy", "pyarrow": "pyarrow", "yaml": "pyyaml", "pandas": "pandas"}


def probe(_: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the version of Python and the missing packages of one worker."""
    missing = tuple(package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None)
    yield ".".join(map(str, sys.version_info[:2])), missing
