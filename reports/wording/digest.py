"""What happened since a day, for each owner, in words: new, changed, stale, near a line, open, due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mappings.flow_report import EntityReport
from mappings.forecast import Counter
from mappings.model import Decision, Estimate
from mappings.rules import RuleSet
from reports.cells import shown
from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.model import Report, TableReport, possible, primary
from reports.wording.decision import answer_words, margin_words
from reports.wording.facts import fact_title
from reports.wording.figures import number
from reports.wording.table import label_words

Section = Literal["new", "changed", "stale", "near", "open", "overdue", "soon"]
SECTIONS: tuple[Section, ...] = ("overdue", "near", "open", "stale", "new", "changed", "soon")
NEAR_PER_CENT = 10                            # per cent of a line
MOST_KINDS = 5                                # kinds of findings of one table that are named
MOST_LISTED = 50                              # items of one section of one owner that are spelled out
SENSITIVITY = ("yes", "depends")              # findings in this order, then the others


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One thing somebody should know. about: id of a column, table, flow, entity or filing."""

    section: Section
    owner: str                                # empty: nobody is named
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything since a day.

    remaining: how much is decided and what remains, in words. first: that nothing was scanned before, in
    words.
    """

    since: date
    until: date
    items: tuple[DigestItem, ...]
    remaining: str
    lang: str
    first: str = ""

    def of(self, owner: str) -> Mapping[Section, Sequence[DigestItem]]:
        """Return the items of one owner by section, in the order they should be read; no empty section."""
        sections: dict[Section, list[DigestItem]] = {section: [] for section in SECTIONS}
        for item in self.items:
            if item.owner == owner:
                sections[item.section].append(item)
        return {section: items for section, items in sections.items() if items}

    @property
    def owners(self) -> tuple[str, ...]:
        """Who has something to read; what nobody owns comes last."""
        return tuple(sorted({item.owner for item in self.items}, key=lambda owner: (owner == "", owner)))


def near_items(about: str, owner: str, decision: Decision, lang: str) -> Iterator[DigestItem]:
    """Yield the lines that a decision's head-count is within ten per cent below."""
    for margin in decision.margin:
        if margin.to_next * 100 <= margin.line * NEAR_PER_CENT:
            path = t(f"path.{margin.next_path}", lang)
            yield DigestItem("near", owner, about, f"{margin_words(margin, lang)} ({path})")


def passed_lines(entity: EntityReport, rules: RuleSet, lang: str) -> Iterator[str]:
    """Yield in words the lines that an entity's year is above by no more than ten per cent."""
    counts: tuple[tuple[Counter, Estimate], ...] = (
        ("ordinary", entity.individuals),
        ("sensitive", entity.sensitive_individuals),
    )
    for counter, count in counts:
        for line in rules.raw["thresholds"]:
            least = line["min"] if line["counter"] == counter else 0
            if least and 0 <= (count.low - least) * 100 <= least * NEAR_PER_CENT:
                n, path = number(count.best - least), t("path." + line["path"], lang)
                yield f"{t(f'digest.passed.{counter}', lang, n=n, line=number(least))} ({path})"


def question_items(report: Report, lang: str) -> Iterator[DigestItem]:
    """Yield the facts that nobody has answered, and where each answer would lead."""
    owners = {f.flow.id: f.flow.owner for f in report.flows}
    for question in report.questions:
        title = fact_title(question.fact, lang)
        about = f"{title} [{question.scope}]" if question.scope else title
        answers = join_list(answer_words(question, lang), "clauses", lang)
        words = f"{render(question.ask, lang)}  {answers}"
        yield DigestItem("open", owners.get(question.scope, ""), about, words)


def table_words(table: TableReport, lang: str) -> str:
    """Return the findings of a new table in one line: how many columns, how many sensitive, which kinds."""
    findings = [assessed for column in table.columns if (assessed := primary(column)) is not None]
    doubts = sum(possible(column) is not None for column in table.columns)
    more_words = t("possible.count", lang, n=number(doubts)) if doubts else ""
    if not findings:
        return t("digest.table.nothing", lang) + more_words
    findings.sort(key=lambda assessed: [assessed.sensitive != state for state in SENSITIVITY])
    kinds = list(dict.fromkeys(label_words(assessed, lang) for assessed in findings))
    more = f" … +{number(len(kinds) - MOST_KINDS)}" if len(kinds) > MOST_KINDS else ""
    sensitive = sum(assessed.sensitive == "yes" for assessed in findings)
    return t(
        "digest.table",
        lang,
        n=number(len(findings)),
        sensitive=t("digest.table.sensitive", lang, n=number(sensitive)) if sensitive else "",
        kinds=join_list(kinds[:MOST_KINDS], "words", lang) + more,
    ) + more_words


def digest_text(digest: Digest) -> str:
    """Return the digest as plain text."""
    return "\n".join(_text_lines(digest)) + "\n"


def _text_lines(digest: Digest) -> Iterator[str]:
    lang = digest.lang
    yield t("digest.title", lang, since=digest.since, until=digest.until)
    yield digest.remaining
    if digest.first:
        yield digest.first
    for owner in digest.owners:
        yield from ("", f"== {shown(owner) or t('digest.nobody', lang)}")
        for section, items in digest.of(owner).items():
            yield from ("", f"{t('digest.' + section, lang)} ({number(len(items))})")
            yield from (f"  {shown(item.about)}  {shown(item.words)}" for item in items[:MOST_LISTED])
            if len(items) > MOST_LISTED:
                yield f"  … +{number(len(items) - MOST_LISTED)}"
    if not digest.items:
        yield from ("", t("digest.nothing", lang))
