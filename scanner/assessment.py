"""Flows of a finished scan: columns, head-counts, necessity, decision, and the decision without what is not needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnId, TableId
from detectors.names.lexicon import tokens
from mappings import zones
from mappings.counts import NOBODY, each, merged, together
from mappings.decide import decide
from mappings.ledger import Persons, union
from mappings.ledger import count as counted_persons
from mappings.model import (
    Decision,
    Estimate,
    Fact,
    FieldAnswer,
    FieldVerdict,
    Flow,
    FlowCount,
    Tally,
    ZoneMatch,
)
from mappings.necessity import Measured, Seen, judge, load_purpose
from mappings.rules import RuleSet, in_force
from mappings.taxonomy import stock_lines
from reports.model import EntityReport, FlowReport, Report, Stock, StockDuty, Union
from scanner import decision, ledger
from scanner.config import Config
from scanner.counting import Meaning, conditions, count_rows, plan_table, tables_of
from scanner.escalation import CHEAP, BudgetSpent, Ladder, Policy, open_lines, take
from scanner.flows import Catalogue, Resolved, pick, resolve, source_of, table_of
from scanner.ledger import Entry
from scanner.progress import Progress
from scanner.scanned import Scanned, link_pairs, primary_findings

if TYPE_CHECKING:
    from detectors.model import ColumnInfo, TableInfo
    from mappings.individuals import PersonCounter, RowPlan

LINKED = 12                                   # sets of flows whose persons are linked together, one by one
SMALL = 200_000                               # rows that are linked again for every flow of every set
OPEN = Decision("needs_review", (), False)    # before it is decided


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
    other_roles: tuple[str, ...] = ()         # whose data stands in the rows beside their own subjects'
    zones: tuple[ZoneMatch, ...] = ()
    candidates: tuple[str, ...] = ()          # labels of candidate important data among its columns

    def report(self) -> FlowReport:
        """The flow as it stands in the report, not decided yet."""
        c = self.count
        return FlowReport(
            self.flow,
            c.individuals,
            c.sensitive,
            c.minors,
            self.resolved.columns,
            self.verdicts,
            OPEN,
            unresolved=self.resolved.unresolved,
            count_notes=self.notes,
            declared=self.flow.declared is not None,
            ordinary=c.ordinary,
            ordinary_only=c.ordinary_only,
            tally=self.counter.tally() if self.counter is not None else None,
            strict=c.strict,
            personal=self.personal,
            other_roles=self.other_roles,
            zones=self.zones,
            candidates=self.candidates,
        )


def decide_flows(
    report: Report, config: Config, state: Scanned, as_of: date, values: bool, progress: Progress, record: str = "",
    policy: Policy | None = None,
) -> Report:
    """The report with its flows resolved, counted, judged and decided. record: the month under which active flows go into the ledger."""
    rules = in_force(as_of)
    meaning = _meaning(report, config, state)
    key = _key(config, as_of) if values and any(f.declared is None for f in config.flows) else b""
    policy = policy or Policy()
    if record:                                # who was exported is linked, never estimated
        policy = Policy(exact=True)
    measured = _measures(report)
    counted = [_count(f, meaning, measured, config, state, key, as_of, progress, policy) for f in config.flows]
    for entity in dict.fromkeys(f.entity for f in config.flows):
        _escalate([c for c in counted if c.flow.entity == entity], rules, key, as_of, progress, policy)
    base = Path(config.file).parent if config.file else Path()
    for c in counted:
        c.zones = _zones(c, meaning, config)
        c.candidates = tuple(sorted({str(f.finding.label) for cid in c.resolved.columns if (f := meaning.findings.get(cid)) is not None
                                     and f.finding.kind == "important_data_candidate"}))
        if key and c.flow.retention_days is not None and c.flow.declared is None:
            c.notes = (*c.notes, *_too_old(c, meaning, state, as_of, progress, policy))
        if c.flow.access_log and key:
            try:
                told = _queried(c.flow, meaning, state, key, as_of, progress, policy)
            except ConfigError as e:
                told = f"not_read|{e.line()}"
            c.notes = (*c.notes, told)
    if record:
        for c in counted:
            try:
                _record(c, record, meaning, measured, config, state, key, as_of, base, progress)
            except ConfigError as e:
                c.notes = (*c.notes, f"not_read|{e.line()}", "ledger_not_read")
    book = list(ledger.entries(base, key, as_of.year)) if key else []
    report = replace(report, flows=tuple(c.report() for c in counted))
    entities = [
        _entity(e, [c for c in counted if c.flow.entity == e], [x for x in book if x.entity == e], report, config, rules, key, as_of)
        for e in dict.fromkeys(f.entity for f in config.flows)
    ]
    if len(entities) > 1:
        group = _group(entities, counted, key, as_of)
        entities = [replace(e, group=group) for e in entities]
    stock = _stock(config, meaning, state, key, as_of, progress, policy) if key and not record else ()
    decided = decision.decided(replace(report, exporter=tuple(entities)), rules, config.facts, config.own_facts, as_of)
    return replace(decided, stock=stock, facts={**decided.facts, **config.own_facts})


def _entity(
    entity: str, mine: Sequence[Counted], past: Sequence[Entry], report: Report, config: Config, rules: RuleSet, key: bytes, as_of: date
) -> EntityReport:
    """The entity's flows with the persons of every set that is counted together under some answer; not decided yet."""
    flows = {f.flow.id: f for f in report.flows}
    reports = [flows[c.flow.id] for c in mine]
    told = EntityReport(entity, Estimate.exactly(0), Estimate.exactly(0), OPEN, tuple(c.flow.id for c in mine))
    values = {**config.facts, **config.own_facts.get(entity, {})}
    first = decide(decision.entity_facts(told, reports, rules, values, as_of), rules)
    by_id = {c.flow.id: c for c in mine}
    parts = {p.id: (by_id[f.flow.id], p.roles) for f in reports for p in decision.parts_of(f, rules)}
    sets = {*first.together, *((i,) for i in first.counted)} if past else set(first.together)
    gone = [e for e in past if e.flow not in by_id]          # flows no longer configured: what left has left
    unions = []
    largest = max(sets, key=len, default=())
    if len(sets) > LINKED:                    # too many to link one by one: the smallest and the largest bound the rest
        sets = {min(sets, key=len), largest}
    for ids in sorted(sets):
        inside = {i: parts[i] for i in ids}
        left = [e for e in past if e.flow in {c.flow.id for c, _ in inside.values()}] + gone
        if len(ids) > 1 or left:
            unions.append(_union(ids, inside, left, flows, key, as_of, each_flow=ids == largest))
    apart = set(told.flows) - {c.flow.id for c, _ in (parts[i] for i in first.counted)}
    return _with_ledger(replace(told, unions=tuple(unions)), past, apart)


