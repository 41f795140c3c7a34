"""What happened since a day, per owner: new, changed, gone stale, near a line, overdue and due soon; as text and as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from mappings.model import Decision
from reports.cells import shown
from reports.words import number, t

Section = Literal["new", "changed", "stale", "near", "overdue", "soon"]
SECTIONS: tuple[Section, ...] = ("overdue", "near", "stale", "new", "changed", "soon")
NEAR = 10                                     # per cent of a line
LISTED = 50                                   # items of one section of one owner that are spelled out


@dataclass(frozen=True, slots=True)
class Item:
    """One thing somebody should know. about: id of a column, table, flow, entity or filing."""

    section: Section
    owner: str                                # empty: nobody is named
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything since a day. left: how much is decided and what remains, in words."""

    since: date
    until: date
    items: tuple[Item, ...]
    left: str
    lang: str

    def of(self, owner: str) -> Mapping[Section, Sequence[Item]]:
        """The items of one owner by section, in the order they should be read; empty sections left out."""
        mine = [i for i in self.items if i.owner == owner]
        return {s: found for s in SECTIONS if (found := [i for i in mine if i.section == s])}

    @property
    def owners(self) -> tuple[str, ...]:
        """Who has something to read; what nobody owns comes last."""
        return tuple(sorted({i.owner for i in self.items}, key=lambda o: (o == "", o)))


def near(about: str, owner: str, decision: Decision, lang: str) -> Iterator[Item]:
    """Lines that a decision's head-count is within ten per cent of."""
    for m in decision.margin:
        if m.to_next * 100 <= m.line * NEAR:
            path = t(f"path.{m.next_path}", lang)
            yield Item("near", owner, about, f"{t(f'margin.{m.counter}', lang, n=number(m.to_next), line=number(m.line))} ({path})")


def text(digest: Digest) -> str:
    """The digest as plain text."""
    lang = digest.lang
    lines = [t("digest.title", lang, since=digest.since, until=digest.until), digest.left]
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
