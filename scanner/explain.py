"""Why a column has its label, and why a flow has its path, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from detectors.model import Evidence
from mappings.counterfactual import EXACT, level
from mappings.model import Duty
from mappings.rules import RuleSet, in_force
from reports.formats.terminal import change_words, combination_words, group_words, leads, path_words, reading_words, step_words, supposed
from reports.model import ColumnReport, EntityReport, FlowReport, Report
from reports.sayings import told
from reports.words import note, persons, t
from scanner import decision
from scanner.flows import pick


def explain(report: Report, word: str, lang: str) -> str:
    """Text for a column or flow; ConfigError with the nearest name if there is none."""
    flows = {f.flow.id: f for f in report.flows}
    if word in flows:
        return _flow(flows[word], lang)
    columns = {c.id: (c, table) for table in report.tables for c in table.columns}
    column, table = columns[pick(word, [*columns], "column or flow")]  # type: ignore[index]
    together = [c for c in table.combinations if column.id in c.columns]
    return "\n".join([_column(column, lang), *(f"  {combination_words(c, lang)}; {c.source} [{c.confidence_of_source}]" for c in together)])


def _column(column: ColumnReport, lang: str) -> str:
    lines = [f"{column.id}  {column.type}  {column.comment}".rstrip()]
    if column.ignored:
        lines.append(f"  ignored: {column.ignored}")
    for a in column.findings:
        f = a.finding
        mark = "*" if f.primary else " "
        lines.append(f" {mark} {f.label} ({f.detector}, {f.tier}, {f.kind})  {f.confidence:.2f}")
        meaning = f"{a.category_zh} {a.category}; {a.grade}; sensitive: {a.sensitive}"
        lines.append(f"     {meaning}; {a.source} [{a.confidence_of_source}]")
        lines += [f"     {_evidence(e, lang)}" for e in f.evidence]
    if not column.findings:
        lines.append(
            "  "
            + t("nothing_in", lang, n=column.examined)
            + (t("nothing_bound", lang, d=_bound(column.examined)) if column.examined else "")
        )
    return "\n".join(lines)


def _bound(examined: int) -> str:
    """Density of a kind that 0 of n cells still allow, at 95 %: 1 - 0.05 ** (1 / n)."""
    return f"{100 * (1 - 0.05 ** (1 / examined)):.2g} %"


def _evidence(e: Evidence, lang: str) -> str:
    unit = t(f"page.unit.{(e.unit or 'x')[0]}", lang)
    share = " " + t("of.unit", lang, matched=e.matched, examined=e.examined, unit=unit) if e.examined else ""
    return f"- {t(f'origin.{e.origin}', lang)}: {told(e.note, lang)}{share}"


def _flow(flow: FlowReport, lang: str) -> str:
    d = flow.decision
    lines = [f"{flow.flow.id}: {t('path.' + d.path, lang)} ({d.path})"]
    if len(d.possible) > 1:
        lines.append("  " + " | ".join(d.possible))
    for r in d.because:
        words = r.words if lang == "zh" else r.words_en or r.words
        lines.append(f"  - {r.path}: {r.clause} [{r.confidence_of_source}] {r.fact} {words}".rstrip())
    lines += [f"  ? {q.ask if lang == 'zh' else q.ask_en}  " + "; ".join(f"{a}: {', '.join(p)}" for a, p in q.leads_to.items())
              for q in d.questions]
    lines += [
        f"  . {v.column}: {t('verdict.' + v.verdict, lang)}, {(v.reason if lang == 'zh' else v.reason_en) or v.reason} ({v.source})"
        for v in flow.fields
    ]
    lines += [f"  ! {note(u, lang)}" for u in (*flow.unresolved, *flow.count_notes, *d.notes)]
    return "\n".join(lines)


def trees(report: Report, lang: str, known: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[str]:
    """The decision of each flow as a tree a lawyer can follow, and the smallest changes that would lower its path.

    known: who answered a fact, when, and how one knows.
    """
    rules = in_force(report.run.as_of)
    stated = report.facts.get("exporter", {})
    yield ""
    yield f"{t('tree', lang)}  {rules.raw['title'] if lang == 'zh' else rules.raw['title_en']}  {t('as_of', lang)} {report.run.as_of}"
    owing = [set(f.duties) for f in report.flows if f.duties]
    shared = set.intersection(*owing) if len(owing) > 1 else set()
    for e in report.exporter:
        mine = [f for f in report.flows if f.flow.id in e.flows]
        for f in mine:
            yield ""
            yield from _tree(f, e, mine, rules, {**stated, **report.facts.get(e.entity, {})}, lang, known or {}, shared)
    if shared:
        yield ""
        yield t("duties", lang)
        for d in next(f.duties for f in report.flows if f.duties):
            if d in shared:
                yield f"├─ {duty_words(d, lang)}"


def _tree(f: FlowReport, e: EntityReport, mine: Sequence[FlowReport], rules: RuleSet, facts: Mapping[str, str], lang: str,
          known: Mapping[str, Mapping[str, str]], shared: Collection[Duty]) -> Iterator[str]:
    yield f"{f.flow.id} → {f.flow.recipient.name} {f.flow.recipient.country}: {path_words(f.decision, lang)}"
    for part in f.parts or (None,):
        decision, group = (f.decision, f.flow.subject_group) if part is None else (part.decision, part.group)
        if part is not None:
            who = f"{group_words(rules, group, lang)} {persons(part.count.individuals, lang)} {t('people', lang)}"
            yield f"├─ {who}: {path_words(decision, lang)}"
        stem = "│  " if part is not None else ""
        for number, s in enumerate(decision.steps, 1):
            answer = " / ".join(step_words(a, lang) for a in s.answers)
            ask = s.ask if lang == "zh" else s.ask_en
            asked = not {"not_claimed", "refused_group"} & set(s.answers)
            who = "".join(f"  ({x})" for x in _answered_by(s.id, rules, facts, known)) if asked else ""
            yield f"{stem}├─ {number} {ask}{'？' if lang == 'zh' else '?'} {answer}{who}  {s.source} [{t(s.confidence_of_source, lang)}]"
        for r in decision.because:
            words = r.words if lang == "zh" else r.words_en
            reading = f"  {t('reading', lang)}: {reading_words(r.reading, rules, lang)}" if r.reading else ""
            clause = f"{r.clause} [{t(r.confidence_of_source, lang)}]"
            yield f"{stem}│  → {t('path.' + r.path, lang)}: {clause} {supposed(r, lang)} {words}{reading}".rstrip()
    for q in f.decision.questions:
        yield f"├─ ? {q.ask if lang == 'zh' else q.ask_en}"
        yield from (f"│    {words}" for words in leads(q, lang))
    if "national_path" in f.decision.extra:
        yield f"├─ {t('national', lang)}: {' | '.join(t('path.' + p, lang) for p in f.decision.extra['national_path'])}"
    for d in (*f.decision.obligations, *(d for d in f.duties if d not in shared)):
        yield f"├─ {duty_words(d, lang)}"
    yield from _lowering(f, e, mine, rules, facts, lang)


def _answered_by(step: str, rules: RuleSet, facts: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Who gave the facts a step rests on, when, and how one knows."""
    for fact in next((s.get("facts", ()) for s in rules.raw["order"] if s["id"] == step), ()):
        told = known.get(fact, {})
        if told.get("by") and facts.get(fact) == told.get("value"):
            yield f"{fact}={told['value']}: {', '.join(told[k] for k in ('by', 'on', 'how') if told.get(k))}"


def duty_words(d: Duty, lang: str) -> str:
    """A duty with its clause."""
    return f"{t('duty.' + d.status, lang)} {d.words if lang == 'zh' else d.words_en}  {d.source} [{t(d.confidence_of_source, lang)}]"


def _lowering(
    f: FlowReport, e: EntityReport, mine: Sequence[FlowReport], rules: RuleSet, facts: Mapping[str, str], lang: str
) -> Iterator[str]:
    """The smallest sets of fields, and of mildest changes, with what they lead to."""
    if f.tally is None or all(level(p) == 0 for p in f.decision.possible):
        yield f"└─ {t('lower.no_histogram' if f.tally is None else 'lower.least', lang)}"
        return
    whole = decision.entity_facts(e, mine, rules, facts, rules.on)
    drops, mild = decision.searched(f, e, whole, rules)
    for found, word in ((drops, "lower.drops"), (mild, "lower.mild")):
        if not found.of:
            continue
        how = t("lower.exact" if found.exact else "lower.heuristic", lang, n=found.of, most=EXACT)
        yield f"├─ {t(word, lang)} ({how})" + ("" if found.changes else f": {t('lower.none', lang)}")
        for c in found.changes:
            yield "│    " + change_words(c, f, lang)
    yield "└─"
