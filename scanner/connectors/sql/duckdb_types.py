"""DuckDB's types as it writes them, and the leaves in its structs, maps and lists of these."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.connectors.files.nested import Steps, mark_list
from scanner.connectors.sql.composites import DEPTH, InnerValue, quoted

_LIST = re.compile(r"^(.*)\[[0-9]*\]$", re.S)


def leaves_of_type(kind: str, path: Steps, expression: str, depth: int = 0) -> Iterator[InnerValue]:
    """Yield the leaves of a value.

    >>> [(leaf.path, leaf.expression) for leaf in leaves_of_type('STRUCT("a b" VARCHAR[])', ("c",), "c")]
    [(('c', 'a b'), "struct_extract(c, 'a b')")]
    >>> [leaf.expression for leaf in leaves_of_type("STRUCT(m INTEGER)[]", ("c",), "c")]
    ["[struct_extract(e0, 'm') for e0 in c]"]
    """
    inner = _LIST.match(kind)
    if inner and _has_leaves(inner[1]) and depth < DEPTH:
        element = f"e{depth}"
        for leaf in leaves_of_type(inner[1], mark_list(path), element, depth + 1):
            yield InnerValue(leaf.path, leaf.type, f"[{leaf.expression} for {element} in {expression}]")
    elif kind.startswith("STRUCT(") and not inner and depth < DEPTH:
        for part in _parts(kind[7:-1]):
            name, field_kind = _name_and_type(part)
            text = name.replace("'", "''")
            field = f"struct_extract({expression}, '{text}')"
            yield from leaves_of_type(field_kind, (*path, name), field, depth + 1)
    elif kind.startswith("MAP(") and not inner and depth < DEPTH:
        key, value = _parts(kind[4:-1])
        entry = mark_list(path)
        yield InnerValue((*entry, "key"), key.lower(), f"map_keys({expression})")
        element = f"e{depth}"
        for leaf in leaves_of_type(value, (*entry, "value"), element, depth + 1):
            values = f"map_values({expression})"
            yield InnerValue(leaf.path, leaf.type, f"[{leaf.expression} for {element} in {values}]")
    else:
        yield InnerValue(path, kind.lower(), expression)


def leaves_of_column(name: str, kind: str) -> list[InnerValue]:
    """Return the leaves of a column; none for one that is no composite."""
    return list(leaves_of_type(kind, (name,), quoted(name))) if _has_leaves(kind) else []


def _has_leaves(kind: str) -> bool:
    """Return whether it is a struct or a map, or a list of them."""
    while inner := _LIST.match(kind):
        kind = inner[1]
    return kind.startswith(("STRUCT(", "MAP("))


def _parts(text: str) -> list[str]:
    """Return what stands between the commas of a type, outside of brackets and quotes.

    >>> _parts('a DECIMAL(1,2), "b,c" VARCHAR')
    ['a DECIMAL(1,2)', '"b,c" VARCHAR']
    """
    parts, part, depth, quote = [], "", 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth and not quote:
            parts.append(part.strip())
            part = ""
        else:
            part += sign
    return [*parts, part.strip()]


def _name_and_type(part: str) -> tuple[str, str]:
    match = re.match(r'"((?:[^"]|"")*)"\s+(.*)$|(\S+)\s+(.*)$', part, re.S)
    if match is None:
        return part, ""
    return (match[1].replace('""', '"'), match[2]) if match[1] is not None else (match[3], match[4])
