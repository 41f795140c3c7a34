"""Flows of a finished scan: columns, head-counts, necessity, decision, and the decision without what is not needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from detectors.errors import ConfigError
from detectors.model import ColumnId, TableId
from mappings.ledger import count as counted_persons
from mappings.ledger import union
from mappings.model import (
    Assessed,
    Decision,
    Estimate,
    Fact,
    Facts,
    FieldVerdict,
    Flow,
    FlowCount,
    FlowInput,
    Question,
)
from mappings.necessity import judge, load_purpose
from mappings.rules import EntityDecision, RuleSet, decide, load_ruleset
from mappings.taxonomy import stock_lines
from reports.model import EntityReport, FlowReport, Report, Stock, StockDuty, Union
from scanner import ledger
from scanner.config import Config
from scanner.counting import Meaning, conditions, count_rows, plan_table, tables_of
from scanner.escalation import CHEAP, BudgetSpent, Ladder, Policy, open_lines, take
from scanner.flows import Catalogue, Resolved, pick, resolve, source_of, table_of
from scanner.ledger import Entry
from scanner.progress import Progress
from scanner.scanned import Scanned, link_pairs, primary_findings

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter, RowPlan

NEEDLESS = ("not_shown", "finer_than_needed")


@dataclass(slots=True)
class Counted:
    """A flow with everything the rules ask about."""

    flow: Flow
    resolved: Resolved
    verdicts: tuple[FieldVerdict, ...]
    count: FlowCount
    personal: Fact
    counter: PersonCounter | None = None
    notes: tuple[str, ...] = ()
    ladder: Ladder | None = None              # where the count has not been taken to its end

    @property
    def needless(self) -> tuple[ColumnId, ...]:
        return tuple(v.column for v in self.verdicts if v.verdict in NEEDLESS)

    def input(self, without: Collection[ColumnId] = ()) -> FlowInput:
        """The flow as the rules see it, whole or less some fields."""
        return flow_input(self.flow, self.counted(without), self.personal, tuple(c for c in self.needless if c not in without))

    def counted(self, without: Collection[ColumnId]) -> FlowCount:
        from mappings.individuals import estimate

        return estimate(self.counter.tally(), without) if without and self.counter is not None else self.count


def flow_input(flow: Flow, count: FlowCount, personal: Fact, needless: tuple[str, ...]) -> FlowInput:
    """A flow as the rules see it."""
    return FlowInput(flow.id, count, flow.mode, flow.claim, situation(flow), flow.subject_group, flow.facts, personal, needless)


def situation(flow: Flow) -> str:
    """The listed situation a purpose stands for, if it names one."""
    return load_purpose(flow.purpose).situation if flow.purpose else ""


def decide_flows(
    report: Report, config: Config, state: Scanned, as_of: date, values: bool, progress: Progress, record: str = "",
    policy: Policy | None = None,
) -> Report:
    """The report with its flows resolved, counted, judged and decided. record: the month under which active flows go into the ledger."""
    rules = load_ruleset()
    meaning = _meaning(report, config, state)
    key = _key(config, as_of) if values and any(f.declared is None for f in config.flows) else b""
    policy = policy or Policy()
    if record:                                # who was exported is linked, never estimated
        policy = Policy(exact=True)
    counted = [_count(f, meaning, state, key, as_of, progress, policy) for f in config.flows]
    for entity in dict.fromkeys(f.entity for f in config.flows):
        _escalate([c for c in counted if c.flow.entity == entity], rules, key, as_of, progress, policy)
    base = Path(config.file).parent if config.file else Path()
    for c in counted:
        if c.flow.access_log and key:
            try:
                told = _queried(c.flow, meaning, state, key, as_of, progress, policy)
            except ConfigError as e:
                told = f"not_read|{e.line()}"
            c.notes = (*c.notes, told)
    if record:
        for c in counted:
            try:
                _record(c, record, meaning, state, key, as_of, base, progress)
            except ConfigError as e:
                c.notes = (*c.notes, f"not_read|{e.line()}", "ledger_not_read")
    book = list(ledger.entries(base, key, as_of.year)) if key else []
    flows: dict[str, FlowReport] = {}
    entities: list[EntityReport] = []
    for entity in dict.fromkeys(f.entity for f in config.flows):
        mine = [c for c in counted if c.flow.entity == entity]
        past = [e for e in book if e.entity == entity]
        result, unions = _decide(entity, mine, {}, config.facts, as_of, rules, key, past)
        for c in mine:
            flows[c.flow.id] = _flow_report(c, result.flows[c.flow.id], _slim(entity, mine, c, config.facts, as_of, rules, key, past))
        entities.append(_with_ledger(entity_report(entity, [c.flow.id for c in mine], [c.count for c in mine], result, unions), past))
    ordered = tuple(flows[f.id] for f in config.flows)
    stock = _stock(config, meaning, state, key, as_of, progress, policy) if key and not record else ()
    return replace(report, flows=ordered, exporter=tuple(entities), questions=questions(ordered, entities), stock=stock)


def _configured(word: str, catalogue: Catalogue) -> tuple[ColumnId, TableId, str]:
    """A column the configuration names, by the end of its id: id, table, name. ConfigError with the nearest when there is none."""
    column = ColumnId(pick(word, list(catalogue.columns), "column"))
    table = table_of(column)
    info = catalogue.tables[table]
    return column, table, next(c.name for c in info.columns if info.ref.column(source_of(table), c.parts) == column)


def _queried(
    flow: Flow, meaning: Meaning, state: Scanned, key: bytes, as_of: date, progress: Progress, policy: Policy
) -> str:
    """A note: persons whose data was really queried by the flow's access log, beside those who could be."""
    from mappings.individuals import Exported, KeyColumn, RowPlan, estimate

    column, table, name = _configured(flow.access_log, meaning.catalogue)
    found = meaning.findings.get(column)
    label = str(found.finding.label) if found is not None and found.finding.subject_key else "user_id"
    plan = RowPlan((Exported(name, column, "no"),), (KeyColumn(name, label, meaning.scope(column, label)),))
    try:
        counter = count_rows(Ladder({table: plan}, {}, meaning.catalogue, state.connectors, meaning.tests), key, as_of, progress, policy)
    except BudgetSpent:
        return "budget_spent"
    if counter.spoiled:
        return f"not_read|{counter.spoiled[0]}"
    people = estimate(counter.tally()).individuals
    return f"queried|{people.best:,}|{counter.rows:,}"


