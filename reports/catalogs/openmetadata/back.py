"""What people decided in OpenMetadata: tags they took away or set by hand, and feedback on what recognisers had found.

A decision is believed where the catalog says that a person made it: the label's `appliedBy`, the table's versions, the task's resolution.
What a bot, or a table made anew, did to a tag decides nothing; what nobody signed decides nothing, either, and is told (`Unsaid`).
A changed state of a standing tag is no decision: the catalog does not keep it. Sample values that feedback may carry are never read.
Contract: openmetadata-ingestion 2.0.7, `schema/type/{tagLabel,recognizer,recognizerFeedback}`, `schema/entity/tasks/task`,
`schema/entity/feed/thread`; `jdbi3/RecognizerFeedbackRepository.java`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.labels import labels
from reports.catalogs import CatalogDecision, Client, UnclearDecision
from reports.catalogs.openmetadata.answers import FEEDBACK, TASK, THREAD, columns, iso_time, read_entity, read_list, require_shape
from reports.catalogs.openmetadata.history import NOBODY, Actor, CatalogUsers, History
from reports.catalogs.openmetadata.names import CLASSIFICATION, links, path, split, table, tag
from reports.catalogs.picking import CatalogTable, Selection, catalog_tables, path_of
from reports.catalogs.terms import ACCEPTED, SUGGESTED
from reports.model import ColumnReport, Report, primary, standing

NODES = (ACCEPTED[0], SUGGESTED[0])
KIND = "RecognizerFeedbackApproval"
TASKS = f"/v1/tasks?type={KIND}&statusGroup=closed&fields=payload,createdBy&limit=100"
FEED = "/v1/feed?type=Task&taskStatus=Closed&limit=100"            # of servers before 2.0
APPROVED = ("Approved", "AutoApproved")
WORDS = 300                                   # characters of a person's comment that are kept
CLASH = "clash"                               # several of our columns or tables have this name there

ColumnPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppliedFeedback:
    """Feedback that was applied: what it says, and who decided."""

    feedback: Mapping[str, Any]
    hand: Actor


def key(table: str, path: Sequence[str], tag: str) -> str:
    """Key of a tag on a column."""
    return f"{table}|{chr(31).join(path)}|{tag}"


def decisions(report: Report, asked: Selection, stood: frozenset[str], client: Client) -> Iterator[CatalogDecision | UnclearDecision]:
    """Decisions about columns of tables with findings, table by table; then those that feedback gives of other columns."""
    heard: set[str] = set()
    told: set[UnclearDecision] = set()
    for said in _every(report, asked, stood, client):
        if isinstance(said, CatalogDecision) and said.about not in heard:
            heard.add(said.about)
            yield said
        elif isinstance(said, UnclearDecision) and said.about not in heard and said not in told:
            told.add(said)
            yield said


def _every(report: Report, asked: Selection, stood: frozenset[str], client: Client) -> Iterator[CatalogDecision | UnclearDecision | None]:
    people = CatalogUsers(client)
    linked: dict[str, ColumnReport] = {}
    every = [(table(p.rule, p.schema, p.name), p) for p in catalog_tables(report, asked)]
    named = Counter(name for name, _ in every)
    for name, place in every:
        if not any(map(_label, place.table.columns)):
            continue
        if named[name] > 1:
            yield UnclearDecision(place.table.id, CLASH)
            continue
        found = _columns_by_path(place)
        yield from (UnclearDecision(c.id, CLASH) for same in found.values() if len(same) > 1 for c in same)
        mine = {names: same[0] for names, same in found.items() if len(same) == 1 and not same[0].ignored}
        leaves = Counter(names[-1] for names in found)
        linked |= {link: c for names, c in mine.items() if _label(c)
                   for link in links(name, names, alone=leaves[names[-1]] == 1)}
        yield from _of_table(name, mine, stood, client, people)
    yield from _feedback(linked, client, people)


def _columns_by_path(place: CatalogTable) -> Mapping[ColumnPath, list[ColumnReport]]:
    """Columns of a table by their names in the catalog; several where its case makes them one."""
    out: dict[ColumnPath, list[ColumnReport]] = {}
    for c in place.table.columns:
        out.setdefault(path(place.rule, path_of(c)), []).append(c)
    return out


def _of_table(name: str, found: Mapping[ColumnPath, ColumnReport], stood: frozenset[str], client: Client,
              people: CatalogUsers) -> Iterator[CatalogDecision | UnclearDecision | None]:
    answer = read_entity("table", name, client)
    if not answer.good:
        return
    history = History(answer.body, client, people)
    for names, _, there in columns(answer.body):
        if names not in found:
            continue
        held = {x["tagFQN"]: x for x in there.get("tags") or () if split(x["tagFQN"])[:1] in [[c] for c in CLASSIFICATION.values()]}
        yield _of_column(found[names], names, name, held, stood, history)


def _of_column(column: ColumnReport, names: ColumnPath, name: str, held: Mapping[str, Mapping[str, Any]], stood: frozenset[str],
               history: History) -> CatalogDecision | UnclearDecision | None:
    """What a person did to our tags on one column; None where nobody did anything, or only repeated what stands."""
    label = _label(column)
    mine = [tag(node, label) for node in NODES if label]
    theirs = {fqn: x for fqn, x in held.items() if x.get("labelType") == "Manual"}
    if kept := [fqn for fqn in mine if fqn in theirs]:
        if standing(column) == "accepted":
            return None
        return _decision(column, "accept", history.applied(theirs[kept[0]], names, kept[0]))
    if any(fqn in held for fqn in mine):
        return None
    for fqn, x in theirs.items():
        if (other := split(fqn)[-1]) in labels() and (
            said := _decision(column, "relabel", history.applied(x, names, fqn), other)
        ) is not None:
            return said
    gone = [fqn for fqn in mine if key(name, names, fqn) in stood]
    return next((s for fqn in gone if (s := _decision(column, "reject", history.removed(names, fqn))) is not None), None)


def _decision(
    column: ColumnReport, verdict: Any, hand: Actor | None, to: str = "", why: str = ""
) -> CatalogDecision | UnclearDecision | None:
    """A decision by a hand; None where it is no person's, or only repeats what stands here."""
    if hand is None or verdict == "reject" and standing(column) == "rejected":
        return None
    return (
        CatalogDecision(column.id, verdict, hand.by, hand.on, _why(why), to)
        if hand.by
        else UnclearDecision(column.id, hand.unknown or NOBODY)
    )


