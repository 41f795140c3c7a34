"""Data files that ship with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Any


def fast_loader() -> Any:
    """Return the safe loader of YAML: libyaml's where it is installed."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: str) -> Any:
    """Return what a file under `detectors/` holds, `data/names.yaml` for instance."""
    import yaml

    text = files("detectors").joinpath(*path.split("/")).read_text(encoding="utf-8")
    return yaml.load(text, Loader=fast_loader())  # noqa: S506


def read_bytes(path: str) -> bytes:
    """Return the bytes of a file under `detectors/`."""
    return files("detectors").joinpath(*path.split("/")).read_bytes()
