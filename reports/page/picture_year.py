"""The year month by month as a picture, by the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mappings.flow_report import EntityReport
from mappings.forecast import Counter
from mappings.model import Estimate
from mappings.rules import RuleSet
from reports.page.bilingual import bilingual, both
from reports.page.picture_lines import line_words
from reports.page.svg import TextPlace, figure, text, tone
from reports.wording.distance import path_at
from reports.wording.figures import number, persons

TALL, BASE = 140, 166                         # pixels: the highest a column gets, and where columns stand


@dataclass(frozen=True, slots=True)
class _MonthScale:
    """How counts become columns. top: persons at full height; wide: per cent of the width a month has."""

    top: float
    wide: float

    def height(self, persons: float) -> float:
        return TALL * persons / self.top


def year_picture(name: str, entity: EntityReport, rules: RuleSet, counter: Counter) -> Markup:
    """Return persons exported up to each month's end, and the lines that are near; "" without a ledger."""
    if not entity.months:
        return Markup("")
    months = [(m, c.individuals if counter == "ordinary" else c.sensitive) for m, c in entity.months]
    most = max(max(count.high or count.best for _, count in months), 1)
    near = [line for line in rules.lines_of(counter) if most / 20 <= line <= most * 4]
    scale = _MonthScale(max([most, *near]) * 1.12, 100 / len(months))
    parts = [
        Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="track thin"/>').format(BASE),
        *_columns(months, scale, counter),
    ]
    for line in near:
        parts += _line(line, path_at(line, counter, rules), scale)
    return figure(name, BASE + 22, parts, _caption(months, counter), "year")


def _columns(
    months: Sequence[tuple[str, Estimate]], scale: _MonthScale, counter: Counter
) -> Iterator[Markup]:
    """Yield a column a month, and the last month's number above its column."""
    for i, (month, count) in enumerate(months):
        height = scale.height(count.best)
        yield Markup(
            '<rect x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}" class="month {}"/>'
        ).format((i + 0.2) * scale.wide, BASE - height, scale.wide * 0.6, height, counter)
        place = TextPlace((i + 0.5) * scale.wide, BASE + 15, "middle")
        yield text(place, (month[-2:], month[-2:]), "axis")
    if last := months[-1][1].best:
        place = TextPlace(100 - scale.wide * 0.5, BASE - scale.height(last) - 5, "middle")
        yield text(place, (number(last), number(last)), "first")


def _line(persons: int, path: str, scale: _MonthScale) -> Iterator[Markup]:
    y = BASE - scale.height(persons)
    yield Markup('<line x1="0" x2="100%" y1="{0:.1f}" y2="{0:.1f}" class="legal {1}"/>').format(y, tone(path))
    yield text(TextPlace(0, y - 4), line_words(persons, path), f"mark {tone(path)}")


def _caption(months: Sequence[tuple[str, Estimate]], counter: Counter) -> Markup:
    counts = Markup("; ").join(
        Markup("{}: {}").format(month, both(persons(count, "zh"), persons(count, "en")))
        for month, count in months
    )
    return Markup("{}. {}").format(bilingual(f"page.lines.{counter}"), counts)