def _group(entities: Sequence[EntityReport], counted: Sequence[Counted], key: bytes, as_of: date) -> FlowCount:
    """Persons of all entities together: linked where every flow was, else bounds."""
    read = [c for c in counted if c.counter is not None]
    if len(read) < len(counted):
        return together([c.count for c in counted])
    return _linked_count(read, key, as_of)


def _linked_count(flows: Sequence[Counted], key: bytes, as_of: date) -> FlowCount:
    from mappings.individuals import PersonCounter, estimate

    merged_counter = PersonCounter(key, as_of)
    for c in flows:
        assert c.counter is not None
        merged_counter.absorb(c.counter)
    return estimate(merged_counter.tally())


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
    c: Counted,
    period: str,
    meaning: Meaning,
    measured: Mapping[ColumnId, Measured],
    config: Config,
    state: Scanned,
    key: bytes,
    as_of: date,
    base: Path,
    progress: Progress,
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
        c_now = _count(replace(flow, where=where), meaning, measured, config, state, key, as_of, progress, Policy(exact=True))
    else:
        c_now = c
    if c_now.counter is None or c_now.counter.spoiled:
        c.notes += ("ledger_not_read",)
        return
    made = ledger.entry(flow.entity, flow.id, period, c_now.counter.persons(), c_now.counter.rows)
    number = ledger.append(base, key, as_of.year, made)
    c.notes += (f"ledger_recorded|{period}|{ledger.people([made]).individuals.best}|{number}",)


