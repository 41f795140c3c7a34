"""What OpenMetadata answers, held against what its API promises: the names we read, and of which type each is.

Something else may stand at an address: another service's JSON, a proxy's. Then a push or an import ends with one line, and nothing is
taken for absent or decided. Contract: openmetadata-ingestion 2.0.7, `schema/entity/{data/table,classification,tasks/task}`,
`schema/type/{tagLabel,entityHistory,recognizer,recognizerFeedback}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from detectors.message import Msg
from reports.catalogs import Client, Response, Stopped
from reports.catalogs.shapes import KINDS, unlike

Shape = Any                                   # a type; [shape], a list of them; {name: shape}, where `name?` may be absent or null
HINT = Msg("its url ends with /api, e.g. https://openmetadata.example.com/api")
YEARS = range(1971, 9999)                     # of what counts as a date

LABEL = {"tagFQN": str, "labelType?": str, "state?": str, "reason?": str, "appliedBy?": str}
COLUMN: dict[str, Shape] = {"name": str, "tags?": [LABEL]}
COLUMN["children?"] = [COLUMN]
ENTITY = {"id": str, "version": float}
TABLE = ENTITY | {"columns": [COLUMN], "extension?": dict}
PERSON = {"name?": str, "displayName?": str, "type?": str}
OWNED = {"id": str, "owners?": [PERSON]}
EXCEPTION = {"entityLink": str, "addedBy?": PERSON, "reason?": str}
TAG = ENTITY | {"recognizers?": [{"name": str, "recognizerConfig?": dict, "exceptionList?": [EXCEPTION]}]}
CLASSIFICATION = ENTITY | {"autoClassificationConfig?": dict}
KIND = {"id": str, "customProperties?": [{"name": str}]}
USER = {"isBot?": bool}
LISTED = {"data": [{"fullyQualifiedName": str}]}
VERSIONS = {"versions": list}
CHANGE = {"name?": str}
VERSION = {"version?": float, "updatedBy?": str, "changeDescription?": {
    "fieldsAdded?": [CHANGE], "fieldsUpdated?": [CHANGE], "fieldsDeleted?": [CHANGE]}}
FEEDBACK = {"entityLink": str, "tagFQN": str, "feedbackType?": str, "suggestedTag?": str, "status?": str, "userReason?": str,
            "userComments?": str, "createdBy?": PERSON, "resolution?": {"resolvedBy?": PERSON}}
TASK = {"type?": str, "status?": str, "approvedBy?": PERSON, "resolution?": {"type?": str, "resolvedBy?": PERSON},
        "payload?": {"feedback?": FEEDBACK, "data?": dict}}
THREAD = {"task?": {"type?": str, "feedback?": FEEDBACK}}


def get_checked(path: str, client: Client, shape: Shape) -> Response:
    """What the catalog answers; Stopped where that is not of this shape."""
    answer = client.get(path)
    if answer.good:
        require_shape(answer.body, shape, path)
    return answer


def require_shape(value: Any, shape: Shape, path: str) -> None:
    """Stopped, naming the place, where an answer is not of its shape."""
    if told := _fault(value, shape):
        raise _unlike(told, path)


def _unlike(told: str, path: str) -> Stopped:
    return unlike("OpenMetadata's API", told, urlsplit(path).path, HINT)


def read_entity(kind: str, fqn: str, client: Client) -> Response:
    """A table with its columns, tags and properties, or a tag with its recognisers, by name."""
    where, fields, shape = ("tables", "columns,tags,extension", TABLE) if kind == "table" else ("tags", "recognizers", TAG)
    return get_checked(f"/v1/{where}/name/{quote(fqn, safe='')}?fields={fields}", client, shape)


def read_list(path: str, client: Client, shape: Shape) -> Iterator[Any] | None:
    """What a list holds, page by page; None where the catalog has no such list."""
    first = get_checked(path, client, _page(shape))
    return _rest(first, path, client, shape) if first.good else None


def read_versions(table: str, client: Client) -> list[Mapping[str, Any]]:
    """Versions of a table by its id, newest first: JSON in text, or JSON."""
    path = f"/v1/tables/{quote(table, safe='')}/versions"
    answer = get_checked(path, client, VERSIONS)
    every = [_parsed(v) for v in answer.body["versions"]] if answer.good else []
    require_shape(every, [VERSION], path)
    return sorted(every, key=lambda v: float(v.get("version") or 0), reverse=True)


def columns(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    """(names from the outside in, JSON pointer, column) of every column, nested ones too."""
    def below(held: Sequence[Mapping[str, Any]], names: tuple[str, ...], pointer: str) -> Iterator[Any]:
        for i, c in enumerate(held):
            here = (*names, c["name"])
            yield here, f"{pointer}/{i}", c
            yield from below(c.get("children") or (), here, f"{pointer}/{i}/children")

    yield from below(table.get("columns") or (), (), "/columns")


def iso_time(at: Any) -> str:
    """ISO 8601 UTC of milliseconds since 1970, or of text; empty where none is said, or none that can be.

    >>> time(1_793_600_000_000), time("2026-11-20T12:00:00+08:00"), time("20 Nov"), time(10**20), time(-5)
    ('2026-11-02T06:13:20Z', '2026-11-20T04:00:00Z', '', '', '')
    """
    try:
        there = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at / 1000, UTC)
        there = (there if there.tzinfo else there.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return there.strftime("%Y-%m-%dT%H:%M:%SZ") if there.year in YEARS else ""


def _page(shape: Shape) -> Shape:
    return {"data": [shape], "paging?": {"after?": str}}


def _rest(answer: Response, path: str, client: Client, shape: Shape) -> Iterator[Any]:
    """This page and those after it. A page that names itself as the next would never end."""
    seen = set()
    while answer.good:
        yield from answer.body["data"]
        after = (answer.body.get("paging") or {}).get("after")
        if not after:
            return
        if after in seen:
            raise _unlike(Msg("its pages never end"), path)
        seen.add(after)
        answer = get_checked(f"{path}&after={quote(after, safe='')}", client, _page(shape))


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None


def _fault(value: Any, shape: Shape, at: str = "") -> str:
    """What is not of a shape, as "columns/0/name should be text"; empty where all is. Values are not shown."""
    kind = type(shape) if isinstance(shape, (list, dict)) else shape
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) if kind is float else isinstance(value, kind)
    if not fits:
        return f"{at or 'the answer'} should be {KINDS[kind]}"
    if isinstance(shape, list):
        return next((f for i, x in enumerate(value) if (f := _fault(x, shape[0], f"{at}/{i}".lstrip("/")))), "")
    if isinstance(shape, dict):
        for name, inner in shape.items():
            key, there = name.rstrip("?"), value.get(name.rstrip("?"))
            if (there is not None or key == name) and (f := _fault(there, inner, f"{at}/{key}".lstrip("/"))):
                return f
    return ""
