"""DataHub's names: URNs, field paths and patch paths, written without its package.

>>> dataset("postgres", "crm.public.member", "PROD", "")
'urn:li:dataset:(urn:li:dataPlatform:postgres,crm.public.member,PROD)'
>>> field_path(("address", "city"), "string")
'[version=2.0].[type=struct].[type=struct].address.[type=string].city'
>>> simple_path("[version=2.0].[type=struct].[type=struct].address.[type=string].city")
'address.city'
"""

from __future__ import annotations

import re
from urllib.parse import quote

from reports.catalogs.naming import CatalogTable

RESERVED = ",()\u241f"                        # characters that a name inside a URN spells out
AVRO_TYPES = {                                # a column's type -> its name in a field path
    "bigint": "long", "smallint": "int", "integer": "int", "int64": "long", "int32": "int",
    "varchar": "string", "text": "string", "char": "string", "utf8": "string",
    "bool": "boolean", "number": "double",
}


def encoded_name(name: str) -> str:
    """Return a name inside a URN: comma, brackets and the unit separator percent-encoded, nothing else."""
    return "".join(quote(character) if character in RESERVED else character for character in name)


def dataset(platform: str, name: str, env: str, instance: str) -> str:
    """Return the URN of a dataset. instance: platform instance, empty for none."""
    whole = f"{instance}.{name}" if instance else name
    return f"urn:li:dataset:(urn:li:dataPlatform:{encoded_name(platform)},{encoded_name(whole)},{env})"


def dataset_urn(place: CatalogTable) -> str:
    """Return the URN of the dataset that a table of ours is there."""
    rule = place.rule
    name = rule.dotted(place.schema, place.name)
    return dataset(rule.platform or "external", name, rule.env, rule.platform_instance)


def schema_field_urn(dataset_urn: str, path: str) -> str:
    """Return the URN of a field of a dataset."""
    return f"urn:li:schemaField:({dataset_urn},{encoded_name(path)})"


def field_path(parts: tuple[str, ...], type: str) -> str:
    """Return a field's path: its name; for a nested one, version 2 of the grammar with parents as structs."""
    if len(parts) == 1:
        return parts[0]
    leaf = re.split(r"[(<\[ ]", type.lower(), maxsplit=1)[0] or "string"
    parents = ".".join(f"[type=struct].{part}" for part in parts[:-1])
    return f"[version=2.0].[type=struct].{parents}.[type={AVRO_TYPES.get(leaf, leaf)}].{parts[-1]}"


def simple_path(path: str) -> str:
    """Return a path without types and version: what both versions of the grammar agree on."""
    return re.sub(r"\[(?:version|type|key)=[^\]]*\]\.", "", path)


def json_pointer(*parts: str) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def pointer_parts(pointer: str) -> list[str]:
    """Return the parts of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]
