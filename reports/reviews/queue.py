"""What remains to be reviewed: equal columns are one decision, the most pressing first.

Pure, from a report with its reviews applied. Equal are columns with the same folded name, type, comment,
label and root of lineage. Members whose values or context disagree with the group are exceptions: shown, and
not decided with it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

from detectors.message import Msg, Text
from detectors.model import ColumnId, Form, Label
from mappings.model import UNKNOWN, Estimate, Sensitive
from mappings.names import fold_name
from reports.messages.legacy import recognise
from reports.model import ColumnReport, Report, TableReport, standing, stands_or_possible
from reports.reviews.basis import DETECTOR, basis_of, folded_type, shape_of
from reports.reviews.owners import OwnerLookup, Owners
from reports.reviews.review import ReviewBasis

OUTLIER_DISTANCE = 0.1                        # from the group's median, in confidence or support
SENSITIVITY_RANK: Mapping[Sensitive, int] = {"yes": 2, "depends": 1, "no": 0}
LINEAGE = frozenset({                         # templates of evidence that names the column another is made of
    "taken from {column}", "made from {column}", "made from {column}, hashed, still personal information",
})

GroupKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewMember:
    """One column to be decided."""

    id: ColumnId
    confidence: float
    support: float | None                     # share of examined cells that agreed
    owner: str
    exception: str = ""                       # why it stands apart: values, context, names_only, stale.*


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Equal columns: one decision."""

    id: str
    label: Label
    name: str
    type: str
    comment: str
    sensitive: Sensitive                      # the most severe of its members
    members: tuple[ReviewMember, ...]
    flows: tuple[str, ...]                    # those that any member leaves by
    persons: Estimate                         # of the largest flow; rows of a table are no persons
    confidence: float                         # the members' median
    basis: ReviewBasis
    root: ColumnId | None = None              # what the members are made of
    possible: bool = False                    # they are not found, and not surely nothing either
    form: Form = "plain"                      # of the first member's values

    @property
    def equal(self) -> tuple[ReviewMember, ...]:
        """Return the members that a decision on the group decides."""
        return tuple(member for member in self.members if not member.exception)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How much remains and how much is done."""

    groups: int                               # of equal columns that wait: decisions
    waiting: int                              # columns in them
    columns: int                              # with a finding, a possible or a rejected one
    decided: int                              # of these, by a person

    @property
    def share(self) -> float:
        """Return the share of columns decided, in [0, 1]."""
        return self.decided / self.columns if self.columns else 1.0


@dataclass(frozen=True, slots=True)
class Queue:
    """What remains and what is done."""

    groups: tuple[ReviewGroup, ...]
    columns: int                              # with a finding, a possible or a rejected one
    decided: int                              # of these, by a person

    @property
    def progress(self) -> ReviewProgress:
        """Return how much remains."""
        waiting = sum(len(group.members) for group in self.groups)
        return ReviewProgress(len(self.groups), waiting, self.columns, self.decided)


def queue(report: Report, owners: Owners = ()) -> Queue:
    """Return everything to be decided, in order: what leaves the country, sensitive, many persons, uncertain.

    Groups of whose persons nobody was counted come after the others; what is merely possible and stays in the
    country comes last.
    """
    index = _ReportIndex(report, OwnerLookup(owners))
    waiting, columns, decided = _waiting_columns(report, index)
    groups = sorted((_group(key, members, index) for key, members in waiting.items()), key=_urgency)
    return Queue(tuple(groups), columns, decided)


def review_progress(report: Report) -> ReviewProgress:
    """Return how much remains, as the queue of a report has it, whose groups take ten times as long."""
    waiting, columns, decided = _waiting_columns(report, _ReportIndex(report, OwnerLookup(())))
    return ReviewProgress(len(waiting), sum(map(len, waiting.values())), columns, decided)


def _waiting_columns(
    report: Report, index: _ReportIndex
) -> tuple[Mapping[GroupKey, Sequence[_Waiting]], int, int]:
    """Return the columns that wait, equal ones together, how many can be decided, and how many are."""
    waiting: dict[GroupKey, list[_Waiting]] = {}
    columns = decided = 0
    for table in report.tables:
        for column in table.columns:
            if not column.findings and column.reviewed is None:
                continue
            state = standing(column)
            if not state or column.ignored:
                continue
            columns += 1
            if state in ("suggested", "possible"):
                waiting.setdefault(index.key(column), []).append(_Waiting(column, table))
            else:
                decided += 1
    return waiting, columns, decided


def part_of_owner(queue: Queue, owner: str) -> Queue:
    """Return the part of a queue that somebody owns; of a group shared with others, that person's members."""
    groups = []
    for group in queue.groups:
        if members := tuple(member for member in group.members if member.owner == owner):
            groups.append(replace(group, members=members))
    return replace(queue, groups=tuple(groups))


