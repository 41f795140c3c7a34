"""What was filed, in `chujing-filed.yaml` beside chujing.yaml.

One entry a filing, a later one of the same id in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.yaml_document import Document
from mappings import notes
from mappings.baseline import FiledItem, FiledScenario, ProcedureKind
from mappings.model import Flow
from scanner.records.append_log import AppendLog

if TYPE_CHECKING:
    from scanner.records.grammar import FiledKeys

FILE = "chujing-filed.yaml"
HEAD = "# What was filed, written by `chujing baseline import`; every scan compares with it.\n"


def read(folder: Path) -> tuple[FiledScenario, ...]:
    """Return what was filed; none where there is no file.

    Raise ConfigError with everything that is wrong, each with file:line.
    """
    return tuple(_scenario(keys) for keys, _ in LOG.read(folder))


def _build(keys: FiledKeys, doc: Document, at: str) -> tuple[FiledKeys, dict[str, Any]]:
    """An entry, and its plain form with the keys in the order of the file."""
    plain = keys.model_dump(exclude_unset=True)
    return keys, {key: plain[key] for key in doc.value[int(at)]}


LOG: AppendLog[tuple[FiledKeys, dict[str, Any]]] = AppendLog(FILE, HEAD, "FiledKeys", _build)


def _scenario(keys: FiledKeys) -> FiledScenario:
    items = tuple(FiledItem(i.name, i.description, i.columns) for i in keys.items)
    rest = {key: value for key, value in keys.stated().items() if key not in ("items", "by", "on")}
    return FiledScenario(items=items, **rest)


def record_filing(folder: Path, entry: Mapping[str, Any]) -> Path:
    """Put a filing into the file, in the place of one of the same id; return the file."""
    others = [plain for keys, plain in LOG.read(folder) if keys.id != entry["id"]]
    return LOG.rewrite(folder, [*others, entry])


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
        if self.persons is not None and (self.sensitive or 0) > self.persons:
            raise ConfigError(notes.MORE_SENSITIVE, hint=Msg("sensitive persons are part of all persons"))
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
