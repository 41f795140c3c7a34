"""Findings of tables in words, and how tables were checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from detectors.ids import column_part
from detectors.message import Note
from detectors.model import Evidence, unquote
from mappings.model import Assessed, Combination
from reports.messages.render import render
from reports.messages.words import heading, in_brackets, join_list, t
from reports.model import Report, TableReport, coverage, primary, standing
from reports.wording.figures import number
from reports.wording.titles import category_en, label_title


def label_words(assessed: Assessed, lang: str) -> str:
    """Return the title of a finding's label, with the form of its values where they are not as they are."""
    title, form = label_title(assessed.finding.label, lang), assessed.finding.form
    return title if form == "plain" else title + in_brackets(t(f"form.{form}", lang), lang)


def category_words(assessed: Assessed, lang: str) -> str:
    """Return the class of a finding under the national taxonomy."""
    return assessed.category_zh if lang == "zh" else category_en(assessed.category)


def evidence_words(assessed: Assessed, lang: str) -> str:
    """Return the kinds of evidence with their denominators: `name, values 940 of 980`."""
    parts = dict.fromkeys(_evidence_part(evidence, lang) for evidence in _own_evidence(assessed))
    return join_list(parts, "names", lang)


def _evidence_part(evidence: Evidence, lang: str) -> str:
    origin = t(f"origin.{evidence.origin}", lang)
    if not evidence.examined:
        return origin
    share = t("of", lang, matched=number(evidence.matched), examined=number(evidence.examined))
    return f"{origin} {share}"


def brief_evidence(assessed: Assessed, lang: str) -> str:
    """Return the same in less room: first cells that agreed as bare figures, then the other kinds."""
    evidence = _own_evidence(assessed)
    figures = [f"{number(e.matched)}/{number(e.examined)}" for e in evidence if e.examined]
    origins = [t(f"origin.{e.origin}", lang) for e in evidence if not e.examined]
    return join_list(dict.fromkeys(figures + origins), "names", lang)


def _own_evidence(assessed: Assessed) -> list[Evidence]:
    """Return what speaks for the column itself, not for its table."""
    return [e for e in assessed.finding.evidence if e.origin != "table"]


def personal_findings(table: TableReport) -> list[Assessed]:
    """Return the findings of a table that stand for their columns and are personal information."""
    findings = [assessed for column in table.columns if (assessed := primary(column))]
    return [assessed for assessed in findings if assessed.finding.kind == "personal_information"]


def totals_words(report: Report, lang: str) -> str:
    """Return how many columns of a report hold personal information, and how many of them are sensitive."""
    personal = [assessed for table in report.tables for assessed in personal_findings(table)]
    sensitive = sum(assessed.sensitive == "yes" for assessed in personal)
    return t("columns_found", lang, n=number(len(personal)), s=number(sensitive))


def combination_words(combination: Combination, lang: str) -> str:
    """Return what is to be judged as a whole, and its columns."""
    names = join_list((unquote(column_part(column)) for column in combination.columns), "names", lang)
    return t("combination", lang, what=render(combination.title, lang), columns=names)


def coverage_words(report: Report, lang: str) -> str:
    """Return how many tables were checked in which way, and why not by their values; empty without tables."""
    c = coverage(report)
    if not c.tables:
        return ""
    oldest = min((reading.at[:10] for reading in report.run.tables.values() if reading.carried), default="")
    parts = [
        t("coverage.values", lang, n=number(c.values)) if c.values else "",
        t("coverage.carried", lang, n=number(c.carried), oldest=oldest) if c.carried else "",
        *_reason_counts("coverage.older", c.older, lang),
        *_reason_counts("coverage.names", c.names, lang),
        t("coverage.skipped", lang, n=number(c.skipped)) if c.skipped else "",
    ]
    accounts = (
        t("coverage.account", lang, source=unquote(s.id), account=render(s.account, lang))
        for s in report.sources if s.account
    )
    other_files = (
        t("coverage.other_files", lang, source=unquote(s.id),
          files=join_list((render(some, lang) for some in s.other_files), "words", lang))
        for s in report.sources if s.other_files
    )
    covered = heading("coverage", lang, n=number(c.tables)) + join_list(filter(None, parts), "clauses", lang)
    return join_list((covered, *accounts, *other_files), "sentences", lang)


def _reason_counts(key: str, counts: Mapping[Note, int], lang: str) -> Iterator[str]:
    """Yield how many tables have each reason."""
    for why, n in sorted(counts.items()):
        yield t(key, lang, n=number(n), why=render(why, lang))


def review_marks(report: Report, lang: str) -> str:
    """Return what the marks before columns mean and how many people decided; empty where nobody did."""
    reviewed = [c for table in report.tables for c in table.columns if c.reviewed is not None]
    counts = Counter("stale" if c.reviewed and c.reviewed.stale else standing(c) for c in reviewed)
    parts = [
        t(f"marks.{mark}", lang, n=number(counts[mark]))
        for mark in ("accepted", "stale", "rejected")
        if counts[mark]
    ]
    return t("marks", lang, marks=join_list(parts, "marks", lang)) if parts else ""
