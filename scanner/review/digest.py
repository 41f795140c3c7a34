"""The digest of a folder: its last scan against the one before a day, with today's reviews and dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.ids import table_of
from detectors.message import Msg
from detectors.model import ColumnId, TableId
from mappings.deadlines import list_deadlines, pressing_deadlines
from mappings.rules import in_force
from reports.messages.words import t
from reports.model import Report, Reviewed, primary
from reports.wording.decision import path_words
from reports.wording.digest import (
    Digest,
    DigestItem,
    Section,
    near_items,
    passed_lines,
    question_items,
    table_words,
)
from reports.wording.figures import number, persons
from scanner.review.decision_lines import remaining_words
from scanner.review.decisions import Desk, current_report, open_desk
from scanner.review.diff import ScanDifference, compare_scans
from scanner.review.diff_lines import difference_line
from scanner.state import store

if TYPE_CHECKING:
    from scanner.config.model import Config
    from scanner.workspace import Workspace

MOST_ALIKE = 3                                # reviews of one table that say the same, listed one by one
_UNITS = {"h": 3600, "d": 86_400, "w": 604_800}


def parse_span(text: str) -> timedelta:
    """Return the time of `12h`, `7d` or `2w`; raise ConfigError for anything else."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}[hdw]", text):
        raise ConfigError(Msg('"{text}" is no time', text=text), hint=Msg("--since 7d"))
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


def report_at(workspace: Workspace, moment: datetime) -> tuple[Report, bool]:
    """Return (outline, True) of the last good run of the configuration that had started at a moment.

    (outline, False) of the first run that is remembered where all came later.
    """
    stamp = moment.astimezone(UTC).isoformat()
    folder, config = workspace.folder, workspace.config_name
    last = store.last_entry(folder, config)
    if last is None:
        return store.last(folder, config, store.no_table), False
    runs = [run for run in store.runs(folder) if run == last or run.is_good and run.is_comparable(last)]
    earlier = [run.id for run in runs if run.started.replace("Z", "+00:00") <= stamp]
    id = earlier[0] if earlier else runs[-1].id
    return store.find(folder, id, whole=store.no_table), bool(earlier)


def digest(workspace: Workspace, since: timedelta, owner: str, now: datetime, lang: str) -> Digest:
    """Return everything since then. owner: only what this person owns; empty: everything."""
    today = now.date()
    desk = open_desk(workspace, today, store.no_table, today)
    old, has_earlier = report_at(workspace, now - since)
    new = current_report(desk)
    items = [
        *_scan_items(old, new, has_earlier, lang),
        *_stale_items(old if has_earlier else None, desk, lang),
        *_near_items(new, lang),
        *question_items(new, lang),
        *_deadline_items(workspace.config, today, lang),
    ]
    own = tuple(dict.fromkeys(item for item in items if not owner or item.owner == owner))
    is_first = not has_earlier and any(item.section == "new" for item in own)
    first = _first_words(old, new, lang) if is_first else ""
    return Digest((now - since).date(), today, own, remaining_words(desk.progress, lang), lang, first)


def _first_words(old: Report, new: Report, lang: str) -> str:
    """Return that nothing was scanned before, and how many tables have findings."""
    tables = sum(any(primary(column) for column in table.columns) for table in new.tables)
    day, of = old.run.started[:10], number(len(new.tables))
    return t("digest.first", lang, day=day, found=number(tables), tables=of)


def _scan_items(old: Report, new: Report, has_earlier: bool, lang: str) -> Iterator[DigestItem]:
    """Yield what scans found. has_earlier: False where nothing was scanned before, so that all is new."""
    differences = _Differences(old, new, lang)
    if has_earlier:
        yield from differences.items(differences.all)
        return
    yield from _new_flow_items(new, lang)
    yield from _new_table_items(new, lang)
    yield from differences.items([d for d in differences.all if not _is_arrival(d)])


def _new_flow_items(report: Report, lang: str) -> Iterator[DigestItem]:
    for flow in report.flows:
        words = t(
            "digest.flow",
            lang,
            path=path_words(flow.decision, lang),
            people=persons(flow.individuals, lang),
            sensitive=persons(flow.sensitive_individuals, lang),
        )
        yield DigestItem("new", flow.flow.owner, flow.flow.id, words)


def _new_table_items(report: Report, lang: str) -> Iterator[DigestItem]:
    """Yield tables with findings, those with most sensitive ones first, then those with most."""
    ranked = []
    for table in report.tables:
        findings = [assessed for column in table.columns if (assessed := primary(column)) is not None]
        if findings:
            sensitive = sum(assessed.sensitive == "yes" for assessed in findings)
            ranked.append(((-sensitive, -len(findings), table.id), table))
    for _, table in sorted(ranked, key=lambda entry: entry[0]):
        yield DigestItem("new", table.owner, table.id, table_words(table, lang))


