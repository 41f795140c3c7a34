"""Make `data/senses.npz` from WordNet 3.0: `python -m detectors.columns.train_senses FOLDER`.

FOLDER holds WordNet's index.noun and data.noun (Debian's package wordnet-base puts them in
/usr/share/wordnet). The same files give the same bytes.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from detectors.columns.senses import SHORTEST, word_number
from detectors.columns.train import HERE, write

SENSES = 2                                    # first senses of a word that count
FEWEST, MOST = 20, 12_000                     # words of a class: fewer share little, more say nothing
HYPERNYMS = ("@", "@i")                       # pointers to a wider synset: of a kind, of an instance
_WORD = re.compile(f"[a-z]{{{SHORTEST},}}")


@dataclass(frozen=True)
class WordNet:
    """Nouns. senses: synsets of each single word, the commonest first. wider: synsets right above each.

    subjects: number of the lexicographer's file of each synset: person, body, artifact ...
    """

    senses: Mapping[str, tuple[str, ...]]
    wider: Mapping[str, tuple[str, ...]]
    subjects: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> WordNet:
        """Read index.noun and data.noun."""
        senses: dict[str, tuple[str, ...]] = {}
        wider: dict[str, tuple[str, ...]] = {}
        subjects: dict[str, str] = {}
        for line in _lines(folder / "index.noun"):
            word, _, _, kinds, *rest = line.split()
            if _WORD.fullmatch(word):
                senses[word] = tuple(rest[int(kinds) + 2:][:SENSES])
        for line in _lines(folder / "data.noun"):
            synset, subject, _, words, *more = line.partition(" | ")[0].split()
            pointers = more[2 * int(words, 16):]
            links = zip(pointers[1::4], pointers[2::4], strict=False)
            wider[synset] = tuple(target for kind, target in links if kind in HYPERNYMS)
            subjects[synset] = subject
        return cls(senses, wider, subjects)

    def above(self, synset: str) -> frozenset[str]:
        """Return a synset and all that are wider."""
        result, waiting = set(), [synset]
        while waiting:
            if (one := waiting.pop()) not in result:
                result.add(one)
                waiting += self.wider[one]
        return frozenset(result)

    @cached_property
    def _above(self) -> Mapping[str, frozenset[str]]:
        return {word: frozenset().union(*map(self.above, synsets)) for word, synsets in self.senses.items()}

    def classes(self) -> dict[str, tuple[str, ...]]:
        """Return the classes of each word: synsets above it that neither few nor most words share, the
        subjects of its senses, and that of its first.
        """
        counts = Counter(synset for above in self._above.values() for synset in above)
        shared = {synset for synset, n in counts.items() if FEWEST <= n <= MOST}
        return {
            word: tuple(sorted({
                *(f"synset {synset}" for synset in above & shared),
                *(f"subject {self.subjects[synset]}" for synset in self.senses[word]),
                f"first subject {self.subjects[self.senses[word][0]]}",
            }))
            for word, above in self._above.items()
        }


def _lines(path: Path) -> list[str]:
    """The lines of a file of WordNet but those of its licence, which begin with blanks."""
    lines = path.read_text(encoding="ascii").splitlines()
    return [line for line in lines if not line.startswith(" ")]


def packed(classes: Mapping[str, tuple[str, ...]]) -> dict[str, np.ndarray]:
    """Return the arrays that ship; of two words of one number the first in the alphabet counts."""
    names = sorted({name for of_word in classes.values() for name in of_word})
    numbers = {name: i for i, name in enumerate(names)}
    words: dict[int, tuple[int, ...]] = {}
    for word in sorted(classes):
        words.setdefault(word_number(word), tuple(sorted(numbers[name] for name in classes[word])))
    bundles = {bundle: i for i, bundle in enumerate(sorted(set(words.values())))}
    lengths = [len(bundle) for bundle in bundles]
    return {
        "words": np.array(sorted(words), np.uint32),
        "bundles": np.array([bundles[words[number]] for number in sorted(words)], np.uint16),
        "classes": np.array([one for bundle in bundles for one in bundle], np.uint16),
        "starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32),
    }


def main() -> None:
    """Read WordNet and write `data/senses.npz`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="with index.noun and data.noun")
    classes = WordNet.read(parser.parse_args().folder).classes()
    arrays = packed(classes)
    write(arrays, HERE / "senses.npz")
    print(f"{len(arrays['words'])} words, {len(arrays['starts']) - 1} sets of classes")


if __name__ == "__main__":
    main()
