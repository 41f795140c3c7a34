"""Names of tables and columns without what is somebody's in them: `13912345678` becomes `•••`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from detectors.masking import mask_bare_name, mask_values
from detectors.model import ForeignKey, TableInfo, TableRef


def shown_refs(refs: Iterable[TableRef]) -> dict[TableRef, TableRef]:
    """Return tables by the names that are shown of them, where these are others."""
    refs = list(refs)
    used = set(refs)
    own: dict[TableRef, TableRef] = {}
    for ref in refs:
        shown = masked = TableRef(mask_bare_name(ref.name), mask_bare_name(ref.schema))
        number = 1
        while shown != ref and shown in used:
            number += 1
            shown = replace(masked, name=f"{masked.name}_{number}")
        if shown != ref:
            used.add(shown)
            own[shown] = ref
    return own


def with_shown_columns(info: TableInfo) -> tuple[TableInfo, Mapping[str, str]]:
    """Return a table by names without values, and the columns whose own names are others, by those shown."""
    own: dict[str, str] = {}
    used = {column.name for column in info.columns}
    columns = []
    for column in info.columns:
        shown = masked = mask_values(column.name)
        number = 1
        while shown != column.name and shown in used:
            number += 1
            shown = f"{masked}_{number}"
        if shown != column.name:
            used.add(shown)
            own[shown] = column.name
            column = replace(column, name=shown, path=(shown,))
        columns.append(column)
    keys = tuple(map(_shown_key, info.foreign_keys))
    return replace(info, columns=tuple(columns), foreign_keys=keys), own


def _shown_key(key: ForeignKey) -> ForeignKey:
    target = TableRef(mask_bare_name(key.target.name), mask_bare_name(key.target.schema))
    columns, target_columns = map(mask_values, key.columns), map(mask_values, key.target_columns)
    return ForeignKey(tuple(columns), target, tuple(target_columns))
