"""What becomes of payloads on a table or tag as OpenMetadata has it: operations of a JSON Patch, or a verdict where none is needed.

The catalog keeps only tags that are new or gone: what a standing tag says is changed by taking it away and, in a patch of its own,
setting it again (`Plan.again`). A tag is ours while it is Automated and in the state we gave it; a suggested one goes, whoever set it,
where the accepted one takes its place. A property is ours while it says what we wrote there, or a program wrote it.
Contract: `jdbi3/EntityRepository.java` updateTags, updateExtension; `jdbi3/ClassificationTagDAOs.java` applyTag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from detectors.message import Msg
from reports.catalogs import Payload, Refused, verdict
from reports.catalogs.openmetadata.answers import columns
from reports.catalogs.openmetadata.history import History
from reports.catalogs.openmetadata.names import CLASSIFICATION, joined, links, split
from reports.catalogs.terms import ACCEPTED, SUGGESTED

NO_COLUMN = Msg("no such column in the catalog; see chujing push --check")

Ops = list[dict[str, Any]]


@dataclass(slots=True)
class PatchPlan:
    """What becomes of the payloads of one table or tag: operations, and a verdict on each payload that needs none."""

    replaced: Ops = field(default_factory=list)
    removed: dict[str, None] = field(default_factory=dict)          # pointers, each once
    added: Ops = field(default_factory=list)
    sent: list[Payload] = field(default_factory=list)
    again: list[Payload] = field(default_factory=list)              # taken away by this patch, to be set by the next
    done: list[str] = field(default_factory=list)
    yielded: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def ops(self) -> Ops:
        """In an order in which no index moves before it is used."""
        gone: Ops = [{"op": "remove", "path": p} for p in sorted(self.removed, key=_index, reverse=True)]
        return [*self.replaced, *gone, *self.added]

    def take(self, other: PatchPlan) -> None:
        """The verdicts of another plan, too."""
        self.done += other.done
        self.yielded += other.yielded
        self.refused += other.refused


@dataclass(frozen=True, slots=True)
class _ColumnTags:
    """The tags of one column as the catalog has them, and where."""

    pointer: str
    tags: Sequence[Mapping[str, Any]]

    def find(self, fqn: str) -> int | None:
        return next((i for i, x in enumerate(self.tags) if x["tagFQN"] == fqn), None)


def of_table(table: Mapping[str, Any], of: Sequence[Payload], history: History, renewed: Collection[str],
             excepted: Collection[tuple[str, str]]) -> PatchPlan:
    """The plan of a table. renewed: keys of what was taken away to be set again; excepted: (tag, link) that people said does not belong."""
    made, known = PatchPlan(), {path: (pointer, c) for path, pointer, c in columns(table)}
    names = Counter(path[-1] for path in known)
    written = {(tuple(p.body["path"]), _label(p.body["tag"])) for p in of if p.kind == "column_tag" and not p.remove}
    bare: set[str] = set()
    for p in (p for p in of if p.kind == "column_tag"):
        path = tuple(p.body["path"])
        if path not in known:
            if p.remove:
                made.done.append(p.key)
            else:
                made.refused.append(Refused(p.key, p.about, NO_COLUMN))
            continue
        pointer, column = known[path]
        spot, fqn = _ColumnTags(f"{pointer}/tags", column.get("tags") or ()), p.body["tag"]["tagFQN"]
        if p.remove:
            accepted = {_label(x) for x in spot.tags if split(x["tagFQN"])[:1] == [CLASSIFICATION[ACCEPTED[0]]]}
            _unmark(made, p, spot, promoted=_label(p.body["tag"]) in accepted or (path, _label(p.body["tag"])) in written)
            continue
        barred = spot.find(fqn) is None and (
            any((fqn, link) in excepted for link in links(p.entity, path, alone=names[path[-1]] == 1))
            or p.removed_by_person and p.key not in renewed and history.removed_by_person(path, fqn))
        if _mark(made, p, spot, barred=barred, bare=bare) and split(fqn)[0] == CLASSIFICATION[ACCEPTED[0]]:
            _supersede(made, p, spot)
    _properties(made, [p for p in of if p.kind == "table_property"], table.get("extension"), history)
    return made


def of_tag(tag: Mapping[str, Any], of: Sequence[Payload]) -> PatchPlan:
    """Our patterns among the recognisers of a tag. What a steward set beside the pattern (threshold, exceptions, off) stays."""
    made, held = PatchPlan(), list(tag.get("recognizers") or ())
    known = {r["name"]: i for i, r in enumerate(held)}
    fresh = [p for p in of if not p.remove and p.body["recognizer"]["name"] not in known and not p.removed_by_person]
    if fresh:
        values = [p.body["recognizer"] for p in fresh]
        made.added += [{"op": "add", "path": "/recognizers/-", "value": v} for v in values] if held else [
            {"op": "add", "path": "/recognizers", "value": values}]
        if not known:
            made.added.append({"op": "add", "path": "/autoClassificationEnabled", "value": True})
        made.sent += fresh
    new = {p.key for p in fresh}
    for p in (p for p in of if p.key not in new):
        i = known.get(p.body["recognizer"]["name"])
        config = p.body["recognizer"]["recognizerConfig"]
        if i is not None and p.remove:
            made.removed[f"/recognizers/{i}"] = None
        elif i is not None and _differs(held[i].get("recognizerConfig") or {}, config):
            made.replaced.append({"op": "replace", "path": f"/recognizers/{i}/recognizerConfig", "value": config})
        else:
            (made.done if i is not None or p.remove else made.yielded).append(p.key)
            continue
        made.sent.append(p)
    return made


def ours(label: Mapping[str, Any]) -> bool:
    """Is a tag as we left it? Manual: a person set it; Generated: the catalog's own engine did."""
    suggested = split(label["tagFQN"])[:1] == [CLASSIFICATION[SUGGESTED[0]]]
    return bool(label.get("labelType") == "Automated" and label.get("state") == ("Suggested" if suggested else "Confirmed"))


