"""The year of an entity, what it would file, and the persons it holds, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mappings.flow_report import EntityReport, Stock, YearTotals
from mappings.model import Estimate, FlowCount, Forecast, Option
from mappings.readiness import STOPS
from mappings.rules import path_rank
from mappings.totals import group_totals
from reports.messages.render import render
from reports.messages.words import heading, in_brackets, join_list, t
from reports.wording.decision import path_names, path_words
from reports.wording.figures import method_words, number, persons, sensitive_persons, since_words
from reports.wording.law import citation


def headline_words(entity: EntityReport, lang: str) -> str:
    """Return where the year of an entity leads: the band of its counted flows; without one, its flows.

    Beside the band stands what a flow's own facts ask for above it, such as notified important data. A band
    that binds no flow (by a reading, the area's contract is open above the line), or may bind none (what is
    open may leave nothing in the count), is no headline.
    """
    possible = entity.decision.possible
    if not entity.band:
        stops = STOPS.intersection(possible)
        return t("totals.nothing", lang) if stops else path_words(entity.decision, lang)
    below = [p for p in possible if path_rank(p) < min(map(path_rank, entity.band))]
    if below and (len(below) == len(possible) or not entity.decision.certain):
        return path_words(entity.decision, lang)
    above = [p for p in possible if path_rank(p) > max(map(path_rank, entity.band))]
    apart = [heading("band.apart", lang) + path_names(above, lang)] if above else []
    return join_list([_band_words(entity, lang), *apart], "clauses", lang)


def _band_words(entity: EntityReport, lang: str) -> str:
    if len(entity.band) == 1:
        return path_names(entity.band, lang)
    if entity.decision.possible == entity.band:
        return path_words(entity.decision, lang)
    return t("path.needs_review", lang) + t("list.heading", lang) + path_names(entity.band, lang)


def year_words(entity: EntityReport, lang: str) -> str:
    """Return the persons of the year's count."""
    counts = both_count_words(entity.individuals, entity.sensitive_individuals, lang, entity.strict)
    return heading("exporter", lang) + counts


def bound_reasons(entity: EntityReport, lang: str) -> list[str]:
    """Return why counts of the year give bounds only, each reason once, and what is expected beside them."""
    counts = (entity.individuals, entity.sensitive_individuals)
    reasons = [words for words in dict.fromkeys(since_words(count, lang) for count in counts) if words]
    largest = max(entity.unions, key=lambda union: len(union.flows), default=None)
    notes = largest.count.notes if largest else ()
    return reasons + [render(note, lang) for note in notes if note.code.startswith("expected")]


def exported_words(entity: EntityReport, lang: str) -> str:
    """Return the persons exported since 1 January by the ledger; empty where there is no ledger."""
    if entity.exported is None or entity.exported_sensitive is None:
        return ""
    return heading("exported", lang) + both_count_words(entity.exported, entity.exported_sensitive, lang)


def totals_lines(entity: EntityReport, lang: str) -> Iterator[str]:
    """Yield the entity's band, and left, running and planned persons apart, with the band today and later."""
    if entity.band:
        yield heading("band", lang) + path_names(entity.band, lang)
    totals = entity.totals
    if totals is None:
        return
    yield join_list(three_totals(totals, lang), "clauses", lang)
    yield today_words(totals, lang)
    for flow, paths in totals.once.items():
        if paths and paths != totals.today:
            yield heading("totals.once", lang, flow=flow) + path_names(paths, lang)


def three_totals(totals: YearTotals, lang: str) -> Iterator[str]:
    """Yield the persons that left since 1 January, that run and that are planned, apart."""
    lacking = [flow for flow in totals.unledgered if flow not in totals.begun]
    key, flows = ("unknown", lacking) if lacking else ("begun", totals.begun)
    exported = t(f"totals.{key}", lang, flows=join_list(flows, "names", lang))
    if totals.exported is not None:
        exported = _count_words(totals.exported, lang)
    yield heading("totals.exported", lang) + exported
    for name, count in (("running", totals.running), ("planned", totals.planned)):
        yield heading(f"totals.{name}", lang) + _count_words(count, lang)


def group_words(years: Sequence[EntityReport], lang: str) -> str:
    """Return the three totals of a group; empty where there is one entity."""
    totals = group_totals(years)
    if totals is None:
        return ""
    return heading("totals.group", lang) + join_list(three_totals(totals, lang), "clauses", lang)


def today_words(totals: YearTotals, lang: str) -> str:
    """Return the band of what left and runs."""
    today = path_names(totals.today, lang) if totals.today else t("totals.nothing", lang)
    return heading("totals.today", lang) + today


def _count_words(count: FlowCount, lang: str) -> str:
    return both_count_words(count.individuals, count.sensitive, lang, count.strict)


def both_count_words(
    individuals: Estimate, sensitive: Estimate, lang: str, strict: FlowCount | None = None
) -> str:
    """Return head-counts of everybody and of those with sensitive information, under both readings of it."""
    everybody = f"{persons(individuals, lang)} {t('people', lang)}"
    with_sensitive = f"{t('sensitive_individuals', lang)} {sensitive_persons(sensitive, strict, lang)}"
    return join_list((everybody, with_sensitive), "pieces", lang)


def forecast_words(forecast: Forecast, lang: str) -> str:
    """Return the persons on 31 December and when the next line would be reached."""
    words = t(f"forecast.{forecast.counter}", lang, n=persons(forecast.persons, lang))
    if not forecast.line:
        return words
    line = number(forecast.line)
    if forecast.earliest is None:
        return f"{words}; {t('forecast.never', lang, line=line)}"
    path, day = t(f"path.{forecast.path}", lang), forecast.reached or t("forecast.later", lang)
    when = t("forecast.line", lang, line=line, path=path, reached=day, earliest=forecast.earliest)
    return f"{words}; {when}"


def option_words(option: Option, lang: str) -> str:
    """Return one way to file: what, which flows, with whom, and what it asks for."""
    recipients = join_list(option.for_recipients, "names", lang)
    clause = citation(option.source, option.confidence_of_source, lang)
    way = f"{t('plan.' + option.path, lang)} [{', '.join(option.flows)}]"
    return f"{way} → {recipients}: {render(option.words, lang)}  {clause}"


def stock_lines(stock: Stock, lang: str) -> Iterator[str]:
    """Yield the persons in the sources now, the duties whose line is reached or open, and notes."""
    how = in_brackets(method_words(stock.individuals, lang), lang)
    people = f"{persons(stock.individuals, lang)} {t('people', lang)}{how}"
    faces = f"{t('stock.faces', lang)} {persons(stock.faces, lang)}"
    yield join_list((people, faces), "pieces", lang) if stock.faces.high != 0 else people
    for duty in stock.duties:
        if duty.status != "below":
            words = render(duty.words, lang)
            clause = citation(duty.source, duty.confidence_of_source, lang)
            line = heading("stock." + duty.status, lang, n=number(duty.persons)) if duty.persons > 1 else ""
            yield f"{line}{words}  {clause}"
    for note in stock.notes:
        yield render(note, lang)
