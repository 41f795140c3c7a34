"""A report read back from report.json, old or new: unknown keys are skipped, missing ones take their defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detectors.errors import StateError
from reports.model import SCHEMA_VERSION, Report
from reports.serial import build


def load(path: Path) -> Report:
    """Read report.json; StateError when it cannot be read or is none."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise StateError("no such file", where=str(path), hint="chujing scan -o report.json writes one") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise StateError("not a report.json", where=str(path), hint="chujing scan -o report.json writes one") from None
    if not isinstance(raw, dict):
        raise StateError("not a report.json", where=str(path), hint="chujing scan -o report.json writes one")
    return from_json(raw, str(path))


def from_json(raw: Mapping[str, Any], where: str = "report") -> Report:
    """The Report behind JSON-ready objects."""
    version = str(raw.get("schema_version", ""))
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise StateError(
            f'report version "{version}" is not known', where=where, hint=f"this chujing reads {SCHEMA_VERSION.split('.')[0]}.x"
        )
    try:
        report: Report = build(Report, raw)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StateError("the report lacks something it should have", where=where, hint="was it edited by hand? scan again") from None
    return report