def _with_ledger(e: EntityReport, past: Sequence[Entry], apart: set[str]) -> EntityReport:
    """The entity's year with what the ledger says was exported, flows that count and exempt ones apart, and how it grew month by month."""
    if not past:
        return e
    counts, rest = [x for x in past if x.flow not in apart], [x for x in past if x.flow in apart]
    people = ledger.people(counts) if counts else NOBODY
    months: list[tuple[str, FlowCount]] = []
    so_far: Persons | None = None
    for period, found in groupby(sorted(counts, key=lambda x: x.period), key=lambda x: x.period):
        so_far = union([*([so_far] if so_far is not None else []), *(x.persons for x in found)])
        if len(period) == 7 and period[4] == "-":
            months.append((period, counted_persons(so_far)))
    return replace(e, exported=people.individuals, exported_sensitive=people.sensitive, months=tuple(months),
                   exported_exempt=ledger.people(rest).individuals if rest else None)


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


def _count(
    flow: Flow, meaning: Meaning, measured: Mapping[ColumnId, Measured], config: Config, state: Scanned, key: bytes, as_of: date,
    progress: Progress, policy: Policy,
) -> Counted:
    catalogue = meaning.catalogue
    resolved = resolve(flow, catalogue) if flow.declared is None or flow.fields or flow.view or flow.sql else Resolved(())
    verdicts = _verdicts(flow, resolved, meaning, measured, config)
    if flow.declared is not None:
        return _declared(flow, resolved, verdicts)
    try:
        where = conditions(flow.where, catalogue)
    except ConfigError as e:
        resolved = replace(resolved, unresolved=(*resolved.unresolved, e.line()))
        return Counted(flow, resolved, verdicts, _unknown(), "unknown", notes=("conditions_unknown",))
    plans, whole = _plans(flow, resolved, meaning)
    others = tuple(sorted({e.role for p in plans.values() for e in p.exported if e.role}))
    if not plans:
        settled = not resolved.unresolved and bool(resolved.columns)
        note = "nothing_personal" if settled else "untraced"
        count = FlowCount(Estimate.exactly(0), Estimate.exactly(0)) if settled else _unknown()
        return Counted(flow, resolved, verdicts, count, "no" if settled else "unknown", notes=(note,))
    if not key:
        return Counted(flow, resolved, verdicts, _by_rows(plans, state), "yes", notes=("metadata_only",), other_roles=others)
    ladder = Ladder(plans, where, catalogue, state.connectors, meaning.tests)
    if not policy.exact and ladder.expected > CHEAP and whole and not resolved.unresolved:
        return Counted(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=("by_statistics",), ladder=ladder, other_roles=others)
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
    lines = {c: rules.lines_of(c) for c in ("ordinary", "sensitive")}

    def unsettled() -> list[str]:
        total = together([c.count for c in mine])
        found = [f"{line:,}" for line in open_lines(total.individuals, lines["ordinary"])]
        careful = {line for c in (total, total.strict) if c is not None for line in open_lines(c.sensitive, lines["sensitive"])}
        return found + [f"{line:,} (sensitive)" for line in sorted(careful)]

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

    def one(parts: Sequence[Estimate]) -> Estimate:
        x, y = parts
        if x.method == "statistics":
            return y
        low = max(x.low, y.low)
        high = y.high if x.high is None else x.high if y.high is None else max(low, min(x.high, y.high))
        return Estimate(low, max(low, y.best if high is None else min(y.best, high)), high, y.method, y.note)

    return merged([a, b], one)


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


def _verdicts(
    flow: Flow, resolved: Resolved, meaning: Meaning, measured: Mapping[ColumnId, Measured], config: Config
) -> tuple[FieldVerdict, ...]:
    answers: dict[ColumnId, FieldAnswer] = {}
    for a in config.field_answers:
        if a.flow == flow.id:
            answers[ColumnId(pick(a.field, list(resolved.columns), "field of the flow"))] = a.answer
    findings = meaning.findings
    return judge([findings[c] for c in resolved.columns if c in findings], load_purpose(flow.purpose), Seen(measured, answers))


def _measures(report: Report) -> dict[ColumnId, Measured]:
    """What the samples showed of every column: how many cells of how many rows were filled, and with what variety."""
    return {c.id: Measured(t.drawn.rows, c.examined, c.constant, c.decimals)
            for t in report.tables if t.drawn is not None and t.status == "scanned" for c in t.columns}


