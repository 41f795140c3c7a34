"""The flows of a sheet into chujing.yaml: its other lines stay, and so does what the sheet has no column for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.config import model as configuration
from scanner.files import replace_file
from scanner.sheets.flow_register import RegisterIntake, columns

ORDER = ("id", "entity", "status", "since", "every", "recipient", "purpose", "mode", "retention_days", "claim", "facts", "fields", "view",
         "systems", "subject_group", "owner", "onward", "declared")


def merge_flows(intake: RegisterIntake, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Flows for chujing.yaml: the sheet's columns over what stood there for the same id; flows the sheet does not name stay behind them."""
    old = {f["id"]: f for f in before}
    out = []
    for flow in intake.flows:
        was = dict(old.pop(flow["id"], {}))
        for c in columns():
            _drop(was, c.key)
        out.append({k: v for k, v in _over(was, flow).items() if v not in ({}, [])})
    return out + [dict(f) for f in old.values()]


def _drop(flow: dict[str, Any], key: str) -> None:
    *path, last = key.split(".")
    for part in path:
        inner = flow.get(part)
        if not isinstance(inner, dict):
            return
        flow[part] = inner = dict(inner)
        flow = inner
    flow.pop(last, None)


def _over(was: Mapping[str, Any], flow: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(was)
    for k, v in flow.items():
        out[k] = _over(out[k], v) if isinstance(v, Mapping) and isinstance(out.get(k), Mapping) else v
    order = [*ORDER, *(k for k in out if k not in ORDER)]
    return {k: out[k] for k in order if k in out}


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What an import did. kept: flows the sheet does not name. backup: the old file, where comments stood among its flows."""

    flows: int
    unlisted_flows: tuple[str, ...] = ()
    backup: Path | None = None


def merge_into_file(path: Path, intake: RegisterIntake) -> MergeResult:
    """Put the flows of a sheet into chujing.yaml, made if there is none; lines outside `flows:` and `exporter:` stay as they are."""
    entities = list(dict.fromkeys(f["entity"] for f in intake.flows))
    if path.exists():
        text = path.read_text(encoding="utf-8-sig")
        raw = _loaded(text) or {}
        flows = merge_flows(intake, raw.get("flows") or [])
    else:
        text = yaml.safe_dump({"version": 1, "exporter": {"id": entities[0] if entities else "exporter", "entities": entities}},
                              allow_unicode=True, sort_keys=False)
        flows = merge_flows(intake, [])
    made = _with_entities(_replaced(text, "flows", flows), entities)
    try:
        configuration.parse_flows(made, str(path))
    except ConfigError as e:
        raise ConfigError(
            Msg("the sheet does not fit chujing.yaml: {said}", said=e.what), where=str(path), hint=e.hint
        ) from None
    backup = None
    if path.exists() and made.count("#") < text.count("#"):
        backup = path.with_name(path.name + ".bak")
        replace_file(backup, text)
    replace_file(path, made)
    named = {f["id"] for f in intake.flows}
    return MergeResult(len(intake.flows), tuple(f["id"] for f in flows if f["id"] not in named), backup)


class _Words(yaml.SafeLoader):
    """YAML whose yes, no, on and off are words, as chujing.yaml means them."""


_Words.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def _loaded(text: str) -> Any:
    return yaml.load(text, Loader=_Words)  # noqa: S506


def _replaced(text: str, key: str, value: Any) -> str:
    """The YAML text with one top-level key replaced, or added at the end."""
    block = yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, width=130)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = text.splitlines(keepends=True)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for i, (k, v) in enumerate(pairs):
        if k.value == key:
            end = pairs[i + 1][0].start_mark.line if i + 1 < len(pairs) else len(lines)
            last = max(v.end_mark.line, k.start_mark.line + 1) if i + 1 == len(pairs) else end
            rest = lines[last:] if i + 1 == len(pairs) else lines[end:]
            comment = [] if i + 1 == len(pairs) else _comment_before(lines[k.start_mark.line + 1:end])
            return "".join(lines[:k.start_mark.line]) + block + "".join(comment) + "".join(rest)
    return text.rstrip("\n") + "\n\n" + block


def _comment_before(lines: Sequence[str]) -> list[str]:
    """The comment and blank lines at the end of a block: they belong to what follows."""
    out: list[str] = []
    for line in reversed(lines):
        if line.strip() and not line.startswith("#"):
            break
        out.insert(0, line)
    return out


def _with_entities(text: str, entities: Sequence[str]) -> str:
    """The exporter's entities with those of the sheet."""
    raw = _loaded(text)
    exporter = dict(raw.get("exporter") or {"id": entities[0] if entities else "exporter"})
    there = list(exporter.get("entities") or [])
    missing = [e for e in entities if e not in there]
    return _replaced(text, "exporter", {**exporter, "entities": [*there, *missing]}) if missing else text
