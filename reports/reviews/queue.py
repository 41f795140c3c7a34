"""What is left to review: equal columns are one decision, the most pressing first. Pure: from a report with its reviews applied.

Equal are columns with the same folded name, type, comment, label and root of lineage. Members whose values or context disagree with the
group are exceptions: shown, and not decided with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isqrt
from statistics import median

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnId, Label
from mappings.model import UNKNOWN, Estimate, Sensitive
from mappings.names import fold_name
from reports.model import ColumnReport, Report, TableReport, primary, standing
from reports.reviews.verdicts import DETECTOR, SPECIFIC, Review, ReviewBasis, Verdict, basis_of, folded_type, glob, shape_of

APART = 0.1                                   # from the group's median, in confidence or in the share of cells that agree
MOST_CHECKED = 10
RANK: Mapping[Sensitive, int] = {"yes": 2, "depends": 1, "no": 0}


@dataclass(frozen=True, slots=True)
class ReviewMember:
    """One column to be decided. exception: why it stands apart: values, context, names_only, stale.label ...; empty if it does not."""

    id: ColumnId
    confidence: float
    support: float | None                     # share of examined cells that agreed
    owner: str
    exception: str = ""


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Equal columns: one decision. flows: those any member leaves by. persons: of the largest of them; rows of a table are no persons."""

    id: str
    label: Label
    name: str
    type: str
    comment: str
    sensitive: Sensitive
    members: tuple[ReviewMember, ...]
    flows: tuple[str, ...]
    persons: Estimate
    confidence: float                         # the members' median
    basis: ReviewBasis
    root: ColumnId | None = None              # what the members are made of

    @property
    def equal(self) -> tuple[ReviewMember, ...]:
        """Members that a decision on the group decides."""
        return tuple(m for m in self.members if not m.exception)


@dataclass(frozen=True, slots=True)
class Queue:
    """What remains and what is done. columns: with a finding, or rejected ones; decided: of these, by a person."""

    groups: tuple[ReviewGroup, ...]
    columns: int
    decided: int

    @property
    def share(self) -> float:
        """Share of columns decided, in [0, 1]."""
        return self.decided / self.columns if self.columns else 1.0


Owners = Sequence[tuple[str, str]]            # (pattern of table or column ids, owner), the first that fits counts


def owners_in(text: str, where: str) -> Owners:
    """The rows of an owners file: pattern, owner; ConfigError with the line of the first fault."""
    out = []
    for n, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [c.strip() for c in row]
        if not any(cells) or cells[0].startswith("#") or [c.casefold() for c in cells[:2]] == ["pattern", "owner"]:
            continue
        if len(cells) < 2 or not cells[0] or not cells[1]:
            raise ConfigError(
                Msg("a row needs a pattern and an owner"), where=f"{where}:{n}", hint=Msg("crm/public/*,王敏")
            )
        out.append((cells[0], cells[1]))
    return out


class _Owned:
    """Whose a column is: by the owners file, else as the source says."""

    def __init__(self, owners: Owners) -> None:
        self._exact: dict[str, tuple[int, str]] = {}                  # a catalog names tens of thousands of tables, each by its id
        for i, (p, who) in enumerate(owners):
            if "*" not in p:
                self._exact.setdefault(p, (i, who))
        self._rows = len(owners)
        self._wild = [(i, glob(p), who) for i, (p, who) in enumerate(owners) if "*" in p]

    def __call__(self, column: ColumnId, table: TableReport) -> str:
        named = [self._exact[x] for x in (column, table.id) if x in self._exact]
        before, who = min(named, default=(self._rows, table.owner))
        wild = (w for i, shape, w in self._wild if i < before and (shape.fullmatch(column) or shape.fullmatch(table.id)))
        return next(wild, who)


def owned(report: Report, owners: Owners) -> Report:
    """The report with the owners of its tables as the file names them."""
    if not owners:
        return report
    told = _Owned(owners)
    return replace(report, tables=tuple(replace(t, owner=told(ColumnId(f"{t.id}/"), t)) for t in report.tables))