def _stock(
    config: Config, meaning: Meaning, state: Scanned, key: bytes, as_of: date, progress: Progress, policy: Policy
) -> tuple[Stock, ...]:
    """Persons each entity holds in the scanned tables, as far as the lines for persons held ask."""
    there = {t for t, info in meaning.catalogue.tables.items() if info.kind != "view"}        # a view holds nobody of its own
    personal = [c for c, f in meaning.findings.items() if f.finding.kind == "personal_information" and table_of(c) in there]
    whose = {s.id: s.entity or (config.entities[0] if len(config.entities) == 1 else config.exporter) for s in config.sources}
    by_entity: dict[str, list[ColumnId]] = {}
    for c in personal:
        by_entity.setdefault(whose.get(source_of(c), config.exporter), []).append(c)
    return tuple(_stock_of(e, cs, meaning, state, key, as_of, progress, policy) for e, cs in by_entity.items())


def _stock_of(
    entity: str, personal: Sequence[ColumnId], meaning: Meaning, state: Scanned, key: bytes, as_of: date, progress: Progress, policy: Policy
) -> Stock:
    groups = {"all": personal, "faces": [c for c in personal if meaning.findings[c].finding.label == "biometric"]}
    lines = stock_lines()
    found: dict[str, tuple[Estimate, tuple[str, ...]]] = {}
    for name, columns in groups.items():
        mine = [line.persons for line in lines if line.of == name]
        plans = {t: p for t, cs in tables_of(columns).items() if (p := plan_table(t, cs, meaning)) is not None}
        ladder = Ladder(plans, {}, meaning.catalogue, state.connectors, meaning.tests)
        found[name] = _held(ladder, mine, key, as_of, progress, policy) if plans else (
            Estimate.exactly(0), ())
    duties = tuple(StockDuty(_reached(found[x.of][0], x.persons), x.persons, x.of, x.zh, x.en, x.source, x.confidence) for x in lines)
    return Stock(entity, found["all"][0], found["faces"][0], duties, found["all"][1])


