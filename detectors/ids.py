"""Ids taken apart: `source/schema/table/column.path`, whose parts are percent-encoded, see
`detectors.model.quote`.

>>> source_of("crm/public/member/contact.phone"), table_of("crm/public/member/contact.phone")
('crm', 'crm/public/member')
>>> column_part("crm/public/member/contact.phone")
'contact.phone'
"""

from __future__ import annotations

from detectors.model import TableId


def source_of(identifier: str) -> str:
    """Return the source of a source, table or column id, as it stands in the id."""
    return identifier.split("/", 1)[0]


def table_of(column: str) -> TableId:
    """Return the id of the table that a column id belongs to."""
    return TableId(column.rsplit("/", 1)[0])


def column_part(column: str) -> str:
    """Return the last part of a column id: the dotted path of the column, still percent-encoded."""
    return column.rsplit("/", 1)[-1]
