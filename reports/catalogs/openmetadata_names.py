"""OpenMetadata's names: fully qualified names with quoted parts, and what our classifications, tags and properties are called.

>>> joined("crm_pg", "crm", "public", "member")
'crm_pg.crm.public.member'
>>> joined("crm_pg", "crm", "public", "2026.orders")
'crm_pg.crm.public."2026.orders"'
>>> split('crm_pg.crm.public."2026.orders"')
['crm_pg', 'crm', 'public', '2026.orders']
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reports.catalogs.picking import Entity
from reports.catalogs.terms import ACCEPTED, SUGGESTED

CLASSIFICATION: Mapping[str, str] = {ACCEPTED[0]: "chujing", SUGGESTED[0]: "chujing_suggested"}
PROPERTIES = (                                # name on a table, Chinese, what it says, type
    ("chujingPath", "出境合规路径（测算）", "Export path of each flow that takes data from here, as computed; people decide.", "string"),
    ("chujingPersonsLow", "自然人数（下限）", "Persons of the largest flow from here: lower end.", "integer"),
    ("chujingPersonsBest", "自然人数（估计）", "Persons of the largest flow from here: estimate.", "integer"),
    ("chujingPersonsHigh", "自然人数（上限）", "Persons of the largest flow from here: upper end.", "integer"),
)
_PART = re.compile(r'"((?:[^"])*)"|([^."]+)')


def quoted(name: str) -> str:
    """One part of a name: in quotes where it has a point. The catalog takes no quotation marks; they become apostrophes there."""
    bare = name.replace('"', "'")
    return f'"{bare}"' if "." in bare else bare


def joined(*parts: str) -> str:
    """A fully qualified name of its parts."""
    return ".".join(quoted(p) for p in parts)


def split(name: str) -> list[str]:
    """The parts of a fully qualified name."""
    return [a or b for a, b in _PART.findall(name)]


def table(rule: Entity, schema: str, name: str) -> str:
    """service.database.schema.table. A database or schema that the source does not have is called `default`, as the connectors do."""
    if rule.name:
        given = {"database": rule.database, "schema": schema or rule.schema, "table": name, "source": rule.source}
        text = rule.name.format_map({k: quoted(v) for k, v in given.items()})
    else:
        text = joined(rule.platform_instance or rule.source, rule.database or "default", schema or rule.schema or "default", name)
    return {"lower": text.lower(), "upper": text.upper()}.get(rule.casing, text)


def tag(node: str, label: str) -> str:
    """Name of a label's tag below the classification of accepted or of suggested findings."""
    return joined(CLASSIFICATION[node], label)