def possible_part(queue: Queue) -> Queue:
    """Return the part of a queue that is not found and not ruled out either."""
    return replace(queue, groups=tuple(group for group in queue.groups if group.possible))


def share_after(queue: Queue, decisions: int) -> float:
    """Return the share of columns decided once the first so many groups are, in [0, 1]."""
    more = sum(len(group.equal) for group in queue.groups[:decisions])
    return (queue.decided + more) / queue.columns if queue.columns else 1.0


def is_outlier(confidence: float, support: float | None, typical: float, usual: float | None) -> bool:
    """Return whether a member's values differ from its group's typical confidence and usual support."""
    if support is not None and usual is not None and abs(support - usual) > OUTLIER_DISTANCE:
        return True
    return abs(confidence - typical) > OUTLIER_DISTANCE


def _urgency(group: ReviewGroup) -> tuple[object, ...]:
    return (
        not group.flows,
        not group.flows and group.possible,
        -SENSITIVITY_RANK.get(group.sensitive, 0),
        *_by_persons(group.persons),
        group.confidence,
        group.id,
    )


def _by_persons(count: Estimate) -> tuple[bool, int]:
    """Return what sorts many persons first, then those bounded by rows alone, then uncounted ones."""
    return count.method == "unknown", -(count.low if count.method == "statistics" else count.best)


# ---- what groups are made of


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A column that waits for a decision."""

    column: ColumnReport
    table: TableReport


class _ReportIndex:
    """What a report says of columns, looked up by their ids."""

    def __init__(self, report: Report, owners: OwnerLookup) -> None:
        self.owners = owners
        self.marks = {id: read.data for id, read in report.run.tables.items()}
        self.persons = {f.flow.id: f.individuals for f in report.flows}
        self._report = report

    @cached_property
    def flows(self) -> Mapping[ColumnId, tuple[str, ...]]:
        """Flows that each column leaves by."""
        flows: dict[ColumnId, tuple[str, ...]] = {}
        for flow in self._report.flows:
            for column in flow.columns:
                flows[column] = (*flows.get(column, ()), flow.flow.id)
        return flows

    @cached_property
    def roots(self) -> Mapping[ColumnId, ColumnId]:
        """The column that each column is finally made of, by lineage."""
        parents: dict[ColumnId, ColumnId] = {}
        for table in self._report.tables:
            for column in table.columns:
                if column.findings and (parent := _parent(column)):
                    parents[column.id] = parent
        return {column: _root(column, parents) for column in parents}

    @cached_property
    def _columns(self) -> Mapping[ColumnId, ColumnReport]:
        return {column.id: column for table in self._report.tables for column in table.columns}

    def key(self, column: ColumnReport) -> GroupKey:
        """Return what is the same for equal columns; a copy that looks like its root has the root's."""
        own, root = _look(column), self.roots.get(column.id)
        if root is None or root in self._columns and _look(self._columns[root]) == own:
            return (*own, "")
        return (*own, str(root))


def _look(column: ColumnReport) -> tuple[str, str, str, str]:
    """Return name, type, comment and label of a column; a merely possible label ends with a question mark."""
    assessed = stands_or_possible(column)
    label = str(assessed.finding.label) if assessed else ""
    if assessed is not None and assessed.finding.possible:
        label += "?"
    return fold_name(column.name), folded_type(column.type), fold_name(column.comment), label


