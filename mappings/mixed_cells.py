"""Columns whose cells hold keys of different kinds: here a mobile, there an e-mail; an ID or a passport.

What is no key of the column's own kind may be one of a kind that stands in such columns, if it has its form.
Where a column beside says of which kind of document each number is, all others are numbers of documents, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.person_keys import KeyHashes, hash_all_keys
from mappings.row_columns import KeyColumn

LabelScope = tuple[str, str]                     # (label, scope)
_OTHER_KINDS: Mapping[str, tuple[str, ...]] = {
    "phone_mobile": ("email", "resident_id"), "email": ("phone_mobile",),
    "resident_id": ("passport", "phone_mobile"), "bank_card": ("phone_mobile", "email"),
}
_FORMS: Mapping[str, str] = {                 # of a whole cell
    "email": r"^[^@\s]*[\w.%+-]+@[\w-]+(\.[\w-]+)+\s*$",
    "phone_mobile": r"^\s*((\+|00)?86[ -]?)?1[3-9][0-9]([ -]?[0-9]{4}){2}\s*$",
    "passport": r"^\s*([A-Za-z]{1,3}[0-9]{6,9}|[A-Za-z]{3}[0-9]{12})\s*$",
    "resident_id": r"^\s*[1-9][0-9]{16}[0-9Xx]\s*$",
    "other_id_document": "[0-9]",
}


def keys_of_other_kinds(
    key: KeyColumn, hashes: KeyHashes, values: pa.Array, secret: bytes
) -> Iterator[tuple[KeyColumn, KeyHashes]]:
    """Yield keys of other kinds in the cells that hold none of the column's own kind, if there are any.

    hashes: of the column's own keys, an entry a row. secret: of the installation. `cut` of what is yielded is
    how many cells fewer hold something unusable, below 0.
    """
    if not hashes.cut or key.hidden or not key.sure or key.label not in _OTHER_KINDS:
        return
    rest = np.flatnonzero(hashes.first == 0)
    labels = _OTHER_KINDS[key.label] + (("other_id_document",) if key.typed else ())
    cells = values.take(pa.array(rest))
    if not pa.types.is_string(cells.type):
        cells = cells.cast(pa.string())
    for label in labels:
        is_form = pc.fill_null(pc.match_substring_regex(cells, _FORMS[label]), False)
        here = np.flatnonzero(is_form.to_numpy(zero_copy_only=False))
        if not len(here):
            continue
        others = hash_all_keys(cells.take(pa.array(here)), label, label, secret)
        first = np.zeros(len(hashes.first), np.uint64)
        first[rest[here]] = others.first
        read, rows = int(np.count_nonzero(others.first)), rest[here[others.further_rows]]
        if not read:
            continue
        unread = first[rest] == 0
        rest, cells = rest[unread], cells.filter(pa.array(unread))
        yield replace(key, label=label, scope=label), KeyHashes(first, -read, others.further, rows)


@dataclass(slots=True)
class KindColumns:
    """Which columns each kind of key was read from, and which kinds stand in one column in turn.

    first_row: that holds a kind of which cells alone tell; in their order these have the last places.
    """

    columns: dict[LabelScope, frozenset[str]] = field(default_factory=dict)
    beside: dict[LabelScope, LabelScope] = field(default_factory=dict)
    first_row: dict[LabelScope, int] = field(default_factory=dict)

    def add(self, kind: LabelScope, columns: frozenset[str], beside: LabelScope | None = None) -> None:
        """Note columns of a kind. beside: the kind that the columns hold elsewhere."""
        self.columns[kind] = self.columns.get(kind, frozenset()) | columns
        if beside is not None:                # the same one, whichever rows came first
            self.beside[kind] = min(beside, self.beside.get(kind, beside))

    def merge(self, other: KindColumns) -> None:
        """Add what another counter noted."""
        for kind, columns in other.columns.items():
            self.add(kind, columns, other.beside.get(kind))
        for kind, row in other.first_row.items():
            self.first_row[kind] = min(row, self.first_row.get(kind, row))

    def copy(self, first_row: int = 0) -> KindColumns:
        """Return the same. first_row: place of the first of all rows."""
        rows = {kind: row + first_row for kind, row in self.first_row.items()}
        return KindColumns(dict(self.columns), dict(self.beside), rows)

    def ordered(self, kinds: Sequence[LabelScope]) -> list[LabelScope]:
        """Return kinds in the order of their places: as they are, then those of which only cells told."""
        of_cells = sorted((self.first_row[kind], kind) for kind in kinds if kind in self.first_row)
        return [*(kind for kind in kinds if kind not in self.first_row), *(kind for _, kind in of_cells)]

    def joined(self, places: Mapping[LabelScope, int]) -> dict[int, int]:
        """Return, by place, the place of the kind that stands in the same one column and nowhere else.

        Cells of one column are people's in turn, so keys of the two kinds are different people's.
        """
        return {
            places[kind]: places[other] for kind, other in self.beside.items()
            if kind in places and other in places
            and len(self.columns[kind]) == 1 and self.columns[kind] == self.columns.get(other)
        }