def _zones(c: Counted, meaning: Meaning, config: Config) -> tuple[ZoneMatch, ...]:
    """Entries of the flow's list that its columns speak for."""
    name = c.flow.facts.get("ftz_list") or config.facts.get("ftz_list", "")
    if not name:
        return ()
    book = zones.load_zone(name)
    columns = []
    for cid in c.resolved.columns:
        column = _column(cid, meaning.catalogue)
        found = meaning.findings.get(cid)
        columns.append((str(cid), column.name, column.comment, str(found.finding.label) if found is not None else ""))
    out = []
    for m in zones.matches(book, columns, c.flow.facts.get("zone_scenario", "")):
        e = m.entry
        scenario = book.scenario(e.scenario)
        out.append(ZoneMatch(book.id, e.scenario, e.category, e.kind, e.path, e.count_min, e.count_max, e.page, e.confidence, m.columns,
                             scenario is not None and scenario.complete))
    return tuple(out)


def _column(cid: ColumnId, catalogue: Catalogue) -> ColumnInfo:
    info = catalogue.tables[table_of(cid)]
    return next(c for c in info.columns if info.ref.column(source_of(cid), c.parts) == cid)


_DATED = ("created", "create", "gmt", "register", "registered", "reg", "add", "added", "order", "signup")


def _too_old(c: Counted, meaning: Meaning, state: Scanned, as_of: date, progress: Progress, policy: Policy) -> tuple[str, ...]:
    """Rows older than the stated retention, with their denominator, for each table of the flow that says when a row was made."""
    assert c.flow.retention_days is not None
    before = as_of - timedelta(days=c.flow.retention_days)
    notes = []
    for tid in tables_of(c.resolved.columns):
        info = meaning.catalogue.tables[tid]
        connector = state.connectors.get(source_of(tid))
        column = _dated(info, c.flow, meaning.catalogue)
        if column is None or connector is None or info.kind == "view" or (info.rows.high or 0) > CHEAP or policy.spent():
            continue
        progress.step(f"{tid}: {column}")
        text = "date" not in column_type(info, column) and "time" not in column_type(info, column)
        where = {**c.flow.where.get(tid, {}), column: {"lt": before.isoformat() if text else before}}
        try:
            total = sum(b.num_rows for b in connector.read(info.ref, [column], dict(c.flow.where.get(tid, {}))))
            old = sum(b.num_rows for b in connector.read(info.ref, [column], where))
        except SourceError as e:
            notes.append(f"not_read|{tid}: {e}")
            continue
        if old:
            notes.append(f"too_old|{tid}|{column}|{before}|{old:,}|{total:,}|{c.flow.retention_days}")
    return tuple(notes)


def column_type(info: TableInfo, name: str) -> str:
    """Type of a column, in lower case."""
    return next(c.type.lower() for c in info.columns if c.name == name)


def _dated(info: TableInfo, flow: Flow, catalogue: Catalogue) -> str | None:
    """The column that says when a row was made: the flow's `dated`, else the only one whose name and type say so."""
    for word in flow.dated:
        column, table, name = _configured(word, catalogue)
        if table == info.ref.id(source_of(column)):
            return name
    words = [
        c.name
        for c in info.columns
        if set(tokens(c.name)) & set(_DATED)
        and set(tokens(c.name)) & {"at", "time", "date", "on", "create"}
        or c.comment.startswith(("创建时间", "注册时间", "下单时间", "登记时间"))
        or c.name in ("创建时间", "注册时间", "下单时间", "登记时间")
    ]
    return words[0] if len(words) == 1 else None


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
    everybody = Estimate(0, high or 0, high, "statistics")

    def reading(*kinds: str) -> FlowCount:
        some = any(e.sensitive in kinds for p in plans.values() for e in p.exported)
        return FlowCount(everybody, Estimate(0, (high or 0) if some else 0, high if some else 0, "statistics"))

    depends = any(e.sensitive == "depends" for p in plans.values() for e in p.exported)
    return replace(reading("yes"), strict=reading("yes", "depends") if depends else None)