def _label(column: ColumnReport) -> str:
    """What stands on a column, or was rejected there; empty for nothing."""
    if standing(column) == "rejected":
        return column.reviewed.label if column.reviewed is not None else ""
    found = primary(column)
    return "" if found is None else str(found.finding.label)


def _feedback(
    linked: Mapping[str, ColumnReport], client: Client, people: CatalogUsers
) -> Iterator[CatalogDecision | UnclearDecision | None]:
    """Feedback that was applied: tasks that a reviewer approved; then exceptions of recognisers without a task, approved as handed in."""
    for told in _tasks(client):
        f = told.feedback
        column = linked.get(f["entityLink"])
        if column is None or split(f["tagFQN"])[-1:] != [_label(column)] or people.bot(told.hand.by):
            continue
        to = split(f.get("suggestedTag") or "")[-1:]
        relabels = f.get("feedbackType") == "INCORRECT_CLASSIFICATION" and bool(to) and to[0] in labels()
        words = ": ".join(x for x in (f.get("userReason"), f.get("userComments")) if x)
        yield _decision(column, "relabel" if relabels else "reject", told.hand, to[0] if relabels else "", words)
    for fqn in sorted({tag(SUGGESTED[0], _label(c)) for c in linked.values()}):
        answer = read_entity("tag", fqn, client)
        held = (answer.body.get("recognizers") or ()) if answer.good else ()
        for e in (e for r in held for e in r.get("exceptionList") or ()):
            column, hand = linked.get(e["entityLink"]), Actor(_name(e.get("addedBy")), iso_time(e.get("addedAt")))
            if column is not None and tag(SUGGESTED[0], _label(column)) == fqn and not people.bot(hand.by):
                yield _decision(column, "reject", hand, why=e.get("reason") or "")


def _tasks(client: Client) -> Iterator[AppliedFeedback]:
    """Feedback that was applied, by the catalog's tasks; by its feed where it has none, as before 2.0."""
    if (tasks := read_list(TASKS, client, TASK)) is not None:
        return (told for t in tasks if t.get("type") == KIND and (told := _of_task(t)) is not None)
    threads = [t.get("task") or {} for t in read_list(FEED, client, THREAD) or ()]
    return (told for t in threads if t.get("type") == KIND and (told := _applied(t.get("feedback"))) is not None)


def _of_task(task: Mapping[str, Any]) -> AppliedFeedback | None:
    """A task as it was resolved. What stands in `data` was moved from a feed, closed ones all as approved: its own status counts."""
    payload, done = task.get("payload") or {}, task.get("resolution") or {}
    if not (feedback := payload.get("feedback")):
        if moved := payload.get("data"):
            require_shape(moved, FEEDBACK, TASKS)
        return _applied(moved)
    if (done.get("type") or task.get("status")) not in APPROVED:
        return None
    by = _name(done.get("resolvedBy")) or _name(task.get("approvedBy"))
    return AppliedFeedback(feedback, Actor(by, iso_time(done.get("resolvedAt") or task.get("approvedAt"))))


def _applied(feedback: Mapping[str, Any] | None) -> AppliedFeedback | None:
    """Feedback that says itself that it was applied."""
    if not feedback or feedback.get("status") != "APPLIED":
        return None
    done = feedback.get("resolution") or {}
    return AppliedFeedback(feedback, Actor(_name(done.get("resolvedBy")) or _name(feedback.get("createdBy")),
                               iso_time(done.get("resolvedAt") or feedback.get("createdAt"))))


def _name(person: Mapping[str, Any] | None) -> str:
    return (person or {}).get("name") or ""


def _why(text: str) -> str:
    return ("OpenMetadata: " + " ".join(text.split()))[:WORDS].strip().removesuffix(":")
