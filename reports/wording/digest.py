"""What happened since a day, per owner: new, changed, gone stale, near a line, open, overdue and due soon; as text and as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from mappings.flow_report import EntityReport
from mappings.model import Decision
from mappings.rules import RuleSet
from reports.cells import shown
from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.model import Report, TableReport, primary
from reports.wording.decision import answer_words
from reports.wording.figures import number
from reports.wording.titles import label_title

Section = Literal["new", "changed", "stale", "near", "open", "overdue", "soon"]
SECTIONS: tuple[Section, ...] = ("overdue", "near", "open", "stale", "new", "changed", "soon")
NEAR = 10                                     # per cent of a line
KINDS = 5                                     # kinds of findings of one table that are named
LISTED = 50                                   # items of one section of one owner that are spelled out


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

    remaining: how much is decided and what remains, in words. first: that nothing was scanned before, in words.
    """

    since: date
    until: date
    items: tuple[DigestItem, ...]
    remaining: str
    lang: str
    first: str = ""

    def of(self, owner: str) -> Mapping[Section, Sequence[DigestItem]]:
        """The items of one owner by section, in the order they should be read; empty sections left out."""
        mine = [i for i in self.items if i.owner == owner]
        return {s: found for s in SECTIONS if (found := [i for i in mine if i.section == s])}

    @property
    def owners(self) -> tuple[str, ...]:
        """Who has something to read; what nobody owns comes last."""
        return tuple(sorted({i.owner for i in self.items}, key=lambda o: (o == "", o)))


def near(about: str, owner: str, decision: Decision, lang: str) -> Iterator[DigestItem]:
    """Lines that a decision's head-count is within ten per cent of."""
    for m in decision.margin:
        if m.to_next * 100 <= m.line * NEAR:
            path = t(f"path.{m.next_path}", lang)
            yield DigestItem("near", owner, about, f"{t(f'margin.{m.counter}', lang, n=number(m.to_next), line=number(m.line))} ({path})")


def passed(entity: EntityReport, rules: RuleSet, lang: str) -> Iterator[str]:
    """Lines that an entity's year is above by no more than ten per cent, in words."""
    for counter, e in (("ordinary", entity.individuals), ("sensitive", entity.sensitive_individuals)):
        for line in rules.raw["thresholds"]:
            least = line["min"] if line["counter"] == counter else 0
            if least and 0 <= (e.low - least) * 100 <= least * NEAR:
                words = t(f"digest.passed.{counter}", lang, n=number(e.best - least), line=number(least))
                yield f"{words} ({t('path.' + line['path'], lang)})"


def questions(report: Report, lang: str) -> Iterator[DigestItem]:
    """Facts that nobody has answered, and where each answer would lead."""
    owners = {f.flow.id: f.flow.owner for f in report.flows}
    for q in report.questions:
        words = f"{render(q.ask, lang)}  {join_list(answer_words(q, lang), 'clauses', lang)}"
        yield DigestItem("open", owners.get(q.scope, ""), f"{q.fact} [{q.scope}]" if q.scope else q.fact, words)


def table(found: TableReport, lang: str) -> str:
    """The findings of a table that was not there before, in one line: how many columns, how many sensitive, of which kinds."""
    stands = [p for c in found.columns if (p := primary(c)) is not None]
    if not stands:
        return t("digest.table.nothing", lang)
    stands.sort(key=lambda p: (p.sensitive != "yes", p.sensitive != "depends"))
    kinds = list(dict.fromkeys(label_title(p.finding.label, lang) for p in stands))
    more = f" … +{number(len(kinds) - KINDS)}" if len(kinds) > KINDS else ""
    most = sum(p.sensitive == "yes" for p in stands)
    return t("digest.table", lang, n=number(len(stands)), sensitive=t("digest.table.sensitive", lang, n=number(most)) if most else "",
             kinds=join_list(kinds[:KINDS], "words", lang) + more)


def text(digest: Digest) -> str:
    """The digest as plain text."""
    lang = digest.lang
    lines = [t("digest.title", lang, since=digest.since, until=digest.until), digest.remaining, *([digest.first] if digest.first else [])]
    for owner in digest.owners:
        lines += ["", f"== {shown(owner) or t('digest.nobody', lang)}"]
        for section, items in digest.of(owner).items():
            lines += ["", f"{t('digest.' + section, lang)} ({number(len(items))})"]
            lines += [f"  {shown(i.about)}  {shown(i.words)}" for i in items[:LISTED]]
            lines += [f"  … +{number(len(items) - LISTED)}"] if len(items) > LISTED else []
    if not digest.items:
        lines += ["", t("digest.nothing", lang)]
    return "\n".join(lines) + "\n"


def page(digest: Digest) -> str:
    """The digest as one HTML page that loads nothing."""
    env = Environment(loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return env.get_template("digest.html").render(
        d=digest, t=lambda key, **values: t(key, digest.lang, **values), number=number, shown=shown, listed=LISTED)