def _reached(e: Estimate, line: int) -> Literal["reached", "open", "below"]:
    return "reached" if e.low >= line else "open" if e.high is None or e.high >= line else "below"


def _held(
    ladder: Ladder, lines: Sequence[int], key: bytes, as_of: date, progress: Progress, policy: Policy
) -> tuple[Estimate, tuple[str, ...]]:
    from mappings.individuals import estimate

    count = ladder.by_statistics()
    notes: tuple[str, ...] = ("by_statistics",)
    while (policy.exact or ladder.expected <= CHEAP or open_lines(count.individuals, lines)) and not policy.spent():
        step = "exact" if policy.exact or ladder.expected <= CHEAP else ladder.next_step()
        if step == "exact":
            try:
                counter = count_rows(ladder, key, as_of, progress, policy)
            except BudgetSpent:
                return count.individuals, (*notes, "budget_spent")
            linked = estimate(counter.tally())
            return (_open_above(linked) if counter.spoiled else linked).individuals, tuple(f"not_read|{s}" for s in counter.spoiled)
        if (found := take(ladder, step)) is not None:
            count, notes = _tighter(count, found), (f"by_{step}",)
    return count.individuals, notes


def _record(
    c: Counted, period: str, meaning: Meaning, state: Scanned, key: bytes, as_of: date, base: Path, progress: Progress
) -> None:
    """An active flow's persons into the ledger: all it selects, or the rows of the month where `delta` names their date."""
    flow = c.flow
    if flow.status != "active":
        c.notes += ("ledger_not_active",)
        return
    if flow.delta and key:
        first, after = ledger.month(period)
        _, table, name = _configured(flow.delta, meaning.catalogue)
        where = {**flow.where, table: {**flow.where.get(table, {}), name: {"ge": first, "lt": after}}}
        c_now = _count(replace(flow, where=where), meaning, state, key, as_of, progress, Policy(exact=True))
    else:
        c_now = c
    if c_now.counter is None or c_now.counter.spoiled:
        c.notes += ("ledger_not_read",)
        return
    made = ledger.entry(flow.entity, flow.id, period, c_now.counter.persons(), c_now.counter.rows)
    number = ledger.append(base, key, as_of.year, made)
    c.notes += (f"ledger_recorded|{period}|{ledger.people([made]).individuals.best}|{number}",)


def _with_ledger(e: EntityReport, past: Sequence[Entry]) -> EntityReport:
    """The entity's year with what the ledger says was exported, flows that count and exempt ones apart."""
    if not past:
        return e
    apart = set(e.flows) - set(e.counted)
    counts, rest = [x for x in past if x.flow not in apart], [x for x in past if x.flow in apart]
    people = ledger.people(counts) if counts else FlowCount(Estimate.exactly(0), Estimate.exactly(0))
    return replace(e, exported=people.individuals, exported_sensitive=people.sensitive,
                   exported_exempt=ledger.people(rest).individuals if rest else None)


