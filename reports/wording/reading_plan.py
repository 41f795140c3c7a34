"""The reading plan as text for people; CJK characters count two columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detectors.ids import column_part
from detectors.model import unquote
from reports.cells import shown
from reports.messages import render as messages
from reports.messages.words import join_list, t
from reports.reading_plan import PRIORITIES, PlannedTable, ReadingPlan, TableSummary
from reports.text_width import break_text
from reports.wording.figures import number
from reports.wording.titles import label_title

MOST_NAMED = 4                                # labels or copies named in a line
EXCLUDED = 40                                 # patterns shown of a source
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True, slots=True)
class PlanView:
    """How much of a plan is shown.

    width: columns of a line, at most. limit: tables. budget: of one night, as the user wrote it. so_far: is
    the sweep not over?
    """

    width: int
    limit: int
    budget: str = ""
    so_far: bool = False


def render(plan: ReadingPlan, lang: str, view: PlanView) -> str:
    """Return the first tables of the plan as text."""
    title = f"{t('plan.title', lang)} {t('plan.so_far', lang) if view.so_far else ''}".strip()
    return "\n".join((
        title,
        *(part for text in _total_lines(plan, lang, view.budget) for part in break_text(text, view.width)),
        *_table_lines(plan.lines[:view.limit], lang, view.width), *_closing_lines(plan, lang, view),
    ))


def _total_lines(plan: ReadingPlan, lang: str, budget: str) -> Iterator[str]:
    summaries = [line.summary for line in plan.lines]
    members = [len(s.members) or 1 for s in summaries]
    columns = sum(s.columns * n for s, n in zip(summaries, members, strict=True))
    read = sum(bool(line.ranked.last_read) for line in plan.lines)
    yield t("plan.totals", lang, lines=number(len(summaries)), tables=number(sum(members)),
            columns=number(columns), read=number(read))
    counts = {p: sum(line.ranked.priority == p for line in plan.lines) for p in PRIORITIES}
    yield " · ".join(f"{t(f'place.{p}', lang)} {number(n)}" for p, n in counts.items() if n)
    how = t("plan.measured" if plan.measured else "plan.assumed", lang)
    yield t("plan.cost", lang, time=time_words(plan.seconds, lang), size=size_words(plan.bytes),
            pace=f"{plan.pace:.2g}", how=how)
    if plan.nights:
        yield t("plan.nights", lang, budget=budget, n=number(plan.nights))


def _table_lines(lines: Sequence[PlannedTable], lang: str, width: int) -> Iterator[str]:
    """Yield each table with what speaks for it, under headings of its priority and night."""
    priority, night = "", 1
    for rank, line in enumerate(lines, 1):
        if line.ranked.priority != priority:
            priority = line.ranked.priority
            yield from ("", t(f"place.{priority}", lang))
        if line.night > night:
            night = line.night
            yield f"— {t('plan.night', lang, n=night)} —"
        first, *others = break_text(shown(line.summary.id), width - 6)
        yield f"{rank:>4}  {first}"
        details = (_reason_words(line.summary, lang), _figure_words(line, lang), *_copy_lines(line, lang))
        parts = [*others, *(part for text in details for part in break_text(text, width - 6))]
        yield from (f"      {part}" for part in parts)


def _closing_lines(plan: ReadingPlan, lang: str, view: PlanView) -> Iterator[str]:
    """Yield what stands below the tables: their number, copies to exclude, fields that name no table."""
    if len(plan.lines) > view.limit:
        yield t("plan.more", lang, n=number(len(plan.lines) - view.limit))
    if plan.exclude:
        yield from ("", *break_text(t("plan.exclude", lang), view.width), *exclude_lines(plan))
    if plan.unplaced:
        fields = join_list((messages.render(text, lang) for text in plan.unplaced), "facts", lang)
        heading = t("plan.unplaced", lang) + t("list.colon", lang)
        yield from ("", *break_text(heading + fields, view.width))


def _reason_words(s: TableSummary, lang: str) -> str:
    if s.copy_of:
        return t("plan.why_copy", lang, of=s.copy_of)
    if s.personal:
        names = join_list((label_title(label, lang) for label in s.labels[:MOST_NAMED]), "words", lang)
        more = " …" if len(s.labels) > MOST_NAMED else ""
        return t("plan.why", lang, personal=s.personal, sensitive=s.sensitive, labels=names + more)
    if s.uncertain:
        return t("plan.why_uncertain", lang, n=s.uncertain, columns=s.columns)
    return t("plan.why_nothing", lang)


def _figure_words(line: PlannedTable, lang: str) -> str:
    s, last_read = line.summary, line.ranked.last_read
    parts = [t("plan.rows_unknown", lang)]
    if s.rows is not None:
        is_guess = s.kind == "file" and s.method != "exact"        # nobody counted them
        how = t("method.by_size" if is_guess else f"method.{s.method}", lang)
        parts = [t("plan.rows", lang, n=number(s.rows), how=how)]
    if s.bytes is not None:
        parts.append(size_words(s.bytes))
    if s.members:
        parts.append(t("plan.members", lang, n=len(s.members)))
    if s.owner:
        parts.append(t("plan.owner", lang, name=s.owner))
    if s.accessed:
        parts.append(t("plan.accessed", lang, day=s.accessed))
    parts.append(t("plan.seen_values", lang, day=last_read[:10]) if last_read else t("plan.seen_names", lang))
    return " · ".join(parts)


def _copy_lines(line: PlannedTable, lang: str) -> Iterator[str]:
    if line.copies:
        some = join_list((unquote(column_part(c)) for c in line.copies[:MOST_NAMED]), "names", lang)
        more = " …" if len(line.copies) > MOST_NAMED else ""
        yield t("plan.copies", lang, n=len(line.copies), some=some + more)


def exclude_lines(plan: ReadingPlan, most: int = EXCLUDED) -> Iterator[str]:
    """Yield the lines of chujing.yaml that would exclude the copies. most: patterns shown of a source."""
    yield "sources:"
    for source, patterns in plan.exclude.items():
        yield f"  {source}:"
        yield "    exclude:"
        yield from (f"      - {json.dumps(p, ensure_ascii=False)}" for p in patterns[:most])
        if len(patterns) > most:
            yield f"      # + {len(patterns) - most}"


def size_words(size: float) -> str:
    """Return bytes in the largest unit of which there is at least one.

    >>> size_words(512), size_words(3_000_000)
    ('512 B', '2.9 MiB')
    """
    power = 0
    while size >= 1024 and power < len(UNITS) - 1:
        size /= 1024
        power += 1
    return f"{size:.0f} B" if power == 0 else f"{size:.1f} {UNITS[power]}"


def time_words(seconds: float, lang: str) -> str:
    """Return seconds as hours and minutes.

    >>> time_words(45, "en"), time_words(7_500, "en"), time_words(7_500, "zh")
    ('45 s', '2 h 5 min', '2 小时 5 分')
    """
    if seconds < 90:
        return t("plan.time.seconds", lang, n=round(seconds))
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return t("plan.time.minutes", lang, n=minutes)
    return t("plan.time.hours", lang, hours=hours, minutes=minutes)
