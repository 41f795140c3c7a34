"""The digest of a folder: its last scan against the one before a day, with today's reviews and dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.ids import table_of
from detectors.message import Msg
from detectors.model import ColumnId, TableId
from mappings.deadlines import list_deadlines, pressing_deadlines
from mappings.rules import in_force
from reports.messages.words import t
from reports.model import Report, primary
from reports.wording.decision import path_words
from reports.wording.digest import Digest, DigestItem, near_items, passed_lines, question_items, table_words
from reports.wording.figures import number, persons
from scanner.review.decisions import Desk, current, desk, left
from scanner.review.diff import Change, compare
from scanner.review.diff_lines import change_line
from scanner.state import store

if TYPE_CHECKING:
    from scanner.config.model import Config
    from scanner.workspace import Workspace

FEW = 3                                       # columns of one table decided alike that are told one by one
_UNITS = {"h": 3600, "d": 86_400, "w": 604_800}


def span(text: str) -> timedelta:
    """The time of `12h`, `7d` or `2w`; ConfigError for anything else."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}[hdw]", text):
        raise ConfigError(Msg('"{text}" is no time', text=text), hint=Msg("--since 7d"))
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


def before(base: Path, moment: datetime) -> tuple[Report, bool]:
    """(report, whether it stood at a moment): the last run started until then, else the first that is remembered, which came later."""
    stamp = moment.astimezone(UTC).isoformat()
    found = store.runs(base)
    standing = [id for id, started, _ in found if started.replace("Z", "+00:00") <= stamp]
    return store.find(base, standing[0] if standing else found[-1][0]), bool(standing)


def digest(workspace: Workspace, since: timedelta, owner: str, now: datetime, lang: str) -> Digest:
    """Everything since then. owner: only this person's; empty: everybody's."""
    today = now.date()
    at = desk(workspace, today)
    then, stood = before(workspace.folder, now - since)
    report = current(at)
    items = [*_whole(report, lang), *_changes(then, report, lang, known=False)] if not stood else [*_changes(then, report, lang)]
    items += [
        *_stale(then if stood else None, at, lang),
        *_near(report, lang),
        *question_items(report, lang),
        *_dates(workspace.config, today, lang),
    ]
    kept = tuple(dict.fromkeys(i for i in items if not owner or i.owner == owner))
    fresh = not stood and any(i.section == "new" for i in kept)
    first = _first(then, report, lang) if fresh else ""
    return Digest((now - since).date(), today, kept, left(at.queue, lang), lang, first)


def _first(then: Report, now: Report, lang: str) -> str:
    found = sum(any(primary(c) for c in x.columns) for x in now.tables)
    return t("digest.first", lang, day=then.run.started[:10], found=number(found), tables=number(len(now.tables)))


def _whole(now: Report, lang: str) -> Iterator[DigestItem]:
    """Everything is new where nothing was scanned before: flows, then tables with findings, those with most sensitive ones first."""
    for f in now.flows:
        words = t("digest.flow", lang, path=path_words(f.decision, lang), people=persons(f.individuals, lang),
                  sensitive=persons(f.sensitive_individuals, lang))
        yield DigestItem("new", f.flow.owner, f.flow.id, words)
    found = {x.id: [p for c in x.columns if (p := primary(c)) is not None] for x in now.tables}
    for x in sorted(now.tables, key=lambda x: (-sum(p.sensitive == "yes" for p in found[x.id]), -len(found[x.id]), x.id)):
        if found[x.id]:
            yield DigestItem("new", x.owner, x.id, table_words(x, lang))


def _changes(then: Report, now: Report, lang: str, known: bool = True) -> Iterator[DigestItem]:
    """Findings, tables and flows that came or changed; reviews gone stale have a place of their own. known=False: what came is told."""
    tables = {x.id: x for x in now.tables}
    owners: dict[str, str] = {x.id: x.owner for r in (then, now) for x in r.tables} | {f.flow.id: f.flow.owner for f in now.flows}
    changes = compare(then, now)
    whole = {c.about for c in changes if c.what == "table" and not c.before}
    alike = Counter(_same(c) for c in changes)
    for c in changes:
        if c.what == "review" and c.after.startswith("stale|") or not known and _is_new(c):
            continue
        if c.about in whole:
            yield DigestItem("new", owners.get(c.about, ""), c.about, table_words(tables[TableId(c.about)], lang))
            continue
        if "/" in c.about and table_of(ColumnId(c.about)) in whole:
            continue
        if c.what == "review" and (n := alike[_same(c)]) > FEW:             # of one table, decided alike: the same item for each, kept once
            words = f"{change_line(c, lang).partition('  ')[2]}  {t('review.columns', lang, n=number(n))}"
            yield DigestItem("changed", owners.get(table_of(ColumnId(c.about)), ""), table_of(ColumnId(c.about)), words)
            continue
        owner = owners.get(c.about, owners.get(table_of(ColumnId(c.about)), "") if "/" in c.about else "")
        about, _, words = change_line(c, lang).partition("  ")
        yield DigestItem("new" if _is_new(c) else "changed", owner, c.about, words or about)


def _same(c: Change) -> tuple[str, ...]:
    """Equal for changes of columns of one table that say the same."""
    return (table_of(ColumnId(c.about)) if "/" in c.about else c.about, c.what, c.before, c.after, *c.causes)


def _is_new(c: Change) -> bool:
    return not c.before and c.what in ("finding", "table", "path") and c.cause != "review"


def _stale(then: Report | None, at: Desk, lang: str) -> Iterator[DigestItem]:
    """Reviews gone stale since then; of those that expired, all."""
    was = {c.id: c.reviewed.stale for x in (then.tables if then is not None else ()) for c in x.columns if c.reviewed is not None}
    for x in at.report.tables:
        for c in x.columns:
            r = c.reviewed
            if r is None or not r.stale or r.stale != "expired" and was.get(c.id) == r.stale:
                continue
            words = f"{t('stale.' + r.stale, lang)} ({t('verdict.' + r.verdict, lang)}, {r.by}, {r.on}{f', {r.until}' if r.until else ''})"
            yield DigestItem("overdue" if r.stale == "expired" else "stale", x.owner, c.id, words)


def _near(now: Report, lang: str) -> Iterator[DigestItem]:
    for f in now.flows:
        yield from near_items(f.flow.id, f.flow.owner, f.decision, lang)
    rules, owners = in_force(now.run.as_of), {f.flow.id: f.flow.owner for f in now.flows}
    for e in now.exporter:
        yield from near_items(e.entity, "", e.decision, lang)
        for words in passed_lines(e, rules, lang):
            yield DigestItem("near", "", e.entity, words)
            yield from (DigestItem("near", owners[f], f, words) for f in e.counted if owners.get(f))


def _dates(config: Config, today: date, lang: str) -> Iterator[DigestItem]:
    """Dates of filings that have passed undone, or come within thirty days."""
    owners = {f.id: f.owner for f in config.flows}
    for d in pressing_deadlines(list_deadlines(config.filings, config.facts, in_force(today), today), today):
        words = f"{d.on} {t('deadline.' + d.code, lang)}  {d.source} [{t(d.confidence, lang)}]"
        guess = f" {t('deadline.estimated', lang)}" if d.estimated else ""
        owner = next((owners[f] for f in d.flows if owners.get(f)), "")
        yield DigestItem("overdue" if d.on < today else "soon", owner, d.filing, words + guess)
