"""XLSX workbooks and DOCX papers that people bring: opened with a clear error where the file is none.

Both are zip archives. What they say of their size is looked at before anything is unpacked: no member is
unpacked to more than it says.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from detectors.errors import ChujingError
from detectors.input_files import check_regular
from detectors.message import Msg

INFLATED = 64 << 20                           # bytes after which a package may not hold more than
RATIO = 200                                   # times its size
MOST_BYTES = 1 << 30                          # unpacked, where all of it is held in memory
MOST_STREAMED = 16 << 30                      # the same, where rows are read one by one
MOST_CELLS = 30_000_000                       # that a sheet spans, from A1 to its last cell


def check_package(file: Path, error: type[ChujingError], most: int | None = None) -> None:
    """Raise `error` for a package that unpacks to more than `most` bytes, or beyond all reason."""
    try:
        with zipfile.ZipFile(file) as package:
            size = sum(member.file_size for member in package.infolist())
        packed = file.stat().st_size
    except Exception:  # zipfile raises many kinds; whoever opens it says so
        return
    if size > (most or MOST_BYTES) or size > max(INFLATED, RATIO * packed):
        what = Msg("unpacks to {n:,} MB, which is too much", n=size >> 20)
        raise error(what, where=str(file), hint=Msg("save it again, or split it"))


def open_workbook(file: Path, error: type[ChujingError], hint: str = "", values: bool = True) -> Any:
    """An XLSX workbook with its values, or its formulas; `error` when the file is not there or is none."""
    from openpyxl import load_workbook

    check_regular(file, str(file), error)
    check_package(file, error)
    try:
        book = load_workbook(file, data_only=values)
    except FileNotFoundError:
        raise error(Msg("no such file"), where=str(file), hint=hint) from None
    except Exception:  # openpyxl raises many kinds for what is no workbook
        raise error(Msg("not an XLSX workbook"), where=str(file), hint=hint) from None
    for sheet in book.worksheets:
        if (cells := sheet.max_row * sheet.max_column) > MOST_CELLS:
            raise error(Msg("a sheet spans {n:,} cells, which is too much", n=cells), where=str(file),
                        hint=Msg("delete what stands far below or to the right of the table"))
    return book
