"""XLSX workbooks that people bring: opened with a clear error where the file is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from detectors.errors import ChujingError
from detectors.input_files import check_regular
from detectors.message import Msg


def open_workbook(file: Path, error: type[ChujingError], hint: str = "", values: bool = True) -> Any:
    """An XLSX workbook with its values, or its formulas; `error` when the file is not there or is none."""
    from openpyxl import load_workbook

    check_regular(file, str(file), error)
    try:
        return load_workbook(file, data_only=values)
    except FileNotFoundError:
        raise error(Msg("no such file"), where=str(file), hint=hint) from None
    except Exception:  # openpyxl raises many kinds for what is no workbook
        raise error(Msg("not an XLSX workbook"), where=str(file), hint=hint) from None
