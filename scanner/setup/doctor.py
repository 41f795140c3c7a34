"""What is installed, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from detectors.message import Msg, Text

CORE = (
    "pandas", "pyarrow", "presidio_analyzer", "spacy", "sqlalchemy", "typer", "sqlglot", "openpyxl",
    "alembic", "cronsim",
)
EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "pyspark": "spark"}
PACKAGES = ("scanner", "detectors", "mappings", "reports")


def examine() -> Iterator[tuple[bool, Text]]:
    """Yield (in order?, line) for modules, extras, our own packages and the hash key."""
    for module in CORE:
        installed = _is_installed(module)
        missing = Msg("{name} pip install chujing", name=module)
        yield installed, _with_version(module) if installed else missing
    for module, extra in EXTRAS.items():
        installed = _is_installed(module)
        missing = Msg("{name} (only for that): pip install 'chujing[{extra}]'", name=module, extra=extra)
        yield installed, _with_version(module) if installed else missing
    for package in PACKAGES:
        yield _examine_package(package)
    yield _examine_key()


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _with_version(module: str) -> str:
    try:
        version = importlib.metadata.version(module.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        version = "?"
    return f"{module} {version}"


def _examine_package(package: str) -> tuple[bool, Msg]:
    """Find out whether a package of ours is hidden by another distribution's of the same name."""
    spec = importlib.util.find_spec(package)
    home = Path(spec.origin).parent.parent if spec and spec.origin else None
    if home == Path(__file__).parents[2]:
        return True, Msg("package {name} is chujing's own", name=package)
    return False, Msg(
        "package {name} comes from another distribution: "
        "give chujing an environment of its own (pipx install chujing)",
        name=package,
    )


def _examine_key() -> tuple[bool, Msg]:
    from scanner.config.hash_key import key_path

    path = key_path()
    if not path.exists():
        return True, Msg("hash key {file} will be made at first use", file=path)
    if path.stat().st_mode & 0o077:
        return False, Msg("hash key {file} can be read by others: chmod 600 {again}", file=path, again=path)
    return True, Msg("hash key {file}", file=path)
