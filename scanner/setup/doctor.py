"""What is installed, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from detectors.message import Msg, Text

CORE_MODULES = (
    "pandas", "pyarrow", "presidio_analyzer", "spacy", "sqlalchemy", "typer", "sqlglot", "openpyxl",
    "alembic", "cronsim",
)
DISTRIBUTION = "chujing"
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w,.-]+)\])?[^;]*(?:;.*?extra == ['\"]([\w.-]+)['\"])?")
PACKAGES = ("scanner", "detectors", "mappings", "reports")


def examine_installation() -> Iterator[tuple[bool, Text]]:
    """Yield (in order?, line) for modules, extras, our own packages, the reader process and the hash key."""
    for module in CORE_MODULES:
        installed = _is_installed(module)
        missing = Msg("{name} pip install chujing", name=module)
        yield installed, _with_version(module) if installed else missing
    for extra, packages in extras().items():
        yield _examine_extra(extra, packages)
    for package in PACKAGES:
        yield _examine_package(package)
    yield _examine_readers()
    yield _examine_key()


def extras() -> Mapping[str, Sequence[str]]:
    """Return the optional packages of this distribution, by extra; empty where it is not installed."""
    try:
        about = importlib.metadata.metadata(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return {}
    packages: dict[str, list[str]] = {name: [] for name in about.get_all("Provides-Extra") or ()}
    for requirement in about.get_all("Requires-Dist") or ():
        package, parts, extra = REQUIREMENT.match(requirement).groups()  # type: ignore[union-attr]
        if extra is not None:
            own = package == DISTRIBUTION     # an extra of other extras of ours
            packages[extra] += [f"{DISTRIBUTION}[{part}]" for part in parts.split(",")] if own else [package]
    return packages


def _examine_extra(extra: str, packages: Sequence[str]) -> tuple[bool, Msg]:
    """Find out whether everything of an extra is installed."""
    missing = [name for name in _resolved(packages) if _installed_version(name) is None]
    if missing:
        return False, Msg(
            "{name}: {packages} (only for that): pip install 'chujing[{extra}]'",
            name=extra, packages=tuple(missing), extra=extra,
        )
    versions = tuple(f"{name} {_installed_version(name)}" for name in packages if "[" not in name)
    if not versions:
        return True, Msg("{name}", name=extra)
    return True, Msg("{name}: {packages}", name=extra, packages=versions)


def _resolved(packages: Sequence[str]) -> list[str]:
    """Return packages with those of the extras that are named among them."""
    names = [name for name in packages if "[" not in name]
    parts = [name.split("[")[1].rstrip("]") for name in packages if "[" in name]
    return [*names, *(name for part in parts for name in _resolved(extras().get(part, ())))]


def _installed_version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


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


def _examine_readers() -> tuple[bool, Msg]:
    """Find out whether files are read in a process of their own."""
    from scanner.connectors.host.readers import memory_limit, why_none

    why = why_none()
    if why is None:
        return True, Msg("files are read in a process of their own, with up to {n} GB of memory",
                         n=round(memory_limit() / (1 << 30), 1))
    what = Msg("files are read in chujing's own process, a damaged one may end the scan: {why}", why=why)
    return False, what


def _examine_key() -> tuple[bool, Msg]:
    from scanner.config.hash_key import key_path

    path = key_path()
    if not path.exists():
        return True, Msg("hash key {file} will be made at first use", file=path)
    if path.stat().st_mode & 0o077:
        return False, Msg("hash key {file} can be read by others: chmod 600 {again}", file=path, again=path)
    return True, Msg("hash key {file}", file=path)