def _label(tag: Mapping[str, Any]) -> str:
    return next(reversed(split(tag["tagFQN"])), "")


def _unmark(made: PatchPlan, p: Payload, spot: _ColumnTags, *, promoted: bool) -> None:
    """Take away one tag of a column, if it is there and ours. promoted: the accepted tag of the same label takes its place."""
    i = spot.find(p.body["tag"]["tagFQN"])
    if i is None:
        made.done.append(p.key)
    elif ours(spot.tags[i]) or promoted:
        made.removed[f"{spot.pointer}/{i}"] = None
        made.sent.append(p)
    else:
        made.yielded.append(p.key)


def _mark(made: PatchPlan, p: Payload, spot: _ColumnTags, *, barred: bool, bare: set[str]) -> bool:
    """One tag on one column; False where it is left to a person. barred: somebody took it away, or said that it does not belong there.

    bare: columns without tags that got their first one here.
    """
    tag = p.body["tag"]
    i = spot.find(tag["tagFQN"])
    if barred or i is not None and not ours(spot.tags[i]):
        made.yielded.append(p.key)
        return False
    if i is None:
        first = not spot.tags and spot.pointer not in bare
        bare.add(spot.pointer)
        made.added.append({"op": "add", "path": spot.pointer, "value": [tag]} if first else {
            "op": "add", "path": f"{spot.pointer}/-", "value": tag})
        made.sent.append(p)
    elif spot.tags[i].get("reason") == tag["reason"]:
        made.done.append(p.key)
    else:
        made.removed[f"{spot.pointer}/{i}"] = None
        made.again.append(p)
    return True


def _supersede(made: PatchPlan, p: Payload, spot: _ColumnTags) -> None:
    """Where an accepted tag stands, the suggested one of the same label has served, confirmed by a person or not."""
    if (i := spot.find(joined(CLASSIFICATION[SUGGESTED[0]], _label(p.body["tag"])))) is not None:
        made.removed[f"{spot.pointer}/{i}"] = None


def _properties(made: PatchPlan, of: Sequence[Payload], extension: Mapping[str, Any] | None, history: History) -> None:
    """Numbers of a table, each by its own name: what else stands in the extension stays."""
    held = extension or {}
    fresh: dict[str, Any] = {}
    for p in of:
        name = p.body["name"]
        if verdict(p, held.get(name), lambda body: body["value"]) == "done":
            made.done.append(p.key)
        elif p.stood and verdict(p, held.get(name), lambda body: body["value"]) == "yield" and history.changed_by_person(name):
            made.yielded.append(p.key)
        else:
            if p.remove:
                made.removed[f"/extension/{name}"] = None
            else:
                fresh[name] = p.body["value"]
            made.sent.append(p)
    if fresh and extension is None:
        made.added.append({"op": "add", "path": "/extension", "value": fresh})
    else:
        made.added += [{"op": "add", "path": f"/extension/{name}", "value": value} for name, value in fresh.items()]


def _differs(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Does a recogniser say something else in what we say?"""
    return any(held.get(k) != v for k, v in wanted.items())


def _index(pointer: str) -> tuple[str, int]:
    """Where an operation is, for removing from behind."""
    above, _, last = pointer.rpartition("/")
    return above, int(last) if last.isdigit() else 0
