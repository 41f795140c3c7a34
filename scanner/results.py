"""The report as it is used in Python: frames, a picture in a notebook, queries, explanations, files."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reports.model import Report

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 60                                # of a table in a notebook


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScanReport(Report):
    """A report of `scanner.scan` or `scanner.load`. Equal to any report with the same content."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Report):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(Report))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        columns = sum(any(f.finding.primary for f in c.findings) for t in self.tables for c in t.columns)
        unread = f", {len(self.skipped)} not read" if self.skipped else ""
        return f"<report {self.run.id}: {_table_count_words(len(self.tables), columns)}{unread}>"

    def find(self, *words: str) -> pd.DataFrame:
        """Return the rows of `to_pandas()["findings"]` of the columns that words and tests find.

        words: as `chujing find` takes them: "身份证", "sensitive=yes", "confidence>=0.8". Raise ConfigError
        for a test of an unknown name or value.

        >>> import pandas as pd, scanner
        >>> report = scanner.scan({"crm": pd.DataFrame({"mobile": ["13912345678"] * 9, "n": range(9)})})
        >>> report.find("手机", "confidence>=0.5")["column"].tolist()
        ['frames/crm/mobile']
        >>> report.find("email").empty
        True
        """
        from reports.query import check_conditions, matching_columns, parse_query

        query = parse_query(words)
        check_conditions(query.conditions, self)
        ids = {match.column.id for match in matching_columns(self, query)}
        frame = self.to_pandas()["findings"]
        stands = frame["primary"] | frame["possible"] | (frame["standing"] == "rejected")
        return frame[frame["column"].isin(ids) & stands].reset_index(drop=True)

    def explain(self, id: str, lang: Literal["zh", "en"] = "en") -> str:
        """Return why a column or flow is what it is. id: its id or an unambiguous end of it.

        Raise ConfigError with the nearest name where nothing is called so.

        >>> import pandas as pd, scanner
        >>> report = scanner.scan({"crm": pd.DataFrame({"mobile": ["13912345678"] * 9})})
        >>> "phone_mobile" in report.explain("mobile")
        True
        """
        from scanner.review.explain import explain

        return explain(self, id, lang)

    def save(self, file: str | Path, lang: Literal["zh", "en"] = "zh") -> Sequence[Path]:
        """Write the report in the format its suffix names, whole or not at all; return the files written.

        Raise ConfigError for an unknown suffix.

        >>> import pandas as pd, scanner, tempfile
        >>> report = scanner.scan({"crm": pd.DataFrame({"mobile": ["13912345678"] * 9})})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     (file,) = report.save(f"{folder}/report.json")
        ...     scanner.load(file) == report
        True
        """
        from reports.formats import save

        return save(self, Path(file), lang)

    def _repr_html_(self) -> str:
        """Return the findings for a notebook: what was scanned, a row a column, what was not read."""
        frames = self.to_pandas()
        shown = frames["findings"]
        shown = shown[shown["primary"] | shown["possible"]]
        columns = ["column", "title_zh", "title_en", "sensitive", "standing", "confidence"]
        cells = shown[columns].values[:MOST_ROWS]
        rows = [_row(columns, "th"), *(_row(list(map(str, row)), "td") for row in cells)]
        counts = _table_count_words(len(self.tables), int(shown["primary"].sum()))
        notes = [f"{counts}, {int(shown['possible'].sum())} possible"]
        notes += [f"not read: {skipped.id}: {skipped.reason}" for skipped in self.skipped]
        if len(shown) > MOST_ROWS:
            notes.append(f"{len(shown) - MOST_ROWS} more rows: .find()")
        notes += [f"{row.flow}: {row.path}" for row in frames["flows"].itertuples()]
        text = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
        return f"<div>{text}<table>{''.join(rows)}</table></div>"


def _table_count_words(tables: int, columns: int) -> str:
    """Return how much was scanned and found."""
    of_tables = "1 table" if tables == 1 else f"{tables} tables"
    return f"{of_tables}, {'1 column' if columns == 1 else f'{columns} columns'} with findings"


def _row(cells: Sequence[str], tag: str) -> str:
    from reports.cells import shown

    return "<tr>" + "".join(f"<{tag}>{html.escape(shown(cell))}</{tag}>" for cell in cells) + "</tr>"


def result_of(report: Report) -> ScanReport:
    """Return a report with what Python users do with one."""
    return ScanReport(**{f.name: getattr(report, f.name) for f in fields(Report)})
