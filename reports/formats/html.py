"""One static, self-contained HTML page in Chinese and English; beyond 50,000 columns an index and pages in a folder beside it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO
from urllib.parse import quote

from reports.files import replace_file
from reports.model import Report
from reports.page import render
from reports.page.pages import LIMIT, parts
from reports.page.totals import total

LIST = "pages.txt"                            # the pages of the last writing, so that old ones can go


def write(report: Report, file: IO[str]) -> None:
    """Write the report as one page, however large."""
    file.write(page(report))


def page(report: Report) -> str:
    """The report as one page; the same report gives the same bytes."""
    return render.whole(report)


def save(report: Report, path: Path, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the report: one file, or above the limit an index and a folder of pages, one in memory at a time; gives what was written."""
    planned = parts(report, limit)
    folder = path.with_name(f"{path.stem}_files")
    if not planned:
        replace_file(path, page(report))
        _forget(folder, ())
        return (path,)
    folder.mkdir(parents=True, exist_ok=True)
    totals = {}
    for p in planned:
        totals[p.file] = total(report, p.tables)
        replace_file(folder / p.file, render.part(report, p, totals[p.file], f"../{quote(path.name)}"))
    _forget(folder, [p.file for p in planned])
    replace_file(path, render.index(report, planned, totals, folder.name))
    return (path, *(folder / p.file for p in planned))


def _forget(folder: Path, kept: list[str] | tuple[()]) -> None:
    """Remove pages of an earlier writing that are no longer among the report's; nothing else in the folder is touched."""
    told = folder / LIST
    if told.exists():
        for name in set(told.read_text(encoding="utf-8").splitlines()) - set(kept):
            if name.endswith(".html") and Path(name).name == name:
                (folder / name).unlink(missing_ok=True)
    if kept:
        replace_file(told, "\n".join(kept) + "\n")
    elif told.exists():
        told.unlink()
        with contextlib.suppress(OSError):    # something else is in it
            folder.rmdir()
