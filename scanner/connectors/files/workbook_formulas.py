"""Formulas of a workbook without a stored value, as programs write them that do not calculate."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress

from scanner.connectors.files.workbook_parts import PART_ERRORS, sheet_parts

BLOCK = 4 << 20
_UNSTORED = re.compile(rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
                       rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")


def unstored_formulas(archive: zipfile.ZipFile, path: str) -> int:
    """Return how many formulas of a sheet have no stored value. path: of the sheet in its workbook."""
    n = 0
    rest = b""
    with suppress(*PART_ERRORS), archive.open(path) as part:   # damage is said where cells are read
        while block := part.read(BLOCK):
            block = rest + block
            end = max((match.end() for match in _CELL_END.finditer(block, max(len(block) - BLOCK // 8, 0))),
                      default=0)
            rest = block[end:] if end else block[-BLOCK:]
            if b"<f" in block or b":f" in block:
                n += sum(b't="str"' not in m[1] or not m[2] for m in _UNSTORED.finditer(block, 0, end))
    return n


def unstored_by_sheet(content: bytes) -> Mapping[str, int]:
    """Return how many formulas of each sheet of an XLSX workbook have no stored value; empty for others."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {title: unstored_formulas(archive, path) for title, path in sheet_parts(archive) if path}
    except PART_ERRORS:
        return {}
