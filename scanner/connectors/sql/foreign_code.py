"""Tables and views whose reading runs code of somebody's, or a statement on another server.

A dialect says which objects do so themselves, and which objects a view uses; what a view reaches through
other views counts for it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from detectors.model import Skipped, TableInfo

Runs = Literal["code", "remote"]
ObjectName = tuple[str, str]                         # schema, name


@dataclass(frozen=True, slots=True)
class ForeignCode:
    """What a database says of its objects.

    direct: what reading an object runs by itself. uses: view -> tables and views it reads.
    calls: names of functions that may do more than read, as they stand in the text of a view.
    """

    direct: Mapping[ObjectName, Runs]
    uses: Mapping[ObjectName, Iterable[ObjectName]]
    calls: re.Pattern[str] | None = None


def mark_foreign_code(
    listed: Iterable[TableInfo | Skipped], code: ForeignCode, database: str,
) -> list[TableInfo | Skipped]:
    """Return the tables, each with what reading it would run. database: the schema where a ref has none."""
    tables = list(listed)
    runs = dict(code.direct)
    for info in tables:
        if isinstance(info, TableInfo) and code.calls and code.calls.search(info.definition):
            runs.setdefault(_key(info, database), "code")
    marked = True
    while marked:                             # until no view reaches one more
        marked = False
        for view, used in code.uses.items():
            inner = sorted({runs[key] for key in used if key in runs})
            if inner and view not in runs:
                runs[view] = inner[0]
                marked = True
    return [
        replace(info, runs=runs.get(_key(info, database), "")) if isinstance(info, TableInfo) else info
        for info in tables
    ]


def _key(info: TableInfo, database: str) -> ObjectName:
    return info.ref.schema or database, info.ref.name
