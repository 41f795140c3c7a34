"""From counted flows to decisions: for a finished scan and for a report read back alike, without reading data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from detectors.model import ColumnId
from mappings import notes
from mappings.baseline import CurrentExport, FiledScenario, compare
from mappings.counterfactual import SearchResult, VariedFlow, VariedTotal, screen_changes, smallest_changes
from mappings.counts import NOBODY, bound_union, change_estimates, total_of_parts
from mappings.decide import EntityDecision, decide
from mappings.duties import list_duties
from mappings.flow_report import EntityReport, FlowReport, PartReport, Union
from mappings.forecast import forecast_year
from mappings.individuals import Histogram
from mappings.model import Change, Decision, Estimate, Fact, Facts, Flow, FlowCount, FlowInput, Item, Question, Sensitive, Tally
from mappings.necessity import load_purpose, needless_columns, open_fields
from mappings.plan import plan_filings
from mappings.rules import RuleSet
from mappings.taxonomy import weaker_forms


@dataclass(frozen=True, slots=True)
class FlowPart:
    """The persons of one subject group of a flow. roles: whose fields are theirs; None: everybody in the flow."""

    id: str
    group: str
    roles: frozenset[str] | None = None


def parts_of(f: FlowReport, rules: RuleSet) -> tuple[FlowPart, ...]:
    """Subject groups that are judged apart: where an exemption covers one group only and the rows hold others."""
    own = f.flow.subject_group or purpose_subjects(f.flow)
    roles = set(f.tally.roles.values()) if f.tally is not None else set(f.other_roles)
    if f.flow.claim != "art5_2" or not roles or "art5_2" not in rules.raw["exemptions"]:
        return (FlowPart(f.flow.id, f.flow.subject_group or (own if own != "employee" else "")),)
    groups: dict[str, set[str]] = {own: {""}}
    for role in sorted(roles):
        groups.setdefault(rules.group_of(role, own), set()).add(role)
    stated = f.flow.subject_group if f.flow.subject_group or own != "employee" else ""
    return tuple(
        FlowPart(f.flow.id if group == own else f"{f.flow.id}/{group}", stated if group == own else group, frozenset(mine))
        for group, mine in groups.items()
    )


def purpose_subjects(flow: Flow) -> str:
    """Whose data the purpose is about."""
    return load_purpose(flow.purpose).subjects if flow.purpose else ""


def flow_count(f: FlowReport) -> FlowCount:
    """The head-counts of a flow as the rules take them."""
    return FlowCount(f.individuals, f.sensitive_individuals, f.minors, f.ordinary_only, f.ordinary, strict=f.strict)


def flow_inputs(f: FlowReport, rules: RuleSet) -> tuple[FlowInput, ...]:
    """A flow as the rules see it: one input, or one for each subject group judged apart."""
    nobody = f.individuals.high == 0 and not f.declared and not f.unresolved
    personal: Fact = f.personal if f.personal else "no" if nobody else "yes"  # type: ignore[assignment]
    left = needless_columns(f.fields)
    facts = dict(f.flow.facts)
    if "fields_necessary" not in facts and f.fields and not open_fields(f.fields):
        facts["fields_necessary"] = "yes"     # every field listed or justified by somebody
    kind = load_purpose(f.flow.purpose).situation if f.flow.purpose else ""
    whole = parts_of(f, rules)
    return tuple(
        FlowInput(p.id, part_count(f, p, len(whole)), f.flow.mode, f.flow.claim, kind, p.group, facts, personal, left, f.flow.id)
        for p in whole
    )


def part_count(f: FlowReport, part: FlowPart, of: int) -> FlowCount:
    """Persons of a part; without a histogram, at most those of the flow."""
    if part.roles is None or of == 1:
        return flow_count(f)
    if f.tally is None:
        return change_estimates(flow_count(f), low=0)
    found = Histogram(f.tally).count(roles=part.roles)
    return change_estimates(found, high=None, note=f.individuals.note) if f.individuals.high is None else found


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What entities are decided by: the day and its rules, what their people answered, and what was filed before.

    values: answers of the whole group; own: those of one entity, by its id. stated: facts that somebody stated whole, by entity; of the
    others they are made from the reports. columns: (name, comment) of columns, for comparing with filings.
    """

    rules: RuleSet
    as_of: date
    values: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stated: Mapping[str, Facts] = field(default_factory=dict)
    filed: Sequence[FiledScenario] = ()
    columns: Mapping[ColumnId, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecidedReports:
    """Flows and entities with their decisions, and the questions that are open among them."""

    flows: tuple[FlowReport, ...]
    entities: tuple[EntityReport, ...]
    questions: tuple[Question, ...]


def decide_reports(flows: Sequence[FlowReport], entities: Sequence[EntityReport], by: Circumstances) -> DecidedReports:
    """Return every entity decided with its flows; the entities have their unions and months of the ledger already."""
    by_id: dict[str, FlowReport] = {f.flow.id: f for f in flows}
    decided_entities: list[EntityReport] = []
    for e in entities:
        own_flows = [by_id[i] for i in e.flows]
        values = {**by.values, **by.own.get(e.entity, {})}
        facts = by.stated.get(e.entity) or entity_facts(e, own_flows, by.rules, values, by.as_of)
        result = decide(facts, by.rules)
        for f in own_flows:
            by_id[f.flow.id] = _flow(f, e, facts, result, by.rules)
        decided_entities.append(_entity(e, [by_id[i] for i in e.flows], result, by.rules, by.as_of))
    ordered = tuple(
        replace(f, filed=compare(by.filed, current_export(f, by.columns), by.rules, by.as_of)) for f in (by_id[f.flow.id] for f in flows)
    )
    return DecidedReports(ordered, tuple(decided_entities), open_questions(ordered, decided_entities))


def current_export(f: FlowReport, columns: Mapping[ColumnId, tuple[str, str]]) -> CurrentExport:
    """What a flow sends now, with the names its columns go by."""
    fields = []
    for v in f.fields:
        name, comment = columns.get(v.column, (v.column.rsplit("/", 1)[-1], ""))
        fields.append((str(v.column), name, comment, str(v.label or "")))
    return CurrentExport(f.flow, tuple(fields), f.individuals, f.sensitive_individuals)


def entity_facts(
    e: EntityReport, mine: Sequence[FlowReport], rules: RuleSet, values: Mapping[str, str], as_of: date
) -> Facts:
    """Everything the decision of an entity rests on."""
    parts = tuple(i for f in mine for i in flow_inputs(f, rules))
    return Facts(e.entity, as_of, parts, values, {u.flows: u.count for u in e.unions}, e.group)


def _flow(f: FlowReport, e: EntityReport, facts: Facts, result: EntityDecision, rules: RuleSet) -> FlowReport:
    decision = result.flows[f.flow.id]
    whole = parts_of(f, rules)
    parts = tuple(PartReport(p.id, p.group, next(i.count for i in facts.flows if i.id == p.id), result.parts[p.id])
                  for p in whole) if len(whole) > 1 else ()
    slim: Decision | None = None
    found: tuple[Change, ...] = ()
    dropped = needless_columns(f.fields)
    if f.tally is not None:
        subject = varied_flow(f, e, facts, rules)
        slim = subject.decided([Item("drop", c) for c in dropped]) if dropped else None
        found = screen_changes(subject, removable_fields(f), decision)
    blocked = tuple(notes.open_field(v.column, v.verdict) for v in open_fields(f.fields)) + tuple(
        notes.open_question(q.fact) for q in decision.questions
    )
    return replace(
        f, decision=decision, parts=parts, without_unnecessary=slim, dropped=dropped if slim is not None else (), changes=found,
        duties=list_duties(f.flow, flow_count(f), decision, {**facts.values, **f.flow.facts}, rules, f.candidates), not_ready=blocked,
    )


def varied_flow(f: FlowReport, e: EntityReport, facts: Facts, rules: RuleSet) -> VariedFlow:
    """The flow as something to be varied."""
    assert f.tally is not None
    own = Histogram(f.tally)
    whole = {p.id: p for p in parts_of(f, rules)}
    counts = {i.id: i.count for i in facts.flows}
    unions = []
    for u in e.unions:
        inside = [whole[i] for i in u.flows if i in whole]
        if not inside:
            continue
        if f.flow.id in u.tallies:
            unions.append(VariedTotal(u.flows, Histogram(u.tallies[f.flow.id]), None, u.past, u.count if u.past is not None else None))
            continue
        roles = None if any(p.roles is None for p in inside) else frozenset(r for p in inside for r in p.roles or ())
        rest = [counts[i] for i in u.flows if i not in whole and i in counts] + ([u.past] if u.past is not None else [])
        unions.append(VariedTotal(u.flows, own, roles, bound_union(rest) if rest else NOBODY, u.count))
    parts = tuple(VariedTotal((p.id,), own, p.roles) for p in whole.values())
    return VariedFlow(f.flow.id, facts, rules, parts, tuple(unions), frozenset(needless_columns(f.fields)))


def removable_fields(f: FlowReport) -> tuple[Item, ...]:
    """Every field of a flow as something to drop."""
    return tuple(Item("drop", c) for c, _, _ in f.tally.fields) if f.tally is not None else ()


def mildest_changes(f: FlowReport) -> tuple[Item, ...]:
    """The mildest change of each field: a weaker form where that makes it ordinary, else dropping; and keeping minors' rows home."""
    if f.tally is None:
        return ()
    labels = {v.column: v.label for v in f.fields}
    forms = weaker_forms()
    out = [Item("weaken" if kind != "no" and labels.get(c) in forms else "drop", c) for c, _, kind in f.tally.fields]
    return (*out, Item("adults")) if f.minors.high != 0 else tuple(out)


def search_changes(f: FlowReport, e: EntityReport, facts: Facts, rules: RuleSet) -> tuple[SearchResult, SearchResult]:
    """The smallest sets of fields to drop, and of mildest changes, that lower the path."""
    subject = varied_flow(f, e, facts, rules)
    drops = smallest_changes(subject, removable_fields(f), f.decision)
    mild = mildest_changes(f)
    return drops, smallest_changes(subject, mild, f.decision) if any(i.action != "drop" for i in mild) else SearchResult((), True, 0)


def _entity(e: EntityReport, mine: Sequence[FlowReport], result: EntityDecision, rules: RuleSet, as_of: date) -> EntityReport:
    """The year's counts of an entity: over every part that is counted under some answer."""
    most = tuple(sorted(result.in_count))
    unions = {u.flows: u.count for u in e.unions}
    parts = {p.id: p.count for f in mine for p in f.parts} | {f.flow.id: flow_count(f) for f in mine if not f.parts}
    year = total_of_parts(most, parts, unions) if most else NOBODY
    return replace(
        e, individuals=year.individuals, sensitive_individuals=year.sensitive, decision=result.entity, counted=result.in_count,
        forecast=forecast_year(e.months, result.entity, rules, as_of), plan=plan_filings(mine, rules, year.individuals, e.group),
    )


def open_questions(flows: Iterable[FlowReport], entities: Iterable[EntityReport]) -> tuple[Question, ...]:
    """Open facts once each, those that settle most first: paths an answer takes away, summed over the flows it bears on."""
    found: dict[tuple[str, str], Question] = {}
    effect: dict[tuple[str, str], int] = {}
    for d in [*(e.decision for e in entities), *(d for f in flows for d in _decisions(f))]:
        for q in d.questions:
            found.setdefault((q.fact, q.scope), q)
    for d in [d for f in flows for d in _decisions(f)]:
        for q in d.questions:
            gone = sum(len(d.possible) - len(paths) for paths in q.leads_to.values())
            effect[q.fact, q.scope] = effect.get((q.fact, q.scope), 0) + gone
    return tuple(sorted(found.values(), key=lambda q: (-effect.get((q.fact, q.scope), 0), q.scope != "", q.fact, q.scope)))


def _decisions(f: FlowReport) -> tuple[Decision, ...]:
    """Of the flow, and of its parts where they are judged apart."""
    return (f.decision, *(p.decision for p in f.parts))


Kinds = Mapping[ColumnId, Sensitive]           # how sensitive fields are instead


def recount_flows(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], drop: Mapping[str, Collection[ColumnId]], kinds: Mapping[str, Kinds]
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Return flows and entities as if fields of flows were not there, or were more or less sensitive; counts come from the histograms.

    drop, kinds: by flow.
    """
    by_id = {f.flow.id: recount_flow(f, set(drop.get(f.flow.id, ())), kinds.get(f.flow.id, {})) for f in flows}
    touched = {i for i in by_id if drop.get(i) or kinds.get(i)}
    exporter = []
    for e in entities:
        unions = tuple(_changed_union(u, e, by_id, touched, drop, kinds) for u in e.unions)
        exporter.append(replace(e, unions=unions))
    return tuple(by_id[f.flow.id] for f in flows), tuple(exporter)


def _less(tally: Tally, drop: Collection[ColumnId], kinds: Kinds) -> Tally:
    return replace(tally, fields=tuple((c, i, kinds.get(c, kind)) for c, i, kind in tally.fields if c not in drop))


def recount_flow(f: FlowReport, drop: set[ColumnId], kinds: Kinds) -> FlowReport:
    """A flow's persons without some fields, and with others graded otherwise, from its histogram."""
    if not drop and not kinds:
        return f
    fields = tuple(v for v in f.fields if v.column not in drop)
    if f.tally is None:                       # nothing to count from: at most those there are
        columns = tuple(c for c in f.columns if c not in drop)
        return _with_count(replace(f, fields=fields, columns=columns), change_estimates(flow_count(f), low=0))
    tally = _less(f.tally, drop, kinds)
    count = Histogram(tally).count()
    if f.individuals.high is None:
        count = change_estimates(count, high=None, note=f.individuals.note)
    return _with_count(replace(f, fields=fields, columns=tuple(c for c in f.columns if c not in drop), tally=tally), count)


def _with_count(f: FlowReport, c: FlowCount) -> FlowReport:
    return replace(f, individuals=c.individuals, sensitive_individuals=c.sensitive, minors=c.minors, ordinary=c.ordinary,
                   ordinary_only=c.ordinary_only, strict=c.strict)


def _changed_union(
    u: Union, e: EntityReport, flows: Mapping[str, FlowReport], touched: set[str], drop: Mapping[str, Collection[ColumnId]],
    kinds: Mapping[str, Kinds],
) -> Union:
    """Exact where one flow changed; where several did, no more than each change alone leaves, and no fewer than any flow has."""
    inside = {i.partition("/")[0] for i in u.flows} & touched
    if not inside:
        return u
    tallies = {f: _less(t, drop.get(f, ()), kinds.get(f, {})) if f in inside else t for f, t in u.tallies.items()}
    whole = [flows[i] for i in {i.partition("/")[0] for i in u.flows}]
    own = [change_estimates(flow_count(f), low=0) if f.parts else flow_count(f) for f in whole]
    past = [u.past] if u.past is not None else []
    left = []
    for f in sorted(inside):
        exact = VariedTotal(u.flows, Histogram(tallies[f]), None, u.past, u.count) if f in tallies else None
        left.append(exact.count((), (), False) if exact is not None else bound_union(own + past))
    if len(left) == 1:
        return replace(u, count=left[0], tallies=tallies)
    return replace(u, count=_bounded(left, own + past, [kinds.get(f, {}) for f in inside]), tallies={})


def _bounded(left: Sequence[FlowCount], own: Sequence[FlowCount], kinds: Sequence[Kinds]) -> FlowCount:
    """Bounds of a union after several changes: of any two bounds that hold, the tighter. left: after each of the changes alone."""
    apart = bound_union(own)
    moved, raised = any(kinds), any(kind != "no" for k in kinds for kind in k.values())
    people = _tighter(apart.individuals, [c.individuals for c in left])
    ordinary = apart.ordinary or apart.individuals
    strict = None if apart.strict is None else _bounded([c.strict or c for c in left], [c.strict or c for c in own], kinds)
    return replace(
        apart, strict=strict, individuals=people, minors=_tighter(apart.minors, [c.minors for c in left]),
        sensitive=_tighter(apart.sensitive, [people] if raised else [c.sensitive for c in left]),
        ordinary=_tighter(ordinary, [people] if moved else [c.ordinary or c.individuals for c in left]),
    )


def _tighter(e: Estimate, others: Sequence[Estimate]) -> Estimate:
    """An estimate that is at most each of some others."""
    highs = [x.high for x in (e, *others) if x.high is not None]
    high = min(highs) if highs else None
    low = e.low if high is None else min(e.low, high)
    best = max(low, min(x.best for x in (e, *others)))
    return replace(e, low=low, best=best, high=high)
