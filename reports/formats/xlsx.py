"""数据资产分类分级清单: the inventory as Chinese compliance teams keep it, one row a column, with columns for reviewers to fill.

Rows are written as they come, so memory does not grow with them. `chujing review import` reads the reviewers' columns back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from detectors.model import unquote
from reports.files import replace_file
from reports.inventory.sheet_columns import LANG
from reports.inventory.workbook import workbook
from reports.model import Report, TableReport

LIMIT = 1_000_000                             # rows of one sheet; a spreadsheet ends at 1,048,576
BINARY = True
SPEAKS = True                                 # is written in one language


def save(report: Report, path: Path, lang: str = LANG, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the inventory: one file, or above the limit an index and a file for each system; gives what was written."""
    if sum(len(table.columns) for table in report.tables) <= limit:
        _whole(path, report, lang, limit)
        return (path,)
    by_system: dict[str, list[TableReport]] = {}
    for table in report.tables:
        by_system.setdefault(table.id.split("/", 1)[0], []).append(table)
    names = _names(path, list(by_system))
    for system, tables in by_system.items():
        _whole(names[system], replace(report, tables=tuple(tables)), lang, limit)
    _whole(path, report, lang, limit, names)
    return (path, *names.values())


def _names(path: Path, systems: Sequence[str]) -> dict[str, Path]:
    """A file name for each system, none twice on any file system."""
    found: dict[str, Path] = {}
    taken = {path.name.casefold()}
    for system in systems:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in unquote(system))[:60]
        tried = (f"{path.stem}-{plain}{f'-{i}' if i else ''}{path.suffix}" for i in range(len(systems) + 2))
        name = next(n for n in tried if n.casefold() not in taken)
        taken.add(name.casefold())
        found[system] = path.with_name(name)
    return found


def _whole(path: Path, report: Report, lang: str, limit: int, parts: Mapping[str, Path] | None = None) -> None:
    """Write one file."""
    replace_file(path, lambda file: workbook(report, lang, limit, parts).save(file))


def write(report: Report, file: IO[bytes]) -> None:
    """Write the inventory as one workbook, in Chinese."""
    workbook(report, LANG, LIMIT).save(file)
