"""OpenMetadata's names: fully qualified names with quoted parts, and how our tags and properties are called.

What its ingestion cannot keep in a name of a database, schema, table or column it spells out; service names
are left as they are.
Source: openmetadata-ingestion 2.0.7, `utils/fqn.py`, `ingestion/models/custom_basemodel_validation.py`.

>>> joined_name("crm_pg", "crm", "public", "member")
'crm_pg.crm.public.member'
>>> joined_name("crm_pg", "crm", "public", "2026.orders")
'crm_pg.crm.public."2026.orders"'
>>> split('crm_pg.crm.public."2026.orders"')
['crm_pg', 'crm', 'public', '2026.orders']
>>> stored_name('a "quoted" name')
'a __reserved__quote__quoted__reserved__quote__ name'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from reports.catalogs.naming import CatalogTable, NamingRule
from reports.catalogs.terms import ACCEPTED, SUGGESTED

CLASSIFICATION: Mapping[str, str] = {ACCEPTED[0]: "chujing", SUGGESTED[0]: "chujing_suggested"}
RESERVED = (                                  # in the order in which they are replaced
    ("::", "__reserved__colon__"), (">", "__reserved__arrow__"), ('"', "__reserved__quote__"),
    ("\n", "__reserved__newline__"), ("\r", "__reserved__carriage_return__"), ("\t", "__reserved__tab__"),
)
DEFAULT_PART = "default"                      # name of a database or schema that the source does not have
NAME_PART = re.compile(r'"((?:[^"])*)"|([^."]+)')
UNIT_SEPARATOR = "\x1f"


def stored_name(name: str) -> str:
    """Return a name of a database, schema, table or column as the catalog keeps it."""
    for plain, replacement in RESERVED:
        name = name.replace(plain, replacement)
    return name


def quoted_part(name: str) -> str:
    """Return one part of a name, in quotes if it has a point."""
    return f'"{name}"' if "." in name else name


def joined_name(*parts: str) -> str:
    """Return the fully qualified name of its parts."""
    return ".".join(quoted_part(part) for part in parts)


def split(name: str) -> list[str]:
    """Return the parts of a fully qualified name."""
    return [a or b for a, b in NAME_PART.findall(name)]


def table(rule: NamingRule, schema: str, name: str) -> str:
    """Return service.database.schema.table, or what the template gives; all but the service cased."""

    def part(text: str) -> str:
        return quoted_part(stored_name(rule.cased(text)))

    schema = schema or rule.schema
    if rule.name:
        parts = {"database": part(rule.database), "schema": part(schema), "table": part(name)}
        return rule.name.format_map({**parts, "source": quoted_part(rule.source)})
    service = quoted_part(rule.platform_instance or rule.source)
    return ".".join((service, part(rule.database) or DEFAULT_PART, part(schema) or DEFAULT_PART, part(name)))


def table_fqn(place: CatalogTable) -> str:
    """Return the fully qualified name of a table of ours."""
    return table(place.rule, place.schema, place.name)


def path(rule: NamingRule, names: Iterable[str]) -> tuple[str, ...]:
    """Return a column's names from the outside in, as the catalog keeps them."""
    return tuple(stored_name(rule.cased(name)) for name in names)


def label_tag(node: str, label: str) -> str:
    """Return the name of a label's tag below the classification of accepted or of suggested findings."""
    return joined_name(CLASSIFICATION[node], label)


def is_ours(tag_fqn: str) -> bool:
    """Return whether a tag is of one of our classifications."""
    return split(tag_fqn)[:1] in [[name] for name in CLASSIFICATION.values()]


def tag_label(tag_fqn: str) -> str:
    """Return the label of a tag: the last part of its name; empty for an empty name."""
    return next(reversed(split(tag_fqn)), "")


def is_suggested(tag_fqn: str) -> bool:
    """Return whether a tag is of the classification of suggested findings."""
    return split(tag_fqn)[:1] == [CLASSIFICATION[SUGGESTED[0]]]


def is_accepted(tag_fqn: str) -> bool:
    """Return whether a tag is of the classification of accepted findings."""
    return split(tag_fqn)[:1] == [CLASSIFICATION[ACCEPTED[0]]]


def tag_key(table: str, path: Sequence[str], tag: str) -> str:
    """Return the payload key of a tag on a column."""
    return f"{table}|{UNIT_SEPARATOR.join(path)}|{tag}"


def feedback_links(table: str, path: Sequence[str], *, unique: bool) -> tuple[str, ...]:
    """Return how feedback may name a column: by its path, and by its own name if unique in the table."""
    names = dict.fromkeys([joined_name(*path), *([path[-1]] if unique else [])])
    return tuple(f"<#E::table::{table}::columns::{name}>" for name in names)
