"""How a report is spread over files: one, or above a number of columns an index and pages by system.

A large system has several pages, each a range of its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detectors.ids import source_of
from detectors.model import unquote
from reports.model import Report, TableReport

LIMIT = 50_000                                # columns of one page


@dataclass(frozen=True, slots=True)
class SystemPage:
    """A page beside the index. number of count: of its system."""

    file: str
    system: str
    tables: tuple[TableReport, ...]
    number: int
    count: int

    @property
    def columns(self) -> int:
        return sum(len(table.columns) for table in self.tables)


def system_pages(report: Report, limit: int = LIMIT) -> tuple[SystemPage, ...]:
    """Return the pages of a report; none where one file holds it.

    A page ends between tables, so that a table with more columns has a page of its own.
    """
    if sum(len(table.columns) for table in report.tables) <= limit:
        return ()
    systems: dict[str, list[TableReport]] = {unquote(source.id): [] for source in report.sources}
    for table in report.tables:
        systems.setdefault(unquote(source_of(table.id)), []).append(table)
    names: set[str] = set()
    pages: list[SystemPage] = []
    for system, tables in systems.items():
        ranges = _ranges(sorted(tables, key=lambda table: table.id), limit)
        stem = _unique_stem(system, names)
        for number, members in enumerate(ranges, 1):
            file = f"{stem}.html" if number == 1 else f"{stem}-{number}.html"
            pages.append(SystemPage(file, system, tuple(members), number, len(ranges)))
    return tuple(pages)


def _ranges(tables: Sequence[TableReport], limit: int) -> list[list[TableReport]]:
    """Return tables in runs of at most so many columns."""
    ranges: list[list[TableReport]] = []
    columns = limit + 1
    for table in tables:
        if columns + len(table.columns) > limit:
            ranges.append([])
            columns = 0
        ranges[-1].append(table)
        columns += len(table.columns)
    return ranges


def _unique_stem(system: str, names: set[str]) -> str:
    """Return a file name any file system takes, and add it to the names.

    None is used twice, nor is one that the further pages of another system could have.
    """
    plain = "".join(c if c.isalnum() else "_" for c in system)[:60] or "system"
    candidates = (f"{plain}{f'_{i}' if i else ''}" for i in range(len(names) + 2))
    stem = next(candidate for candidate in candidates if candidate.casefold() not in names)
    names.add(stem.casefold())
    return stem
