"""One static, self-contained HTML page in Chinese and English; beyond 50,000 columns an index and more pages.

The pages of an index are in a folder beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path
from typing import IO
from urllib.parse import quote

from reports.files import replace_file
from reports.model import Report
from reports.page import render
from reports.page.pages import LIMIT, parts
from reports.page.totals import total

LIST = "pages.txt"                            # the pages of the last writing, so that old ones can be removed


def write(report: Report, file: IO[str]) -> None:
    """Write the report as one page, however large."""
    file.write(page(report))


def page(report: Report) -> str:
    """Return the report as one page; the same report gives the same bytes."""
    return render.whole(report)


def save(report: Report, path: Path, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the report and return the files written.

    One file, or above the limit of columns an index and a folder of pages, one in memory at a time.
    """
    pages = parts(report, limit)
    folder = path.with_name(f"{path.stem}_files")
    if not pages:
        replace_file(path, page(report))
        _remove_old_pages(folder, ())
        return (path,)
    folder.mkdir(parents=True, exist_ok=True)
    totals = {}
    for each in pages:
        totals[each.file] = total(report, each.tables)
        text = render.part(report, each, totals[each.file], f"../{quote(path.name)}")
        replace_file(folder / each.file, text)
    _remove_old_pages(folder, [each.file for each in pages])
    replace_file(path, render.index(report, pages, totals, folder.name))
    return (path, *(folder / each.file for each in pages))


def _remove_old_pages(folder: Path, pages: Collection[str]) -> None:
    """Remove pages of an earlier writing that are not among the report's; nothing else in the folder."""
    listing = folder / LIST
    if listing.exists():
        for name in set(listing.read_text(encoding="utf-8").splitlines()) - set(pages):
            if name.endswith(".html") and Path(name).name == name:
                (folder / name).unlink(missing_ok=True)
    if pages:
        replace_file(listing, "\n".join(pages) + "\n")
    elif listing.exists():
        listing.unlink()
        with contextlib.suppress(OSError):    # something else is in it
            folder.rmdir()
