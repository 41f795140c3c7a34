"""Reading from OpenMetadata: entities, lists and versions, each compared with what its API promises.

Something else may be at an address: another service's JSON, a proxy's. A push or an import then ends with one
line, and nothing is taken for absent or decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from detectors.message import Msg, Text, Word
from reports.catalogs.openmetadata.contract import TABLE, TAG, VERSION, VERSIONS
from reports.catalogs.protocol import Client, Response, Stopped
from reports.catalogs.shapes import AnswerShape, fault, unexpected_answer

API_NAME = Word("OpenMetadata's API", "OpenMetadata API")
URL_HINT = Msg("its url ends with /api, e.g. https://openmetadata.example.com/api")
PLAUSIBLE_YEARS = range(1971, 9999)           # of what counts as a date

ColumnPath = tuple[str, ...]                  # names of a column from the outside in


def get_checked(path: str, client: Client, shape: AnswerShape) -> Response:
    """Return what the catalog answers; raise Stopped if a good answer is not of this shape."""
    response = client.get(path)
    if response.good:
        require_shape(response.body, shape, path)
    return response


def require_shape(value: Any, shape: AnswerShape, path: str) -> None:
    """Raise Stopped, naming the place, if an answer is not of its shape."""
    if what := fault(value, shape):
        raise _unexpected_answer(what, path)


def _unexpected_answer(what: Text, path: str) -> Stopped:
    return unexpected_answer(API_NAME, what, urlsplit(path).path, URL_HINT)


def read_table(fqn: str, client: Client) -> Response:
    """Read a table with its columns, tags and properties by name."""
    return get_checked(f"/v1/tables/name/{quote(fqn, safe='')}?fields=columns,tags,extension", client, TABLE)


def read_tag(fqn: str, client: Client) -> Response:
    """Read a tag with its recognisers by name."""
    return get_checked(f"/v1/tags/name/{quote(fqn, safe='')}?fields=recognizers", client, TAG)


def read_exceptions(tag_fqn: str, client: Client) -> Iterator[Mapping[str, Any]]:
    """Yield the columns that people took out of the recognisers of a tag; nothing if it cannot be read."""
    response = read_tag(tag_fqn, client)
    recognizers = (response.body.get("recognizers") or ()) if response.good else ()
    return (exception for recognizer in recognizers for exception in recognizer.get("exceptionList") or ())


def read_list(path: str, client: Client, shape: AnswerShape) -> Iterator[Any] | None:
    """Return what a list holds, page by page; None if the catalog has no such list."""
    first = get_checked(path, client, _page_shape(shape))
    return _pages(first, path, client, shape) if first.good else None


def _page_shape(shape: AnswerShape) -> AnswerShape:
    return {"data": [shape], "paging?": {"after?": str}}


def _pages(response: Response, path: str, client: Client, shape: AnswerShape) -> Iterator[Any]:
    """Yield this page and those after it; raise Stopped for a page that names an earlier one as the next."""
    passed = set()
    while response.good:
        yield from response.body["data"]
        after = (response.body.get("paging") or {}).get("after")
        if not after:
            return
        if after in passed:
            raise _unexpected_answer(Msg("its pages never end"), path)
        passed.add(after)
        response = get_checked(f"{path}&after={quote(after, safe='')}", client, _page_shape(shape))


def read_versions(table_id: str, client: Client) -> list[Mapping[str, Any]]:
    """Return the versions of a table, newest first; none if they cannot be read."""
    path = f"/v1/tables/{quote(table_id, safe='')}/versions"
    response = get_checked(path, client, VERSIONS)
    versions = [_parsed_version(version) for version in response.body["versions"]] if response.good else []
    require_shape(versions, [VERSION], path)
    return sorted(versions, key=lambda version: float(version.get("version") or 0), reverse=True)


def _parsed_version(version: Any) -> Any:
    """Return a version that is JSON in text, or JSON; None for text that is neither."""
    try:
        return json.loads(version) if isinstance(version, str) else version
    except ValueError:
        return None


def columns_of(table: Mapping[str, Any]) -> Iterator[tuple[ColumnPath, str, Mapping[str, Any]]]:
    """Yield (path of names, JSON pointer, column) of every column, nested ones too."""

    def below(columns: Sequence[Mapping[str, Any]], names: ColumnPath, pointer: str) -> Iterator[Any]:
        for i, column in enumerate(columns):
            path = (*names, column["name"])
            yield path, f"{pointer}/{i}", column
            yield from below(column.get("children") or (), path, f"{pointer}/{i}/children")

    yield from below(table.get("columns") or (), (), "/columns")


def iso_time(at: Any) -> str:
    """Return ISO 8601 UTC of milliseconds since 1970, or of text; empty for what cannot be a time.

    >>> iso_time(1_793_600_000_000), iso_time("2026-11-20T12:00:00+08:00")
    ('2026-11-02T06:13:20Z', '2026-11-20T04:00:00Z')
    >>> iso_time("20 Nov"), iso_time(10**20), iso_time(-5)
    ('', '', '')
    """
    try:
        time = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at / 1000, UTC)
        time = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time.year in PLAUSIBLE_YEARS else ""
