"""Which bit of a unit says that an exported field is filled, whose the field is, and how sensitive it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from detectors.model import ColumnId
from mappings.model import Sensitive
from mappings.person_records import AGE_BITS
from mappings.row_columns import ExportedColumn

MOST_FIELDS = 62  # fields with a bit of their own; further ordinary ones share the last
# fields of other flows
REDUCED: Mapping[str, Sensitive] = {"sensitive": "yes", "depends": "depends", "ordinary": "no"}
_U64 = np.uint64
_ONE = np.uint64(1)
BitMap = Callable[[np.ndarray], np.ndarray]  # bits of units, uint64 -> bits in another counter


class FieldMasks(NamedTuple):
    """Bits of the fields that are sensitive, perhaps sensitive and ordinary."""

    sensitive: np.uint64
    depends: np.uint64
    ordinary: np.uint64

    def reduce(self, bits: np.ndarray) -> np.ndarray:
        """Return bit 0 for a sensitive field, 1 perhaps sensitive, 2 ordinary; AGE_BITS stay."""
        reduced = bits & AGE_BITS
        for flag, mask in enumerate(self):
            reduced |= np.where((bits & mask) != 0, _ONE << _U64(flag), _U64(0))
        return reduced


@dataclass(slots=True)
class FieldBits:
    """The fields of a counter. shift: where the three flags of absorbed flows begin."""

    bits: dict[ColumnId, int] = field(default_factory=dict)
    sensitive: dict[ColumnId, Sensitive] = field(default_factory=dict)
    # whose a field is, unless the row's own subject's
    roles: dict[ColumnId, str] = field(default_factory=dict)
    shift: int = 0

    @classmethod
    def of(cls, fields: Sequence[ExportedColumn]) -> FieldBits:
        """Return the bits of some fields: sensitive ones first, so that only ordinary ones share the last.

        What is merely possible comes after what was found and is as sensitive.
        """
        field_bits = cls(roles={f.id: f.role for f in fields if f.role})
        for f in sorted(fields, key=lambda f: (f.sensitive == "no", f.possible, f.id)):
            field_bits.bits.setdefault(f.id, min(len(field_bits.bits), MOST_FIELDS - 1))
            field_bits.sensitive[f.id] = f.sensitive
        return field_bits

    def with_room(self) -> FieldBits:
        """Return the same fields with room above them for three flags of everything else."""
        shift = MOST_FIELDS - len(REDUCED)
        bits = {column: min(bit, shift - 1) for column, bit in self.bits.items()}
        return FieldBits(bits, dict(self.sensitive), dict(self.roles), shift)

    def add_reduced(self) -> None:
        """Add the three flags that stand for the fields of other flows."""
        for i, (name, kind) in enumerate(REDUCED.items()):
            self.bits[ColumnId(name)] = self.shift + i
            self.sensitive[ColumnId(name)] = kind

    def mask(self, columns: Iterable[ColumnId]) -> int:
        """Return the bits of some fields."""
        mask = 0
        for column in columns:
            mask |= 1 << self.bits[column]
        return mask

    def masks(self, without: Collection[ColumnId] = ()) -> FieldMasks:
        """Return the bits of the fields that leave, by how sensitive they are."""
        leaving = [column for column in self.bits if column not in without]
        kinds: tuple[Sensitive, ...] = ("yes", "depends", "no")
        return FieldMasks(
            *(_U64(self.mask(c for c in leaving if self.sensitive[c] == kind)) for kind in kinds)
        )

    def reducer(self, without: Collection[ColumnId], shift: int) -> BitMap:
        """Return what turns bits of units into the three flags, from bit `shift` on."""
        return partial(_reduce_bits, masks=self.masks(without), shift=shift)

    def mover(self, to: Mapping[ColumnId, int], without: Collection[ColumnId]) -> BitMap:
        """Return what moves bits of units to their places in another counter."""
        moves = {(bit, to[column]) for column, bit in self.bits.items() if column not in without}
        return partial(_move_bits, moves=sorted(moves))


def _reduce_bits(bits: np.ndarray, masks: FieldMasks, shift: int) -> np.ndarray:
    flags = masks.reduce(bits)
    return (flags & AGE_BITS) | ((flags & ~AGE_BITS) << _U64(shift))


def _move_bits(bits: np.ndarray, moves: Sequence[tuple[int, int]]) -> np.ndarray:
    moved = bits & AGE_BITS
    for source, target in moves:
        moved |= ((bits >> _U64(source)) & _ONE) << _U64(target)
    return moved