def _parent(column: ColumnReport) -> ColumnId | None:
    """Return the column that a column is made of, by the last such evidence of the machine's finding."""
    for assessed in column.findings:
        finding = assessed.finding
        if finding.detector == DETECTOR or not (finding.primary or finding.possible):
            continue
        for evidence in reversed(finding.evidence):
            if evidence.origin == "lineage" and (parent := _parent_in(evidence.note)) is not None:
                return parent
        break
    return None


def _parent_in(note: Text) -> ColumnId | None:
    message = note if isinstance(note, Msg) else recognise(note)
    if isinstance(message, Msg) and message.template in LINEAGE:
        return ColumnId(str(message.values["column"]))
    return None


def _root(column: ColumnId, parents: Mapping[ColumnId, ColumnId]) -> ColumnId:
    """Return the end of a column's lineage; of a circle, the last before it closes."""
    passed = {column}
    while (parent := parents.get(column)) is not None and parent not in passed:
        column = parent
        passed.add(parent)
    return column


# ---- groups


@dataclass(frozen=True, slots=True)
class _GroupNorm:
    """What is usual in a group."""

    confidence: float                         # median
    support: float | None                     # median of those that have one
    subject: str                              # most common subject of its tables

    @classmethod
    def of(cls, bases: Sequence[ReviewBasis], tables: Sequence[TableReport]) -> _GroupNorm:
        supports = [basis.support for basis in bases if basis.support is not None]
        return cls(
            median(basis.confidence for basis in bases),
            median(supports) if supports else None,
            Counter(table.subject for table in tables).most_common(1)[0][0],
        )

    def exception(self, waiting: _Waiting, basis: ReviewBasis) -> str:
        """Return why a member disagrees with its group; empty if it does not."""
        review = waiting.column.reviewed
        if review is not None and review.stale:
            return f"stale.{review.stale}"
        if is_outlier(basis.confidence, basis.support, self.confidence, self.support):
            return "values"
        if waiting.table.subject != self.subject:
            return "context"
        return "names_only" if basis.support is None and self.support is not None else ""


def _group(key: GroupKey, waiting: Sequence[_Waiting], index: _ReportIndex) -> ReviewGroup:
    """Return the group of equal columns. A single column keeps the mark of its rows."""
    alone = len(waiting) == 1
    bases = [basis_of(w.column, index.marks.get(w.table.id, "") if alone else "") for w in waiting]
    typical = _GroupNorm.of(bases, [w.table for w in waiting])
    first = waiting[0].column
    assessed = stands_or_possible(first)
    assert assessed is not None               # it is suggested or possible, so it has a finding
    label = assessed.finding.label
    flows = tuple(sorted({flow for w in waiting for flow in index.flows.get(w.column.id, ())}))
    return ReviewGroup(
        id="g-" + hashlib.sha256("\x1f".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:8],
        label=label,
        name=first.name,
        type=first.type,
        comment=first.comment,
        sensitive=_worst_sensitivity(waiting),
        members=_members(waiting, bases, typical, index.owners),
        flows=flows,
        persons=min((index.persons[flow] for flow in flows), key=_by_persons, default=UNKNOWN),
        confidence=typical.confidence,
        basis=ReviewBasis(
            str(label), shape_of(first), round(typical.confidence, 2), typical.support, bases[0].mark
        ),
        root=index.roots.get(first.id),
        possible=assessed.finding.possible,
        form=assessed.finding.form,
    )


def _worst_sensitivity(waiting: Sequence[_Waiting]) -> Sensitive:
    grades = [assessed.sensitive for w in waiting if (assessed := stands_or_possible(w.column))]
    return max(grades, key=lambda sensitive: SENSITIVITY_RANK.get(sensitive, 0))


def _members(
    waiting: Sequence[_Waiting], bases: Sequence[ReviewBasis], typical: _GroupNorm, owners: OwnerLookup
) -> tuple[ReviewMember, ...]:
    members = tuple(
        ReviewMember(
            w.column.id,
            basis.confidence,
            basis.support,
            owners.owner(w.column.id, w.table),
            typical.exception(w, basis),
        )
        for w, basis in zip(waiting, bases, strict=True)
    )
    if all(member.exception for member in members):      # none is usual: they are decided together
        members = tuple(replace(member, exception="") for member in members)
    return members
