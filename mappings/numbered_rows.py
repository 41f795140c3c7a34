"""Rows without a key by their place in a table: the same row in two flows is one."""

from __future__ import annotations

import numpy as np

from mappings.person_records import run_starts

MOST_NUMBERED = 2_000_000                     # rows of one reading that keep their places
RoleReading = tuple[str, str]                 # (reading of a table, role)
NumberedColumns = tuple[np.ndarray, np.ndarray, np.ndarray]          # places, names, bits
_U64 = np.uint64


class NumberedRows:
    """Rows of one reading of a table: place, name (or device, or 0) and filled fields of each."""

    def __init__(self) -> None:
        self._parts: list[NumberedColumns] = []
        self.is_closed = False                # too many: their places are no longer known

    def __len__(self) -> int:
        return sum(len(places) for places, *_ in self._parts)

    def copy(self) -> NumberedRows:
        """Return the same rows, to be added to on their own."""
        copied = NumberedRows()
        copied._parts, copied.is_closed = list(self._parts), self.is_closed
        return copied

    def add(self, places: np.ndarray, name: np.ndarray, bits: np.ndarray) -> None:
        """Add rows; equal places are one row. places: int64; name, bits: uint64."""
        if len(places):
            self._parts.append((places, name, bits))

    def rows(self) -> NumberedColumns:
        """Return each row once, with the fields of all its entries, in the order of places."""
        if not self._parts:
            return np.zeros(0, np.int64), np.zeros(0, _U64), np.zeros(0, _U64)
        places, name, bits = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        order = np.argsort(places, kind="stable")
        starts = np.flatnonzero(run_starts(places[order]))
        folded = (
            places[order][starts],
            np.maximum.reduceat(name[order], starts),
            np.bitwise_or.reduceat(bits[order], starts),
        )
        self._parts = [folded]
        return folded
