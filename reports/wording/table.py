"""Findings of tables in words, and how tables were checked."""

from __future__ import annotations

from collections.abc import Sequence

from detectors.model import unquote
from mappings.model import Assessed, Combination
from reports.messages.render import render
from reports.messages.words import heading, join_list, t
from reports.model import Report, coverage
from reports.wording.figures import number
from reports.wording.titles import label_title


def label_words(a: Assessed, lang: str) -> str:
    """A finding's label in the language of the reader."""
    return label_title(a.finding.label, lang)


def evidence_words(a: Assessed, lang: str, brief: bool = False) -> str:
    """Kinds of evidence with their denominators, short. brief: cells that agreed come first, as bare figures."""
    found = [e for e in a.finding.evidence if e.origin != "table"]
    if brief:
        cells = [f"{number(e.matched)}/{number(e.examined)}" for e in found if e.examined]
        origins = (t(f"origin.{e.origin}", lang) for e in found if not e.examined)
        return join_list(dict.fromkeys((*cells, *origins)), "names", lang)
    parts: Sequence[str] = [
        t(f"origin.{e.origin}", lang) + (" " + t("of", lang, matched=number(e.matched), examined=number(e.examined)) if e.examined else "")
        for e in found
    ]
    return join_list(dict.fromkeys(parts), "names", lang)


def combination_words(c: Combination, lang: str) -> str:
    """What is to be judged as a whole, and the columns."""
    names = join_list((unquote(column.rsplit("/", 1)[1]) for column in c.columns), "names", lang)
    return t("combination", lang, what=render(c.title, lang), columns=names)


def coverage_words(report: Report, lang: str) -> str:
    """How the tables were checked: by values, carried over, by names and comments only, not at all, and why; empty without tables."""
    c = coverage(report)
    if not c.tables:
        return ""
    oldest = min((r.at[:10] for r in report.run.tables.values() if r.carried), default="")
    parts = [
        t("coverage.values", lang, n=number(c.values)) if c.values else "",
        t("coverage.carried", lang, n=number(c.carried), oldest=oldest) if c.carried else "",
        *(t("coverage.older", lang, n=number(n), why=render(why, lang)) for why, n in sorted(c.older.items())),
        *(t("coverage.names", lang, n=number(n), why=render(why, lang)) for why, n in sorted(c.names.items())),
        t("coverage.skipped", lang, n=number(c.skipped)) if c.skipped else "",
    ]
    return f"{heading('coverage', lang, n=number(c.tables))}" + join_list((p for p in parts if p), "clauses", lang)
