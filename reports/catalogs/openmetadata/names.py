"""OpenMetadata's names: fully qualified names with quoted parts, and what our classifications, tags and properties are called.

What its ingestion cannot keep in a name of a database, schema, table or column it spells out; service names are left as they are.
Source: openmetadata-ingestion 2.0.7, `utils/fqn.py`, `ingestion/models/custom_basemodel_validation.py`.

>>> joined("crm_pg", "crm", "public", "member")
'crm_pg.crm.public.member'
>>> joined("crm_pg", "crm", "public", "2026.orders")
'crm_pg.crm.public."2026.orders"'
>>> split('crm_pg.crm.public."2026.orders"')
['crm_pg', 'crm', 'public', '2026.orders']
>>> stored('a "quoted" name')
'a __reserved__quote__quoted__reserved__quote__ name'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from reports.catalogs.picking import NamingRule
from reports.catalogs.terms import ACCEPTED, SUGGESTED

CLASSIFICATION: Mapping[str, str] = {ACCEPTED[0]: "chujing", SUGGESTED[0]: "chujing_suggested"}
RESERVED = (                                  # in the order in which they are replaced
    ("::", "__reserved__colon__"), (">", "__reserved__arrow__"), ('"', "__reserved__quote__"), ("\n", "__reserved__newline__"),
    ("\r", "__reserved__carriage_return__"), ("\t", "__reserved__tab__"),
)
DEFAULT = "default"                           # a database or schema that the source does not have, as the connectors call it
PROPERTIES = (                                # name on a table, Chinese, what it says, type
    ("chujingPath", "出境合规路径（测算）", "Export path of each flow that takes data from here, as computed; people decide.", "string"),
    ("chujingPersonsLow", "自然人数（下限）", "Persons of the largest flow from here: lower end.", "integer"),
    ("chujingPersonsBest", "自然人数（估计）", "Persons of the largest flow from here: estimate.", "integer"),
    ("chujingPersonsHigh", "自然人数（上限）", "Persons of the largest flow from here: upper end.", "integer"),
)
_PART = re.compile(r'"((?:[^"])*)"|([^."]+)')


def stored(name: str) -> str:
    """A name of a database, schema, table or column as the catalog keeps it."""
    for plain, kept in RESERVED:
        name = name.replace(plain, kept)
    return name


def quoted(name: str) -> str:
    """One part of a name: in quotes where it has a point."""
    return f'"{name}"' if "." in name else name


def joined(*parts: str) -> str:
    """A fully qualified name of its parts."""
    return ".".join(quoted(p) for p in parts)


def split(name: str) -> list[str]:
    """The parts of a fully qualified name."""
    return [a or b for a, b in _PART.findall(name)]


def table(rule: NamingRule, schema: str, name: str) -> str:
    """service.database.schema.table, all but the service in the catalog's case."""
    def part(text: str) -> str:
        return quoted(stored(rule.cased(text)))

    above = schema or rule.schema
    if rule.name:
        return rule.name.format_map({
            "database": part(rule.database), "schema": part(above), "table": part(name), "source": quoted(rule.source)})
    return ".".join((quoted(rule.platform_instance or rule.source), part(rule.database) or DEFAULT, part(above) or DEFAULT, part(name)))


def path(rule: NamingRule, names: Iterable[str]) -> tuple[str, ...]:
    """A column's names from the outside in, as the catalog keeps them."""
    return tuple(stored(rule.cased(n)) for n in names)


def tag(node: str, label: str) -> str:
    """Name of a label's tag below the classification of accepted or of suggested findings."""
    return joined(CLASSIFICATION[node], label)


def links(table: str, path: Sequence[str], *, alone: bool) -> tuple[str, ...]:
    """How feedback names a column: by its path, and by its own name where no other column of the table has it (alone)."""
    every = dict.fromkeys([joined(*path), *([path[-1]] if alone else [])])
    return tuple(f"<#E::table::{table}::columns::{name}>" for name in every)
