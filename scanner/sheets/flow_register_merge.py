"""The flows of a sheet into chujing.yaml: other lines stay, and so does what the sheet has no column for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from detectors.errors import ChujingError, ConfigError, combined
from detectors.input_files import input_text
from detectors.message import Msg
from scanner.config.model import parse_flows
from scanner.config.yaml_words import parse_words
from scanner.files import write_atomically
from scanner.sheets.flow_register import RegisterIntake
from scanner.sheets.register_columns import columns

KEY_ORDER = (  # of the keys of a flow in chujing.yaml
    "id",
    "entity",
    "status",
    "since",
    "until",
    "every",
    "recipient",
    "purpose",
    "mode",
    "retention_days",
    "claim",
    "facts",
    "fields",
    "view",
    "systems",
    "subject_group",
    "owner",
    "onward",
    "declared",
)


def flows_from_sheet(intake: RegisterIntake, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the flows for chujing.yaml: the sheet's columns over what stood there, then other flows."""
    old = {f["id"]: f for f in before}
    merged = []
    for flow in intake.flows:
        rest = dict(old.pop(flow["id"], {}))
        for column in columns():
            _remove_nested(rest, column.key)
        merged.append({k: v for k, v in _lay_over(rest, flow).items() if v not in ({}, [])})
    return merged + [dict(f) for f in old.values()]


def _remove_nested(flow: dict[str, Any], key: str) -> None:
    """Remove a key with dots for nested keys, where it is there."""
    *path, last = key.split(".")
    for part in path:
        inner = flow.get(part)
        if not isinstance(inner, dict):
            return
        flow[part] = inner = dict(inner)
        flow = inner
    flow.pop(last, None)


def _lay_over(below: Mapping[str, Any], flow: Mapping[str, Any]) -> dict[str, Any]:
    """A flow over what stays of an earlier one, nested keys too, in the usual order of keys."""
    merged = dict(below)
    for key, value in flow.items():
        nested = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _lay_over(merged[key], value) if nested else value
    order = [*KEY_ORDER, *(k for k in merged if k not in KEY_ORDER)]
    return {k: merged[k] for k in order if k in merged}


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What an import did.

    flows: how many the sheet has. unlisted_flows: ids of those it does not name, which stay. backup: the old
    file, where comments stood among its flows.
    """

    flows: int
    unlisted_flows: tuple[str, ...] = ()
    backup: Path | None = None


def merge_into_file(path: Path, intake: RegisterIntake) -> MergeResult:
    """Put the flows of a sheet into chujing.yaml, made if there is none.

    Raise ConfigError when they do not fit.

    Lines outside `flows:` and `exporter:` stay as they are.
    """
    entities = list(dict.fromkeys(f["entity"] for f in intake.flows))
    if path.exists():
        text = input_text(path, ConfigError)
        flows = flows_from_sheet(intake, (parse_words(text) or {}).get("flows") or [])
    else:
        text = _first_text(entities)
        flows = flows_from_sheet(intake, [])
    new_text = _with_entities(_replace_key(text, "flows", flows), entities)
    try:
        parse_flows(new_text, str(path))
    except ConfigError as e:
        raise combined([_misfit(fault, path) for fault in e.faults]) from None
    backup = None
    if path.exists() and new_text.count("#") < text.count("#"):
        backup = path.with_name(path.name + ".bak")
        write_atomically(backup, text, "team")
    write_atomically(path, new_text, "team")
    listed = {f["id"] for f in intake.flows}
    return MergeResult(len(intake.flows), tuple(f["id"] for f in flows if f["id"] not in listed), backup)


def _misfit(fault: ChujingError, path: Path) -> ConfigError:
    what = Msg("the sheet does not fit chujing.yaml: {said}", said=fault.what)
    return ConfigError(what, where=str(path), hint=fault.hint)


def _first_text(entities: Sequence[str]) -> str:
    exporter = {"id": entities[0] if entities else "exporter", "entities": list(entities)}
    return yaml.safe_dump({"version": 1, "exporter": exporter}, allow_unicode=True, sort_keys=False)


def _replace_key(text: str, key: str, value: Any) -> str:
    """The YAML text with one top-level key replaced, or added at the end."""
    block = yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, width=130)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    index = next((i for i, (k, _) in enumerate(pairs) if k.value == key), None)
    if index is None:
        return text.rstrip("\n") + "\n\n" + block
    lines = text.splitlines(keepends=True)
    start = pairs[index][0].start_mark.line
    if index + 1 < len(pairs):
        end = pairs[index + 1][0].start_mark.line
        comment = _comment_before(lines[start + 1:end])
    else:
        end = max(pairs[index][1].end_mark.line, start + 1)
        comment = []
    return "".join([*lines[:start], block, *comment, *lines[end:]])


def _comment_before(lines: Sequence[str]) -> list[str]:
    """The comment and blank lines at the end of a block: they belong to what follows."""
    comment: list[str] = []
    for line in reversed(lines):
        if line.strip() and not line.startswith("#"):
            break
        comment.insert(0, line)
    return comment


def _with_entities(text: str, entities: Sequence[str]) -> str:
    """The YAML text with the entities of the sheet among the exporter's."""
    exporter = dict(parse_words(text).get("exporter") or {"id": entities[0] if entities else "exporter"})
    listed = list(exporter.get("entities") or [])
    missing = [e for e in entities if e not in listed]
    if not missing:
        return text
    return _replace_key(text, "exporter", {**exporter, "entities": [*listed, *missing]})