def questions(flows: Iterable[FlowReport], entities: Iterable[EntityReport]) -> tuple[Question, ...]:
    """Open facts once each, company-wide ones first, most effect first."""
    found: dict[tuple[str, str], Question] = {}
    for q in [q for e in entities for q in e.decision.questions] + [q for f in flows for q in f.decision.questions]:
        found.setdefault((q.fact, q.scope), q)
    return tuple(sorted(found.values(), key=lambda q: q.scope != ""))


def entity_report(
    entity: str, ids: Sequence[str], counts: Sequence[FlowCount], result: EntityDecision, unions: Mapping[tuple[str, ...], FlowCount],
) -> EntityReport:
    """The year's counts of an entity: over every flow that is counted under some answer."""
    most = tuple(sorted(result.counted))
    by_id = dict(zip(ids, counts, strict=True))
    total = unions.get(most) or (by_id[most[0]] if len(most) == 1 else together([by_id[i] for i in most]))
    return EntityReport(entity, total.individuals, total.sensitive, result.entity, tuple(ids), result.counted,
                        tuple(Union(flows, count) for flows, count in sorted(unions.items())))


def together(counts: Sequence[FlowCount]) -> FlowCount:
    """Bounds for several flows whose overlap is not known: the largest at least, the sum at most."""
    if not counts:
        return FlowCount(Estimate.exactly(0), Estimate.exactly(0))

    def bound(parts: Sequence[Estimate]) -> Estimate:
        high = None if any(p.high is None for p in parts) else sum(p.high or 0 for p in parts)
        methods = {p.method for p in parts}
        return Estimate(max(p.low for p in parts), sum(p.best for p in parts), high, methods.pop() if len(methods) == 1 else "exact",
                        "overlap_unknown")

    return FlowCount(bound([c.individuals for c in counts]), bound([c.sensitive for c in counts]), bound([c.minors for c in counts]),
                     None, bound([c.ordinary or c.individuals for c in counts]))


def _meaning(report: Report, config: Config, state: Scanned) -> Meaning:
    catalogue = state.catalogue
    known = catalogue.columns
    subjects = {ColumnId(pick(name, known, "column")): role for name, role in config.subjects.items()}
    links = dict(link_pairs(catalogue, config.links))
    return Meaning(catalogue, primary_findings(report), subjects, links, conditions(config.test_rows, catalogue))


def _key(config: Config, as_of: date) -> bytes:
    """This year's key, with its fingerprint noted in the state of the configuration's folder."""
    import sys

    from scanner import store
    from scanner.keys import fingerprint, master_key, year_key

    master, created = master_key()
    if created is not None:
        sys.stderr.write(f"hash key created: {created} (keep a copy; counts under another key cannot be merged)\n")
    key = year_key(master, as_of.year)
    store.check_key(fingerprint(key), as_of.year, Path(config.file).parent if config.file else Path())
    return key


def _count(flow: Flow, meaning: Meaning, state: Scanned, key: bytes, as_of: date, progress: Progress, policy: Policy) -> Counted:
    catalogue = meaning.catalogue
    if flow.declared is not None:
        return _declared(flow, resolve(flow, catalogue) if flow.fields or flow.view or flow.sql else Resolved(()), meaning)
    resolved = resolve(flow, catalogue)
    verdicts = _verdicts(flow, resolved, meaning.findings)
    try:
        where = conditions(flow.where, catalogue)
    except ConfigError as e:
        resolved = replace(resolved, unresolved=(*resolved.unresolved, e.line()))
        return Counted(flow, resolved, verdicts, _unknown(), "unknown", notes=("conditions_unknown",))
    plans, whole = _plans(flow, resolved, meaning)
    if not plans:
        settled = not resolved.unresolved and bool(resolved.columns)
        note = "nothing_personal" if settled else "untraced"
        count = FlowCount(Estimate.exactly(0), Estimate.exactly(0)) if settled else _unknown()
        return Counted(flow, resolved, verdicts, count, "no" if settled else "unknown", notes=(note,))
    if not key:
        return Counted(flow, resolved, verdicts, _by_rows(plans, state), "yes", notes=("metadata_only",))
    ladder = Ladder(plans, where, catalogue, state.connectors, meaning.tests)
    if not policy.exact and ladder.expected > CHEAP and whole and not resolved.unresolved:
        return Counted(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=("by_statistics",), ladder=ladder)
    return _linked(flow, resolved, verdicts, ladder, whole, key, as_of, progress, policy)


