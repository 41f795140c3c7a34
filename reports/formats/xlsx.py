"""数据资产分类分级清单: the inventory as Chinese compliance teams keep it, a row a column, to be reviewed.

`chujing review import` reads the reviewers' columns back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from detectors.ids import source_of
from detectors.model import unquote
from reports.files import Content, write_together
from reports.inventory.workbook import WorkbookOptions, workbook
from reports.model import Report, TableReport

LIMIT = 1_000_000                             # rows of one sheet; a spreadsheet ends at 1,048,576
LANG = "zh"
BINARY = True
SPEAKS = True                                 # is written in one language


def write(report: Report, file: IO[bytes]) -> None:
    """Write the inventory as one workbook, in Chinese."""
    workbook(report, WorkbookOptions(LANG, LIMIT)).save(file)


def save(report: Report, path: Path, lang: str = LANG, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the inventory and return the files written.

    One file, or above the limit an index and a file for each system.
    """
    if sum(len(table.columns) for table in report.tables) <= limit:
        return write_together([(path, _content(report, WorkbookOptions(lang, limit)))])
    by_system: dict[str, list[TableReport]] = {}
    for table in report.tables:
        by_system.setdefault(source_of(table.id), []).append(table)
    files = _files_of(list(by_system), path)
    workbooks = [
        (files[system], _content(replace(report, tables=tuple(tables)), WorkbookOptions(lang, limit)))
        for system, tables in by_system.items()
    ]
    write_together([*workbooks, (path, _content(report, WorkbookOptions(lang, limit, files)))])
    return (path, *files.values())


def _content(report: Report, options: WorkbookOptions) -> Content:
    return lambda file: workbook(report, options).save(file)


def _files_of(systems: Sequence[str], index: Path) -> dict[str, Path]:
    """Return a file for each system beside the index, none twice on any file system."""
    files: dict[str, Path] = {}
    used = {index.name.casefold()}
    for system in systems:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in unquote(system))[:60]
        endings = ("", *(f"-{i}" for i in range(1, len(systems) + 2)))
        names = (f"{index.stem}-{plain}{ending}{index.suffix}" for ending in endings)
        name = next(name for name in names if name.casefold() not in used)
        used.add(name.casefold())
        files[system] = index.with_name(name)
    return files
