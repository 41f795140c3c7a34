"""Where columns are defined in files: of sources that are SQL, the line of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from detectors.errors import SourceError
from detectors.input_files import input_bytes
from detectors.model import ColumnId, TableRef, quote
from reports.model import Report
from reports.wording.annotations import FilePlace
from scanner.config.sources import Source
from scanner.connectors.definitions import definition_of
from scanner.connectors.definitions.connector import definition_text
from scanner.connectors.definitions.places import column_places
from scanner.connectors.urls import scheme_of


def file_places(report: Report, sources: Iterable[Source]) -> Mapping[ColumnId, FilePlace]:
    """Return the file and line of the columns that files define; of other files than SQL the file alone."""
    lines: dict[ColumnId, FilePlace] = {}
    for source in sources:
        if scheme_of(source.url):
            continue
        file = Path(source.url)
        for table in report.tables:
            if table.id.split("/", 1)[0] == quote(source.id):
                lines |= {column.id: (source.url, 0) for column in table.columns}
        if file.is_file() and definition_of(file) == "sql":
            text = definition_text(input_bytes(file, SourceError), source.url)
            for schema, table_name, column, line in column_places(text):
                id = ColumnId(f"{TableRef(table_name, schema).id(source.id)}/{quote(column)}")
                if id in lines:
                    lines[id] = (source.url, line)
    return lines
