"""What people decided in OpenMetadata: tags they removed or set by hand, feedback on recognisers.

A decision is believed where the catalog says that a person made it: the label's `appliedBy`, the table's
versions, the task's resolution. What a bot, or a table made anew, did to a tag decides nothing; what nobody
signed decides nothing either and is reported (`UnclearDecision`). A changed state of an existing tag is no
decision: the catalog does not keep it.
Contract: openmetadata-ingestion 2.0.7, `schema/type/tagLabel`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from detectors.labels import labels, wide_label
from reports.catalogs.naming import CatalogTable
from reports.catalogs.openmetadata.feedback import Feedback, recognizer_feedback
from reports.catalogs.openmetadata.history import UNSIGNED, Actor, CatalogUsers, History
from reports.catalogs.openmetadata.names import (
    feedback_links,
    is_ours,
    label_tag,
    path,
    table_fqn,
    tag_key,
    tag_label,
)
from reports.catalogs.openmetadata.read import ColumnPath, columns_of, read_table
from reports.catalogs.picking import Selection, named_tables, path_of
from reports.catalogs.protocol import CatalogDecision, Client, UnclearDecision
from reports.catalogs.terms import ACCEPTED, SUGGESTED
from reports.model import ColumnReport, Report, standing, stands_or_possible

NODES = (ACCEPTED[0], SUGGESTED[0])
LONGEST_COMMENT = 300                         # characters of a person's comment that are kept
NAME_CLASH = "clash"                          # several of our columns or tables have this name there

AnyDecision = CatalogDecision | UnclearDecision


@dataclass(frozen=True, slots=True)
class _TableColumns:
    """Our columns of one table that have a name of their own in the catalog."""

    table: str                                # fully qualified name
    columns: Mapping[ColumnPath, ColumnReport]
    links: Mapping[str, ColumnReport]         # of those with a label: how feedback names them


@dataclass(slots=True)
class _Lookup:
    """What is read and gathered while the tables are gone through."""

    client: Client
    users: CatalogUsers
    delivered: frozenset[str]                 # keys of what we had written
    links: dict[str, ColumnReport] = field(default_factory=dict)


def decisions(
    report: Report, selection: Selection, delivered: frozenset[str], client: Client
) -> Iterator[AnyDecision]:
    """Yield decisions about columns of tables with findings, table by table, then those from feedback.

    The first decision on a column counts. delivered: keys of what we had written there.
    """
    decided: set[str] = set()
    reported: set[UnclearDecision] = set()
    for decision in _all_decisions(report, selection, delivered, client):
        if decision.about in decided:
            continue
        if isinstance(decision, CatalogDecision):
            decided.add(decision.about)
            yield decision
        elif decision not in reported:
            reported.add(decision)
            yield decision


def _all_decisions(
    report: Report, selection: Selection, delivered: frozenset[str], client: Client
) -> Iterator[AnyDecision]:
    lookup = _Lookup(client, CatalogUsers(client), delivered)
    tables = [(table_fqn(place), place) for place in named_tables(report, selection)]
    name_counts = Counter(name for name, _ in tables)
    for name, place in tables:
        if not any(map(_label, place.table.columns)):
            continue
        if name_counts[name] > 1:
            yield UnclearDecision(place.table.id, NAME_CLASH)
        else:
            yield from _table_decisions(name, place, lookup)
    yield from _feedback_decisions(lookup)


# ---- tags


def _table_decisions(name: str, place: CatalogTable, lookup: _Lookup) -> Iterator[AnyDecision]:
    """Yield decisions about the columns of one table, and note how feedback names them."""
    by_path: dict[ColumnPath, list[ColumnReport]] = {}
    for column in place.table.columns:
        by_path.setdefault(path(place.rule, path_of(column)), []).append(column)
    for same in by_path.values():
        if len(same) > 1:
            yield from (UnclearDecision(column.id, NAME_CLASH) for column in same)
    ours = _unambiguous_columns(name, by_path)
    lookup.links |= ours.links
    yield from _tag_decisions(ours, lookup)


def _unambiguous_columns(name: str, by_path: Mapping[ColumnPath, list[ColumnReport]]) -> _TableColumns:
    """Return columns that have their name in the catalog alone, without ignored ones."""
    columns = {p: same[0] for p, same in by_path.items() if len(same) == 1 and not same[0].ignored}
    name_counts = Counter(p[-1] for p in by_path)
    labelled = {
        link: column
        for p, column in columns.items()
        if _label(column)
        for link in feedback_links(name, p, unique=name_counts[p[-1]] == 1)
    }
    return _TableColumns(name, columns, labelled)


def _tag_decisions(ours: _TableColumns, lookup: _Lookup) -> Iterator[AnyDecision]:
    """Yield what people did to tags of a table; nothing if the catalog does not show it."""
    response = read_table(ours.table, lookup.client)
    if not response.good:
        return
    history = History(response.body, lookup.client, lookup.users)
    for column_path, _, catalog_column in columns_of(response.body):
        column = ours.columns.get(column_path)
        if column is None:
            continue
        tags = {tag["tagFQN"]: tag for tag in catalog_column.get("tags") or () if is_ours(tag["tagFQN"])}
        state = _ColumnState(column, column_path, ours.table, tags, history)
        decision = state.decision(lookup.delivered)
        if decision is not None:
            yield decision


@dataclass(frozen=True, slots=True)
class _ColumnState:
    """One column here and there: our report, and those of its tags that are of our classifications."""

    column: ColumnReport
    path: ColumnPath
    table: str
    tags: Mapping[str, Mapping[str, Any]]     # by fully qualified name
    history: History

    def decision(self, delivered: frozenset[str]) -> AnyDecision | None:
        """Return what a person did to our tags; None for nothing, or for what holds here already."""
        label = _label(self.column)
        names = dict.fromkeys((label, wide_label(label))) if label else ()
        expected = [label_tag(node, name) for name in names for node in NODES]
        by_hand = {fqn: tag for fqn, tag in self.tags.items() if tag.get("labelType") == "Manual"}
        if confirmed := [fqn for fqn in expected if fqn in by_hand]:
            return self._acceptance(confirmed[0])
        if any(fqn in self.tags for fqn in expected):
            return None
        return self._relabelling(by_hand) or self._rejection(expected, delivered)

    def _acceptance(self, fqn: str) -> AnyDecision | None:
        if standing(self.column) == "accepted":
            return None
        actor = self.history.tag_setter(self.tags[fqn], self.path, fqn)
        return _decision(self.column, "accept", actor)

    def _relabelling(self, by_hand: Iterable[str]) -> AnyDecision | None:
        """Return what the first other tag of ours that a person set makes of the column."""
        for fqn in by_hand:
            if (other := tag_label(fqn)) in labels():
                actor = self.history.tag_setter(self.tags[fqn], self.path, fqn)
                if (decision := _decision(self.column, "relabel", actor, to=other)) is not None:
                    return decision
        return None

    def _rejection(self, expected: Iterable[str], delivered: frozenset[str]) -> AnyDecision | None:
        """Return the removal of a tag that we had written."""
        for fqn in expected:
            if tag_key(self.table, self.path, fqn) in delivered:
                actor = self.history.tag_remover(self.path, fqn)
                if (decision := _decision(self.column, "reject", actor)) is not None:
                    return decision
        return None


# ---- feedback


def _feedback_decisions(lookup: _Lookup) -> Iterator[AnyDecision]:
    """Yield decisions from feedback: of tasks that a reviewer approved, then of exceptions without one."""
    suggested = sorted({label_tag(SUGGESTED[0], _label(column)) for column in lookup.links.values()})
    for feedback in recognizer_feedback(suggested, lookup.client):
        column = lookup.links.get(feedback.link)
        if column is None or not _is_about(feedback, column) or lookup.users.is_bot(feedback.actor.by):
            continue
        to = tag_label(feedback.suggested_tag) if feedback.suggested_tag else ""
        verdict: Literal["relabel", "reject"] = "relabel" if to in labels() else "reject"
        decision = _decision(
            column, verdict, feedback.actor, to=to if verdict == "relabel" else "", comment=feedback.comment
        )
        if decision is not None:
            yield decision


def _is_about(feedback: Feedback, column: ColumnReport) -> bool:
    """Return whether feedback is about the label that its column has here."""
    if feedback.is_exception:
        return label_tag(SUGGESTED[0], _label(column)) == feedback.tag
    return tag_label(feedback.tag) == _label(column)


def _decision(
    column: ColumnReport,
    verdict: Literal["accept", "reject", "relabel"],
    actor: Actor | None,
    *,
    to: str = "",
    comment: str = "",
) -> AnyDecision | None:
    """Return a decision; None if it is no person's, or only repeats what holds here."""
    if actor is None or verdict == "reject" and standing(column) == "rejected":
        return None
    if not actor.by:
        return UnclearDecision(column.id, actor.unknown or UNSIGNED)
    return CatalogDecision(column.id, verdict, actor.by, actor.on, _shortened_comment(comment), to)


def _label(column: ColumnReport) -> str:
    """Return the label that holds for a column, or that was rejected there; empty for none."""
    if standing(column) == "rejected":
        return column.reviewed.label if column.reviewed is not None else ""
    assessed = stands_or_possible(column)
    return "" if assessed is None else str(assessed.finding.label)


def _shortened_comment(comment: str) -> str:
    return ("OpenMetadata: " + " ".join(comment.split()))[:LONGEST_COMMENT].strip().removesuffix(":")
