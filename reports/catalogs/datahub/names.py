"""DataHub's names: URNs, field paths and patch paths, written without its package.

>>> dataset("postgres", "crm.public.member", "PROD", "")
'urn:li:dataset:(urn:li:dataPlatform:postgres,crm.public.member,PROD)'
>>> field_path(("address", "city"), "string")
'[version=2.0].[type=struct].[type=struct].address.[type=string].city'
>>> simple("[version=2.0].[type=struct].[type=struct].address.[type=string].city")
'address.city'
"""

from __future__ import annotations

import re
from urllib.parse import quote

_RESERVED = ",()\u241f"
_TYPES = {"bigint": "long", "smallint": "int", "integer": "int", "varchar": "string", "text": "string", "char": "string", "int64": "long",
          "int32": "int", "utf8": "string", "bool": "boolean", "number": "double"}


def encoded(name: str) -> str:
    """A name inside a URN: comma, brackets and the unit separator percent-encoded, nothing else."""
    return "".join(quote(c) if c in _RESERVED else c for c in name)


def dataset(platform: str, name: str, env: str, instance: str) -> str:
    """URN of a dataset."""
    whole = f"{instance}.{name}" if instance else name
    return f"urn:li:dataset:(urn:li:dataPlatform:{encoded(platform)},{encoded(whole)},{env})"


def schema_field(dataset_urn: str, path: str) -> str:
    """URN of a field of a dataset."""
    return f"urn:li:schemaField:({dataset_urn},{encoded(path)})"


def field_path(parts: tuple[str, ...], kind: str) -> str:
    """A field's path: its name, or for a nested one version 2 of the grammar. What lies between is taken for structs."""
    if len(parts) == 1:
        return parts[0]
    leaf = re.split(r"[(<\[ ]", kind.lower(), maxsplit=1)[0] or "string"
    inner = ".".join(f"[type=struct].{p}" for p in parts[:-1])
    return f"[version=2.0].[type=struct].{inner}.[type={_TYPES.get(leaf, leaf)}].{parts[-1]}"


def simple(path: str) -> str:
    """A path without types and version: what both grammars agree on."""
    return re.sub(r"\[(?:version|type|key)=[^\]]*\]\.", "", path)


def pointer(*parts: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + p.replace("~", "~0").replace("/", "~1") for p in parts)


def parts(pointer: str) -> list[str]:
    """The parts of a JSON pointer."""
    return [p.replace("~1", "/").replace("~0", "~") for p in pointer[1:].split("/")]