@dataclass(frozen=True)
class _Differences:
    """What differs between two scans, as items of a digest."""

    old: Report
    new: Report
    lang: str

    @cached_property
    def all(self) -> list[ScanDifference]:
        """Every difference, in the order of `compare`."""
        return compare_scans(self.old, self.new)

    @cached_property
    def _owners(self) -> dict[str, str]:
        """Owners by id of table or flow, as the new report has them where it has one."""
        owners: dict[str, str] = {table.id: table.owner for r in (self.old, self.new) for table in r.tables}
        owners.update((flow.flow.id, flow.flow.owner) for flow in self.new.flows)
        return owners

    @cached_property
    def _new_tables(self) -> frozenset[str]:
        return frozenset(d.about for d in self.all if d.what == "table" and not d.before)

    @cached_property
    def _alike(self) -> Counter[tuple[str, ...]]:
        """How many differences of one table say the same."""
        return Counter(_sameness(d) for d in self.all)

    def items(self, differences: list[ScanDifference]) -> Iterator[DigestItem]:
        """Yield items of differences; of a new table one, not one a column.

        Reviews gone stale have a section of their own.
        """
        tables = {table.id: table for table in self.new.tables}
        for difference in differences:
            about = difference.about
            if difference.what == "review" and difference.after.startswith("stale|"):
                continue
            if about in self._new_tables:
                words = table_words(tables[TableId(about)], self.lang)
                yield DigestItem("new", self._owners.get(about, ""), about, words)
            elif "/" not in about or table_of(ColumnId(about)) not in self._new_tables:
                yield self._item(difference)

    def _item(self, difference: ScanDifference) -> DigestItem:
        """Return the item of a difference; the same one for each of many reviews that say the same."""
        about = difference.about
        table = table_of(ColumnId(about)) if "/" in about else ""
        words = difference_line(difference, self.lang).partition("  ")[2]
        alike = self._alike[_sameness(difference)]
        if difference.what == "review" and alike > MOST_ALIKE:
            many = t("review.columns", self.lang, n=number(alike))
            return DigestItem("changed", self._owners.get(table, ""), table, f"{words}  {many}")
        owner = self._owners.get(about, self._owners.get(table, "") if table else "")
        return DigestItem("new" if _is_arrival(difference) else "changed", owner, about, words)


def _sameness(difference: ScanDifference) -> tuple[str, ...]:
    """Return what is equal for differences of columns of one table that say the same."""
    about = difference.about
    where = table_of(ColumnId(about)) if "/" in about else about
    return (where, difference.what, difference.before, difference.after, *difference.causes)


def _is_arrival(difference: ScanDifference) -> bool:
    """Return whether a finding, table or path was not there before, by no review."""
    is_scanned = difference.what in ("finding", "possible", "table", "path")
    return is_scanned and not difference.before and difference.cause != "review"


def _stale_items(old: Report | None, desk: Desk, lang: str) -> Iterator[DigestItem]:
    """Yield reviews gone stale since the old report, and all that have expired."""
    earlier = {
        column.id: column.reviewed.stale
        for table in (old.tables if old is not None else ())
        for column in table.columns
        if column.reviewed is not None
    }
    for table in desk.report.tables:
        for column in table.columns:
            reviewed = column.reviewed
            if reviewed is None or not reviewed.stale:
                continue
            is_expired = reviewed.stale == "expired"
            if is_expired or earlier.get(column.id) != reviewed.stale:
                section: Section = "overdue" if is_expired else "stale"
                yield DigestItem(section, table.owner, column.id, _stale_words(reviewed, lang))


def _stale_words(reviewed: Reviewed, lang: str) -> str:
    verdict = t(f"verdict.{reviewed.verdict}", lang)
    until = f", {reviewed.until}" if reviewed.until else ""
    return f"{t('stale.' + reviewed.stale, lang)} ({verdict}, {reviewed.by}, {reviewed.on}{until})"


def _near_items(report: Report, lang: str) -> Iterator[DigestItem]:
    """Yield flows and entities that are near a line of the law, or passed one by little."""
    for flow in report.flows:
        yield from near_items(flow.flow.id, flow.flow.owner, flow.decision, lang)
    rules, owners = in_force(report.run.as_of), {f.flow.id: f.flow.owner for f in report.flows}
    for entity in report.exporter:
        yield from near_items(entity.entity, "", entity.decision, lang)
        for words in passed_lines(entity, rules, lang):
            yield DigestItem("near", "", entity.entity, words)
            for flow_id in entity.counted:
                if owner := owners.get(flow_id):
                    yield DigestItem("near", owner, flow_id, words)


def _deadline_items(config: Config, today: date, lang: str) -> Iterator[DigestItem]:
    """Yield dates of filings that have passed undone, or come within thirty days."""
    owners = {flow.id: flow.owner for flow in config.flows}
    deadlines = list_deadlines(config.filings, config.facts, in_force(today), today, config.flows)
    for deadline in pressing_deadlines(deadlines, today):
        source = f"{deadline.source} [{t(deadline.confidence, lang)}]"
        words = f"{deadline.on} {t('deadline.' + deadline.code, lang)}  {source}"
        if deadline.estimated:
            words += f" {t('deadline.estimated', lang)}"
        owner = next((owners[flow] for flow in deadline.flows if owners.get(flow)), "")
        section: Section = "overdue" if deadline.on < today else "soon"
        yield DigestItem(section, owner, deadline.filing, words)
