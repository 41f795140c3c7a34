"""What people decided in OpenMetadata: tags they confirmed, took away or set by hand, and feedback on what recognisers had found.

A decision is believed where the catalog says that a person made it: the label's `appliedBy`, the table's versions, the feedback itself.
What a bot, or a table made anew, did to a tag decides nothing. Sample values that feedback may carry are never read.
Contract: openmetadata-ingestion 2.0.7, `schema/type/{tagLabel,entityHistory,recognizer,recognizerFeedback}`, `schema/entity/feed/thread`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from detectors.labels import labels
from reports.catalogs import Client, Said
from reports.catalogs.openmetadata_names import CLASSIFICATION, split, table, tag
from reports.catalogs.openmetadata_rest import asked as ask
from reports.catalogs.openmetadata_rest import columns, link, ours, read
from reports.catalogs.picking import Asked, Place, path_of, places
from reports.catalogs.terms import ACCEPTED, SUGGESTED
from reports.model import ColumnReport, Report, primary, standing

NODES = (ACCEPTED[0], SUGGESTED[0])
PAGE = 100                                    # tasks of feedback a request
WORDS = 300                                   # characters of a person's comment that are kept
BOT = "-bot"


def key(table: str, path: Sequence[str], tag: str) -> str:
    """Key of a tag on a column."""
    return f"{table}|{chr(31).join(path)}|{tag}"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who did something, and when (ISO 8601 UTC); empty: the catalog does not say."""

    by: str = ""
    on: str = ""


def decisions(report: Report, asked: Asked, stood: frozenset[str], client: Client) -> Iterator[Said]:
    """Decisions about columns of tables with findings, table by table; then those that feedback gives."""
    people, heard = _People(client), set()
    links: dict[str, ColumnReport] = {}
    for place in places(report, asked):
        if not any(primary(c) is not None for c in place.table.columns):
            continue
        found = {tuple(place.rule.cased(n) for n in path_of(c)): c for c in place.table.columns
                 if not c.ignored and standing(c) != "rejected"}
        name = table(place.rule, place.schema, place.name)
        links |= {link(name, path): c for path, c in found.items() if primary(c) is not None}
        for said in _of_table(place, name, found, stood, client, people):
            heard.add(said.about)
            yield said
    for said in _feedback(links, client, people):
        if said.about not in heard:
            heard.add(said.about)
            yield said


def _of_table(place: Place, name: str, found: Mapping[tuple[str, ...], ColumnReport], stood: frozenset[str], client: Client,
              people: _People) -> Iterator[Said]:
    answer = read("table", name, client)
    if not answer.good:
        return
    history = _History(answer.body, client, people)
    for path, _, there in columns(answer.body):
        if path not in found:
            continue
        column, held = found[path], {x["tagFQN"]: x for x in there.get("tags") or () if split(x["tagFQN"])[0] in CLASSIFICATION.values()}
        if (said := _of_column(column, path, name, held, stood, history)) is not None:
            yield said


def _of_column(column: ColumnReport, path: tuple[str, ...], name: str, held: Mapping[str, Mapping[str, Any]], stood: frozenset[str],
               history: _History) -> Said | None:
    """What a person did to our tags on one column; None where nobody did anything, or only repeated what stands."""
    label = _label(column)
    mine = [tag(node, label) for node in NODES if label]
    theirs = {fqn: x for fqn, x in held.items() if not ours(x) and _decided(x)}
    if kept := [fqn for fqn in mine if fqn in theirs]:
        if standing(column) == "accepted":
            return None
        hand = history.applied(theirs[kept[0]], path, kept[0])
        return Said(column.id, "accept", hand.by, hand.on, "OpenMetadata") if hand is not None else None
    if any(fqn in held for fqn in mine):
        return None
    for fqn, x in theirs.items():
        if (other := split(fqn)[-1]) in labels() and (hand := history.applied(x, path, fqn)) is not None:
            return Said(column.id, "relabel", hand.by, hand.on, "OpenMetadata", other)
    if not any(key(name, path, fqn) in stood for fqn in mine):
        return None
    hand = next((h for fqn in mine if (h := history.removed(path, fqn)) is not None), None)
    return Said(column.id, "reject", hand.by, hand.on, "OpenMetadata") if hand is not None else None


def _label(column: ColumnReport) -> str:
    """What stands on a column; empty for nothing."""
    found = primary(column)
    return "" if found is None else str(found.finding.label)


def _decided(label: Mapping[str, Any]) -> bool:
    return label.get("labelType") == "Manual" or label.get("state") == "Confirmed"


