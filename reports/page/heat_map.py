"""Tables or systems by category: how many columns, darker for more, marked where sensitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from detectors.ids import table_of
from detectors.model import TableId
from reports.model import Report
from reports.page.bilingual import bilingual, both, words_of
from reports.page.safe import breakable_path
from reports.page.totals import Totals
from reports.wording.figures import number
from reports.wording.titles import category_en

MOST_ROWS = 30                                # the other rows stand in the table below the map


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row: its name, the address before `#` that its cells link to, and its numbers."""

    name: str
    address: str
    totals: Totals


def heat_map(
    name: str, rows: Sequence[HeatRow], categories: Mapping[str, str], filtered: Literal["table", "source"]
) -> Markup:
    """Return the map; nothing without rows or categories.

    categories: id -> Chinese name. filtered: which filter of the page a row sets.
    """
    if not rows or not categories:
        return Markup("")
    most = max((n for row in rows for n in row.totals.by_category.values()), default=1)
    heads = Markup("").join(
        Markup("<th scope=col><span>{}</span></th>").format(both(zh, category_en(id)))
        for id, zh in categories.items()
    )
    body = Markup("").join(
        Markup("<tr><th scope=row>{}</th>{}</tr>").format(
            breakable_path(row.name, 46),
            Markup("").join(_cell(row, category, most, filtered) for category in categories.items()),
        )
        for row in rows
    )
    title = bilingual("page.heat" if filtered == "table" else "page.heat.systems")
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-labelledby="{0}">'
        '<table class="heat"><caption id="{0}">{1}</caption>'
        "<thead><tr><td></td>{2}</tr></thead><tbody>{3}</tbody></table></div>"
    ).format(name, title, heads, body)


def _cell(row: HeatRow, category: tuple[str, str], most: int, filtered: str) -> Markup:
    """Return the cell of a row and a category, a link to its columns. most: columns of the fullest cell."""
    id, zh = category
    columns, sensitive = row.totals.by_category[id], row.totals.sensitive_by_category[id]
    if not columns:
        return Markup("<td></td>")
    level = 1 + min(4, int(4.99 * log10(columns + 1) / log10(most + 1)))
    words = words_of("page.heat.cell", n=number(columns), s=number(sensitive))
    target = f"{row.address}#{filtered}={quote(row.name, safe='')}&category={quote(id, safe='')}"
    return Markup(
        '<td><a href="{}" title="{}" data-zh="{}" data-en="{}">'
        '<svg aria-hidden="true" width="100%" height="26">'
        '<rect width="100%" height="26" rx="3" class="h{} {}"/></svg>'
        '<b>{}</b><span class="unseen">{}</span></a></td>'
    ).format(
        target,
        " / ".join(words),
        zh,
        category_en(id),
        level,
        "s" if sensitive else "p",
        number(columns),
        both(*words),
    )


def foremost_tables(report: Report, totals: Mapping[TableId, Totals]) -> list[TableId]:
    """Return tables for the map: those that leave, then those with most sensitive columns and findings.

    totals: by table.
    """
    leaving = {table_of(column) for flow in report.flows for column in flow.columns}
    ranked = [table for table in totals if totals[table].with_finding]
    ranked.sort(key=lambda t: (t not in leaving, -totals[t].sensitive, -totals[t].with_finding, t))
    return ranked[:MOST_ROWS]
