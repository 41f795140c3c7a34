"""Who did what to a table in OpenMetadata, by its versions: who set a tag or a property, who took it away, and whether that was a program.

A version names a column by its own name alone, without those above it: where two nested columns have one name, it does not say which.
Contract: `util/EntityUtil.java` getColumnField, `jdbi3/EntityRepository.java` EntityUpdater; `schema/type/entityHistory`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from reports.catalogs import Client
from reports.catalogs.openmetadata.answers import USER, columns, get_checked, iso_time, read_versions
from reports.catalogs.openmetadata.names import split

BOT = "-bot"
NOBODY, LEAF = "nobody", "leaf"               # why it is not known who did something: not signed; said of one of several columns


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and when (ISO 8601 UTC; empty: not said). by empty: not known, and `unknown` says why: NOBODY or LEAF."""

    by: str = ""
    on: str = ""
    unknown: str = ""


class CatalogUsers:
    """Which users are bots, asked once each."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._bots: dict[str, bool] = {}

    def bot(self, name: str) -> bool:
        """Is this a program? A user who is unknown, by now, is taken for a person unless called a bot."""
        if name and name not in self._bots:
            answer = get_checked(f"/v1/users/name/{quote(name, safe='')}", self._client, USER)
            self._bots[name] = bool(answer.good and answer.body.get("isBot")) or name.casefold().endswith(BOT)
        return self._bots.get(name, False)


class History:
    """The versions of one table, read where a question needs them, once."""

    def __init__(self, table: Mapping[str, Any], client: Client, people: CatalogUsers) -> None:
        self._table, self._client, self._people = table, client, people

    def applied(self, label: Mapping[str, Any], path: Sequence[str], fqn: str) -> Actor | None:
        """Who set a tag that stands; None where it was a program."""
        if by := label.get("appliedBy") or "":
            return None if self._people.bot(by) else Actor(by, iso_time(label.get("appliedAt")))
        if not self.has_unique_name(path):
            return Actor(unknown=LEAF)
        added, hand = next(self._tagged(path[-1], fqn), (False, Actor()))
        return self._person(hand) if added else Actor(unknown=NOBODY)

    def removed(self, path: Sequence[str], fqn: str) -> Actor | None:
        """Who took away a tag that stood; None where it was a program, or no version speaks of it: the table was made anew."""
        if not self.has_unique_name(path):
            return Actor(unknown=LEAF) if self.removed_by_person(path, fqn) else None
        added, hand = next(self._tagged(path[-1], fqn), (True, Actor()))
        return None if added else self._person(hand)

    def removed_by_person(self, path: Sequence[str], fqn: str) -> bool:
        """Did a person take away this tag, or may have? Not where a program did, as a push that was killed before it put it back."""
        every = [hand for added, hand in self._tagged(path[-1], fqn) if not added]
        return any(self._person(hand) is not None for hand in (every[:1] if self.has_unique_name(path) else every))

    def changed_by_person(self, name: str) -> bool:
        """Did a person set or take away this property, last?"""
        hand = next(self._extended(name), None)
        return hand is not None and self._person(hand) is not None

    def has_unique_name(self, path: Sequence[str]) -> bool:
        """Is a column the only one of its own name, on whatever level?"""
        return self._names[path[-1]] <= 1

    def _person(self, hand: Actor) -> Actor | None:
        return Actor(unknown=NOBODY) if not hand.by else None if self._people.bot(hand.by) else hand

    def _tagged(self, name: str, fqn: str) -> Iterator[tuple[bool, Actor]]:
        """(was it added, by whom) of every version that speaks of this tag on a column of this name, newest first."""
        for version in self._versions:
            for field, value in (("fieldsAdded", "newValue"), ("fieldsDeleted", "oldValue")):
                if any(split(c.get("name") or "") == ["columns", name, "tags"] and fqn in _tags(c.get(value))
                       for c in _changes(version, field)):
                    yield field == "fieldsAdded", _hand(version)

    def _extended(self, name: str) -> Iterator[Actor]:
        """By whom, of every version that speaks of this property, newest first."""
        for version in self._versions:
            whole = [(c, v) for f, v in (("fieldsAdded", "newValue"), ("fieldsDeleted", "oldValue")) for c in _changes(version, f)]
            if any(c.get("name") == "extension" and any(name in x for x in _objects(c.get(v))) for c, v in whole) or any(
                    split(c.get("name") or "") == ["extension", name] for c in _changes(version, "fieldsUpdated")):
                yield _hand(version)

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(path[-1] for path, _, _ in columns(self._table))

    @cached_property
    def _versions(self) -> list[Mapping[str, Any]]:
        return read_versions(self._table["id"], self._client)


def _hand(version: Mapping[str, Any]) -> Actor:
    return Actor(version.get("updatedBy") or "", iso_time(version.get("updatedAt")))


def _changes(version: Mapping[str, Any], field: str) -> Sequence[Mapping[str, Any]]:
    return (version.get("changeDescription") or {}).get(field) or ()


def _tags(value: Any) -> set[str]:
    """Names of the tags in an old or new value."""
    return {x["tagFQN"] for x in _objects(value) if isinstance(x.get("tagFQN"), str)}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in an old or new value: JSON in text, or JSON; none where it is something else."""
    try:
        held = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return []
    return [x for x in held if isinstance(x, dict)] if isinstance(held, list) else []
