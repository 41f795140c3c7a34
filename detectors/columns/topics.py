"""What a table is about, from its name, its comment and all of its columns: a medical dossier, an order ...

>>> from detectors.model import TableRef
>>> table_topic(TableInfo(TableRef("ward_round"), (), "住院查房记录")).name
'medical_dossier'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from detectors.model import TableInfo
from detectors.names.lexicon import remembered, remembered_of_table
from detectors.names.matching import first_phrase
from detectors.names.tables import NEUTRAL, singular
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

TITLE, LAST, COLUMN = 2.0, 1.0, 0.6           # worth of a word of the title, of its head noun, of a column
MOST = 3.0                                    # what columns count for at most
LEAST = 2.0                                   # of a topic
LONGEST_WORD = 6                              # characters of the longest Chinese word
COMMENT = 60                                  # characters of a table's comment


@dataclass(frozen=True, slots=True)
class Topic:
    """name: of the topic, empty for none. kind: what a row is. by_title: does name or comment say so?"""

    name: str = ""
    kind: str = ""
    by_title: bool = False


@dataclass(frozen=True, slots=True)
class _TopicWords:
    """latin, eastern: topics by word. phrases: of several Latin words."""

    latin: Mapping[str, tuple[str, ...]]
    eastern: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]


@cache
def _topics() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    topics: Mapping[str, Mapping[str, tuple[str, ...]]] = read_yaml("data/topics.yaml")
    return topics


@cache
def _vocabulary(part: str) -> _TopicWords:
    latin: dict[str, tuple[str, ...]] = {}
    eastern: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, tuple[str, ...]] = {}
    for topic, raw in _topics().items():
        for word in raw[part]:
            target = eastern if not word.isascii() else phrases if "_" in word else latin
            key = singular(word) if word.isascii() else word
            target[key] = (*target.get(key, ()), topic)
    return _TopicWords(latin, eastern, phrases)


@remembered_of_table
def table_topic(table: TableInfo) -> Topic:
    """Return the topic that most words speak for; none where too few do."""
    words = [singular(word) for word in tokens(table.ref.name)]
    comment = table.comment.strip()[:COMMENT].lower().removesuffix("表")
    by_title = _weights(words, comment, "title")
    head = next((word for word in reversed(words) if word not in NEUTRAL), "")
    for topic in _hits([head] if head else [], "", "title"):
        by_title[topic] = by_title.get(topic, 0.0) + LAST
    columns: dict[str, float] = {}
    for column in table.columns:
        for topic in _column_topics(column.name, column.comment):
            columns[topic] = min(columns.get(topic, 0.0) + COLUMN, MOST)
    total = {t: by_title.get(t, 0.0) + columns.get(t, 0.0) for t in (*by_title, *columns)}
    best = max(sorted(total), key=lambda t: total[t], default="")
    if not best or total[best] < LEAST:
        return Topic()
    return Topic(best, str(_topics()[best]["kind"]), best in by_title)


@remembered
def _column_topics(name: str, comment: str) -> frozenset[str]:
    words = [singular(word) for word in tokens(name)]
    return frozenset(_hits(words, first_phrase(comment or name).lower()[:COMMENT], "columns"))


def _weights(words: Iterable[str], text: str, part: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for topic in _hits(words, text, part):
        weights[topic] = weights.get(topic, 0.0) + TITLE
    return weights


def _hits(words: Iterable[str], text: str, part: str) -> list[str]:
    """Topics of the words and of what stands in a text, once for every word."""
    vocabulary = _vocabulary(part)
    every = list(words)
    hits = [topic for word in dict.fromkeys(every) for topic in vocabulary.latin.get(word, ())]
    joined = f"_{'_'.join(every)}_"
    for phrase, topics in vocabulary.phrases.items():
        hits += topics if f"_{phrase}_" in joined else ()
    if not text.isascii():
        pieces = {text[i:i + n] for n in range(1, LONGEST_WORD + 1) for i in range(len(text) - n + 1)}
        for piece in sorted(pieces & vocabulary.eastern.keys()):
            hits += vocabulary.eastern[piece]
    return hits
