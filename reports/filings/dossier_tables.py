"""The tables of a dossier for counsel, in Chinese: questions, reasons for fields, sources, papers to file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from mappings.rules import RuleSet
from reports.messages.words import join_list, t
from reports.model import Report

FACT_HEADS = ("范围", "事实", "回答", "谁", "何时", "如何得知")
QUESTION_HEADS = ("序号", "事实", "范围", "问题", "回答与路径", "如何得知")
REASON_HEADS = ("场景", "字段", "判断", "理由", "来源", "谁", "何时")
SOURCE_HEADS = ("来源", "可信度")
MATERIAL_HEADS = ("路径", "材料", "状态", "来源", "可信度")
BY_PERSON, PREFILLED, MISSING = "由人准备", "已预填，待人补全", "缺"
EXEMPT_WORDS = "免予三项程序"


def question_rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield the open questions, each with its answers and the paths they lead to."""
    for i, q in enumerate(report.questions, 1):
        answers = (
            f"{t(f'answer.{a}', 'zh')} → {_alternative_words(paths)}" for a, paths in q.leads_to.items()
        )
        yield str(i), q.fact, q.scope, q.ask, "；".join(answers), q.how


def _alternative_words(paths: Sequence[str]) -> str:
    return join_list((t(f"path.{path}", "zh") for path in paths), "alternatives", "zh")


def reason_rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield why each field of each flow is, or is not, necessary: what somebody answered, else the rule."""
    for f in report.flows:
        for v in f.fields:
            reason, by, on = (v.answer.why, v.answer.by, str(v.answer.on)) if v.answer else (v.reason, "", "")
            yield f.flow.id, str(v.column), t(f"verdict.{v.verdict}", "zh"), reason, v.source, by, on


def source_rows(report: Report) -> Iterator[tuple[str, str]]:
    """Yield every clause the decisions rest on, sorted, and how sure we are of it."""
    confidences: dict[str, str] = {}
    for clause, confidence in _clauses(report):
        confidences.setdefault(clause, confidence)
    yield from ((clause, t(confidence, "zh")) for clause, confidence in sorted(confidences.items()))


def _clauses(report: Report) -> Iterator[tuple[str, str]]:
    for f in report.flows:
        yield from ((r.clause, r.confidence_of_source) for r in f.decision.because)
        yield from ((s.source, s.confidence_of_source) for s in f.decision.steps)
        duties = (*f.decision.obligations, *f.duties)
        yield from ((d.source, d.confidence_of_source) for d in duties if d.source)
        yield from ((v.source, v.confidence_of_source) for v in f.fields)


def material_rows(report: Report, rules: RuleSet, files: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield each material of every possible path: pre-filled here, or for a person to bring.

    files: names of the papers that are in the folder.
    """
    paths = {"exempt" if p.startswith("exempt") else p for f in report.flows for p in f.decision.possible}
    for path, materials in rules.raw["materials"].items():
        if path not in paths:
            continue
        title = EXEMPT_WORDS if path == "exempt" else t(f"path.{path}", "zh")
        for m in materials:
            state = BY_PERSON if m["by"] == "human" else PREFILLED if m["by"] in files else MISSING
            yield title, m["zh"], state, m["source"], t(m["confidence"], "zh")
