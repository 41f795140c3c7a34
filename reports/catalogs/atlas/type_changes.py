"""Our types held against those in Atlas.

A definition is made where it is absent. Where a type of that name exists, nothing in it is changed; what it
lacks is added if that breaks nobody's use of it (an optional attribute, one more type of table), else it is
refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detectors.message import Text
from reports.catalogs.atlas.types import APPLICABLE, MARK_ATTRIBUTE, NUMBERS, Definition
from reports.catalogs.shapes import UnexpectedShape, record, records, text, texts


@dataclass(frozen=True, slots=True)
class TypeChange:
    """What has to be sent so that definitions of one name are there, if anything; or why they cannot be."""

    definition: Definition | None = None
    obstacle: Text = ""


def type_change(existing: Definition | None, ours: Sequence[Definition]) -> TypeChange:
    """Return how a type has to change. ours: definitions of one name, each for other types of tables."""
    definition = _merged_definition(ours)
    if existing is None:
        return TypeChange(definition)
    name = definition["name"]
    if missing := set(definition.get("superTypes") or ()) - set(existing.get("superTypes") or ()):
        return TypeChange(
            obstacle=f"the type {name} there does not stand below {min(missing)}: rename or remove it"
        )
    attributes = _attributes(existing)
    changed: dict[str, Definition] = {}
    for attribute in definition["attributeDefs"]:
        current = attributes.get(attribute["name"])
        if current is None:
            changed[attribute["name"]] = attribute
        elif current.get("typeName") != attribute["typeName"]:
            return TypeChange(
                obstacle=f"{attribute['name']} of type {name} there is {current.get('typeName')}, "
                f"not {attribute['typeName']}: rename or remove that type"
            )
        elif _table_types(attribute) - _table_types(current):
            changed[attribute["name"]] = _widened_attribute(current, attribute)
    if not changed:
        return TypeChange()
    unchanged = [
        attribute for attribute_name, attribute in attributes.items() if attribute_name not in changed
    ]
    return TypeChange({**existing, "attributeDefs": [*unchanged, *changed.values()]})


def require_readable(existing: Definition) -> Definition:
    """Return a definition of the catalog; raise UnexpectedShape if a part is not what we take it for."""
    for key in ("name", "category"):
        text(existing.get(key), f"{key} of a type")
    texts(existing.get("superTypes"), "superTypes")
    for attribute in records(existing.get("attributeDefs"), "attributeDefs"):
        text(attribute.get("name"), "name of an attribute")
        if table_types := record(attribute.get("options"), "options").get(APPLICABLE):
            try:
                texts(json.loads(text(table_types, APPLICABLE)), APPLICABLE)
            except ValueError:
                raise UnexpectedShape(APPLICABLE, lambda part: f"{part} is no list of names") from None
    return existing


def is_readable(existing: Definition) -> bool:
    """Return whether a definition is what we take it for. Others' types may be as they like."""
    try:
        return bool(require_readable(existing))
    except UnexpectedShape:
        return False


def can_carry_mark(name: str, types: Mapping[str, Definition]) -> bool:
    """Return whether a classification can carry our mark: it or a type above it has the attribute."""
    waiting, passed = [name], set[str]()
    while waiting:
        current = waiting.pop()
        definition = types.get(current, {})
        if any(attribute["name"] == MARK_ATTRIBUTE for attribute in definition.get("attributeDefs") or ()):
            return True
        passed.add(current)
        waiting += set(definition.get("superTypes") or ()) - passed
    return False


def can_hold(metadata: Definition | None, table_type: str, number: str) -> bool:
    """Return whether business metadata as it exists can hold a number of ours on tables of a type.

    What it cannot hold, Atlas drops without an error.
    """
    expected = {name: type for name, type, _ in NUMBERS}
    attribute = _attributes(metadata or {}).get(number)
    return (
        attribute is not None
        and attribute.get("typeName") == expected[number]
        and table_type in _table_types(attribute)
    )


def _attributes(definition: Definition) -> Mapping[str, Definition]:
    return {attribute["name"]: attribute for attribute in definition.get("attributeDefs") or ()}


def _merged_definition(ours: Sequence[Definition]) -> Definition:
    """Return one definition for all types of tables."""
    first = ours[0]
    table_types = sorted(
        {t for d in ours for attribute in d["attributeDefs"] for t in _table_types(attribute)}
    )
    if not table_types:
        return first
    applicable = {APPLICABLE: json.dumps(table_types)}
    attributes = [{**a, "options": {**a["options"], **applicable}} for a in first["attributeDefs"]]
    return {**first, "attributeDefs": attributes}


def _widened_attribute(current: Definition, attribute: Definition) -> Definition:
    """Return an attribute as it exists that also applies to the table types of ours."""
    table_types = sorted(_table_types(current) | _table_types(attribute))
    options = {**(current.get("options") or {}), APPLICABLE: json.dumps(table_types)}
    return {**current, "options": options}


def _table_types(attribute: Definition) -> set[str]:
    return set(json.loads((attribute.get("options") or {}).get(APPLICABLE) or "[]"))
