"""Classes of what an English word may name, as numbers: the hypernyms of its first senses in WordNet 3.0.

`data/senses.npz` holds them, made by `train_senses.py`: words as numbers, no word itself. A word that no
labelled system had shares classes with those that one had: `tenant` is a person as `lodger` is.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from detectors.names.lexicon import remembered
from detectors.names.tables import singular
from detectors.shipped import read_bytes

SHORTEST = 3                                  # letters of a word that has classes


@dataclass(frozen=True, slots=True)
class _Senses:
    """words: their numbers, ascending. bundles: for each word, which of the sets of classes is its own.

    classes: of all sets, one after the other. starts: where each begins, and one past the last.
    """

    words: np.ndarray
    bundles: np.ndarray
    classes: np.ndarray
    starts: np.ndarray

    def of(self, word: str) -> tuple[int, ...]:
        number = word_number(word)
        place = int(np.searchsorted(self.words, np.uint32(number)))
        if place == len(self.words) or self.words[place] != number:
            return ()
        start, end = self.starts[self.bundles[place]:][:2]
        return tuple(self.classes[start:end].tolist())


def word_number(word: str) -> int:
    """Return the number that stands for a word, below 2 ** 32."""
    return zlib.crc32(word.encode())


@cache
def _senses() -> _Senses:
    with np.load(io.BytesIO(read_bytes("data/senses.npz")), allow_pickle=False) as file:
        return _Senses(file["words"], file["bundles"], file["classes"], file["starts"])


@remembered
def classes_of(word: str) -> tuple[int, ...]:
    """Return the classes of an English noun in lower case, ascending; none of a word that is not one.

    >>> set(classes_of("tenant")) & set(classes_of("lodgers")) != set()
    True
    >>> classes_of("xqzzt")
    ()
    """
    if len(word) < SHORTEST or not word.isascii():
        return ()
    return _senses().of(word) or _senses().of(singular(word))


@remembered
def names_person(word: str) -> bool:
    """May an English noun name a person, and no thing that somebody made? `-ee` does where no list has it.

    >>> [names_person(word) for word in ("captain", "mentee", "sensor", "order", "router", "folder")]
    [True, True, False, False, False, False]
    """
    classes = frozenset(classes_of(word))
    if not classes:
        return len(word) > SHORTEST + 1 and word.endswith("ee")
    return _shared(_PERSONS) <= classes and not classes & (_shared(_ARTEFACTS) - _shared(_PERSONS))


_PERSONS = ("lodger", "driver", "teacher", "nephew")         # words whose common classes are those of persons
_ARTEFACTS = ("sensor", "folder", "lamp")


@cache
def _shared(nouns: tuple[str, ...]) -> frozenset[int]:
    return frozenset.intersection(*(frozenset(classes_of(noun)) for noun in nouns))