def _linked(
    flow: Flow, resolved: Resolved, verdicts: tuple[FieldVerdict, ...], ladder: Ladder, whole: bool, key: bytes, as_of: date,
    progress: Progress, policy: Policy,
) -> Counted:
    """Every row read and linked, or statistics where the budget ends first."""
    try:
        counter = count_rows(ladder, key, as_of, progress, policy)
    except BudgetSpent:
        return Counted(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=("budget_spent",), ladder=ladder)
    return _counted(flow, resolved, verdicts, counter, whole)


def _escalate(mine: Sequence[Counted], rules: RuleSet, key: bytes, as_of: date, progress: Progress, policy: Policy) -> None:
    """Take the widest count of an entity one step further while a legal line lies inside the entity's total."""
    lines = {c: sorted(int(t["min"]) for t in rules.raw["thresholds"] if t["counter"] == c and t["min"]) for c in ("ordinary", "sensitive")}

    def unsettled() -> list[str]:
        total = together([c.count for c in mine])
        found = [f"{line:,}" for line in open_lines(total.individuals, lines["ordinary"])]
        return found + [f"{line:,} (sensitive)" for line in open_lines(total.sensitive, lines["sensitive"])]

    while (still := unsettled()) and (waiting := [c for c in mine if c.ladder is not None]) and not policy.spent():
        c = max(
            waiting, key=lambda c: float("inf") if c.count.individuals.high is None else c.count.individuals.high - c.count.individuals.low
        )
        assert c.ladder is not None
        step = c.ladder.next_step()
        if step == "exact":
            done = _linked(c.flow, c.resolved, c.verdicts, c.ladder, True, key, as_of, progress, policy)
            c.count, c.counter, c.notes, c.ladder = done.count, done.counter, done.notes, done.ladder
            if done.ladder is not None:
                break
        else:
            progress.step(f"{c.flow.id}: {step}")
            found = take(c.ladder, step)
            if found is not None:
                c.count, c.notes = _tighter(c.count, found), (f"by_{step}",)
    for c in mine:
        if c.ladder is not None:
            told = f"unsettled|{', '.join(still)}|{c.ladder.next_step()}|{c.ladder.expected:,}" if still else "settled"
            c.notes = (*c.notes, told)


def _tighter(a: FlowCount, b: FlowCount) -> FlowCount:
    """What both bounds allow; the later one's best figure and method. Statistics bound nothing from above for certain, so they give way."""

    def one(x: Estimate | None, y: Estimate | None) -> Any:
        if x is None or y is None or x.method == "statistics":
            return y
        low = max(x.low, y.low)
        high = y.high if x.high is None else x.high if y.high is None else max(low, min(x.high, y.high))
        return Estimate(low, max(low, y.best if high is None else min(y.best, high)), high, y.method, y.note)

    return FlowCount(one(a.individuals, b.individuals), one(a.sensitive, b.sensitive), one(a.minors, b.minors),
                     one(a.ordinary_only, b.ordinary_only), one(a.ordinary, b.ordinary))


def _counted(flow: Flow, resolved: Resolved, verdicts: tuple[FieldVerdict, ...], counter: PersonCounter, whole: bool) -> Counted:
    from mappings.individuals import estimate

    count = estimate(counter.tally())
    notes = list(count.notes)
    if counter.excluded:
        notes.append(f"test_rows|{counter.excluded}|{counter.excluded + counter.rows}")
    if counter.spoiled:
        notes += [f"not_read|{s}" for s in counter.spoiled]
        count = _open_above(count)
    if resolved.unresolved:
        count = _open_above(count)
    if not whole:
        notes.append("query_conditions")
        count = _from_nobody(count)
    return Counted(flow, resolved, verdicts, count, "yes", counter, tuple(notes))


