"""What the templates of a page can call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from detectors.ids import column_part
from detectors.message import Text
from mappings.flow_report import EntityReport, FlowReport, Stock
from mappings.model import Decision, Reason
from reports.messages.render import render
from reports.messages.words import t
from reports.model import primary
from reports.page.bilingual import LANGS, bilingual, bilingual_function, both
from reports.page.safe import bdi, breakable_path, safe_id
from reports.page.svg import tone
from reports.wording.decision import main_reasons, step_words
from reports.wording.entity import forecast_words, group_words, headline_words, totals_lines
from reports.wording.facts import assumed_words, fact_title, fact_words, facts_of
from reports.wording.figures import method_words, number, persons, sensitive_persons
from reports.wording.flow import change_words, difference_words, obstacle_lines, ready_words
from reports.wording.possible import possible_lines, settling_words
from reports.wording.table import combination_words, evidence_words, label_words
from reports.wording.titles import category_en, purpose_words

LONGEST_PURPOSE = 60                          # characters


@cache
def environment() -> Environment:
    """Return the environment of the templates, with the functions that are the same for every report."""
    env = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {**_plain_functions(), **_wording()}
    return env



def _totals(entity: EntityReport) -> list[Markup]:
    """The entity's band and three totals, each line in both languages."""
    lines = zip(totals_lines(entity, "zh"), totals_lines(entity, "en"), strict=True)
    return [both(zh, en) for zh, en in lines]


def _unanswered(flow: FlowReport) -> Markup | str:
    """What its decision takes for granted; empty where that is nothing."""
    zh, en = (assumed_words((flow.decision,), lang) for lang in ("zh", "en"))
    return both(zh, en) if zh else ""


def _group(years: Sequence[EntityReport]) -> Markup | str:
    """The three totals of a group; empty where there is one entity."""
    zh, en = group_words(years, "zh"), group_words(years, "en")
    return both(zh, en) if zh else ""


def _plain_functions() -> dict[str, Any]:
    return {
        "t": bilingual,
        "pair": both,
        "zh": lambda key: t(key, "zh"),
        "bdi": bdi,
        "parts": breakable_path,
        "number": number,
        "safe_id": safe_id,
        "short": column_part,
        "tone": tone,
        "primary": primary,
        "category_en": category_en,
        "main_reasons": main_reasons,
        "next_stock": next_stock,
    }


def _wording() -> dict[str, Any]:
    """Return what shows values in both languages."""
    return {
        "path": _path,
        "persons": bilingual_function(persons),
        "sensitive_persons": lambda e, strict: both(*(sensitive_persons(e, strict, lang) for lang in LANGS)),
        "method": bilingual_function(method_words),
        "purpose": _purpose,
        "message": _message,
        "fact": _fact,
        "fact_title": bilingual_function(fact_title),
        "note": bilingual_function(render),
        "label": bilingual_function(label_words),
        "evidence": bilingual_function(evidence_words),
        "together": bilingual_function(combination_words),
        "difference": bilingual_function(difference_words),
        "headline": bilingual_function(headline_words),
        "year_reasons": lambda e: [r for r in main_reasons(e.decision) if not e.band or r.path in e.band],
        "forecast": bilingual_function(forecast_words),
        "year_totals": _totals,
        "group_totals": _group,
        "has_exempt": lambda r: any(p.startswith("exempt") for f in r.flows for p in f.decision.possible),
        "ready": bilingual_function(ready_words),
        "obstacles": lambda f: [
            both(*pair) for pair in zip(obstacle_lines(f, "zh"), obstacle_lines(f, "en"), strict=True)
        ],
        "settled_by": bilingual_function(settling_words),
        "unanswered": _unanswered,
        "step": bilingual_function(step_words),
        "possible_lines": lambda f: [both(*pair) for pair in _possible_lines(f)],
        "change": lambda c, f: both(change_words(c, f, "zh"), change_words(c, f, "en")),
        "strict_words": bilingual_function(
            lambda f, lang: t("strict", lang, n=persons(f.strict.sensitive, lang))
        ),
        "weaker_words": lambda v: both(
            t("weaker", "zh", form=v.weaker.zh), t("weaker", "en", form=v.weaker.en)
        ),
    }


def _possible_lines(f: FlowReport) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a flow's possible columns, in both languages."""
    zh, en = (possible_lines(f, lang) for lang in LANGS)
    yield from zip(zh, en, strict=True)


def _purpose(name: str) -> Markup:
    zh, en = (bdi(purpose_words(name, lang), LONGEST_PURPOSE) for lang in LANGS)
    return both(zh, en)


def _message(text: Text, most: int) -> Markup:
    """Return a message, cut to so many characters."""
    zh, en = (bdi(render(text, lang), most) for lang in LANGS)
    return both(zh, en)


@cache
def _fact(reason: Reason, most: int) -> Markup:
    """Return what a decision rests on, in words; as programs read it when pointed at."""
    zh, en = (bdi(fact_words(facts_of(reason), lang), most) for lang in LANGS)
    return both(zh, en, "span", Markup(' title="{}"').format(reason.fact))


def _path(decision: Decision) -> Markup:
    """Return the path, or that it is open and which are possible."""
    if decision.path != "needs_review":
        return bilingual(f"path.{decision.path}")
    possible = Markup(" / ").join(bilingual(f"path.{path}") for path in decision.possible)
    return Markup("{}<small>{}</small>").format(bilingual("path.needs_review"), possible)


def next_stock(stock: Stock, of: str) -> int:
    """Return the next line for persons held; 0 if there is none. of: all or faces."""
    open_lines = (d.persons for d in stock.duties if d.of == of and d.status != "reached")
    return min(open_lines, default=0)
