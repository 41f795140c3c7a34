"""How far a number of persons is from the next legal line, for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Literal

from mappings.counts import total_of_parts
from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Estimate, FlowCount
from mappings.rules import RuleSet
from reports.messages.words import t
from reports.wording.figures import number, persons

Counter = Literal["ordinary", "sensitive"]


@dataclass(frozen=True, slots=True)
class Distance:
    """Where a count stands: so many persons below the next line, past the last one, or with a line inside its interval."""

    stands: Literal["below", "inside", "past"]
    persons: int                              # to the line; 0 where it lies inside
    line: int
    path: str                                 # that begins at the line


def distance(e: Estimate, counter: Counter, rules: RuleSet) -> Distance | None:
    """To the next line from the upper end, where there is one; None where nothing was counted or the rules know no line."""
    lines = rules.lines_of(counter)
    if not lines or e.method == "unknown":
        return None
    top = e.high if e.high is not None else e.best
    if inside := [n for n in lines if e.low < n <= top]:
        return Distance("inside", 0, inside[-1], path_at(inside[-1], counter, rules))
    if above := [n for n in lines if n > top]:
        return Distance("below", above[0] - top, above[0], path_at(above[0], counter, rules))
    return Distance("past", e.low - lines[-1], lines[-1], path_at(lines[-1], counter, rules))


def path_at(line: int, counter: str, rules: RuleSet) -> str:
    """The path that begins at a line."""
    plain, of_sectors = (
        [x["path"] for x in entries if x["counter"] == counter and x["min"] == line]
        for entries in (rules.raw["thresholds"], rules.raw["sector_lines"].values())
    )
    return str((plain or of_sectors)[0])


def distance_words(d: Distance, lang: str, short: bool = False) -> str:
    """`87,400 short of the line of 100,000 (contract or certification)`; short: without the path."""
    values = {"n": number(d.persons), "line": number(d.line)}
    if short:
        return t(f"distance.short.{d.stands}", lang, **values)
    return t(f"distance.{d.stands}", lang, path=t(f"page.short.{d.path}", lang), **values)


def of_flow(f: FlowReport, counter: Counter) -> tuple[Estimate, Estimate]:
    """(persons shown, persons the lines are about) of a flow: who gives sensitive items only is no ordinary person."""
    return (f.individuals, f.ordinary or f.individuals) if counter == "ordinary" else (f.sensitive_individuals,) * 2


def of_year(e: EntityReport, flows: Iterable[FlowReport], counter: Counter) -> tuple[Estimate, Estimate]:
    """The same for the year's count of an entity: of its flows together, or of the only one that counts. flows: at least its own."""
    if counter == "sensitive":
        return e.sensitive_individuals, e.sensitive_individuals
    counts = {i: c for f in flows for i, c in [(f.flow.id, _count(f)), *((p.id, p.count) for p in f.parts)]}
    unions, counted = {u.flows: u.count for u in e.unions}, tuple(sorted(e.counted))
    known = counted in unions or bool(counted) and counts.keys() >= set(counted)
    ordinary = total_of_parts(counted, counts, unions).ordinary if known else None
    return e.individuals, ordinary if ordinary is not None and _top(ordinary) <= _top(e.individuals) else e.individuals


def _top(e: Estimate) -> float:
    return inf if e.high is None else e.high


def _count(f: FlowReport) -> FlowCount:
    return FlowCount(f.individuals, f.sensitive_individuals, ordinary=f.ordinary)


def counted_words(told: tuple[Estimate, Estimate], counter: Counter, rules: RuleSet, lang: str, short: bool = False) -> str:
    """The distance of a count in words; with the persons it is of, where those are not the ones shown. Empty where there is none."""
    shown, counted = told
    if (d := distance(counted, counter, rules)) is None:
        return ""
    words = distance_words(d, lang, short)
    if shown == counted:
        return words
    return t("distance.short.of", lang, n=number(counted.best), words=words) if short else t(
        "distance.of", lang, n=persons(counted, lang), words=words)
