"""Where in a file of SQL a column is defined, for those who read a finding beside the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.connectors.definitions.ddl import read_definitions
from scanner.connectors.definitions.statements import split_statements

ColumnLine = tuple[str, str, str, int]  # schema, table, column, line from 1


def column_places(text: str) -> Iterator[ColumnLine]:
    """Yield the columns of a text of SQL with the line on which each begins.

    The line of its statement where it stands on none of its own. A later statement of a column counts.
    """
    for statement in split_statements(text):
        for ref, info in read_definitions(statement.text).tables.items():
            for column in info.columns:
                yield ref.schema, ref.name, column.name, statement.line + _offset(statement.text, column.name)


def _offset(statement: str, column: str) -> int:
    """Return the lines between the beginning of a statement and the definition of a column."""
    opening = statement.find("(")
    pattern = re.compile(rf"(?:^|[(,])\s*[`\"\[]?{re.escape(column)}[`\"\]]?\s", re.IGNORECASE | re.MULTILINE)
    definition = pattern.search(statement, max(0, opening))
    if definition is None:
        return 0
    start = definition.start() + len(definition[0]) - len(definition[0].lstrip("(, \t\r\n"))
    return statement.count("\n", 0, start)
