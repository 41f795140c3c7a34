"""Pictures as inline SVG: counts against the legal lines, the year month by month, tables by category.

Positions across are per cent, so text keeps its size on a phone. Each picture is `role="img"` with its caption as name, and the caption
holds every number the picture shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10
from urllib.parse import quote as url

from markupsafe import Markup, escape

from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Estimate
from mappings.rules import RuleSet
from reports.messages.words import t
from reports.model import Report
from reports.page.safe import cut, parts
from reports.page.totals import Totals, category_en
from reports.wording.distance import Counter, counted_words, of_flow, of_year, path_at
from reports.wording.figures import number, persons

MOST_ROWS = 30  # tables in the heat map; the rest stand in the table below it
BAR = 26  # a bar below the top of its row
MOST_FLOWS = 12  # flows beside the entity's own count in one picture


def both(zh: str, en: str, tag: str = "span", more: str = "") -> Markup:
    """Both languages; style shows one of them."""
    if zh == en:
        return escape(zh) if tag == "span" else Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), Markup(more), zh)  # noqa: S704
    return Markup('<{0}{1} lang="zh">{2}</{0}><{0}{1} lang="en">{3}</{0}>').format(Markup(tag), Markup(more), zh, en)  # noqa: S704


def bilingual(key: str, tag: str = "span", more: str = "", **values: object) -> Markup:
    """Words of a key in both languages."""
    return both(t(key, "zh", **values), t(key, "en", **values), tag, more)


def _text(x: float, y: float, zh: str, en: str, kind: str = "", anchor: str = "start", dx: float = 0) -> Markup:
    more = f' x="{x:.2f}%" y="{y:.0f}" dx="{dx:.0f}" text-anchor="{anchor}" class="{kind}"'
    return both(zh, en, "text", more) if zh != en else Markup("<text{}>{}</text>").format(Markup(more), zh)  # noqa: S704


def _figure(name: str, height: float, inner: Sequence[Markup], caption: Markup, kind: str) -> Markup:
    """A picture named by its caption, which is only read out."""
    return Markup(
        '<figure class="picture {3}"><svg role="img" aria-labelledby="{0}" width="100%" height="{1:.0f}">{2}</svg>'
        '<figcaption id="{0}" class="unseen">{4}</figcaption></figure>'
    ).format(name, height, Markup("").join(inner), kind, caption)


# ---- counts against the lines


def lines(name: str, entity: EntityReport, flows: Sequence[FlowReport], rules: RuleSet, counter: Counter) -> Markup:
    """One bar for the entity's year and one for each flow, on a logarithmic scale with the legal lines across it and how far they are."""
    rows = [_row(t("page.year", "zh"), t("page.year", "en"), of_year(entity, flows, counter), counter, rules)]
    for f in flows[:MOST_FLOWS]:
        counted = not entity.counted or f.flow.id in entity.counted
        zh, en = (f.flow.id + ("" if counted else f" · {t('page.apart', lang)}") for lang in ("zh", "en"))
        rows.append(_row(zh, en, of_flow(f, counter), counter, rules, counted))
    marks = rules.lines_of(counter)
    top = 10 ** ceil(log10(max([10 * marks[-1], *((r.count.high or r.count.best) * 1.2 for r in rows)])))
    head, step = 18 * len(marks) + 8, 60
    height = head + step * len(rows) + 18
    inner: list[Markup] = []
    for i, line in enumerate(marks):
        x, y = _log(line, top), 14 + 18 * (len(marks) - 1 - i)
        to = path_at(line, counter, rules)
        inner.append(_legal(x, y - 10, head - 8, to))
        anchor, dx = ("end", -5) if x > 50 else ("start", 5)
        zh, en = f"{number(line)} 人：{t('page.short.' + to, 'zh')}", f"{number(line)}: {t('page.short.' + to, 'en')}"
        inner.append(_text(x, y, zh, en, f"mark {tone(to)}", anchor, dx))
    for i, r in enumerate(rows):
        y = head + step * i
        inner += _bar(r, y, top, first=i == 0)
        inner += [_legal(_log(line, top), y + BAR - 7, y + BAR + 7, path_at(line, counter, rules)) for line in marks]
    inner += [
        _text(_log(n, top), height - 3, number(n), number(n), "axis", "start" if n == 1 else "end" if n == top else "middle")
        for n in (10**k for k in range(0, round(log10(top)) + 1, 2))
    ]
    caption = Markup("{}: ").format(bilingual(f"page.lines.{counter}")) + Markup("; ").join(
        Markup("{} {} {}").format(both(r.zh, r.en), both(persons(r.count, "zh"), persons(r.count, "en")), both(*r.far)) for r in rows
    )
    caption += Markup(". {}: {}").format(bilingual("page.legal"), ", ".join(number(m) for m in marks))
    return _figure(name, height, inner, caption, "lines")


