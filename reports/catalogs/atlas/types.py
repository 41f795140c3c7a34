"""What of ours is defined in Atlas: two classifications to stand below, one for every label in use, and business metadata of tables.

A definition is made where it is absent. Where a type of that name stands already, nothing in it is changed; what it lacks is added
if that breaks nobody's use of it (an optional attribute, one more type of table), else it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reports.catalogs import Payload
from reports.catalogs.atlas.names import classification
from reports.catalogs.picking import Pick
from reports.catalogs.shapes import UnexpectedShape, record, records, text, texts
from reports.catalogs.terms import ACCEPTED, SUGGESTED, terms

Definition = Mapping[str, Any]                # AtlasClassificationDef or AtlasBusinessMetadataDef

METADATA = "chujing"                          # business metadata of tables
MARK = "kept_by"                              # tells our classifications from those a person made
OURS = "chujing"
TEXT = 1_000                                  # characters of a text at most
APPLICABLE = "applicableEntityTypes"

ATTRIBUTES = (                                # of a classification: name, type, what it says
    ("grade", "string", "数据级别 grade under the taxonomy of the scan"),
    ("sensitive", "string", "敏感个人信息 sensitive personal information: yes, no or depends"),
    ("confidence", "double", "置信度 how sure the machine was, 0 to 1"),
    ("reason", "string", "依据 who accepted it, or what it was seen by"),
    ("detector", "string", "识别器 what found it"),
    (MARK, "string", "Who keeps this classification up to date. Clear it and chujing leaves it alone."),
)
NUMBERS = (                                   # business metadata of a table
    ("persons_low", "long", "自然人数（下限） persons of the largest flow from here: lower end"),
    ("persons_best", "long", "自然人数（估计） persons of the largest flow from here: estimate"),
    ("persons_high", "long", "自然人数（上限） persons of the largest flow from here: upper end"),
    ("path", "array<string>", "出境合规路径（测算） export path of each flow that takes data from here, as computed; people decide"),
)


def definitions(picked: Sequence[Pick], tables: Iterable[str]) -> Iterator[Payload]:
    """Payloads of the types in use. tables: types of tables that get business metadata."""
    used = terms(picked)
    nodes = {t.node for t in used}
    for id, name, told in (ACCEPTED, SUGGESTED):
        if id in nodes:
            yield _lasting(id, _classification(id, name, f"{name}. {told}", [], ATTRIBUTES), 0)
    for t in used:
        name = classification(t.id)
        yield _lasting(name, _classification(name, t.zh, t.words, [t.node], ()), 1)
    for kind in sorted(set(tables)):
        applies = {APPLICABLE: json.dumps([kind]), "maxStrLength": str(TEXT)}
        yield _lasting(METADATA, {
            "category": "BUSINESS_METADATA", "name": METADATA, "description": "自然人数与出境路径 head-counts and export paths, by chujing",
            "typeVersion": "1.0", "attributeDefs": [_attribute(*a) | {"options": applies} for a in NUMBERS],
        }, 1, f" on {kind}")


def lacking(there: Definition | None, wanted: Sequence[Definition]) -> tuple[Definition | None, str]:
    """What has to be sent so that definitions of one name stand: (None, "") if they do; or why they cannot."""
    if there is None:
        return _joined(wanted), ""
    name, have = wanted[0]["name"], {a["name"]: a for a in there.get("attributeDefs") or ()}
    if missing := set(wanted[0].get("superTypes") or ()) - set(there.get("superTypes") or ()):
        return None, f"the type {name} there does not stand below {min(missing)}: rename or remove it"
    add: list[Definition] = []
    for a in _joined(wanted)["attributeDefs"]:
        mine = have.get(a["name"])
        if mine is not None and mine.get("typeName") != a["typeName"]:
            return None, f"{a['name']} of type {name} there is {mine.get('typeName')}, not {a['typeName']}: rename or remove that type"
        if mine is None:
            add.append(a)
        elif more := _applies(a) - _applies(mine):
            add.append({**mine, "options": {**(mine.get("options") or {}), APPLICABLE: json.dumps(sorted(_applies(mine) | more))}})
    if not add:
        return None, ""
    return {**there, "attributeDefs": [*(a for n, a in have.items() if n not in {b["name"] for b in add}), *add]}, ""


def readable(there: Definition) -> Definition:
    """A definition of the catalog whose parts are what we take them for; `Odd` where one is not."""
    for key in ("name", "category"):
        text(there.get(key), f"{key} of a type")
    texts(there.get("superTypes"), "superTypes")
    for a in records(there.get("attributeDefs"), "attributeDefs"):
        text(a.get("name"), "name of an attribute")
        if applies := record(a.get("options"), "options").get(APPLICABLE):
            try:
                texts(json.loads(text(applies, APPLICABLE)), APPLICABLE)
            except ValueError:
                raise UnexpectedShape(f"{APPLICABLE} is no list of names") from None
    return there


def ours(name: str, known: Mapping[str, Definition]) -> bool:
    """Whether a classification can carry our mark: it or what it stands below has the attribute."""
    left, seen = [name], set[str]()
    while left:
        one = left.pop()
        d = known.get(one, {})
        if any(a["name"] == MARK for a in d.get("attributeDefs") or ()):
            return True
        seen.add(one)
        left += set(d.get("superTypes") or ()) - seen
    return False


def takes(there: Definition | None, table_type: str, value: str) -> bool:
    """Whether business metadata as it stands can hold a value of ours on tables of a type. What it cannot, Atlas drops unsaid."""
    kinds = {name: kind for name, kind, _ in NUMBERS}
    have = {a["name"]: a for a in (there or {}).get("attributeDefs") or ()}
    return value in have and have[value].get("typeName") == kinds[value] and table_type in _applies(have[value])


def short(text: str) -> str:
    """A text as long as the catalog takes it."""
    return text if len(text) <= TEXT else text[:TEXT - 1] + "…"


def _joined(wanted: Sequence[Definition]) -> Definition:
    """One definition for all types of tables."""
    kinds = sorted({k for d in wanted for a in d["attributeDefs"] for k in _applies(a)})
    if not kinds:
        return wanted[0]
    return {**wanted[0], "attributeDefs": [
        {**a, "options": {**a["options"], APPLICABLE: json.dumps(kinds)}} for a in wanted[0]["attributeDefs"]
    ]}


def _applies(attribute: Definition) -> set[str]:
    return set(json.loads((attribute.get("options") or {}).get(APPLICABLE) or "[]"))


def _classification(name: str, title: str, told: str, above: Sequence[str], attributes: Iterable[tuple[str, str, str]]) -> Definition:
    return {"category": "CLASSIFICATION", "name": name, "description": short(told), "typeVersion": "1.0", "superTypes": list(above),
            "attributeDefs": [_attribute(*a) for a in attributes], "options": {"displayName": title}}


def _attribute(name: str, kind: str, told: str) -> dict[str, Any]:
    return {"name": name, "typeName": kind, "description": told, "isOptional": True, "cardinality": "LIST" if "array" in kind else "SINGLE",
            "isUnique": False, "isIndexable": name != "reason"}


def _lasting(name: str, definition: Definition, order: int, more: str = "") -> Payload:
    return Payload(f"type {name}{more}", "type", name, definition, order=order, lasting=True,
                   shown=definition.get("options", {}).get("displayName", definition["description"]))
