"""The words catalogs get from us: nodes for accepted and suggested, a term for every label in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.catalogs.picking import Pick

ROOT_NODE = (
    "chujing",
    "数据分类分级",
    "Data classification for export, kept by chujing. A machine proposes; people and authorities decide.",
)
ACCEPTED = ("chujing.accepted", "已复核", "What a person accepted.")
SUGGESTED = (
    "chujing.suggested",
    "疑似·待复核",
    "What a machine suggests and nobody has accepted yet. A review promotes or removes it.",
)


@dataclass(frozen=True, slots=True)
class Term:
    """A label as a catalog shows it."""

    id: str                                   # chujing.accepted.phone_mobile
    label: str
    zh: str
    en: str
    node: str                                 # chujing.accepted or chujing.suggested
    category: str
    category_zh: str
    source: str                               # clause

    @property
    def words(self) -> str:
        """Return what it is, for people."""
        return f"{self.zh} ({self.en}). {self.category_zh} {self.category}; {self.source}"


def term(pick: Pick) -> Term:
    """Return the term of a column's finding."""
    node = (ACCEPTED if pick.accepted else SUGGESTED)[0]
    assessed = pick.assessed
    label = assessed.finding.label
    return Term(
        f"{node}.{label}", label, *pick.title, node, assessed.category, assessed.category_zh, assessed.source
    )


def node_title(node: str) -> str:
    """Return the Chinese title of a node of terms."""
    return (ACCEPTED if node == ACCEPTED[0] else SUGGESTED)[1]


def terms(picks: Iterable[Pick]) -> list[Term]:
    """Return every term in use once, sorted by id."""
    used = {t.id: t for t in map(term, picks)}
    return [used[id] for id in sorted(used)]
