"""The leaves in PostgreSQL's composite types, arrays of them, and domains over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from scanner.connectors.files.nested import Steps, mark_list
from scanner.connectors.sql.composites import DEPTH, InnerValue, quoted

_ARRAY = "ARRAY(SELECT {} FROM unnest({}) AS {})"
_FIELDS = sa.text(
    "SELECT c.reltype, a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod) "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'c' AND n.nspname <> ALL(:system) ORDER BY c.reltype, a.attnum")
_BEHIND = sa.text(
    "SELECT t.oid, t.typelem, t.typbasetype FROM pg_type t WHERE t.typcategory = 'A' "
    "AND t.typelem IN (SELECT oid FROM pg_type WHERE typtype IN ('c', 'd')) OR t.typtype = 'd'")
_COLUMNS = sa.text(
    "SELECT n.nspname, c.relname, a.attname, a.atttypid FROM pg_attribute a "
    "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(:system) AND NOT c.relispartition "
    "AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = ANY(:types)")


@dataclass(frozen=True, slots=True)
class _Types:
    """Types by number.

    fields: (name, type, its words) of composites. elements: of arrays. bases: of domains.
    """

    fields: dict[int, list[tuple[str, int, str]]] = field(default_factory=dict)
    elements: dict[int, int] = field(default_factory=dict)
    bases: dict[int, int] = field(default_factory=dict)

    def _base(self, kind: int) -> int:
        while kind in self.bases:
            kind = self.bases[kind]
        return kind

    def composite(self, kind: int) -> int | None:
        """Return the composite that a type is, or an array of; None for others."""
        base = self._base(kind)
        base = self._base(self.elements.get(base, base))
        return base if base in self.fields else None

    def leaves(self, kind: int, path: Steps, expression: str, depth: int = 0) -> Iterator[InnerValue]:
        """Yield the leaves of a value whose type is, or is an array of, a composite."""
        composite = self.composite(kind)
        if composite is None:
            return
        is_array = self._base(kind) in self.elements
        whole = f"e{depth}" if is_array else expression
        for name, inner, words in self.fields[composite]:
            steps = (*(mark_list(path) if is_array else path), name)
            for leaf in self._field(inner, steps, f"({whole}).{quoted(name)}", words, depth):
                if is_array:
                    value = leaf.expression
                    if leaf.type.endswith("[]"):      # of different lengths, which only text can join
                        value = f"nullif(({value})::text, '{{}}')"
                    yield InnerValue(leaf.path, leaf.type, _ARRAY.format(value, expression, whole))
                else:
                    yield leaf

    def _field(self, kind: int, path: Steps, expression: str, words: str, depth: int) -> Iterator[InnerValue]:
        if self.composite(kind) is None or depth >= DEPTH:
            yield InnerValue(path, words, expression)
        else:
            for leaf in self.leaves(kind, path, expression, depth + 1):
                words = f"{leaf.type}[]" if self._base(kind) in self.elements else leaf.type
                yield InnerValue(leaf.path, words, leaf.expression)


def composite_leaves(
    connection: sa.Connection, system: list[str],
) -> Mapping[tuple[str, str], Mapping[str, list[InnerValue]]]:
    """Return (schema, table) -> the leaves of each of its columns that is a composite."""
    types = _Types()
    for composite, name, kind, words in connection.execute(_FIELDS, {"system": system}):
        types.fields.setdefault(composite, []).append((name, kind, words))
    if not types.fields:
        return {}
    for kind, element, base in connection.execute(_BEHIND):
        (types.bases if base else types.elements)[kind] = base or element
    kinds = {*types.fields, *types.elements, *types.bases}
    composites = sorted(kind for kind in kinds if types.composite(kind) is not None)
    by_table: dict[tuple[str, str], dict[str, list[InnerValue]]] = {}
    for schema, table, name, kind in connection.execute(_COLUMNS, {"system": system, "types": composites}):
        by_table.setdefault((schema, table), {})[name] = list(types.leaves(kind, (name,), quoted(name)))
    return by_table
