"""Texts of small sheets that were described, kept so that they are not parsed again when rows are read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence

SheetCells = Sequence[Sequence[str]]          # rows of a sheet, cells without a value empty

MOST_CELLS = 1_000_000                        # that are kept, of all sheets; those of the oldest go first


class SheetTexts:
    """Whole sheets by whatever names one."""

    def __init__(self, most: int = MOST_CELLS) -> None:
        self._most, self._cells = most, 0
        self._sheets: OrderedDict[Hashable, SheetCells] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, name: Hashable, rows: SheetCells) -> None:
        """Keep the rows of a sheet, unless it alone is too large."""
        cells = _size(rows)
        if cells > self._most:
            return
        with self._lock:
            if name in self._sheets:
                self._cells -= _size(self._sheets.pop(name))
            self._sheets[name] = rows
            self._cells += cells
            while self._cells > self._most:
                self._cells -= _size(self._sheets.popitem(last=False)[1])

    def rows(self, name: Hashable) -> SheetCells | None:
        """Return the rows of a sheet; None where they are not kept."""
        return self._sheets.get(name)


def _size(rows: SheetCells) -> int:
    return sum(map(len, rows)) + len(rows)
