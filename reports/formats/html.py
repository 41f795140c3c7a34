"""One static, self-contained HTML page in Chinese and English; it works without scripts and without a network."""

from __future__ import annotations

from typing import IO, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mappings.model import Decision, Estimate
from mappings.rules import in_force
from reports.formats.terminal import (
    change_words,
    combination_words,
    covered,
    difference_words,
    evidence,
    forecast_words,
    group_words,
    label_words,
    main_reasons,
    reading_words,
    ready_words,
    step_words,
)
from reports.model import Report, Stock, TableReport, primary
from reports.words import note, number, persons, t


def write(report: Report, file: IO[str]) -> None:
    """Write the page."""
    file.write(page(report))


def page(report: Report) -> str:
    """The page as text; the same report gives the same bytes."""
    rules = in_force(report.run.as_of)
    env = Environment(loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals |= {
        "t": _both,
        "note": lambda text: _pair(note(text, "zh"), note(text, "en")),
        "persons": _persons,
        "number": number,
        "together": lambda c: _pair(combination_words(c, "zh"), combination_words(c, "en")),
        "label": lambda a: _pair(label_words(a, "zh"), label_words(a, "en")),
        "evidence": lambda a: _pair(evidence(a, "zh"), evidence(a, "en")),
        "pair": _pair,
        "primary": primary,
        "path": _path,
        "tone": tone,
        "short": lambda c: c.rsplit("/", 1)[-1],
        "found": _found,
        "bar": _bar,
        "line": _line,
        "next_stock": _next_stock,
        "main_reasons": main_reasons,
        "difference": lambda d: _pair(difference_words(d, "zh"), difference_words(d, "en")),
        "change": lambda c, f: _pair(change_words(c, f, "zh"), change_words(c, f, "en")),
        "forecast": lambda f: _pair(forecast_words(f, "zh"), forecast_words(f, "en")),
        "ready": lambda f: _pair(ready_words(f, "zh"), ready_words(f, "en")),
        "group": lambda g: _pair(group_words(rules, g, "zh"), group_words(rules, g, "en")),
        "strict_words": lambda f, lang: t("strict", lang, n=persons(f.strict.sensitive, lang)),
        "weaker_words": lambda v, lang: t("weaker", lang, form=v.weaker if lang == "zh" else v.weaker_en),
        "step": lambda a: _pair(step_words(a, "zh"), step_words(a, "en")),
        "reading": lambda x: _pair(reading_words(x, rules, "zh"), reading_words(x, rules, "en")),
    }
    tables = sorted(report.tables, key=lambda table: (-_found(table), table.id))
    totals = [p for table in tables for c in table.columns if (p := primary(c)) and p.finding.kind == "personal_information"]
    flows = {f.flow.id: f for f in report.flows}
    return env.get_template("report.html").render(
        covered=_pair(covered(report, "zh"), covered(report, "en")) if report.tables else "",
        r=report, tables=tables, flows=flows, n_found=len(totals), n_sensitive=sum(a.sensitive == "yes" for a in totals),
    )


def _pair(zh: str, en: str) -> Markup:
    """Both languages; style shows one of them."""
    if zh == en:
        return escape(zh)
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(zh, en)


def _both(key: str, **values: object) -> Markup:
    return _pair(t(key, "zh", **values), t(key, "en", **values))


def _persons(e: Estimate) -> Markup:
    return _pair(persons(e, "zh"), persons(e, "en"))


def _path(d: Decision) -> Markup:
    if d.path != "needs_review":
        return _both(f"path.{d.path}")
    return Markup("{}<small>{}</small>").format(_both("path.needs_review"), Markup(" / ").join(_both(f"path.{p}") for p in d.possible))


def tone(path: str) -> str:
    """Style of a path: how much it asks for; never a tick."""
    if path in ("security_assessment", "not_necessary_stop", "blocked_without_approval"):
        return "most"
    if path in ("standard_contract_or_certification", "gba_standard_contract"):
        return "some"
    return "open" if path == "needs_review" else "least"


def _line(d: Decision, counter: str) -> int:
    """The next legal line of a counter; 0 when there is none."""
    return next((m.line for m in d.margin if m.counter == counter), 0)


def _next_stock(stock: Stock, of: str) -> int:
    """The next line for persons held; 0 when there is none."""
    return next((d.persons for d in sorted(stock.duties, key=lambda d: d.persons) if d.of == of and d.status != "reached"), 0)


def _found(table: TableReport) -> int:
    return sum(primary(c) is not None for c in table.columns)


def _bar(e: Estimate, line: int) -> dict[str, Any]:
    """Position of an interval against a legal line, in per cent of a scale that ends at 1.25 of the larger."""
    top = max(e.high if e.high is not None else e.best * 2, line, 1) * 1.25
    high = e.high if e.high is not None else top
    return {
        "low": round(100 * e.low / top, 2),
        "wide": round(max(100 * (high - e.low) / top, 0.4), 2),
        "best": round(100 * e.best / top, 2),
        "line": round(100 * line / top, 2),
        "open": e.high is None,
    }
