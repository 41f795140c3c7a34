"""Is everything there that the workers need? Imports nothing but the standard library, for it runs where things may be missing."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

NEEDED = {"numpy": "numpy", "pyarrow": "pyarrow", "yaml": "pyyaml", "pandas": "pandas"}      # module -> package


def probe(_: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(version of Python, packages that are missing) of one worker."""
    missing = tuple(package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None)
    yield ".".join(map(str, sys.version_info[:2])), missing
