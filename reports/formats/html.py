"""One static, self-contained HTML page in Chinese and English; beyond 50,000 columns an index and more pages.

The pages of an index are in a folder beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

from reports.files import Content, write_atomically, write_together, writing
from reports.model import Report
from reports.page import render
from reports.page.pages import LIMIT, SystemPage, system_pages
from reports.page.totals import totals_of

LIST = "pages.txt"                            # the pages of the last writing, so that old ones can be removed


def write(report: Report, file: IO[str]) -> None:
    """Write the report as one page, however large."""
    file.write(page(report))


def page(report: Report) -> str:
    """Return the report as one page; the same report gives the same bytes."""
    return render.whole_page(report)


def save(report: Report, path: Path, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the report and return the files written.

    One file, or above the limit of columns an index and a folder of pages, one in memory at a time.
    """
    pages = system_pages(report, limit)
    folder = path.with_name(f"{path.stem}_files")
    files = write_together(_contents(report, path, folder, pages))
    with writing(folder):
        _remove_old_pages(folder, [each.file for each in pages])
    return (path, *(file for file in files if file != path and file.name != LIST))


def _contents(
    report: Report, path: Path, folder: Path, pages: Sequence[SystemPage]
) -> Iterator[tuple[Path, Content]]:
    """Yield every file and its content, the pages before the index that shows their totals."""
    if not pages:
        yield path, page(report)
        return
    totals = {}
    for each in pages:
        totals[each.file] = totals_of(report, each.tables)
        yield folder / each.file, render.part_page(report, each, totals[each.file], f"../{quote(path.name)}")
    yield path, render.index_page(report, pages, totals, folder.name)


def _remove_old_pages(folder: Path, pages: Collection[str]) -> None:
    """Remove pages of an earlier writing that are not among the report's; nothing else in the folder."""
    listing = folder / LIST
    if listing.exists():
        for name in set(listing.read_text(encoding="utf-8").splitlines()) - set(pages):
            if name.endswith(".html") and Path(name).name == name:
                (folder / name).unlink(missing_ok=True)
    if pages:
        write_atomically(listing, "\n".join(pages) + "\n")
    elif listing.exists():
        listing.unlink()
        with contextlib.suppress(OSError):    # something else is in it
            folder.rmdir()
