"""Formulas of a workbook without a stored value, as programs write them that do not calculate."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError, fromstring

BLOCK = 4 << 20
_UNSTORED = re.compile(rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
                       rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")


def unstored_formulas(archive: zipfile.ZipFile, path: str) -> int:
    """Return how many formulas of a sheet have no stored value. path: of the sheet in its workbook."""
    n = 0
    rest = b""
    with archive.open(path) as part:
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
            paths = _sheet_paths(archive)
            return {title: unstored_formulas(archive, path) for title, path in paths.items()}
    except (zipfile.BadZipFile, KeyError, ParseError, RuntimeError, zlib.error, EOFError):
        return {}


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the place of each sheet in a workbook, by title."""
    rels = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target_of = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    paths: dict[str, str] = {}
    for element in fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        ids = [value for name, value in element.items() if name.rpartition("}")[2] == "id"]
        target = target_of.get(ids[0], "") if ids else ""
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in archive.namelist():
            paths[element.get("name", "")] = path
    return paths