@dataclass(frozen=True, slots=True)
class _CountBar:
    """A bar: its name, its count, and its distance to the next line in words."""

    zh: str
    en: str
    count: Estimate
    far: tuple[str, str]
    in_year: bool


def _row(zh: str, en: str, told: tuple[Estimate, Estimate], counter: Counter, rules: RuleSet, counted: bool = True) -> _CountBar:
    far = (counted_words(told, counter, rules, "zh", True), counted_words(told, counter, rules, "en", True)) if counted else ("", "")
    return _CountBar(zh, en, told[0], far, counted)


def _legal(x: float, y1: float, y2: float, to: str) -> Markup:
    return Markup('<line x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}" class="legal {3}"/>').format(x, y1, y2, tone(to))


def _bar(r: _CountBar, y: float, top: int, first: bool) -> list[Markup]:
    """Name and count above the bar, the distance below it: no line runs through a number."""
    kind = "row first" if first else "row" if r.in_year else "row apart"
    e, bar = r.count, y + BAR
    inner = [
        _text(0, y + 12, cut(r.zh, 40), cut(r.en, 40), kind),
        _text(100, y + 12, persons(e, "zh"), persons(e, "en"), kind + " n", "end"),
        Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="track"/>').format(bar),
        *([_text(100, bar + 21, *r.far, "axis", "end")] if r.far[0] else []),
    ]
    if e.high is None and e.method == "unknown":
        return inner
    low, best = _log(e.low, top), _log(e.best, top)
    high = _log(e.high, top) if e.high is not None else 100
    style = ("interval" if e.high is not None else "interval unbounded") + (" first" if first else "" if r.in_year else " apart")
    if low:
        inner.append(Markup('<line x1="0" x2="{0:.2f}%" y1="{1}" y2="{1}" class="reach"/>').format(low, bar))
    return [
        *inner,
        Markup('<line x1="{0:.2f}%" x2="{1:.2f}%" y1="{2}" y2="{2}" class="{3}"/>').format(low, max(high, low + 0.01), bar, style),
        Markup('<circle cx="{0:.2f}%" cy="{1}" r="4" class="best"/>').format(best, bar),
    ]


def _log(n: float, top: int) -> float:
    return 0.0 if n <= 1 else min(100 * log10(n) / log10(top), 100)


def tone(path: str) -> str:
    """Style of a path: how much it asks for; never a tick."""
    if path in ("security_assessment", "not_necessary_stop", "blocked_without_approval"):
        return "most"
    if path in ("standard_contract_or_certification", "gba_standard_contract"):
        return "some"
    return "open" if path == "needs_review" else "least"


# ---- the year


