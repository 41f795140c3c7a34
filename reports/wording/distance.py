"""How far a number of persons is from the next legal line, for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Literal, NamedTuple

from mappings.counts import total_of_parts
from mappings.flow_report import EntityReport, FlowReport
from mappings.forecast import Counter
from mappings.model import Estimate, FlowCount, Margin
from mappings.rules import RuleSet
from reports.messages.words import t
from reports.wording.figures import number, persons


class LineCount(NamedTuple):
    """A count beside the lines.

    measured: the persons the lines are about; who gives sensitive items only is no ordinary person.
    """

    shown: Estimate
    measured: Estimate


@dataclass(frozen=True, slots=True)
class Distance:
    """Where a count stands: below the next line, past the last one, or with a line inside its interval."""

    stands: Literal["below", "inside", "past"]
    persons: int                              # to the line; 0 where it lies inside
    line: int
    path: str                                 # that begins at the line


def distance(e: Estimate, counter: Counter, rules: RuleSet) -> Distance | None:
    """Return the distance to the next line from the upper end, or from the lower end to a last line passed.

    None where nothing was counted or the rules know no line.
    """
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
    """Return the path that begins at a line."""
    plain, of_sectors = (
        [x["path"] for x in entries if x["counter"] == counter and x["min"] == line]
        for entries in (rules.raw["thresholds"], rules.raw["sector_lines"].values())
    )
    return str((plain or of_sectors)[0])


def distance_words(
    count: LineCount, counter: Counter, rules: RuleSet, lang: str, short: bool = False
) -> str:
    """Return `87,400 short of the line of 100,000 (contract or certification)`.

    It names the persons measured where those are not the ones shown. Empty where there is no distance. short:
    without the path.
    """
    d = distance(count.measured, counter, rules)
    if d is None:
        return ""
    words = _to_line_words(d, lang, short)
    if count.shown == count.measured:
        return words
    if short:
        return t("distance.short.of", lang, n=number(count.measured.best), words=words)
    return t("distance.of", lang, n=persons(count.measured, lang), words=words)


def _to_line_words(d: Distance, lang: str, short: bool) -> str:
    values = {"n": number(d.persons), "line": number(d.line)}
    if short:
        return t(f"distance.short.{d.stands}", lang, **values)
    return t(f"distance.{d.stands}", lang, path=t(f"page.short.{d.path}", lang), **values)


def margin_distance_words(margin: Margin, lang: str) -> str:
    """Return the distance of a decision to the next line that would change its path."""
    return _to_line_words(Distance("below", margin.to_next, margin.line, margin.next_path), lang, False)


def flow_count(f: FlowReport, counter: Counter) -> LineCount:
    """Return the count of a flow."""
    if counter == "sensitive":
        return LineCount(f.sensitive_individuals, f.sensitive_individuals)
    return LineCount(f.individuals, f.ordinary or f.individuals)


def year_count(e: EntityReport, flows: Iterable[FlowReport], counter: Counter) -> LineCount:
    """Return the count of an entity's year: of its flows together, or of the only one that counts.

    flows: at least the entity's own.
    """
    if counter == "sensitive":
        return LineCount(e.sensitive_individuals, e.sensitive_individuals)
    ordinary = _ordinary_of_year(e, flows)
    if ordinary is None or _upper_end(ordinary) > _upper_end(e.individuals):
        ordinary = e.individuals
    return LineCount(e.individuals, ordinary)


def _ordinary_of_year(e: EntityReport, flows: Iterable[FlowReport]) -> Estimate | None:
    """Return the persons with ordinary items over the flows that count; None if the report does not say."""
    counts: dict[str, FlowCount] = {}
    for f in flows:
        counts[f.flow.id] = FlowCount(f.individuals, f.sensitive_individuals, ordinary=f.ordinary)
        counts |= {part.id: part.count for part in f.parts}
    unions = {union.flows: union.count for union in e.unions}
    ids = tuple(sorted(e.counted))
    if ids not in unions and not (ids and counts.keys() >= set(ids)):
        return None
    return total_of_parts(ids, counts, unions).ordinary


def _upper_end(e: Estimate) -> float:
    return inf if e.high is None else e.high
