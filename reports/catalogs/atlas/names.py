"""Atlas's names: types of tables, qualified names, classification types; addresses of many entities.

Sources: Apache Atlas `addons/models/{1030-hive,2010-rdbms,6000-trino}_model.json`, `HiveMetaStoreBridge`
(cluster `primary`), `AtlasClassificationDefStoreV2` (which characters the name of a classification may have).

>>> classification("chujing.accepted.phone_mobile")
'chujing.accepted.phone_mobile'
>>> classification("chujing.accepted.acme-工号")
'chujing.accepted.acme_2d__5de5__53f7_'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from reports.catalogs.naming import CatalogTable

TYPES = {"hive": "hive_table", "impala": "hive_table", "spark": "hive_table", "trino": "trino_table"}
DEFAULT_CLUSTER = "primary"                   # what Hive's hook calls its cluster where nobody named it
LONGEST_ADDRESS = 6_000                       # characters of an address: servers refuse headers above 8 KB


def table_type(place: CatalogTable) -> str:
    """Return the type of a table's entity: as the rule says, else by the kind of system."""
    return place.rule.type or TYPES.get(place.rule.platform, "rdbms_table")


def qualified_table_name(place: CatalogTable) -> str:
    """Return the `qualifiedName` of a table: `db.table@cluster`, or as the rule's template says."""
    name, cluster = place.rule.dotted(place.schema, place.name), place.rule.platform_instance
    if place.rule.name:
        return name
    if not cluster and table_type(place) == "hive_table":
        cluster = DEFAULT_CLUSTER
    return f"{name}@{cluster}" if cluster else name


def entity(type_name: str, qualified_name: str) -> str:
    """Return a table's name in our payloads: type and qualified name."""
    return f"{type_name} {qualified_name}"


def entity_name(place: CatalogTable) -> str:
    """Return the name in our payloads of the entity that a table of ours is there."""
    return entity(table_type(place), qualified_table_name(place))


def parts(entity: str) -> tuple[str, str]:
    """Return type and qualified name."""
    type_name, _, name = entity.partition(" ")
    return type_name, name


def classification(term: str) -> str:
    """Return the name of a classification type: ASCII letters, digits, `_`, `.`, blank; all else by code."""
    return re.sub(r"[^A-Za-z0-9_. ]", lambda m: f"_{ord(m[0]):x}_", term)


def request_addresses(
    path: str, key: str, values: Sequence[str], most: int
) -> Iterator[tuple[str, list[str]]]:
    """Yield addresses that ask for values, with the values of each.

    key: name of the parameter, `{n}` in it is counted from 0. most: values an address. A value too long for
    any address is left out.
    """
    address, chunk = "", list[str]()
    for value in values:
        parameter = f"{key.format(n=len(chunk))}={quote(value, safe='')}"
        if len(path) + len(parameter) > LONGEST_ADDRESS:
            continue
        if chunk and (len(chunk) == most or len(address) + len(parameter) >= LONGEST_ADDRESS):
            yield address, chunk
            address, chunk = "", []
            parameter = f"{key.format(n=0)}={quote(value, safe='')}"
        address = f"{address}&{parameter}" if chunk else f"{path}?{parameter}"
        chunk.append(value)
    if chunk:
        yield address, chunk
