"""Atlas's names: types of tables, qualified names, classification types, and the addresses that ask for many entities at once.

Sources: Apache Atlas `addons/models/{1030-hive,2010-rdbms,6000-trino}_model.json`, `HiveMetaStoreBridge` (cluster `primary`),
`AtlasClassificationDefStoreV2` (which characters the name of a classification may have).

>>> classification("chujing.accepted.phone_mobile")
'chujing.accepted.phone_mobile'
>>> classification("chujing.accepted.acme-工号")
'chujing.accepted.acme_2d__5de5__53f7_'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from reports.catalogs.picking import CatalogTable

TYPES = {"hive": "hive_table", "impala": "hive_table", "spark": "hive_table", "trino": "trino_table"}
CLUSTER = "primary"                           # what Hive's hook calls its cluster where nobody gave it a name
LONGEST = 6_000                               # characters of an address: servers refuse headers above 8 KB


def table_type(place: CatalogTable) -> str:
    """Type of the entity of a table: as the rule says, else by the kind of system."""
    return place.rule.type or TYPES.get(place.rule.platform, "rdbms_table")


def qualified(place: CatalogTable) -> str:
    """`qualifiedName` of a table: `db.table@cluster`, or as the rule's template says."""
    name, cluster = place.rule.dotted(place.schema, place.name), place.rule.platform_instance
    if place.rule.name:
        return name
    if not cluster and table_type(place) == "hive_table":
        cluster = CLUSTER
    return f"{name}@{cluster}" if cluster else name


def entity(type_name: str, qualified_name: str) -> str:
    """A table as we speak of it: type and qualified name."""
    return f"{type_name} {qualified_name}"


def parts(entity: str) -> tuple[str, str]:
    """Type and qualified name."""
    type_name, _, name = entity.partition(" ")
    return type_name, name


def classification(term: str) -> str:
    """Name of a classification type: letters and digits of ASCII, `_`, `.` and blank; anything else by its code."""
    return re.sub(r"[^A-Za-z0-9_. ]", lambda m: f"_{ord(m[0]):x}_", term)


def asking(path: str, key: str, values: Sequence[str], most: int) -> Iterator[tuple[str, list[str]]]:
    """Addresses that ask for values, with the values each asks for. key: name of the parameter; `{n}` in it is counted.

    A value too long for any address is left out.
    """
    address, some = "", list[str]()
    for value in values:
        one = f"{key.format(n=len(some))}={quote(value, safe='')}"
        if len(path) + len(one) > LONGEST:
            continue
        if some and (len(some) == most or len(address) + len(one) >= LONGEST):
            yield address, some
            address, some = "", []
            one = f"{key.format(n=0)}={quote(value, safe='')}"
        address = f"{address}&{one}" if some else f"{path}?{one}"
        some.append(value)
    if some:
        yield address, some
