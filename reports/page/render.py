"""A page as text: templates, styles and scripts put together, nothing fetched, the same report the same bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from detectors.model import ColumnId
from mappings.flow_report import FlowReport, Stock
from mappings.model import Assessed, Decision, Estimate, Reason
from mappings.rules import in_force
from reports.formats import terminal as words_of
from reports.messages.render import render
from reports.messages.words import t
from reports.model import Report, TableReport, primary, standing
from reports.page import pictures
from reports.page.data import data
from reports.page.flow_picture import draw
from reports.page.pages import SystemPage
from reports.page.pictures import bilingual, both, tone
from reports.page.safe import bdi, embedded, parts, safe_id, written
from reports.page.totals import Totals, categories, category_en, total
from reports.page.week import tasks
from reports.wording.distance import counted_words, of_flow, of_year
from reports.wording.facts import fact_words, facts_of
from reports.wording.figures import method_words, number, persons
from reports.wording.titles import purpose_words

PLAIN = 1_000  # rows for readers without scripts


def whole(report: Report) -> str:
    """The report as one page."""
    by_table: dict[str, Totals] = {table.id: total(report, [table]) for table in report.tables}
    tables = sorted(report.tables, key=lambda x: (-by_table[x.id].with_finding, x.id))
    rows = [(x, "", by_table[x]) for x in pictures.foremost(report, by_table)]
    return _render(report, "whole", tables, total=total(report, tables), heat=pictures.heat("heat", rows, categories(report), "table"))


def index(report: Report, parts: Sequence[SystemPage], totals: Mapping[str, Totals], folder: str) -> str:
    """The first page of a report over several files: everything but the columns. totals: by file."""
    systems: dict[str, Totals] = {}
    addresses: dict[str, list[SystemPage]] = {}
    for p in parts:
        systems.setdefault(p.system, Totals()).join(totals[p.file])
        addresses.setdefault(p.system, []).append(p)
    summed = Totals()
    for x in systems.values():
        summed.join(x)
    most = sorted(systems, key=lambda s: (-systems[s].sensitive, -systems[s].with_finding, s))
    rows = [
        (s, f"{quote(folder)}/{quote(addresses[s][0].file)}", systems[s])
        for s in most[: pictures.MOST_ROWS]
        if systems[s].with_finding
    ]
    return _render(
        report,
        "index",
        (),
        total=summed,
        heat=pictures.heat("heat", rows, categories(report), "source"),
        systems=[(s, systems[s], addresses[s]) for s in most],
        folder=folder,
        quote=quote,
    )


def part(report: Report, p: SystemPage, totals: Totals, home: str) -> str:
    """One page beside the index: its columns."""
    return _render(report, "part", p.tables, total=totals, part=p, home=home)


@dataclass(frozen=True, slots=True)
class _Script:
    """The scripts of a page and their hash, for the rule that no other may run."""

    text: Markup
    hash: str


@cache
def _script(table: bool) -> _Script:
    """table: with what the table of columns needs."""
    folder = files("reports").joinpath("templates/page/js")
    wanted = [p for p in sorted(folder.iterdir(), key=lambda p: p.name) if p.name.endswith(".js") and (table or p.name[0] in "129")]
    parts = [p.read_text(encoding="utf-8") for p in wanted]
    text = "\n(() => {\n'use strict';\n" + "\n".join(parts) + "})();\n"
    return _Script(Markup(text), base64.b64encode(hashlib.sha256(text.encode()).digest()).decode())  # noqa: S704


@cache
def _fact(reason: Reason, most: int) -> Markup:
    """What a decision rests on, in words; as programs read it when pointed at."""
    zh, en = (bdi(fact_words(facts_of(reason), lang), most) for lang in ("zh", "en"))
    return both(zh, en, "span", Markup(' title="{}"').format(reason.fact))


def _style() -> Markup:
    folder = files("reports").joinpath("templates/page/css")
    parts = [p.read_text(encoding="utf-8") for p in sorted(folder.iterdir(), key=lambda p: p.name) if p.name.endswith(".css")]
    dark = folder.joinpath("dark.tokens").read_text(encoding="utf-8").strip()
    return Markup("\n".join(parts).replace("DARK", dark))  # noqa: S704


@cache
def _environment() -> Environment:
    env = Environment(loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals |= {
        "t": bilingual,
        "pair": both,
        "bdi": bdi,
        "parts": parts,
        "number": number,
        "primary": primary,
        "tone": tone,
        "path": _path,
        "persons": _persons,
        "method": _bilingual_words(method_words),
        "short": lambda c: c.rsplit("/", 1)[-1],
        "main_reasons": words_of.main_reasons,
        "category_en": category_en,
        "safe_id": safe_id,
        "purpose": lambda name: both(bdi(purpose_words(name, "zh"), 60), bdi(purpose_words(name, "en"), 60)),
        "message": lambda text, most: both(bdi(render(text, "zh"), most), bdi(render(text, "en"), most)),
        "fact": _fact,
        "note": lambda text: both(render(text, "zh"), render(text, "en")),
        "zh": lambda key: t(key, "zh"),
        "next_stock": _next_stock,
        "label": _bilingual_words(words_of.label_words),
        "evidence": _bilingual_words(words_of.evidence),
        "together": _bilingual_words(words_of.combination_words),
        "difference": _bilingual_words(words_of.difference_words),
        "forecast": _bilingual_words(words_of.forecast_words),
        "ready": _bilingual_words(words_of.ready_words),
        "step": _bilingual_words(words_of.step_words),
        "change": lambda c, f: both(words_of.change_words(c, f, "zh"), words_of.change_words(c, f, "en")),
        "strict_words": _bilingual_words(lambda f, lang: t("strict", lang, n=persons(f.strict.sensitive, lang))),
        "weaker_words": lambda v: both(t("weaker", "zh", form=v.weaker.zh), t("weaker", "en", form=v.weaker.en)),
    }
    return env


def _bilingual_words(say: Callable[[Any, str], str]) -> Callable[[Any], Markup]:
    """Both languages of something that is said in one."""
    return lambda x: both(say(x, "zh"), say(x, "en"))


def _render(report: Report, kind: str, tables: Sequence[TableReport], **more: Any) -> str:
    rules = in_force(report.run.as_of)
    home = more.pop("home", "")
    script = _script(kind != "index")
    context: dict[str, Any] = {
        "r": report,
        "kind": kind,
        "style": _style(),
        "script": script.text,
        "hash": script.hash,
        "home": home,
        "systems": (),
        "folder": "",
        "part": None,
        "heat": "",
        "data": embedded(data(report, tables, home)),
        "plain": _plain(tables),
        "covered": both(words_of.covered(report, "zh"), words_of.covered(report, "en")) if report.tables else "",
        "group": lambda g: both(words_of.group_words(rules, g, "zh"), words_of.group_words(rules, g, "en")),
        "reading": lambda x: both(words_of.reading_words(x, rules, "zh"), words_of.reading_words(x, rules, "en")),
    } | more
    if kind != "part":
        flows = {f.flow.id: f for f in report.flows}
        context |= {
            "flows": flows,
            "week": tasks(report, more["total"]),
            "lines": lambda name, e, counter: pictures.lines(name, e, [flows[x] for x in e.flows if x in flows], rules, counter),
            "far": lambda told, counter, short=False: both(*(counted_words(told, counter, rules, lang, short) for lang in ("zh", "en"))),
            "of_year": lambda e, counter: of_year(e, report.flows, counter),
            "of_flow": of_flow,
            "year": lambda name, e, counter: pictures.year(name, e, rules, counter),
            "flow_picture": _flow_picture(report),
        }
    return written(_environment().get_template("page/page.html").render(context))


def _plain(tables: Sequence[TableReport]) -> tuple[list[tuple[TableReport, Any, Assessed]], int]:
    """The first rows with findings, and how many more there are."""
    rows = [(table, c, p) for table in tables for c in table.columns if c.findings and (p := primary(c))]
    return rows[:PLAIN], max(len(rows) - PLAIN, 0)


def _flow_picture(report: Report) -> Callable[[str, FlowReport], Markup]:
    wanted = {c for f in report.flows for c in f.columns}
    columns = [c for table in report.tables for c in table.columns if c.id in wanted] if wanted else []
    found: dict[ColumnId, Assessed | None] = {c.id: primary(c) for c in columns}
    rejected = {c.id for c in columns if standing(c) == "rejected"}
    return lambda name, f: draw(name, f, {c: found.get(c) for c in f.columns}, tone(f.decision.path), rejected)


def _persons(e: Estimate) -> Markup:
    return both(persons(e, "zh"), persons(e, "en"))


def _path(d: Decision) -> Markup:
    if d.path != "needs_review":
        return bilingual(f"path.{d.path}")
    return Markup("{}<small>{}</small>").format(
        bilingual("path.needs_review"), Markup(" / ").join(bilingual(f"path.{p}") for p in d.possible)
    )


def _next_stock(stock: Stock, of: str) -> int:
    """The next line for persons held; 0 when there is none."""
    return next((d.persons for d in sorted(stock.duties, key=lambda d: d.persons) if d.of == of and d.status != "reached"), 0)