def _open_above(count: FlowCount) -> FlowCount:
    """Something that leaves was not read: there may be more."""
    return each(count, high=None, note="partly_unread")


def _from_nobody(count: FlowCount) -> FlowCount:
    return each(count, low=0, note="query_conditions")


def _declared(flow: Flow, resolved: Resolved, verdicts: tuple[FieldVerdict, ...]) -> Counted:
    d = flow.declared
    assert d is not None
    note = f"declared|{d.by}|{d.on}|{d.evidence}"
    count = FlowCount(Estimate.exactly(d.individuals, "declared", note), Estimate.exactly(d.sensitive_individuals, "declared", note),
                      Estimate.exactly(d.minors, "declared", note))
    return Counted(flow, resolved, verdicts, count, "yes" if d.individuals else "unknown", notes=(note,))


def _union(
    ids: tuple[str, ...],
    inside: Mapping[str, tuple[Counted, frozenset[str] | None]],
    past: Sequence[Entry],
    flows: Mapping[str, FlowReport],
    key: bytes,
    as_of: date,
    each_flow: bool,
) -> Union:
    """Persons of several parts together, each once, with those exported since 1 January.

    each_flow: with a histogram for each flow among them, so that what dropping its fields changes can be told exactly; of few rows always.
    """
    from mappings.individuals import Histogram, PersonCounter

    mine: dict[str, list[frozenset[str] | None]] = {}
    for c, roles in inside.values():
        mine.setdefault(c.flow.id, []).append(roles)
    by_id = {c.flow.id: c for c, _ in inside.values()}
    counts = {i: decision.part_count(flows[c.flow.id], decision.Part(i, "", roles), 2 if roles is not None else 1)
              for i, (c, roles) in inside.items()}
    absent = {f: _absent(by_id[f], roles) for f, roles in mine.items()}
    tallies: dict[str, Tally] = {}
    if all(c.counter is not None for c in by_id.values()):
        for f, c in by_id.items():
            assert c.counter is not None
            merged_counter = PersonCounter.over(key, as_of, c.counter)
            for other, o in by_id.items():
                assert o.counter is not None
                merged_counter.absorb(o.counter, absent[other], whole=other == f)
            tally = merged_counter.tally()
            tallies[f] = replace(tally, fields=tuple(x for x in tally.fields if x[0] not in absent[f]))
            if sum(o.counter.rows for o in by_id.values() if o.counter is not None) > (CHEAP if each_flow else SMALL):
                break                         # linking again for each flow would cost more than it tells: bounds serve
        count = Histogram(next(iter(tallies.values()))).count()
        if any(c.count.individuals.high is None for c in by_id.values()):
            count = each(count, high=None, note="partly_unread")
        low = max(c.individuals.low for c in counts.values())
        if low < count.individuals.low and any(c.individuals.note for c in counts.values()):
            count = each(count, low=low)
    else:
        count = together([counts[i] for i in ids])
    if not past:
        return Union(ids, count, tallies)
    gone = counted_persons(union([e.persons for e in past]))
    sets = [c.counter.persons(absent[f]) for f, c in by_id.items() if c.counter is not None]
    return Union(ids, _with_past(count, sets, past, len(sets) < len(by_id)), tallies, gone)


def _absent(c: Counted, roles: Sequence[frozenset[str] | None]) -> frozenset[ColumnId]:
    """Fields of a flow that belong to no part of it that is counted."""
    if c.counter is None or any(r is None for r in roles):
        return frozenset()
    kept = {x for r in roles for x in r or ()}
    tally = c.counter.tally()
    return frozenset(f for f, _, _ in tally.fields if tally.roles.get(f, "") not in kept)


def _with_past(count: FlowCount, sets: Sequence[Persons], past: Sequence[Entry], some_unread: bool) -> FlowCount:
    """Those who could be exported now and those who were since 1 January, each person once."""
    year = counted_persons(union([*sets, *(e.persons for e in past)]))
    if some_unread:
        return together([count, year])

    def most(parts: Sequence[Estimate]) -> Estimate:
        high = None if any(p.high is None for p in parts) else max(p.high or 0 for p in parts)
        return Estimate(max(p.low for p in parts), max(p.best for p in parts), high, parts[-1].method, "with_ledger")

    return merged([count, year], most)
