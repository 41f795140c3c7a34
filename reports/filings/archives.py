"""Office documents whose bytes follow from their content alone: no time stands in the archive."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import IO

CREATED = datetime(2026, 1, 1)                # of every document and workbook
ENTRY_TIME = (CREATED.year, CREATED.month, CREATED.day, 0, 0, 0)     # of every member
PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(?=</dcterms:modified>)")


def copy_timeless(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy an Office document; the times of its entries, and of its last change, become CREATED."""
    stamp = CREATED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == PROPERTIES:
                content = _MODIFIED.sub(rb"\g<1>" + stamp, content)
            copy.writestr(zipfile.ZipInfo(name, ENTRY_TIME), content, zipfile.ZIP_DEFLATED)


def is_as_copied(file: Path) -> bool:
    """Is a file an Office document as `copy_timeless` writes it? Whoever saves one anew puts other times."""
    try:
        with zipfile.ZipFile(file) as archive:
            return all(entry.date_time == ENTRY_TIME for entry in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        return False