def queue(report: Report, owners: Owners = ()) -> Queue:
    """Everything to be decided, in order: what leaves the country, sensitive, many persons, uncertain. Who was not counted comes after."""
    told = _Owned(owners)
    made = _roots(report)
    marks = {tid: r.data for tid, r in report.run.tables.items()}
    leaving, persons = _flows(report)
    waiting: dict[tuple[str, ...], list[tuple[ColumnReport, TableReport]]] = {}
    columns = decided = 0
    known = {c.id: c for t in report.tables for c in t.columns}
    for t in report.tables:
        for c in t.columns:
            stands = standing(c)
            if not stands or c.ignored:
                continue
            columns += 1
            decided += stands != "suggested"
            if stands == "suggested":
                waiting.setdefault(_key(c, made, known), []).append((c, t))
    groups = [_group(key, found, told, marks, leaving, persons, made) for key, found in waiting.items()]
    groups.sort(key=lambda g: (not g.flows, -RANK.get(g.sensitive, 0), *_many(g.persons), g.confidence, g.id))
    return Queue(tuple(groups), columns, decided)


def _many(e: Estimate) -> tuple[bool, int]:
    """Many persons first; after them those of whom a number of rows is the only bound, then those nobody counted."""
    return e.method == "unknown", -(e.low if e.method == "statistics" else e.best)


def part_of_owner(q: Queue, owner: str) -> Queue:
    """The part of a queue that somebody owns; a group shared with others keeps that person's members."""
    groups = []
    for g in q.groups:
        kept = tuple(m for m in g.members if m.owner == owner)
        if kept:
            groups.append(replace(g, members=kept))
    return replace(q, groups=tuple(groups))


def _flows(report: Report) -> tuple[Mapping[ColumnId, tuple[str, ...]], Mapping[str, Estimate]]:
    """Flows of each column, and persons of each flow."""
    leaving: dict[ColumnId, tuple[str, ...]] = {}
    for f in report.flows:
        for c in f.columns:
            leaving[c] = (*leaving.get(c, ()), f.flow.id)
    return leaving, {f.flow.id: f.individuals for f in report.flows}


def _roots(report: Report) -> Mapping[ColumnId, ColumnId]:
    """Column -> the column it is finally made of, by lineage."""
    made: dict[ColumnId, ColumnId] = {}
    for t in report.tables:
        for c in t.columns:
            p = next((a for a in c.findings if a.finding.detector != DETECTOR and a.finding.primary), None)
            for e in p.finding.evidence if p else ():
                if e.origin == "lineage" and e.note.startswith(("taken from ", "made from ")):
                    made[c.id] = ColumnId(e.note.split(" from ", 1)[1].partition(", hashed")[0])
    return {c: _follow(c, made) for c in made}


def _follow(column: ColumnId, made: Mapping[ColumnId, ColumnId]) -> ColumnId:
    passed = {column}
    while (above := made.get(column)) is not None and above not in passed:
        column = above
        passed.add(above)
    return column


def _sort(c: ColumnReport) -> tuple[str, str, str, str]:
    p = primary(c)
    return fold_name(c.name), folded_type(c.type), fold_name(c.comment), str(p.finding.label) if p else ""


def _key(c: ColumnReport, made: Mapping[ColumnId, ColumnId], known: Mapping[ColumnId, ColumnReport]) -> tuple[str, ...]:
    """Equal columns have equal keys; a copy that looks like its root stands with it."""
    own, root = _sort(c), made.get(c.id)
    apart = root is not None and (root not in known or _sort(known[root]) != own)
    return (*own, str(root) if apart else "")


