"""Why a column has its label, and why a flow has its path, in plain words."""

from __future__ import annotations

from detectors.model import Evidence
from reports.formats.terminal import combination_words
from reports.model import ColumnReport, FlowReport, Report
from reports.words import note, t
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
        lines += [f"     {_evidence(e)}" for e in f.evidence]
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


def _evidence(e: Evidence) -> str:
    share = f" {e.matched} of {e.examined} {e.unit}" if e.examined else ""
    return f"- {e.origin}: {e.note}{share}"


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
