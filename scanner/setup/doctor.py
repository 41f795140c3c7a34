"""What is installed, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from pathlib import Path

CORE = ("pandas", "pyarrow", "presidio_analyzer", "spacy", "sqlalchemy", "typer", "sqlglot", "openpyxl", "alembic")
EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "apscheduler": "schedule", "pyspark": "spark"}


def examine() -> Iterator[tuple[bool, str]]:
    """(in order?, line) for every thing looked at."""
    for module in CORE:
        found = importlib.util.find_spec(module) is not None
        version = _version(module) if found else "pip install chujing"
        yield found, f"{module} {version}"
    for module, extra in EXTRAS.items():
        found = importlib.util.find_spec(module) is not None
        yield found, f"{module} {_version(module)}" if found else f"{module} (only for that): pip install 'chujing[{extra}]'"
    here = Path(__file__).parents[2]
    for package in ("scanner", "detectors", "mappings", "reports"):
        spec = importlib.util.find_spec(package)
        origin = Path(spec.origin).parent.parent if spec and spec.origin else None
        yield origin == here, f"package {package} is chujing's own" if origin == here else (
            f"package {package} comes from another distribution: give chujing an environment of its own (pipx install chujing)"
        )
    from scanner.config.hash_key import key_path

    path = key_path()
    if path.exists():
        private = path.stat().st_mode & 0o077 == 0
        yield private, f"hash key {path}" + ("" if private else f" can be read by others: chmod 600 {path}")
    else:
        yield True, f"hash key {path} will be made at first use"


def _version(module: str) -> str:
    try:
        return importlib.metadata.version(module.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return "?"
