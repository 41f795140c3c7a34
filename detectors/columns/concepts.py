"""What the words of a name or a comment speak of: concepts of `data/concepts.yaml`, in several languages.

>>> sorted(concepts_of("mother_birth_date").head)
['birth', 'h_time']
>>> sorted(concepts_of("血压").any)
['measure_of_body']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from detectors.names.lexicon import remembered
from detectors.names.matching import first_phrase
from detectors.names.tables import singular
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

EAST = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")     # kana, Chinese characters, hangul
PHRASE = 3                                    # tokens of the longest phrase
LONGEST_WORD, PIECES = 14, 4                  # characters of a word cut out of a glued one; most of them
MOST = 40                                     # words of a comment that are looked up
_BREAKS = frozenset({
    "of", "for", "in", "that", "which", "to", "from", "used", "do", "da", "de", "del", "des", "du", "der",
})
Concepts = frozenset[str]


@dataclass(frozen=True, slots=True)
class ConceptSets:
    """Concepts of a text: all of them, those its head noun speaks of, and those at its beginning or after
    the head (`date of the order`).
    """

    any: Concepts
    head: Concepts
    rest: Concepts


NOTHING = ConceptSets(frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    latin: Mapping[tuple[str, ...], Concepts]
    eastern: Mapping[str, Concepts]
    pattern: re.Pattern[str]                  # the longest eastern word at a place


@cache
def _vocabulary() -> _Vocabulary:
    latin: dict[tuple[str, ...], set[str]] = {}
    eastern: dict[str, set[str]] = {}
    for concept, words in read_yaml("data/concepts.yaml").items():
        for word in map(str, words):
            if not word.isascii():
                eastern.setdefault(word.lower(), set()).add(concept)
                continue
            phrase = tuple(singular(token) for token in word.lower().split("_"))
            latin.setdefault(phrase, set()).add(concept)
            latin.setdefault(("".join(phrase),), set()).add(concept)
    longest_first = sorted(eastern, key=lambda word: (-len(word), word))
    return _Vocabulary(
        {phrase: frozenset(concepts) for phrase, concepts in latin.items()},
        {word: frozenset(concepts) for word, concepts in eastern.items()},
        re.compile("|".join(map(re.escape, longest_first))),
    )


@cache
def eastern_signs() -> frozenset[str]:
    """Return the signs of all words in Chinese that columns and tables are called by."""
    from detectors.names.lexicon import lexicon

    return frozenset("".join((*_vocabulary().eastern, *lexicon().chinese)))


@remembered
def words_of(name: str) -> tuple[str, ...]:
    """Return the singular words of a name, glued ones cut by the vocabulary.

    >>> words_of("patientBloodtypes")
    ('patient', 'bloodtype')
    """
    return tuple(piece for token in tokens(_unaccented(name)) for piece in _cut(token))


@remembered
def concepts_of(text: str) -> ConceptSets:
    """Return what a column's or table's name speaks of."""
    if EAST.search(text):
        return comment_concepts(text)
    words = words_of(text)
    hits = _phrases(words)
    return ConceptSets(
        _union(concepts for _, _, concepts in hits),
        _union(concepts for _, end, concepts in hits if end == len(words)),
        _union(concepts for start, _, concepts in hits if start == 0),
    )


@remembered
def comment_concepts(comment: str) -> ConceptSets:
    """Return what the first phrase of a comment speaks of; of an English one, its first words."""
    head = first_phrase(comment).lower()[:MOST]
    if EAST.search(head):
        return _eastern(head)
    words = tuple(singular(w) for w in re.findall("[a-z0-9]+", _unaccented(comment.lower()[:300])))[:MOST]
    stop = next((i for i, word in enumerate(words) if i and word in _BREAKS), len(words))
    hits = _phrases(words)
    return ConceptSets(
        _union(concepts for _, end, concepts in hits if end <= max(stop, 1)),
        _union(concepts for _, end, concepts in hits if end == stop),
        _union(concepts for start, _, concepts in hits if start >= stop),
    )


def _eastern(head: str) -> ConceptSets:
    vocabulary = _vocabulary()
    hits = [(m.start(), m.end(), vocabulary.eastern[m.group()]) for m in vocabulary.pattern.finditer(head)]
    words = tuple(singular(word) for word in re.findall("[a-z]+", head))
    latin = _phrases(words)
    everything = _union(concepts for _, _, concepts in hits) | _union(concepts for _, _, concepts in latin)
    last = _union(concepts for _, end, concepts in hits if end == len(head))
    if not EAST.search(head[-1]):
        last |= _union(concepts for _, end, concepts in latin if end == len(words))
    return ConceptSets(everything, last, _union(concepts for start, _, concepts in hits if start == 0))


def _phrases(words: tuple[str, ...]) -> list[tuple[int, int, Concepts]]:
    """(start, end, concepts) of every phrase of the vocabulary among the words."""
    latin = _vocabulary().latin
    return [
        (start, end, latin[words[start:end]])
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + PHRASE) + 1)
        if words[start:end] in latin
    ]


@remembered
def _cut(word: str) -> tuple[str, ...]:
    """A glued word as the fewest words of the vocabulary that cover it; itself if there are none."""
    latin = _vocabulary().latin
    whole = (singular(word),)
    if len(word) < 6 or whole in latin or not word.isascii():
        return whole
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - LONGEST_WORD), end - 1):
            piece = singular(word[start:end])
            is_word = (piece,) in latin and (end - start > 2 or piece in ("id", "no", "nm", "ip"))
            if is_word and start in best and (end not in best or len(best[start]) + 1 < len(best[end])):
                best[end] = (*best[start], piece)
    pieces = best.get(len(word), whole)
    return pieces if len(pieces) <= PIECES else whole


@remembered
def _unaccented(text: str) -> str:
    if text.isascii() or EAST.search(text):
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _union(sets: Iterable[Concepts]) -> Concepts:
    return frozenset[str]().union(*sets)