def _group(
    key: tuple[str, ...], found: Sequence[tuple[ColumnReport, TableReport]], told: _Owned, marks: Mapping[str, str],
    leaving: Mapping[ColumnId, tuple[str, ...]], persons: Mapping[str, Estimate], made: Mapping[ColumnId, ColumnId],
) -> ReviewGroup:
    shown = [(c, t, basis_of(c, marks.get(t.id, "") if len(found) == 1 else "")) for c, t in found]
    typical = median(s.confidence for _, _, s in shown)
    supports = [s.support for _, _, s in shown if s.support is not None]
    usual = median(supports) if supports else None
    subject = Counter(t.subject for _, t, _ in shown).most_common(1)[0][0]
    members = tuple(
        ReviewMember(c.id, s.confidence, s.support, told(c.id, t), _apart(c, t, s, typical, usual, subject))
        for c, t, s in shown
    )
    if all(m.exception for m in members):     # none is the rule that the others break: decided as they stand
        members = tuple(replace(m, exception="") for m in members)
    first, p = shown[0][0], primary(shown[0][0])
    assert p is not None
    worst: Sensitive = max((a.sensitive for c, _, _ in shown if (a := primary(c))), key=lambda s: RANK.get(s, 0))
    flows = tuple(sorted({f for c, _, _ in shown for f in leaving.get(c.id, ())}))
    people = min((persons[f] for f in flows), key=_many, default=UNKNOWN)
    made_of = ReviewBasis(str(p.finding.label), shape_of(first), round(typical, 2), usual, shown[0][2].mark)
    name = "g-" + hashlib.sha256("\x1f".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return ReviewGroup(name, p.finding.label, first.name, first.type, first.comment, worst, members, flows, people, typical, made_of,
                 made.get(first.id))


def _apart(c: ColumnReport, t: TableReport, s: ReviewBasis, typical: float, usual: float | None, subject: str) -> str:
    """Why a member disagrees with its group; empty if it does not."""
    if c.reviewed is not None and c.reviewed.stale:
        return f"stale.{c.reviewed.stale}"
    if _far(s.confidence, s.support, typical, usual):
        return "values"
    if t.subject != subject:
        return "context"
    return "names_only" if s.support is None and usual is not None else ""


def _far(confidence: float, support: float | None, typical: float, usual: float | None) -> bool:
    """Do a member's values stand apart from its group's?"""
    return support is not None and usual is not None and abs(support - usual) > APART or abs(confidence - typical) > APART


def group_reviews(group: ReviewGroup, verdict: Verdict, by: str, on: date, why: str = "", to: str = "", until: date | None = None,
              members: Iterable[ReviewMember] | None = None) -> tuple[Review, ...]:
    """One review of a group's members, without the exceptions unless they are given, and one of each member whose values stand apart."""
    chosen = list(group.equal if members is None else members)
    apart = [m for m in chosen if _far(m.confidence, m.support, group.confidence, group.basis.support)]
    alone = {m.id for m in apart}
    alike = tuple(m.id for m in chosen if m.id not in alone)

    def made(columns: tuple[ColumnId, ...], shown: ReviewBasis) -> Review:
        check = check_sample(group.id, columns)
        return Review(by, on, verdict, columns, label=group.basis.label, to=to, why=why, until=until, basis=str(shown), check=check)

    single = [made((m.id,), replace(group.basis, confidence=round(m.confidence, 2), support=m.support, mark="")) for m in apart]
    return (*((made(alike, group.basis),) if alike else ()), *single)


def check_sample(seed: str, members: Sequence[ColumnId]) -> tuple[ColumnId, ...]:
    """Members to look at after a group was decided: about the square root of their number, at most ten; the same seed draws the same."""
    if len(members) < 2:
        return ()
    return tuple(sorted(random.Random(seed).sample(sorted(members), min(MOST_CHECKED, max(1, isqrt(len(members)))))))  # noqa: S311


@dataclass(frozen=True, slots=True)
class Reach:
    """Columns that a review of a table or a pattern speaks of now. nearer: of these, those that keep a review of their own."""

    columns: tuple[ColumnId, ...]
    nearer: tuple[ColumnId, ...]

    @property
    def decided(self) -> tuple[ColumnId, ...]:
        """Columns that stand as this review says."""
        apart = set(self.nearer)
        return tuple(c for c in self.columns if c not in apart)


def reach_of_reviews(report: Report, new: Iterable[Review]) -> Mapping[str, Reach]:
    """How far reviews of tables and patterns go, by their ids."""
    known = {c.id: c for x in report.tables for c in x.columns}
    wide = {r.id: (r, [known[c] for c, _ in r.covered if c in known]) for r in new if r.table or r.pattern}
    return {id: Reach(tuple(c.id for c in told), tuple(c.id for c in told if _nearer(c, r))) for id, (r, told) in wide.items()}


def _nearer(c: ColumnReport, r: Review) -> bool:
    """Does a review that stands on a column count before this one?"""
    own = c.reviewed
    return own is not None and not own.stale and "justify" not in (r.verdict, own.verdict) and SPECIFIC[own.scope] > SPECIFIC[r.scope]


def remaining(q: Queue) -> tuple[int, int]:
    """(decisions, columns) that the queue still holds."""
    return len(q.groups), sum(len(g.members) for g in q.groups)


def share_after(q: Queue, decisions: int) -> float:
    """Share of columns decided once the first so many groups are, in [0, 1]."""
    more = sum(len(g.equal) for g in q.groups[:decisions])
    return (q.decided + more) / q.columns if q.columns else 1.0


