"""The sheets that a workbook of OOXML names, and the parts that hold them, whatever else in it is damaged."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import unescape
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, fromstring

from detectors.message import Msg, Text
from scanner.connectors.files.workbook_binary import has_record, sheets_of_xlsb

PART_ERRORS = (KeyError, ParseError, RuntimeError, zlib.error, EOFError, zipfile.BadZipFile, ValueError)
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_OF_PEOPLE = rb"[\w.]@\w|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx]"
_BESIDE = (                                   # name of a part, what it is, a sign that it holds anything
    (re.compile(r"xl/pivotCache/pivotCacheRecords[^/]*\.xml"), Msg("rows of pivot tables"), b"<r>"),
    (re.compile(r"xl/pivotCache/pivotCacheDefinition[^/]*\.xml"), Msg("values of pivot tables"), _OF_PEOPLE),
    (re.compile(r"xl/embeddings/[^/]+"), Msg("embedded files"), b""),
    (re.compile(r"xl/externalLinks/[^/]+\.xml"), Msg("cells of other workbooks"), b"<sheetData>"),
    (re.compile(r"xl/drawings/[^/]+\.xml"), Msg("texts in shapes"), b"<a:t>"),
    (re.compile(r"customXml/item\d*\.xml"), Msg("data of other programs"), _OF_PEOPLE),
)
_OF_BINARY = (                                # of XLSB: the name of a part, what it is, kinds of records
    (re.compile(r"xl/pivotCache/pivotCacheRecords[^/]*\.bin"), Msg("rows of pivot tables"), {33, 34}),
    (re.compile(r"xl/externalLinks/[^/]+\.bin"), Msg("cells of other workbooks"), {368, 369, 371}),
    (re.compile(r"xl/worksheets/[^/]+\.bin"), Msg("values of scenarios"), {504}),
)
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_BEHIND_CELLS = (                             # what it is, a mark to look for first, a sign of it in a sheet
    (Msg("values of scenarios"), b"inputCells", re.compile(rb"<(?:\w+:)?inputCells\s")),
    (Msg("lists of values to choose from"), b"formula1>",
     re.compile(rb"<(?:\w+:)?formula1>\s*(?:&quot;|\")[^<]{0,400}?(?:" + _OF_PEOPLE + rb")")),
)
_COMMENTS = re.compile(r"xl/(?:comments\d*|(?:threadedComments|comments)/[^/]+)\.xml")
_STRAY_COMMENTS = Msg("comments that belong to no sheet")
_TEXT = re.compile(rb"<(?:\w+:)?(?:t|text)(?:\s[^>]*)?>[^<]*[^<\s]")
_TARGET = re.compile(r"Target\s*=\s*[\"']([^\"']*)[\"']")
_BLOCK, _OVERLAP = 4 << 20, 512               # bytes of a part that are searched at a time
_CHART = re.compile(r"xl/charts/[^/]+\.xml")
_CHART_VALUES = Msg("values in charts")
_CHART_CELLS = re.compile(rb"<(?:\w+:)?f>([^<]*)</")                  # which cells a chart shows
_CHART_CACHE = re.compile(rb"<(?:\w+:)?(?:(?:str|num)(?:Cache|Lit)|lvl)\b")
_NUMBER = re.compile(r"(\d+)\.xml$")


class SheetPart(NamedTuple):
    """A sheet of a workbook. path: of its part; empty where that is missing."""

    title: str
    path: str


def sheet_parts(archive: zipfile.ZipFile) -> Sequence[SheetPart]:
    """Return the sheets of cells in a workbook, in its order; none where it names none.

    Where nothing says which part a sheet has, its parts are taken in their order.
    """
    names = set(archive.namelist())
    parts = sorted((name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml")),
                   key=_number)
    sheets, paths = _named_sheets(archive), _related_parts(archive)
    if not sheets:
        return [SheetPart(posixpath.basename(part).removesuffix(".xml"), part) for part in parts]
    if not paths and len(sheets) == len(parts):
        return [SheetPart(title, part) for (title, _), part in zip(sheets, parts, strict=True)]
    listed = [SheetPart(title, path if (path := paths.get(relation, "")) in names else "")
              for title, relation in sheets]
    others = [part for part in parts if part not in {sheet.path for sheet in listed}]
    lost = [i for i, sheet in enumerate(listed) if not sheet.path]
    if len(others) == len(lost):              # each sheet without a part, and each part without a sheet
        for i, part in zip(lost, others, strict=True):
            listed[i] = SheetPart(listed[i].title, part)
        others = []
    return [sheet for sheet in listed if "/worksheets/" in sheet.path or not sheet.path] + [
        SheetPart(posixpath.basename(part).removesuffix(".xml"), part) for part in others]


def parts_beside_cells(archive: zipfile.ZipFile) -> Mapping[Text, int]:
    """Return how many parts of a workbook hold records or texts that stand in no cell of it, by their kind.

    A pivot table keeps all rows of its source, a link those of another workbook.
    """
    parts: dict[Text, int] = {}
    for name in archive.namelist():
        for pattern, kind, sign in _BESIDE:
            if pattern.match(name) and (not sign or re.search(sign, _content(archive, name))):
                parts[kind] = parts.get(kind, 0) + 1
        for pattern, kind, records in _OF_BINARY:
            if pattern.match(name) and has_record(_content(archive, name), records):
                parts[kind] = parts.get(kind, 0) + 1
        if _CHART.match(name) and _holds_other_values(archive, name):
            parts[_CHART_VALUES] = parts.get(_CHART_VALUES, 0) + 1
        if _SHEET_PART.fullmatch(name):
            for kind in _kinds_behind_cells(archive, name):
                parts[kind] = parts.get(kind, 0) + 1
    if stray := _stray_comments(archive):
        parts[_STRAY_COMMENTS] = len(stray)
    return parts


def _kinds_behind_cells(archive: zipfile.ZipFile, sheet: str) -> list[Msg]:
    """Return what the part of a sheet holds besides its cells; it is searched piece by piece."""
    kinds: list[Msg] = []
    with suppress(*PART_ERRORS, OSError), archive.open(sheet) as part:     # damage is said where it is read
        before = b""
        while piece := part.read(_BLOCK):
            piece = before + piece
            kinds += [kind for kind, mark, sign in _BEHIND_CELLS
                      if kind not in kinds and mark in piece and sign.search(piece)]
            before = piece[-_OVERLAP:]
    return kinds


def _stray_comments(archive: zipfile.ZipFile) -> list[str]:
    """Return the parts with comments that no sheet names; nobody counts those by their cells."""
    parts = [name for name in archive.namelist() if _COMMENTS.fullmatch(name)]
    if not parts:
        return []
    named = {part_path("xl/worksheets", target) for name in archive.namelist()
             if name.startswith("xl/worksheets/_rels/")
             for target in _TARGET.findall(_content(archive, name).decode("utf-8", "replace"))}
    return [part for part in parts if part not in named and _TEXT.search(_content(archive, part))]


def _holds_other_values(archive: zipfile.ZipFile, chart: str) -> bool:
    """Return whether a chart keeps values that are not those of cells in a sheet of its workbook."""
    content = _content(archive, chart)
    if not _CHART_CACHE.search(content):
        return False
    titles = {title for title, _ in _named_sheets(archive)}
    with suppress(KeyError, struct.error, *PART_ERRORS):
        titles |= {title for title, _ in sheets_of_xlsb(archive)}
    shown = [unescape(cells.decode("utf-8", "replace")) for cells in _CHART_CELLS.findall(content)]
    sheets = {cells.rpartition("!")[0].strip("'").replace("''", "'") for cells in shown}
    return not sheets or not sheets <= titles


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (*PART_ERRORS, OSError, NotImplementedError):
        return b""


def is_from_1904(archive: zipfile.ZipFile) -> bool:
    """Return whether a workbook counts its days from 1904."""
    try:
        return re.search(rb"date1904\s*=\s*[\"'](1|true)", archive.read(_WORKBOOK)) is not None
    except PART_ERRORS:
        return False


def _named_sheets(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return (title, relation) of each sheet of a workbook."""
    try:
        text = archive.read(_WORKBOOK).decode("utf-8", "replace")
    except PART_ERRORS:
        return []
    sheets = []
    for tag in _SHEET.findall(text):
        attributes = dict(_ATTRIBUTE.findall(tag))
        relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
        sheets.append((unescape(attributes.get("name", "")), relation))
    return sheets


def _related_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    try:
        relations: Element = fromstring(archive.read(_RELATIONS))
    except PART_ERRORS:
        return {}
    return {relation.get("Id", ""): part_path("xl", relation.get("Target", "")) for relation in relations}


def part_path(folder: str, target: str) -> str:
    """Return the path of a part that another one names, in whose folder it may stand."""
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")


def _number(path: str) -> tuple[int, str]:
    match = _NUMBER.search(path)
    return int(match[1]) if match else 0, path
