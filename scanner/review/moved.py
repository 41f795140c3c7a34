"""What people's reviews alone changed between two reports: which columns they decided otherwise, and what that does to a flow's persons."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Sensitive
from mappings.recount import FieldEdits, recount_flow
from reports.model import ColumnReport, primary
from reports.reviews.basis import unreviewed_column

Columns = Mapping[ColumnId, ColumnReport]
BY_DATA = ("label", "values", "schema")       # why a review goes stale though nobody did anything


def decided(old: ColumnReport, new: ColumnReport) -> bool:
    """Did people decide otherwise in between? A review that data made stale, or that holds again because of them, is no decision."""
    was, now = old.reviewed, new.reviewed
    if was is None or now is None:
        return was is not now
    return (was.id, was.verdict, was.by, was.on) != (now.id, now.verdict, now.by, now.on) or (
        was.stale != now.stale and not {was.stale, now.stale} & set(BY_DATA))


def has_lapsed(old: ColumnReport, new: ColumnReport) -> bool:
    """Did the same review go stale, or come to hold again, because of the data?"""
    return old.reviewed is not None and new.reviewed is not None and old.reviewed.stale != new.reviewed.stale and not decided(old, new)


def meant(column: ColumnReport) -> tuple[str, Sensitive] | None:
    """Label and sensitivity that stand; None where nothing does."""
    p = primary(column)
    return (str(p.finding.label), p.sensitive) if p is not None else None


def machine(column: ColumnReport) -> tuple[str, Sensitive] | None:
    """The same as the machine alone has it."""
    return meant(unreviewed_column(column))


def decided_columns(a: Columns, b: Columns) -> frozenset[ColumnId]:
    """Columns that people decided otherwise in between with an effect: accepting what the machine found moves nothing."""
    return frozenset(c for c, new in b.items() if (old := a.get(c)) is not None and decided(old, new)
                     and (meant(old) != machine(old) or meant(new) != machine(new)))


def bearing(found: Collection[ColumnId], flow: FlowReport, tables: Collection[str], a: Columns, b: Columns) -> frozenset[ColumnId]:
    """Of the columns moved, those a flow's persons depend on: what leaves, and every key of its tables."""
    leaving = set(flow.columns)
    return frozenset(c for c in found if c in leaving or c.rsplit("/", 1)[0] in tables and (_is_key(a[c]) or _is_key(b[c])))


def _is_key(column: ColumnReport) -> bool:
    p = primary(column)
    return p is not None and bool(p.finding.subject_key)


def alike(old: FlowReport, new: FlowReport, found: Collection[ColumnId], a: Columns, b: Columns) -> tuple[FlowReport, FlowReport] | None:
    """Both flows with the same decisions on the columns moved, by their histograms; None where these do not tell.

    A field that one of the two leaves out is left out of the other; one they grade differently is graded as now.
    """
    other = {c for c in found if meant(a[c]) != meant(b[c])}
    if old.tally is None or new.tally is None or any(_is_key(x[c]) for x in (a, b) for c in other):
        return None                           # another key makes other persons, which no histogram knows
    now = {c: told[1] for c in other if (told := meant(b[c])) is not None and meant(a[c]) is not None}
    return _as_decided(old, other - set(now), now), _as_decided(new, other - set(now), now)


def _as_decided(f: FlowReport, gone: Collection[ColumnId], kinds: Mapping[ColumnId, Sensitive]) -> FlowReport:
    """The flow without fields, and with others graded so; itself where that changes nothing."""
    assert f.tally is not None
    drop = {c for c, _, _ in f.tally.fields if c in gone}
    graded = {c: kinds[c] for c, _, kind in f.tally.fields if kinds.get(c, kind) != kind}
    return recount_flow(f, FieldEdits(drop, graded))