def _feedback(links: Mapping[str, ColumnReport], client: Client, people: _People) -> Iterator[Said]:
    """Feedback that was applied: exceptions of recognisers, and tasks that a reviewer approved."""
    for task in _tasks(client):
        told = (task.get("task") or {}).get("feedback") or {}
        column = links.get(told.get("entityLink", ""))
        if column is None or told.get("status") != "APPLIED" or split(told.get("tagFQN", ""))[-1:] != [_label(column)]:
            continue
        done = told.get("resolution") or {}
        by = (done.get("resolvedBy") or told.get("createdBy") or {}).get("name", "")
        to = split(told.get("suggestedTag") or "")
        relabels = told.get("feedbackType") == "INCORRECT_CLASSIFICATION" and to and to[-1] in labels()
        on = _time(done.get("resolvedAt") or told.get("createdAt"))
        if not people.bot(by):
            words = ": ".join(x for x in (told.get("userReason"), told.get("userComments")) if x)
            yield Said(column.id, "relabel" if relabels else "reject", by, on, _why(words), to[-1] if relabels else "")
    suggested = {tag(SUGGESTED[0], _label(c)) for c in links.values()}
    for fqn in sorted(suggested):
        answer = read("tag", fqn, client)
        for e in (e for r in (answer.body or {}).get("recognizers") or () for e in r.get("exceptionList") or ()):
            column, by = links.get(e.get("entityLink", "")), (e.get("addedBy") or {}).get("name", "")
            if column is not None and tag(SUGGESTED[0], _label(column)) == fqn and not people.bot(by):
                yield Said(column.id, "reject", by, _time(e.get("addedAt")), _why(e.get("reason") or ""))


def _tasks(client: Client) -> Iterator[Mapping[str, Any]]:
    """Closed tasks of feedback, page by page; none where the catalog keeps no feed."""
    after = ""
    while True:
        answer = ask(f"/v1/feed?type=Task&taskStatus=Closed&limit={PAGE}{after}", client)
        if not answer.good or not answer.body:
            return
        yield from (t for t in answer.body.get("data") or () if (t.get("task") or {}).get("type") == "RecognizerFeedbackApproval")
        if not (cursor := (answer.body.get("paging") or {}).get("after")):
            return
        after = f"&after={quote(cursor, safe='')}"


class _People:
    """Which users are bots, asked once each."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._bots: dict[str, bool] = {}

    def bot(self, name: str) -> bool:
        """Is this a program? A user who is unknown, by now, is taken for a person unless called a bot."""
        if name not in self._bots:
            answer = ask(f"/v1/users/name/{quote(name, safe='')}", self._client) if name else None
            held = answer.body if answer is not None and answer.good else {}
            self._bots[name] = bool((held or {}).get("isBot")) or name.casefold().endswith(BOT)
        return self._bots[name]


class _History:
    """Who changed the tags of a table's columns, by its versions; read where a question needs it, once."""

    def __init__(self, table: Mapping[str, Any], client: Client, people: _People) -> None:
        self._table, self._client, self._people = table, client, people

    def applied(self, label: Mapping[str, Any], path: tuple[str, ...], fqn: str) -> Hand | None:
        """Who set or confirmed a tag; None where it was a program."""
        by = label.get("appliedBy") or ""
        if by and not self._people.bot(by):
            return Hand(by, _time(label.get("appliedAt")))
        found = self._last(("fieldsAdded", "fieldsUpdated"), "newValue", path, fqn)
        if found is not None:
            return None if self._people.bot(found.by) else found
        return None if by else Hand()

    def removed(self, path: tuple[str, ...], fqn: str) -> Hand | None:
        """Who took a tag away; None where no version says that a person did."""
        found = self._last(("fieldsDeleted", "fieldsUpdated"), "oldValue", path, fqn)
        return None if found is None or not found.by or self._people.bot(found.by) else found

    def _last(self, fields: Sequence[str], value: str, path: tuple[str, ...], fqn: str) -> Hand | None:
        """The newest version that speaks of this tag on this column under one of these fields."""
        for version in self._versions:
            changes = version.get("changeDescription") or {}
            for change in (c for f in fields for c in changes.get(f) or ()):
                if split(change.get("name") or "")[:-1] == ["columns", *path] and fqn in _tags(change.get(value)):
                    return Hand(version.get("updatedBy") or "", _time(version.get("updatedAt")))
        return None

    @cached_property
    def _versions(self) -> list[Mapping[str, Any]]:
        """Newest first."""
        answer = ask(f"/v1/tables/{self._table['id']}/versions", self._client)
        every = (answer.body or {}).get("versions") or () if answer.good else ()
        return sorted((json.loads(v) if isinstance(v, str) else v for v in every), key=lambda v: float(v.get("version") or 0), reverse=True)


def _tags(value: Any) -> set[str]:
    """Names of the tags in an old or new value: JSON in text, or JSON."""
    try:
        held = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return set()
    return {x["tagFQN"] for x in held if isinstance(x, dict) and "tagFQN" in x} if isinstance(held, list) else set()


def _why(text: str) -> str:
    return ("OpenMetadata: " + " ".join(text.split()))[:WORDS].removesuffix(": ")


def _time(at: Any) -> str:
    """ISO 8601 UTC of milliseconds since 1970, or of text; empty where there is none."""
    if isinstance(at, (int, float)):
        return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(at or "")
