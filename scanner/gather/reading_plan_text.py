"""The plan for people (terminal text, CSV) and programs (JSON)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from detectors.labels import labels
from detectors.model import Label, unquote
from reports.cells import broken, shown
from reports.messages import render as messages
from reports.messages.words import t
from reports.wording.figures import number
from scanner.gather.priority import PRIORITIES
from scanner.gather.reading_plan import PlannedTable, ReadingPlan

SHOWN = 4                                     # labels or copies named in a line
EXCLUDED = 40                                 # patterns shown of a source
COLUMNS = ("rank", "table", "place", "personal", "sensitive", "uncertain", "columns", "labels", "rows", "rows_method", "bytes", "owner",
           "accessed", "values_read", "members", "copy_of", "seconds", "bytes_to_read", "night")


def render(plan: ReadingPlan, lang: str, width: int, limit: int, budget: str = "", so_far: bool = False) -> str:
    """The first lines of the plan as text of at most `width` columns; CJK characters count two."""
    out = [f"{t('plan.title', lang)} {t('plan.so_far', lang) if so_far else ''}".strip()]
    for text in _head(plan, lang, budget):
        out += broken(text, width)
    place, night = "", 1
    for rank, line in enumerate(plan.lines[:limit], 1):
        e = line.ranked.entry
        if line.ranked.priority != place:
            place = line.ranked.priority
            out += ["", t(f"place.{place}", lang)]
        if line.night > night:
            night = line.night
            out.append(f"— {t('plan.night', lang, n=night)} —")
        head = broken(shown(e.id), width - 6)
        out += [f"{rank:>4}  {head[0]}", *(f"      {x}" for x in head[1:])]
        for part in (_why(line, lang), _figures(line, lang), *_copies(line, lang)):
            out += [f"      {x}" for x in broken(part, width - 6)]
    if len(plan.lines) > limit:
        out.append(t("plan.more", lang, n=number(len(plan.lines) - limit)))
    if plan.exclude:
        out += ["", *broken(t("plan.exclude", lang), width), *exclude_lines(plan)]
    if plan.unplaced:
        colon, joint = ("：", "；") if lang == "zh" else (": ", "; ")
        out += ["", *broken(f"{t('plan.unplaced', lang)}{colon}{joint.join(messages.render(x, lang) for x in plan.unplaced)}", width)]
    return "\n".join(out)


def _head(plan: ReadingPlan, lang: str, budget: str) -> Iterator[str]:
    each = [(x.ranked.entry.columns, len(x.ranked.entry.members) or 1) for x in plan.lines]
    yield t("plan.totals", lang, lines=number(len(each)), tables=number(sum(n for _, n in each)),
            columns=number(sum(c * n for c, n in each)), read=number(sum(bool(x.ranked.last_read) for x in plan.lines)))
    counts = {p: sum(x.ranked.priority == p for x in plan.lines) for p in PRIORITIES}
    yield " · ".join(f"{t(f'place.{p}', lang)} {number(n)}" for p, n in counts.items() if n)
    how = t("plan.measured" if plan.measured else "plan.assumed", lang)
    yield t("plan.cost", lang, time=time_words(plan.seconds, lang), size=size_words(plan.bytes), pace=f"{plan.pace:.2g}", how=how)
    if plan.nights:
        yield t("plan.nights", lang, budget=budget, n=number(plan.nights))


def _why(line: PlannedTable, lang: str) -> str:
    e = line.ranked.entry
    if e.copy_of:
        return t("plan.why_copy", lang, of=e.copy_of)
    if e.personal:
        known = labels()
        words = [(known[Label(x)].zh if lang == "zh" else known[Label(x)].en) if Label(x) in known else x for x in e.labels[:SHOWN]]
        told = ("、" if lang == "zh" else ", ").join(words) + (" …" if len(e.labels) > SHOWN else "")
        return t("plan.why", lang, personal=e.personal, sensitive=e.sensitive, labels=told)
    return t("plan.why_uncertain", lang, n=e.uncertain, columns=e.columns) if e.uncertain else t("plan.why_nothing", lang)


def _figures(line: PlannedTable, lang: str) -> str:
    e = line.ranked.entry
    rows = t("plan.rows_unknown", lang) if e.rows is None else t("plan.rows", lang, n=number(e.rows), how=t(f"method.{e.method}", lang))
    seen = line.ranked.last_read
    return " · ".join(x for x in (
        rows, size_words(e.bytes) if e.bytes is not None else "", t("plan.members", lang, n=len(e.members)) if e.members else "",
        t("plan.owner", lang, name=e.owner) if e.owner else "", t("plan.accessed", lang, day=e.accessed) if e.accessed else "",
        t("plan.seen_values", lang, day=seen[:10]) if seen else t("plan.seen_names", lang),
    ) if x)


def _copies(line: PlannedTable, lang: str) -> Iterator[str]:
    if line.copies:
        some = ", ".join(unquote(c.rsplit("/", 1)[1]) for c in line.copies[:SHOWN]) + (" …" if len(line.copies) > SHOWN else "")
        yield t("plan.copies", lang, n=len(line.copies), some=some)


def exclude_lines(plan: ReadingPlan, most: int = EXCLUDED) -> Iterator[str]:
    """The lines of chujing.yaml that would leave the copies out."""
    yield "sources:"
    for source, patterns in plan.exclude.items():
        yield f"  {source}:"
        yield "    exclude:"
        yield from (f"      - {json.dumps(p, ensure_ascii=False)}" for p in patterns[:most])
        if len(patterns) > most:
            yield f"      # + {len(patterns) - most}"


def size_words(n: int) -> str:
    """Bytes in the largest unit that leaves at least one of it.

    >>> size_words(512), size_words(3_000_000)
    ('512 B', '2.9 MiB')
    """
    size, units = float(n), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.0f} {units[0]}" if units[0] == "B" else f"{size:.1f} {units[0]}"


def time_words(seconds: float, lang: str) -> str:
    """Seconds as hours and minutes.

    >>> time_words(45, "en"), time_words(7_500, "en"), time_words(7_500, "zh")
    ('45 s', '2 h 5 min', '2 小时 5 分')
    """
    hour, minute, second = ("小时", "分", "秒") if lang == "zh" else ("h", "min", "s")
    if seconds < 90:
        return f"{seconds:.0f} {second}"
    minutes = round(seconds / 60)
    return f"{minutes // 60} {hour} {minutes % 60} {minute}" if minutes >= 60 else f"{minutes} {minute}{'钟' if lang == 'zh' else ''}"


def rows(plan: ReadingPlan) -> Iterator[dict[str, Any]]:
    """Every line of the plan as a flat record."""
    for rank, line in enumerate(plan.lines, 1):
        e = line.ranked.entry
        yield dict(zip(COLUMNS, (
            rank, e.id, line.ranked.priority, e.personal, e.sensitive, e.uncertain, e.columns, list(e.labels), e.rows, e.method, e.bytes,
            e.owner, e.accessed, line.ranked.last_read, list(e.members), e.copy_of, round(line.seconds, 2), line.bytes, line.night or None,
        ), strict=True))


def to_csv(plan: ReadingPlan) -> str:
    """The plan as CSV; cells that a spreadsheet would take for a formula begin with an apostrophe."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows(plan):
        table.writerow([_cell(v) for v in row.values()])
    return out.getvalue()


def _cell(value: object) -> object:
    text = " ".join(map(str, value)) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def to_json(plan: ReadingPlan) -> str:
    """The plan as JSON: totals, what could be excluded, and every table on a line of its own."""
    totals = {"seconds": round(plan.seconds), "bytes_to_read": plan.bytes, "seconds_a_table": plan.pace, "measured": plan.measured,
              "nights": plan.nights or None}
    head = json.dumps({"totals": totals, "exclude": plan.exclude, "unplaced": plan.unplaced}, ensure_ascii=False)
    tables = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows(plan))
    return f'{head[:-1]}, "tables": [\n{tables}\n]}}\n'