def year(name: str, entity: EntityReport, rules: RuleSet, counter: Counter) -> Markup:
    """Persons exported up to the end of each month by the ledger, and the lines of the counter that are near."""
    if not entity.months:
        return Markup("")
    months = [(m, c.individuals if counter == "ordinary" else c.sensitive) for m, c in entity.months]
    tall, base, wide = 140, 166, 100 / len(months)
    most = max(max(e.high or e.best for _, e in months), 1)
    near = [n for n in rules.lines_of(counter) if most / 20 <= n <= most * 4]
    top = max([most, *near]) * 1.12
    inner = [Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="track thin"/>').format(base)]
    for i, (month, e) in enumerate(months):
        h = tall * e.best / top
        inner.append(
            Markup('<rect x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}" class="month {}"/>').format(
                (i + 0.2) * wide, base - h, wide * 0.6, h, counter
            )
        )
        inner.append(_text((i + 0.5) * wide, base + 15, month[-2:], month[-2:], "axis", "middle"))
    if months[-1][1].best:
        inner.append(
            _text(100 - wide * 0.5, base - tall * months[-1][1].best / top - 5, *(number(months[-1][1].best),) * 2, "first", "middle")
        )
    for n in near:
        y, to = base - tall * n / top, path_at(n, counter, rules)
        inner.append(Markup('<line x1="0" x2="100%" y1="{0:.1f}" y2="{0:.1f}" class="legal {1}"/>').format(y, tone(to)))
        inner.append(
            _text(
                0,
                y - 4,
                f"{number(n)} 人：{t('page.short.' + to, 'zh')}",
                f"{number(n)}: {t('page.short.' + to, 'en')}",
                f"mark {tone(to)}",
            )
        )
    told = Markup("; ").join(Markup("{}: {}").format(m, both(persons(e, "zh"), persons(e, "en"))) for m, e in months)
    return _figure(name, base + 22, inner, Markup("{}. {}").format(bilingual(f"page.lines.{counter}"), told), "year")


# ---- tables by category


def heat(name: str, rows: Sequence[tuple[str, str, Totals]], kinds: Mapping[str, str], where: str) -> Markup:
    """Rows (name, address before `#`, numbers) by category: how many columns, darker for more, marked where sensitive. Cells are links.

    where: which filter a row sets, `table` or `source`.
    """
    if not rows or not kinds:
        return Markup("")
    most = max((n for _, _, x in rows for n in x.by_category.values()), default=1)
    heads = Markup("").join(Markup("<th scope=col><span>{}</span></th>").format(both(zh, category_en(c))) for c, zh in kinds.items())
    body = Markup("").join(
        Markup("<tr><th scope=row>{}</th>{}</tr>").format(
            parts(row, 46), Markup("").join(_cell(row, address, c, zh, x, most, where) for c, zh in kinds.items())
        )
        for row, address, x in rows
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-labelledby="{0}"><table class="heat"><caption id="{0}">{1}</caption>'
        "<thead><tr><td></td>{2}</tr></thead><tbody>{3}</tbody></table></div>"
    ).format(name, bilingual("page.heat" if where == "table" else "page.heat.systems"), heads, body)


def _cell(row: str, address: str, category: str, zh: str, x: Totals, most: int, where: str) -> Markup:
    n, sensitive = x.by_category[category], x.sensitive_by_category[category]
    if not n:
        return Markup("<td></td>")
    level = 1 + min(4, int(4.99 * log10(n + 1) / log10(most + 1)))
    kind = "s" if sensitive else "p"
    told = tuple(t("page.heat.cell", lang, n=number(n), s=number(sensitive)) for lang in ("zh", "en"))
    target = f"{address}#{where}={url(row, safe='')}&category={url(category, safe='')}"
    return Markup(
        '<td><a href="{}" title="{}" data-zh="{}" data-en="{}"><svg aria-hidden="true" width="100%" height="26">'
        '<rect width="100%" height="26" rx="3" '
        'class="h{} {}"/></svg><b>{}</b><span class="unseen">{}</span></a></td>'
    ).format(target, " / ".join(told), zh, category_en(category), level, kind, number(n), both(*told))


def foremost(report: Report, of: Mapping[str, Totals]) -> list[str]:
    """Tables for the heat map: those that leave, then those with most sensitive and most found columns."""
    leaving = {c.rsplit("/", 1)[0] for f in report.flows for c in f.columns}
    kept = sorted((x for x in of if of[x].with_finding), key=lambda x: (x not in leaving, -of[x].sensitive, -of[x].with_finding, x))
    return kept[:MOST_ROWS]
