"""Counts against the legal lines as a picture: one bar for the entity's year and one for each flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log10

from markupsafe import Markup

from mappings.flow_report import EntityReport, FlowReport
from mappings.forecast import Counter
from mappings.model import Estimate
from mappings.rules import RuleSet
from reports.page.bilingual import LANGS, WordPair, bilingual, both, words_of
from reports.page.safe import cut_text
from reports.page.svg import TextPlace, figure, legal_line, text, tone
from reports.wording.distance import LineCount, distance_words, flow_count, path_at, year_count
from reports.wording.figures import number, persons

BAR = 26                                      # a bar below the top of its row
STEP = 78                                     # height of a row
LABEL = 18                                    # height of a line's label
MOST_FLOWS = 12                               # flows beside the entity's own count in one picture


@dataclass(frozen=True, slots=True)
class CountBar:
    """A bar: its name, its count, and its distance to the next line in words."""

    name: WordPair
    count: Estimate
    distance: WordPair
    in_year: bool                             # it is part of the entity's year


@dataclass(frozen=True, slots=True)
class _LogScale:
    """A logarithmic scale from 1 to a power of ten."""

    top: int

    @classmethod
    def up_to(cls, largest: float) -> _LogScale:
        return cls(10 ** ceil(log10(largest)))

    def position(self, persons: float) -> float:
        """Return per cent of the width, in [0, 100]."""
        return 0.0 if persons <= 1 else min(100 * log10(persons) / log10(self.top), 100)


@dataclass(frozen=True, slots=True)
class _LegalLine:
    """A line of a counter: how many persons, where it is across, and the path that begins there."""

    persons: int
    x: float
    path: str


def lines_picture(
    name: str, entity: EntityReport, flows: Sequence[FlowReport], rules: RuleSet, counter: Counter
) -> Markup:
    """Return the picture, on a logarithmic scale with the legal lines across it and how far they are."""
    bars = list(_bars(entity, flows, rules, counter))
    marks = rules.lines_of(counter)
    scale = _LogScale.up_to(max([10 * marks[-1], *((b.count.high or b.count.best) * 1.2 for b in bars)]))
    legal = [_LegalLine(mark, scale.position(mark), path_at(mark, counter, rules)) for mark in marks]
    head = LABEL * len(marks) + 8
    height = head + STEP * len(bars) + 18
    parts = [*_line_labels(legal, head)]
    for i, bar in enumerate(bars):
        y = head + STEP * i
        parts += _bar(bar, y, scale, first=i == 0)
        parts += [legal_line(line.x, y + BAR - 7, y + BAR + 7, line.path) for line in legal]
    parts += _axis(scale, height - 3)
    return figure(name, height, parts, _caption(bars, marks, counter), "lines")


def _bars(
    entity: EntityReport, flows: Sequence[FlowReport], rules: RuleSet, counter: Counter
) -> Iterator[CountBar]:
    """Yield the year's bar, then those of flows; flows that the year does not hold have no distance."""
    count = year_count(entity, flows, counter)
    yield CountBar(words_of("page.year"), count.shown, _distance(count, counter, rules), True)
    for flow in flows[:MOST_FLOWS]:
        id, count = flow.flow.id, flow_count(flow, counter)
        if not entity.counted or id in entity.counted:
            yield CountBar((id, id), count.shown, _distance(count, counter, rules), True)
        else:
            zh, en = words_of("page.apart")
            yield CountBar((f"{id} · {zh}", f"{id} · {en}"), count.shown, ("", ""), False)


def _distance(count: LineCount, counter: Counter, rules: RuleSet) -> WordPair:
    zh, en = (distance_words(count, counter, rules, lang, True) for lang in LANGS)
    return zh, en


def line_words(persons: int, path: str) -> WordPair:
    """Return a legal line in words."""
    zh, en = words_of(f"page.short.{path}")
    return f"{number(persons)} 人：{zh}", f"{number(persons)}: {en}"


def _line_labels(legal: Sequence[_LegalLine], head: int) -> Iterator[Markup]:
    """Yield the lines' labels one below the other, the last line's first, with marks down to the bars."""
    for i, line in enumerate(legal):
        y = 14 + LABEL * (len(legal) - 1 - i)
        yield legal_line(line.x, y - 10, head - 8, line.path)
        place = TextPlace(line.x, y, "end", -5) if line.x > 50 else TextPlace(line.x, y, "start", 5)
        yield text(place, line_words(line.persons, line.path), f"mark {tone(line.path)}")


def _bar(bar: CountBar, y: float, scale: _LogScale, first: bool) -> Iterator[Markup]:
    """Yield the name above the bar, count and distance below it, a line each: none runs through another."""
    kind = "row first" if first else "row" if bar.in_year else "row apart"
    count, middle = bar.count, y + BAR
    yield text(TextPlace(0, y + 12), (cut_text(bar.name[0], 40), cut_text(bar.name[1], 40)), kind)
    yield text(TextPlace(100, middle + 21, "end"), (persons(count, "zh"), persons(count, "en")), kind + " n")
    yield Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="track"/>').format(middle)
    if bar.distance[0]:
        yield text(TextPlace(100, middle + 37, "end"), bar.distance, "axis")
    if count.high is None and count.method == "unknown":
        return
    low, best = scale.position(count.low), scale.position(count.best)
    high = scale.position(count.high) if count.high is not None else 100
    style = "interval" if count.high is not None else "interval unbounded"
    style += " first" if first else "" if bar.in_year else " apart"
    if low:
        yield Markup('<line x1="0" x2="{0:.2f}%" y1="{1}" y2="{1}" class="reach"/>').format(low, middle)
    yield Markup('<line x1="{0:.2f}%" x2="{1:.2f}%" y1="{2}" y2="{2}" class="{3}"/>').format(
        low, max(high, low + 0.01), middle, style
    )
    yield Markup('<circle cx="{0:.2f}%" cy="{1}" r="4" class="best"/>').format(best, middle)


def _axis(scale: _LogScale, y: float) -> Iterator[Markup]:
    """Yield every second power of ten."""
    for power in range(0, round(log10(scale.top)) + 1, 2):
        n = 10**power
        anchor = "start" if n == 1 else "end" if n == scale.top else "middle"
        yield text(TextPlace(scale.position(n), y, anchor), (number(n), number(n)), "axis")


def _caption(bars: Sequence[CountBar], marks: Sequence[int], counter: Counter) -> Markup:
    rows = Markup("; ").join(
        Markup("{} {} {}").format(
            both(*bar.name), both(persons(bar.count, "zh"), persons(bar.count, "en")), both(*bar.distance)
        )
        for bar in bars
    )
    return Markup("{}: {}. {}: {}").format(
        bilingual(f"page.lines.{counter}"), rows, bilingual("page.legal"), ", ".join(map(number, marks))
    )
