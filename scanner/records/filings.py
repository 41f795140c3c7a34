"""What was filed, in `chujing-filed.yaml` beside chujing.yaml.

One entry a filing, a later one of the same id in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from mappings.baseline import FiledItem, FiledScenario, ProcedureKind
from mappings.model import Flow
from scanner.config.yaml_lines import Day, ListOf, Record, Text, Whole
from scanner.records.append_log import AppendLog

FILE = "chujing-filed.yaml"
SHAPE = ListOf(
    Record(
        {
            "id": Text(),
            "kind": Text(get_args(ProcedureKind)),
            "entity": Text(),
            "recipient": Text(),
            "purpose": Text(),
            "flow": Text(),
            "mode": Text(),
            "items": ListOf(
                Record({"name": Text(), "description": Text(), "columns": ListOf(Text())}, required=("name",))
            ),
            "persons": Whole(),
            "sensitive": Whole(),
            "retention_days": Whole(),
            "valid_until": Day(),
            "onward": ListOf(Text()),
            "by": Text(),
            "on": Day(),
        },
        required=("id", "kind", "entity", "recipient", "purpose", "items", "by", "on"),
    ),
    help="what was filed, written by chujing baseline import",
)
HEAD = "# What was filed, written by `chujing baseline import`; every scan compares with it.\n"
LOG = AppendLog(FILE, HEAD, SHAPE)


def read(folder: Path) -> tuple[FiledScenario, ...]:
    """Return what was filed; none where there is no file.

    Raise ConfigError with file:line on the first fault.
    """
    return tuple(_scenario(raw) for raw in _raw_entries(folder))


def _raw_entries(folder: Path) -> list[dict[str, Any]]:
    doc = LOG.read(folder)
    return list(doc.value) if doc is not None else []


def _scenario(raw: Mapping[str, Any]) -> FiledScenario:
    items = tuple(
        FiledItem(i["name"], i.get("description", ""), tuple(i.get("columns", ()))) for i in raw["items"]
    )
    rest = {key: value for key, value in raw.items() if key not in ("items", "by", "on", "onward")}
    return FiledScenario(items=items, onward=tuple(raw.get("onward", ())), **rest)


def record_filing(folder: Path, entry: Mapping[str, Any]) -> Path:
    """Put a filing into the file, in the place of one of the same id; return the file."""
    return LOG.rewrite(folder, [*(e for e in _raw_entries(folder) if e["id"] != entry["id"]), entry])


@dataclass(frozen=True, slots=True)
class NewFiling:
    """A filing about a flow as somebody enters it. items: name, description, columns.

    Counts are of distinct persons.
    """

    id: str
    kind: str
    flow: Flow
    items: Sequence[Mapping[str, Any]]
    by: str
    on: date
    persons: int | None = None
    sensitive: int | None = None              # of the persons, those with sensitive items
    retention_days: int | None = None
    valid_until: date | None = None

    def to_entry(self) -> dict[str, Any]:
        """Return the filing as the file holds it; raise ConfigError for an unknown kind.

        What is None is left out.
        """
        kinds = get_args(ProcedureKind)
        if self.kind not in kinds:
            raise ConfigError(
                Msg('no kind of filing "{name}"', name=self.kind),
                hint=nearest(self.kind, kinds) or Msg("one of: {names}", names=kinds),
            )
        figures = {
            key: getattr(self, key) for key in ("persons", "sensitive", "retention_days", "valid_until")
        }
        return {
            "id": self.id,
            "kind": self.kind,
            "entity": self.flow.entity,
            "recipient": self.flow.recipient.name,
            "purpose": self.flow.purpose,
            "flow": self.flow.id,
            "mode": self.flow.mode,
            "items": [dict(item) for item in self.items],
            **{key: value for key, value in figures.items() if value is not None},
            **({"onward": list(self.flow.onward)} if self.flow.onward else {}),
            "by": self.by,
            "on": self.on,
        }