def _verdicts(flow: Flow, resolved: Resolved, findings: Mapping[ColumnId, Assessed]) -> tuple[FieldVerdict, ...]:
    return judge([findings[c] for c in resolved.columns if c in findings], load_purpose(flow.purpose))


def _plans(flow: Flow, resolved: Resolved, meaning: Meaning) -> tuple[dict[TableId, RowPlan], bool]:
    """(plans by table, are these exactly the rows that leave?). A view with a key of its own is counted over itself."""
    if flow.view and resolved.restricted:
        tid = TableId(pick(flow.view, list(meaning.catalogue.tables), "view"))
        info = meaning.catalogue.tables[tid]
        own = plan_table(tid, [info.ref.column(tid.split("/", 1)[0], c.parts) for c in info.columns], meaning)
        if own is not None and own.keys:
            return {tid: own}, True
    found = {t: plan_table(t, cs, meaning) for t, cs in tables_of(resolved.columns).items()}
    return {t: p for t, p in found.items() if p is not None}, not resolved.restricted


def _unknown() -> FlowCount:
    return FlowCount(Estimate(0, 0, None, "unknown"), Estimate(0, 0, None, "unknown"), Estimate(0, 0, None, "unknown"))


def _by_rows(plans: Mapping[TableId, RowPlan], state: Scanned) -> FlowCount:
    """At most as many persons as the catalogue says there are rows."""
    highs = [state.infos[t].rows.high for t in plans]
    high = None if any(h is None for h in highs) else sum(h or 0 for h in highs)
    sensitive = any(e.sensitive == "yes" for p in plans.values() for e in p.exported)
    perhaps = sensitive or any(e.sensitive == "depends" for p in plans.values() for e in p.exported)
    everybody = Estimate(0, high or 0, high, "statistics")
    return FlowCount(everybody, Estimate(0, (high or 0) if sensitive else 0, high if perhaps else 0, "statistics"))


def _each(count: FlowCount, **change: Any) -> FlowCount:
    """The same change to every estimate of a count."""

    def one(e: Estimate | None) -> Any:
        return None if e is None else replace(e, **change)

    return replace(count, individuals=one(count.individuals), sensitive=one(count.sensitive), minors=one(count.minors),
                   ordinary=one(count.ordinary), ordinary_only=one(count.ordinary_only))


def _open_above(count: FlowCount) -> FlowCount:
    """Something that leaves was not read: there may be more."""
    return _each(count, high=None, note="partly_unread")


def _from_nobody(count: FlowCount) -> FlowCount:
    return _each(count, low=0, note="query_conditions")


def _declared(flow: Flow, resolved: Resolved, meaning: Meaning) -> Counted:
    d = flow.declared
    assert d is not None
    note = f"declared|{d.by}|{d.on}|{d.evidence}"
    count = FlowCount(Estimate.exactly(d.individuals, "declared", note), Estimate.exactly(d.sensitive_individuals, "declared", note),
                      Estimate.exactly(d.minors, "declared", note))
    return Counted(flow, resolved, _verdicts(flow, resolved, meaning.findings), count, "yes" if d.individuals else "unknown", notes=(note,))


