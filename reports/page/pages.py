"""How a report is spread over files: one, or above a number of columns an index and pages by system, a large one by ranges of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detectors.model import unquote
from reports.model import Report, TableReport

LIMIT = 50_000  # columns of one page


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
        return sum(len(t.columns) for t in self.tables)


def parts(report: Report, limit: int = LIMIT) -> tuple[SystemPage, ...]:
    """Pages of a report; none where one file holds it. A page ends between tables, so that one with more columns has a page of its own."""
    if sum(len(t.columns) for t in report.tables) <= limit:
        return ()
    systems: dict[str, list[TableReport]] = {unquote(s.id): [] for s in report.sources}
    for table in report.tables:
        systems.setdefault(unquote(table.id.split("/", 1)[0]), []).append(table)
    taken: set[str] = set()
    found: list[SystemPage] = []
    for system, tables in systems.items():
        ranges = _ranges(sorted(tables, key=lambda t: t.id), limit)
        stem = _stem(system, taken)
        found += [
            SystemPage(
                f"{stem}.html" if i == 0 else f"{stem}-{i + 1}.html", system, tuple(r), i + 1, len(ranges)
            )
            for i, r in enumerate(ranges)
        ]
    return tuple(found)


def _ranges(tables: Sequence[TableReport], limit: int) -> list[list[TableReport]]:
    out: list[list[TableReport]] = []
    held = limit + 1
    for table in tables:
        if held + len(table.columns) > limit:
            out.append([])
            held = 0
        out[-1].append(table)
        held += len(table.columns)
    return out


def _stem(system: str, taken: set[str]) -> str:
    """A file name any file system takes, none twice, none that the further pages of another could have."""
    plain = "".join(c if c.isalnum() else "_" for c in system)[:60] or "system"
    stem = next(s for i in range(len(taken) + 2) if (s := f"{plain}{f'_{i}' if i else ''}").casefold() not in taken)
    taken.add(stem.casefold())
    return stem
