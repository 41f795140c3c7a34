"""The decision of each flow as a tree that a lawyer can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.counterfactual import EXACT_LIMIT
from mappings.flow_inputs import entity_facts
from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Decision, Duty, FactValue, Reason, Step
from mappings.notes import CLAIM_REFUSED
from mappings.rules import RuleSet, in_force
from mappings.variations import search_changes
from mappings.varied_flow import path_level
from reports.messages.render import render
from reports.messages.words import heading, in_brackets, join_list, t
from reports.model import Report
from reports.wording.decision import (
    answer_words,
    group_words,
    path_names,
    path_words,
    reading_words,
    reason_words,
    step_words,
)
from reports.wording.duties import duty_words, shared_duties
from reports.wording.facts import fact_words
from reports.wording.figures import persons
from reports.wording.flow import change_words
from reports.wording.law import citation
from reports.wording.titles import recipient_words
from scanner.config.facts import Provenance

UNANSWERED = {"not_claimed", "refused_group"}         # answers to a step that rest on no fact


def decision_trees(report: Report, lang: str, provenance: Provenance | None = None) -> Iterator[str]:
    """Yield the tree of each flow, with the smallest changes that would lower its path, then shared duties.

    provenance: who answered a fact, when, and how they know.
    """
    rules = in_force(report.run.as_of)
    stated = report.facts.get("exporter", {})
    shared = shared_duties(report.flows)
    title = rules.raw["title"] if lang == "zh" else rules.raw["title_en"]
    yield ""
    yield f"{t('tree', lang)}  {title}  {t('as_of', lang)} {report.run.as_of}"
    if not report.flows:
        yield f"  {t('cli.no_flows', lang)}"
    for entity in report.exporter:
        flows = [flow for flow in report.flows if flow.flow.id in entity.flows]
        facts = {**stated, **report.facts.get(entity.entity, {})}
        tree = _Tree(entity, flows, facts, provenance or {}, rules, shared, lang)
        for flow in flows:
            yield ""
            yield from tree.lines(flow)
    if shared:
        yield ""
        yield t("duties", lang)
        duties = next(flow.duties for flow in report.flows if flow.duties)
        yield from (f"├─ {duty_words(duty, lang)}" for duty in duties if duty in shared)


@dataclass(frozen=True, slots=True)
class _Tree:
    """What the trees of an entity's flows are made from. shared: duties that are listed once, at the end."""

    entity: EntityReport
    flows: Sequence[FlowReport]
    facts: Mapping[str, str]
    provenance: Provenance
    rules: RuleSet
    shared: frozenset[Duty]
    lang: str

    def lines(self, flow: FlowReport) -> Iterator[str]:
        """Yield the tree of one flow."""
        lang, recipient, decision = self.lang, recipient_words(flow.flow.recipient, self.lang), flow.decision
        whole = join_list(
            (f"{flow.flow.id} → {recipient}", path_words(decision, lang)),
            "colon", lang,
        )
        yield whole
        for part in flow.parts:
            people = f"{persons(part.count.individuals, lang)} {t('people', lang)}"
            who = f"{group_words(self.rules, part.group, lang)} {people}"
            yield "├─ " + join_list((who, path_words(part.decision, lang)), "colon", lang)
            yield from self._decision_lines(part.decision, "│  ")
        if not flow.parts:
            yield from self._decision_lines(decision, "")
        claims = (note for note in decision.notes if note.code == CLAIM_REFUSED)
        yield from (f"├─ ! {render(note, lang)}" for note in claims)
        for question in decision.questions:
            yield f"├─ ? {render(question.ask, lang)}"
            yield from (f"│    {words}" for words in answer_words(question, lang))
        if "national_path" in decision.extra:
            national = path_names(decision.extra["national_path"], lang)
            yield f"├─ {heading('national', lang)}{national}"
        own_duties = (duty for duty in flow.duties if duty not in self.shared)
        for duty in (*decision.obligations, *own_duties):
            yield f"├─ {duty_words(duty, lang)}"
        yield from self._lowering_lines(flow)

    def _decision_lines(self, decision: Decision, stem: str) -> Iterator[str]:
        """Yield the steps of a decision and its reasons. stem: what every line starts with."""
        for number, step in enumerate(decision.steps, 1):
            yield f"{stem}├─ {number} {self._step_words(step)}"
        for reason in decision.because:
            yield f"{stem}│  → {self._reason_words(reason)}".rstrip()

    def _step_words(self, step: Step) -> str:
        lang = self.lang
        question = render(step.ask, lang) + ("？" if lang == "zh" else "?")
        answer = " / ".join(step_words(answer, lang) for answer in step.answers)
        origins = () if UNANSWERED & set(step.answers) else self._sources(step.id)
        who = "".join(in_brackets(origin, lang) for origin in origins)
        return f"{question} {answer}{who}  {citation(step.source, step.confidence_of_source, lang)}"

    def _sources(self, step: str) -> Iterator[str]:
        """Yield who gave the facts that a step rests on, when, and how they know."""
        facts = next((s.get("facts", ()) for s in self.rules.raw["order"] if s["id"] == step), ())
        for fact in facts:
            source = self.provenance.get(fact, {})
            if source.get("by") and self.facts.get(fact) == source.get("value"):
                origin = (source[key] for key in ("by", "on", "how") if source.get(key))
                who = join_list(origin, "marks", self.lang)
                if self.lang == "zh":
                    answer = fact_words((FactValue(fact, source["value"]),), "zh")
                    yield join_list((answer, who), "facts", "zh")
                else:
                    yield f"{fact}={source['value']}: {who}"

    def _reason_words(self, reason: Reason) -> str:
        lang = self.lang
        reading = ""
        if reason.reading:
            reading = f"  {heading('reading', lang)}{reading_words(reason.reading, self.rules, lang)}"
        clause = citation(reason.clause, reason.confidence_of_source, lang)
        words = reason_words(reason, lang)
        return f"{heading('path.' + reason.path, lang)}{clause} {words}".rstrip() + reading

    def _lowering_lines(self, flow: FlowReport) -> Iterator[str]:
        """Yield the smallest sets of fields to drop, and of mildest changes, with what they lead to."""
        lang = self.lang
        if flow.tally is None or all(path_level(path) == 0 for path in flow.decision.possible):
            yield f"└─ {t('lower.no_histogram' if flow.tally is None else 'lower.least', lang)}"
            return
        whole = entity_facts(self.entity, self.flows, self.rules, self.facts, self.rules.on)
        drops, mildest = search_changes(flow, self.entity, whole, self.rules)
        for search, key in ((drops, "lower.drops"), (mildest, "lower.mild")):
            if not search.of:
                continue
            how = t("lower.exact" if search.exact else "lower.heuristic", lang, n=search.of, most=EXACT_LIMIT)
            none = "" if search.changes else t("list.heading", lang) + t("lower.none", lang)
            yield f"├─ {t(key, lang)}{in_brackets(how, lang)}{none}"
            for change in search.changes:
                yield "│    " + change_words(change, flow, lang)
        yield "└─"