def _decide(
    entity: str,
    mine: Sequence[Counted],
    without: Mapping[str, Collection[ColumnId]],
    values: Mapping[str, str],
    as_of: date,
    rules: RuleSet,
    key: bytes,
    past: Sequence[Entry] = (),
) -> tuple[EntityDecision, dict[tuple[str, ...], FlowCount]]:
    """Decide twice: once to learn which flows are counted together, then with the persons of those flows merged.

    past: the year's ledger; whoever was exported since 1 January counts beside those who could be exported now.
    """
    inputs = tuple(c.input(without.get(c.flow.id, ())) for c in mine)
    first = decide(Facts(entity, as_of, inputs, values), rules)
    unions = {ids: _union([c for c in mine if c.flow.id in ids], without, key, as_of) for ids in first.together}
    gone = [e for e in past if e.flow not in {c.flow.id for c in mine}]          # flows no longer configured: what left has left
    for ids in {*first.together, *((i,) for i in first.counted)} if past else ():
        left = [e for e in past if e.flow in ids] + gone
        if left:
            now = [c for c in mine if c.flow.id in ids]
            unions[ids] = _with_past(unions.get(ids) or now[0].counted(without.get(ids[0], ())), now, left, without)
    return decide(Facts(entity, as_of, inputs, values, unions), rules), unions


def _with_past(count: FlowCount, now: Sequence[Counted], past: Sequence[Entry], without: Mapping[str, Collection[ColumnId]]) -> FlowCount:
    """Those who could be exported now and those who were since 1 January, each person once."""
    sets = [c.counter.persons(without.get(c.flow.id, ())) for c in now if c.counter is not None]
    year = counted_persons(union([*sets, *(e.persons for e in past)]))
    if any(c.counter is None for c in now):
        return together([count, year])

    def most(a: Estimate, b: Estimate | None) -> Estimate:
        if b is None:
            return a
        high = None if a.high is None or b.high is None else max(a.high, b.high)
        return Estimate(max(a.low, b.low), max(a.best, b.best), high, b.method, "with_ledger")

    return FlowCount(most(count.individuals, year.individuals), most(count.sensitive, year.sensitive), most(count.minors, year.minors),
                     most(count.ordinary_only, year.ordinary_only) if count.ordinary_only else year.ordinary_only,
                     most(count.ordinary, year.ordinary) if count.ordinary else year.ordinary)


def _union(flows: Sequence[Counted], without: Mapping[str, Collection[ColumnId]], key: bytes, as_of: date) -> FlowCount:
    from mappings.individuals import PersonCounter, estimate

    read = [c for c in flows if c.counter is not None]
    if len(read) < 2:
        return together([c.counted(without.get(c.flow.id, ())) for c in flows])
    merged = PersonCounter(key, as_of)
    for c in read:
        assert c.counter is not None
        merged.absorb(c.counter, without.get(c.flow.id, ()))
    count = estimate(merged.tally())
    if any(c.count.individuals.high is None for c in read):
        count = _open_above(count)
    low = max(c.counted(without.get(c.flow.id, ())).individuals.low for c in read)
    if low < count.individuals.low and any(c.count.individuals.note for c in read):
        count = _each(count, low=low)
    rest = [c.count for c in flows if c.counter is None]
    return together([count, *rest]) if rest else count


def _slim(
    entity: str, mine: Sequence[Counted], c: Counted, values: Mapping[str, str], as_of: date, rules: RuleSet, key: bytes,
    past: Sequence[Entry] = (),
) -> Decision | None:
    """The decision of a flow once the fields not shown to be necessary stay home."""
    if not c.needless or c.counter is None:
        return None
    result, _ = _decide(entity, mine, {c.flow.id: c.needless}, values, as_of, rules, key, past)
    return result.flows[c.flow.id]


def _flow_report(c: Counted, decision: Decision, slim: Decision | None) -> FlowReport:
    return FlowReport(
        c.flow, c.count.individuals, c.count.sensitive, c.count.minors, c.resolved.columns, c.verdicts, decision, slim,
        c.needless if slim is not None else (), c.resolved.unresolved, c.notes, c.flow.declared is not None,
        c.count.ordinary, c.count.ordinary_only, c.counter.tally() if c.counter is not None else None,
    )
