"""The patch of a table: tags on its columns, and numbers among its custom properties.

The catalog keeps only tags that are new or gone: what an existing tag says is changed by removing it and, in
a patch of its own, setting it again (`PatchPlan.again`). A tag is ours while it is Automated and in the state
we gave it; a suggested one goes, whoever set it, where the accepted one takes its place. A property is ours
while it says what we wrote, or a program wrote it.
Contract: `jdbi3/EntityRepository.java` updateTags, updateExtension; `jdbi3/ClassificationTagDAOs.java`
applyTag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.message import Msg
from reports.catalogs.openmetadata.history import History
from reports.catalogs.openmetadata.names import (
    CLASSIFICATION,
    feedback_links,
    is_accepted,
    is_suggested,
    joined_name,
    tag_label,
)
from reports.catalogs.openmetadata.patch_plan import PatchPlan
from reports.catalogs.openmetadata.read import ColumnPath, columns_of
from reports.catalogs.protocol import Payload, Refused, verdict
from reports.catalogs.terms import SUGGESTED

NO_COLUMN = Msg("no such column in the catalog; see chujing push --check")

Tag = Mapping[str, Any]                       # a tagLabel


@dataclass(frozen=True, slots=True)
class PeoplesRemovals:
    """What tells that a person removed a tag from a column, or said that it does not belong there."""

    history: History
    exceptions: Collection[tuple[str, str]]   # (tag, link of a column) that people set apart
    renewed: Collection[str]                  # keys of payloads whose tags we removed to set them again

    def bar(self, payload: Payload, path: ColumnPath, *, unique: bool) -> bool:
        """Return whether a tag is not to be set. unique: the column is the only one of its own name."""
        fqn = _fqn(payload)
        links = feedback_links(payload.entity, path, unique=unique)
        if any((fqn, link) in self.exceptions for link in links):
            return True
        return (
            payload.removed_by_person
            and payload.key not in self.renewed
            and self.history.removed_by_person(path, fqn)
        )


def plan_table(table: Mapping[str, Any], payloads: Sequence[Payload], removals: PeoplesRemovals) -> PatchPlan:
    """Return the plan of a table as the catalog has it."""
    planner = _TagPlanner(table, [p for p in payloads if p.kind == "column_tag"], removals)
    plan = planner.plan()
    numbers = [p for p in payloads if p.kind == "table_property"]
    _plan_properties(plan, numbers, table.get("extension"), removals.history)
    return plan


# ---- tags


@dataclass(frozen=True, slots=True)
class _ColumnTags:
    """The tags of one column as the catalog has them, and where."""

    path: ColumnPath
    pointer: str
    tags: Sequence[Tag]

    def find(self, fqn: str) -> int | None:
        return next((i for i, tag in enumerate(self.tags) if tag["tagFQN"] == fqn), None)


class _TagPlanner:
    """Plans the tags of a table column by column."""

    def __init__(
        self, table: Mapping[str, Any], payloads: Sequence[Payload], removals: PeoplesRemovals
    ) -> None:
        self._plan = PatchPlan()
        self._payloads, self._removals = payloads, removals
        self._columns = {
            path: _ColumnTags(path, f"{pointer}/tags", column.get("tags") or ())
            for path, pointer, column in columns_of(table)
        }
        self._name_counts = Counter(path[-1] for path in self._columns)
        self._written = {(_path(p), _label(p)) for p in payloads if not p.remove}
        self._first_tagged: set[str] = set()  # pointers of columns without tags that get their first one here

    def plan(self) -> PatchPlan:
        """Return the plan of every payload."""
        for payload in self._payloads:
            column = self._columns.get(_path(payload))
            if column is None:
                self._plan_missing(payload)
            elif payload.remove:
                self._plan_removal(payload, column)
            elif self._plan_tag(payload, column) and is_accepted(_fqn(payload)):
                self._supersede_suggestion(payload, column)
        return self._plan

    def _plan_missing(self, payload: Payload) -> None:
        if payload.remove:
            self._plan.done.append(payload.key)
        else:
            self._plan.refused.append(Refused(payload.key, payload.about, NO_COLUMN))

    def _plan_removal(self, payload: Payload, column: _ColumnTags) -> None:
        """Remove a tag if it is there and ours, or the accepted tag of the same label takes its place."""
        i = column.find(_fqn(payload))
        if i is None:
            self._plan.done.append(payload.key)
        elif _is_unchanged(column.tags[i]) or self._is_promoted(payload, column):
            self._plan.removed[f"{column.pointer}/{i}"] = None
            self._plan.sent.append(payload)
        else:
            self._plan.yielded.append(payload.key)

    def _is_promoted(self, payload: Payload, column: _ColumnTags) -> bool:
        label = _label(payload)
        accepted = {tag_label(tag["tagFQN"]) for tag in column.tags if is_accepted(tag["tagFQN"])}
        return label in accepted or (column.path, label) in self._written

    def _plan_tag(self, payload: Payload, column: _ColumnTags) -> bool:
        """Set a tag or change its reason; return False if that is left to a person."""
        tag = payload.body["tag"]
        i = column.find(tag["tagFQN"])
        if self._is_barred(payload, column) if i is None else not _is_unchanged(column.tags[i]):
            self._plan.yielded.append(payload.key)
            return False
        if i is None:
            self._plan.added.append(self._addition(tag, column))
            self._plan.sent.append(payload)
        elif column.tags[i].get("reason") == tag["reason"]:
            self._plan.done.append(payload.key)
        else:
            self._plan.removed[f"{column.pointer}/{i}"] = None
            self._plan.again.append(payload)
        return True

    def _is_barred(self, payload: Payload, column: _ColumnTags) -> bool:
        """Return whether a tag that is absent has to stay so."""
        unique = self._name_counts[column.path[-1]] == 1
        return self._removals.bar(payload, column.path, unique=unique)

    def _addition(self, tag: Tag, column: _ColumnTags) -> dict[str, Any]:
        """Return the operation that adds a tag; to a column without tags, as a list."""
        first = not column.tags and column.pointer not in self._first_tagged
        self._first_tagged.add(column.pointer)
        if first:
            return {"op": "add", "path": column.pointer, "value": [tag]}
        return {"op": "add", "path": f"{column.pointer}/-", "value": tag}

    def _supersede_suggestion(self, payload: Payload, column: _ColumnTags) -> None:
        """Remove the suggested tag of the same label, confirmed by a person or not: it has served."""
        i = column.find(joined_name(CLASSIFICATION[SUGGESTED[0]], _label(payload)))
        if i is not None:
            self._plan.removed[f"{column.pointer}/{i}"] = None


def _is_unchanged(tag: Tag) -> bool:
    """Return whether a tag is as we wrote it. Manual: a person set it; Generated: the catalog's engine."""
    state = "Suggested" if is_suggested(tag["tagFQN"]) else "Confirmed"
    return bool(tag.get("labelType") == "Automated" and tag.get("state") == state)


def _path(payload: Payload) -> ColumnPath:
    return tuple(payload.body["path"])


def _fqn(payload: Payload) -> str:
    fqn: str = payload.body["tag"]["tagFQN"]
    return fqn


def _label(payload: Payload) -> str:
    return tag_label(_fqn(payload))


# ---- properties


def _plan_properties(
    plan: PatchPlan, payloads: Sequence[Payload], extension: Mapping[str, Any] | None, history: History
) -> None:
    """Plan numbers of a table, each by its own name: what else is in the extension stays."""
    current = extension or {}
    added: dict[str, Any] = {}
    for payload in payloads:
        name = payload.body["name"]
        decided = verdict(payload, current.get(name), lambda body: body["value"])
        if decided == "done":
            plan.done.append(payload.key)
        elif decided == "yield" and payload.stood and history.property_changed_by_person(name):
            plan.yielded.append(payload.key)
        else:
            if payload.remove:
                plan.removed[f"/extension/{name}"] = None
            else:
                added[name] = payload.body["value"]
            plan.sent.append(payload)
    if added and extension is None:
        plan.added.append({"op": "add", "path": "/extension", "value": added})
    else:
        plan.added += [{"op": "add", "path": f"/extension/{name}", "value": v} for name, v in added.items()]
