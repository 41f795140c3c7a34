"""A report read back from report.json, old or new: unknown keys are skipped, missing ones have defaults."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detectors.errors import StateError
from detectors.input_files import input_text
from detectors.message import Msg
from reports.model import SCHEMA_VERSION, Report
from reports.serial import build

HOW_TO_WRITE = Msg("chujing scan -o report.json writes one")


def load(path: Path) -> Report:
    """Return the report of a file; raise StateError if it cannot be read or is none."""
    try:
        raw = json.loads(input_text(path, StateError))
    except FileNotFoundError:
        raise StateError(Msg("no such file"), where=str(path), hint=HOW_TO_WRITE) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise StateError(Msg("not a report.json"), where=str(path), hint=HOW_TO_WRITE) from None
    if not isinstance(raw, dict):
        raise StateError(Msg("not a report.json"), where=str(path), hint=HOW_TO_WRITE)
    return from_json(raw, str(path))


@contextmanager
def garbage_uncollected() -> Iterator[None]:
    """Make millions of small records, none of them garbage, without looking through them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def from_json(raw: Mapping[str, Any], where: str = "report") -> Report:
    """Return the report of a JSON object; raise StateError if it is of another version or lacks something."""
    version, ours = str(raw.get("schema_version", "")), SCHEMA_VERSION.split(".")[0]
    if version.split(".")[0] != ours:
        raise StateError(
            Msg('report version "{name}" is not known', name=version),
            where=where,
            hint=Msg("this chujing reads {n}.x", n=ours),
        )
    try:
        with garbage_uncollected():
            report: Report = build(Report, raw)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StateError(
            Msg("the report lacks something it should have"),
            where=where,
            hint=Msg("was it edited by hand? scan again"),
        ) from None
    return report
