"""Who did what to a table in OpenMetadata, by its versions: who set or removed tags and properties.

A version names a column by its own name alone, without its parents: where two nested columns have one name,
it does not say which.
Contract: `util/EntityUtil.java` getColumnField, `jdbi3/EntityRepository.java` EntityUpdater;
`schema/type/entityHistory`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from reports.catalogs.openmetadata.contract import USER
from reports.catalogs.openmetadata.names import split
from reports.catalogs.openmetadata.read import columns_of, get_checked, iso_time, read_versions
from reports.catalogs.protocol import Client

BOT_SUFFIX = "-bot"
UNSIGNED, UNCLEAR_COLUMN = "nobody", "leaf"   # why an author is unknown: not signed; unclear which column
ADDED = ("fieldsAdded", "newValue")           # of a change: its list, its value
DELETED = ("fieldsDeleted", "oldValue")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and when."""

    by: str = ""                              # empty: unknown
    on: str = ""                              # ISO 8601 UTC; empty: not recorded
    unknown: str = ""                         # why `by` is empty: UNSIGNED or UNCLEAR_COLUMN


class CatalogUsers:
    """Which users are bots, asked once each."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._bots: dict[str, bool] = {}

    def is_bot(self, name: str) -> bool:
        """Return whether a user is a program. One who no longer exists is a person unless called a bot."""
        if name and name not in self._bots:
            response = get_checked(f"/v1/users/name/{quote(name, safe='')}", self._client, USER)
            flagged = bool(response.good and response.body.get("isBot"))
            self._bots[name] = flagged or name.casefold().endswith(BOT_SUFFIX)
        return self._bots.get(name, False)


class History:
    """The versions of one table, read once, and only if a question needs them.

    Where a method returns an Actor, None means that it was a program.
    """

    def __init__(self, table: Mapping[str, Any], client: Client, users: CatalogUsers) -> None:
        self._table, self._client, self._users = table, client, users

    def tag_setter(self, label: Mapping[str, Any], path: Sequence[str], fqn: str) -> Actor | None:
        """Return who set a tag that is on a column."""
        if by := label.get("appliedBy") or "":
            return None if self._users.is_bot(by) else Actor(by, iso_time(label.get("appliedAt")))
        if not self.has_unique_name(path):
            return Actor(unknown=UNCLEAR_COLUMN)
        added, actor = next(self._tag_changes(path[-1], fqn), (False, Actor()))
        return self._person(actor) if added else Actor(unknown=UNSIGNED)

    def tag_remover(self, path: Sequence[str], fqn: str) -> Actor | None:
        """Return who removed a tag; None also if no version tells of it: the table was made anew."""
        if not self.has_unique_name(path):
            return Actor(unknown=UNCLEAR_COLUMN) if self.removed_by_person(path, fqn) else None
        added, actor = next(self._tag_changes(path[-1], fqn), (True, Actor()))
        return None if added else self._person(actor)

    def removed_by_person(self, path: Sequence[str], fqn: str) -> bool:
        """Return whether a person removed this tag, or may have.

        Not if a program did, as a push that was killed before it put the tag back.
        """
        removals = [actor for added, actor in self._tag_changes(path[-1], fqn) if not added]
        relevant = removals[:1] if self.has_unique_name(path) else removals
        return any(self._person(actor) is not None for actor in relevant)

    def property_changed_by_person(self, name: str) -> bool:
        """Return whether a person was the last to set or remove a property."""
        actor = next(self._property_changes(name), None)
        return actor is not None and self._person(actor) is not None

    def has_unique_name(self, path: Sequence[str]) -> bool:
        """Return whether a column is the only one of its own name, on whatever level."""
        return self._name_counts[path[-1]] <= 1

    def _person(self, actor: Actor) -> Actor | None:
        if not actor.by:
            return Actor(unknown=UNSIGNED)
        return None if self._users.is_bot(actor.by) else actor

    def _tag_changes(self, name: str, fqn: str) -> Iterator[tuple[bool, Actor]]:
        """Yield (was it added, by whom) of each change of this tag on columns of this name, newest first."""
        for version in self._versions:
            for field, value in (ADDED, DELETED):
                part = ["columns", name, "tags"]
                changes = (c for c in _changes(version, field) if _changed_part(c) == part)
                if any(fqn in _tag_names(change.get(value)) for change in changes):
                    yield field == ADDED[0], _actor(version)

    def _property_changes(self, name: str) -> Iterator[Actor]:
        """Yield by whom this property was changed, newest first."""
        for version in self._versions:
            if _has_extension_change(version, name) or any(
                _changed_part(change) == ["extension", name] for change in _changes(version, "fieldsUpdated")
            ):
                yield _actor(version)

    @cached_property
    def _name_counts(self) -> Counter[str]:
        return Counter(path[-1] for path, _, _ in columns_of(self._table))

    @cached_property
    def _versions(self) -> list[Mapping[str, Any]]:
        return read_versions(self._table["id"], self._client)


def _actor(version: Mapping[str, Any]) -> Actor:
    return Actor(version.get("updatedBy") or "", iso_time(version.get("updatedAt")))


def _changes(version: Mapping[str, Any], field: str) -> Sequence[Mapping[str, Any]]:
    return (version.get("changeDescription") or {}).get(field) or ()


def _changed_part(change: Mapping[str, Any]) -> list[str]:
    """Return which part of the table a change is about."""
    return split(change.get("name") or "")


def _has_extension_change(version: Mapping[str, Any], name: str) -> bool:
    """Return whether a property came or went with other parts of the extension."""
    return any(
        change.get("name") == "extension" and any(name in part for part in _change_objects(change.get(value)))
        for field, value in (ADDED, DELETED)
        for change in _changes(version, field)
    )


def _tag_names(value: Any) -> set[str]:
    """Return the names of the tags in an old or new value."""
    return {part["tagFQN"] for part in _change_objects(value) if isinstance(part.get("tagFQN"), str)}


def _change_objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in an old or new value: JSON in text, or JSON; none if it is something else."""
    try:
        parts = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return []
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
