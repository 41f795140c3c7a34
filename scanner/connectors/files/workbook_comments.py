"""Comments on the cells of a workbook of any format: they are counted, not read."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from html import unescape
from xml.etree.ElementTree import ParseError, fromstring

from scanner.connectors.files.workbook_binary import sheets_of_xlsb, xlsb_records
from scanner.connectors.files.workbook_parts import PART_ERRORS, part_path, sheet_parts
from scanner.connectors.files.xls_extents import xls_records

_COMMENTS = ("/comments", "/threadedComment")  # ends of the types of such parts
_TABLE = re.compile(r'<table:table\s(?:[^>]*?\s)?table:name="([^"]*)"'           # of OpenDocument
                    r"|<office:annotation[\s>](.*?)</office:annotation>", re.S)
_ABOUT = re.compile(r"<(dc:creator|dc:date|meta:[\w-]+)[^>]*>[^<]*</\1>|<[^>]*>")
_NOTE, _SHEET, _START = 0x001C, 0x0085, 0x0809  # records of XLS
_BIFF8 = 0x0600
_CONTINUED = 0xFFFF                           # the row of a further piece of one note, before BIFF8
_COMMENT = 635                                # the begin of one in XLSB, MS-XLSB 2.4.36 BrtBeginComment


def comments_on_cells(archive: zipfile.ZipFile, path: str) -> int:
    """Return how many cells of a sheet have a comment. path: of the sheet in its workbook."""
    folder, name = posixpath.split(path)
    try:
        rels = fromstring(archive.read(f"{folder}/_rels/{name}.rels"))
        targets = [part_path(folder, rel.get("Target", "")) for rel in rels
                   if rel.get("Type", "").endswith(_COMMENTS)]
        return len({place for part in targets for place in _commented(archive, part)})
    except (KeyError, ParseError, ValueError, zipfile.BadZipFile, zlib.error, EOFError):
        return 0


def comments_by_sheet(content: bytes) -> Mapping[str, int]:
    """Return how many cells of each sheet have a comment, by title, in a workbook of any format."""
    if not content.startswith(b"PK"):
        return Counter(_comments_of_xls(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "content.xml" in names:
                return Counter(_comments_of_ods(archive.read("content.xml").decode("utf-8", "replace")))
            if "xl/workbook.bin" in names:
                return dict(_comments_of_xlsb(archive))
            return {title: comments_on_cells(archive, path) for title, path in sheet_parts(archive) if path}
    except PART_ERRORS:
        return {}


def _commented(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Return the places of the comments that a part holds."""
    if part.endswith(".bin"):
        kinds = [kind for kind, _ in xlsb_records(archive.read(part))]
        return [f"{part} {i}" for i in range(kinds.count(_COMMENT))]
    return [element.get("ref", "") for element in fromstring(archive.read(part)).iter()
            if element.tag.endswith(("}comment", "}threadedComment"))
            and any((inner.text or "").strip() for inner in element.iter())]


def _comments_of_ods(text: str) -> Iterator[str]:
    """Yield the title of the sheet of each comment that says something."""
    title = ""
    for match in _TABLE.finditer(text):
        if match[1] is not None:
            title = unescape(match[1])
        elif _ABOUT.sub("", match[2]).strip():
            yield title


def _comments_of_xls(content: bytes) -> Iterator[str]:
    """Yield the title of the sheet of each comment. Source: MS-XLS 2.4.28 BoundSheet8, 2.4.179 Note."""
    titles: dict[int, str] = {}
    title, version = "", _BIFF8
    for kind, start, body in xls_records(content):
        if kind == _START:
            version = struct.unpack_from("<H", body)[0] if len(body) > 1 else version
            title = titles.get(start, "")
        elif kind == _SHEET and len(body) > 8:
            raw, is_wide = (body[8:], body[7]) if version == _BIFF8 else (body[7:], 0)
            place = struct.unpack_from("<I", body)[0]
            titles[place] = raw.decode("utf-16-le" if is_wide else "latin-1", "replace")
        elif kind == _NOTE and len(body) > 3 and struct.unpack_from("<H", body)[0] != _CONTINUED:
            yield title


def _comments_of_xlsb(archive: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
    """Yield (title, comments) of each sheet."""
    rels = fromstring(archive.read("xl/_rels/workbook.bin.rels"))
    path_of = {rel.get("Id", ""): part_path("xl", rel.get("Target", "")) for rel in rels}
    for title, relation in sheets_of_xlsb(archive):
        yield title, comments_on_cells(archive, path_of.get(relation, ""))
