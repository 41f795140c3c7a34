"""What is installed, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from detectors.message import Msg

CORE = ("pandas", "pyarrow", "presidio_analyzer", "spacy", "sqlalchemy", "typer", "sqlglot", "openpyxl", "alembic")
EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "apscheduler": "schedule", "pyspark": "spark"}


def examine() -> Iterator[tuple[bool, str]]:
    """(in order?, line) for every thing looked at."""
    for module in CORE:
        found = importlib.util.find_spec(module) is not None
        yield found, f"{module} {_version(module)}" if found else Msg("{name} pip install chujing", name=module)
    for module, extra in EXTRAS.items():
        found = importlib.util.find_spec(module) is not None
        yield (
            found,
            f"{module} {_version(module)}"
            if found
            else Msg("{name} (only for that): pip install 'chujing[{extra}]'", name=module, extra=extra),
        )
    here = Path(__file__).parents[2]
    for package in ("scanner", "detectors", "mappings", "reports"):
        spec = importlib.util.find_spec(package)
        origin = Path(spec.origin).parent.parent if spec and spec.origin else None
        yield (
            origin == here,
            Msg("package {name} is chujing's own", name=package)
            if origin == here
            else (
                Msg(
                    "package {name} comes from another distribution: give chujing an environment of its own (pipx install chujing)",
                    name=package,
                )
            ),
        )
    from scanner.config.hash_key import key_path

    path = key_path()
    if path.exists():
        if path.stat().st_mode & 0o077 == 0:
            yield True, Msg("hash key {file}", file=path)
        else:
            yield False, Msg("hash key {file} can be read by others: chmod 600 {again}", file=path, again=path)
    else:
        yield True, Msg("hash key {file} will be made at first use", file=path)


def _version(module: str) -> str:
    try:
        return importlib.metadata.version(module.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return "?"
