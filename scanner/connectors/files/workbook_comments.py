"""Comments on the cells of a workbook: they are counted, not read."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from xml.etree.ElementTree import ParseError, fromstring

_COMMENTS = ("/comments", "/threadedComment")  # ends of the types of such parts


def comments_on_cells(archive: zipfile.ZipFile, path: str) -> int:
    """Return how many cells of a sheet have a comment. path: of the sheet in its workbook."""
    folder, name = posixpath.split(path)
    try:
        rels = fromstring(archive.read(f"{folder}/_rels/{name}.rels"))
        targets = [rel.get("Target", "") for rel in rels if rel.get("Type", "").endswith(_COMMENTS)]
        return len({ref for target in targets for ref in _commented(archive, folder, target)})
    except (KeyError, ParseError, ValueError, zipfile.BadZipFile, zlib.error, EOFError):
        return 0


def _commented(archive: zipfile.ZipFile, folder: str, target: str) -> list[str]:
    """Return the places of the comments that a part holds."""
    part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
    return [element.get("ref", "") for element in fromstring(archive.read(part)).iter()
            if element.tag.endswith(("}comment", "}threadedComment"))
            and any((inner.text or "").strip() for inner in element.iter())]
