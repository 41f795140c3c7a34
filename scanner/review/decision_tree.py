"""The decision of a flow as a tree a lawyer can follow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from mappings.counterfactual import EXACT
from mappings.flow_inputs import entity_facts
from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Duty
from mappings.rules import RuleSet, in_force
from mappings.variations import search_changes
from mappings.varied_flow import path_level
from reports.messages.render import render
from reports.messages.words import aside, heading, t
from reports.model import Report
from reports.wording.decision import (
    answer_words,
    group_words,
    path_names,
    path_words,
    reading_words,
    reason_fact_words,
    step_words,
)
from reports.wording.figures import persons
from reports.wording.flow import change_words


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
            ask = render(s.ask, lang)
            asked = not {"not_claimed", "refused_group"} & set(s.answers)
            who = "".join(f"  ({x})" for x in _answered_by(s.id, rules, facts, known)) if asked else ""
            yield f"{stem}├─ {number} {ask}{'？' if lang == 'zh' else '?'} {answer}{who}  {s.source} [{t(s.confidence_of_source, lang)}]"
        for r in decision.because:
            words = render(r.words, lang)
            reading = f"  {heading('reading', lang)}{reading_words(r.reading, rules, lang)}" if r.reading else ""
            clause = f"{r.clause} [{t(r.confidence_of_source, lang)}]"
            yield f"{stem}│  → {heading('path.' + r.path, lang)}{clause} {reason_fact_words(r, lang)} {words}{reading}".rstrip()
    for q in f.decision.questions:
        yield f"├─ ? {render(q.ask, lang)}"
        yield from (f"│    {words}" for words in answer_words(q, lang))
    if "national_path" in f.decision.extra:
        yield f"├─ {heading('national', lang)}{path_names(f.decision.extra['national_path'], lang)}"
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
    return f"{t('duty.' + d.status, lang)} {render(d.words, lang)}  {d.source} [{t(d.confidence_of_source, lang)}]"


def _lowering(
    f: FlowReport, e: EntityReport, mine: Sequence[FlowReport], rules: RuleSet, facts: Mapping[str, str], lang: str
) -> Iterator[str]:
    """The smallest sets of fields, and of mildest changes, with what they lead to."""
    if f.tally is None or all(path_level(p) == 0 for p in f.decision.possible):
        yield f"└─ {t('lower.no_histogram' if f.tally is None else 'lower.least', lang)}"
        return
    whole = entity_facts(e, mine, rules, facts, rules.on)
    drops, mild = search_changes(f, e, whole, rules)
    for found, word in ((drops, "lower.drops"), (mild, "lower.mild")):
        if not found.of:
            continue
        how = t("lower.exact" if found.exact else "lower.heuristic", lang, n=found.of, most=EXACT)
        none = "" if found.changes else t("list.heading", lang) + t("lower.none", lang)
        yield f"├─ {t(word, lang)}{aside(how, lang)}{none}"
        for c in found.changes:
            yield "│    " + change_words(c, f, lang)
    yield "└─"
