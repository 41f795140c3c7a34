"""The tables of a dossier for counsel, in Chinese: questions, reasons for fields, sources, papers to file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from mappings.model import FactValue
from mappings.rules import RuleSet
from reports.filings.papers import PAPERS
from reports.filings.scenario import is_bound, refusals
from reports.messages.render import render
from reports.messages.words import t
from reports.model import Report
from reports.wording.decision import path_names
from reports.wording.facts import fact_title, fact_words
from reports.wording.law import clause_words

FACT_HEADS = ("范围", "事实", "回答", "谁", "何时", "如何得知", "代码")
QUESTION_HEADS = ("序号", "事实", "范围", "问题", "回答与路径", "如何得知", "代码")
EXPORTER = "全部主体"                             # scope of a fact that is every entity's
REASON_HEADS = ("场景", "字段", "判断", "理由", "来源", "谁", "何时")
SOURCE_HEADS = ("来源", "可信度")
MATERIAL_HEADS = ("路径", "材料", "状态", "来源", "可信度")
REFUSAL_HEADS = ("场景", "原因")
PREFILLED, MISSING = "已预填，待人补全", "缺"
STATES = {"human": ("由人准备",), "official": ("使用官方文件",)}       # of what is no paper of ours
BROUGHT = frozenset(state for states in STATES.values() for state in states)
NOTICE = "notice"                             # materials that every flow needs that stands in a paper
TITLES = {"exempt": "免予三项程序", NOTICE: "告知和同意"}


def fact_row(
    scope: str, name: str, value: str, origin: tuple[str, str, str], rules: RuleSet
) -> tuple[str, ...]:
    """Return a fact, or a reading that was chosen, in words, with its code.

    origin: who answered it, when, and how one knows.
    """
    reading = rules.raw["readings"].get(name)
    if reading is not None:
        title, answer = reading["words"], reading["zh"].get(value, value)
    else:
        title, _, answer = fact_words((FactValue(name, value),), "zh").partition("：")
    return EXPORTER if scope == "exporter" else scope, title, answer, *origin, f"{name}={value}"


def question_rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield the open questions, each with its answers and the paths they lead to."""
    for i, q in enumerate(report.questions, 1):
        answers = (
            f"{t(f'answer.{a}', 'zh')} → {path_names(paths, 'zh')}" for a, paths in q.leads_to.items()
        )
        name = fact_title(q.fact, "zh")
        yield str(i), name, q.scope or EXPORTER, q.ask, "；".join(answers), q.how, q.fact


def reason_rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield why each field of each flow is, or is not, necessary: what somebody answered, else the rule."""
    for f in report.flows:
        for v in f.fields:
            reason, by, on = (v.answer.why, v.answer.by, str(v.answer.on)) if v.answer else (v.reason, "", "")
            verdict, clause = t(f"verdict.{v.verdict}", "zh"), clause_words(v.source, "zh")
            yield f.flow.id, str(v.column), verdict, reason, clause, by, on


def source_rows(report: Report) -> Iterator[tuple[str, str]]:
    """Yield every clause the decisions rest on, sorted, and how sure we are of it."""
    confidences: dict[str, str] = {}
    for clause, confidence in _clauses(report):
        confidences.setdefault(clause, confidence)
    for clause, confidence in sorted(confidences.items()):
        yield clause_words(clause, "zh"), t(confidence, "zh")


def _clauses(report: Report) -> Iterator[tuple[str, str]]:
    for f in report.flows:
        yield from ((r.clause, r.confidence_of_source) for r in f.decision.because)
        yield from ((s.source, s.confidence_of_source) for s in f.decision.steps)
        duties = (*f.decision.obligations, *f.duties)
        yield from ((d.source, d.confidence_of_source) for d in duties if d.source)
        yield from ((v.source, v.confidence_of_source) for v in f.fields)


def material_rows(report: Report, rules: RuleSet) -> Iterator[tuple[str, ...]]:
    """Yield each material that a path of a flow calls for: a paper of ours by its file, or what people bring.

    Where several papers are due, each has a row.
    """
    bound = [f for f in report.flows if is_bound(f)]
    paths = {"exempt" if p.startswith("exempt") else p for f in bound for p in f.decision.possible}
    files = [name for paper in PAPERS.values() for name in paper.packs(report)]
    for path, materials in rules.raw["materials"].items():
        if path not in (paths | {NOTICE} if bound else paths):
            continue
        title = TITLES.get(path) or t(f"path.{path}", "zh")
        for m in materials:
            for state in STATES.get(m["by"]) or _paper_states(m["by"], files):
                yield title, m["zh"], state, m["source"], t(m["confidence"], "zh")


def _paper_states(file: str, files: Collection[str]) -> Sequence[str]:
    """Return the state of each of the papers of one kind. file: the name of its only one."""
    stem = file.removesuffix(".docx")
    return [f"{PREFILLED}：{name}" for name in files if name.startswith(stem)] or [MISSING]


def refusal_rows(report: Report) -> Iterator[tuple[str, str]]:
    """Yield each flow that stands in no paper, and why."""
    for line in refusals(report):
        yield str(line.values["id"]), render(line, "zh")
