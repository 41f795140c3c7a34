"""The lexicon of the text models, from jieba's dictionary and OpenCC's character table."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.language.characters import PAD, codes, mixed_hashes
from detectors.language.segmentation import CLASSES, LONGEST_WORD, SegmentLexicon

HIGHEST_COST = 25.5                           # stored in tenths, in a byte
GROUPS = {                                    # jieba's part of speech -> class; `x` for any other
    "nr": "nr", "nrfg": "nr", "nrt": "nrt", "ns": "ns", "nt": "nt", "nz": "nz",
    "n": "n", "ng": "n", "s": "n", "f": "n", "j": "n",
    "v": "v", "vn": "v", "vg": "v", "vd": "v",
    "a": "a", "ad": "a", "an": "a", "z": "a", "b": "a",
    "d": "d", "zg": "d", "c": "d", "p": "d", "u": "d", "r": "d", "y": "d",
    "m": "m", "q": "m", "mq": "m", "t": "t", "i": "i", "l": "i",
}


def lexicon(folder: Path) -> tuple[SegmentLexicon, dict[str, NDArray[Any]]]:
    """Return the lexicon of a folder of sources, and the arrays by which it is stored."""
    simplified = simplified_characters(folder / "TSCharacters.txt")
    words = _cheapest_words(folder / "dict.txt", simplified)
    keys = np.array(sorted(words), np.uint32)
    classes = np.array([words[int(key)][0] for key in keys], np.uint8)
    costs = np.round(np.array([words[int(key)][1] for key in keys]) * 10).astype(np.uint8)
    gaps = np.diff(keys, prepend=np.uint32(0))
    stored = {"gaps": gaps, "classes": classes, "costs": costs, "simplified": simplified}
    return SegmentLexicon(keys, classes, (costs / 10).astype(np.float32), simplified), stored


def simplified_characters(table: Path) -> NDArray[np.uint16]:
    """Return code point -> code point: simplified, half-width, letters as `a`, digits as `0`, one middle dot.

    table: lines of a traditional character, a tab and the simplified ones, the usual first.
    """
    simplified = np.arange(65536, dtype=np.uint16)
    for line in table.read_text(encoding="utf-8").splitlines():
        traditional, _, usual = line.partition("\t")
        if len(traditional) == 1 and usual and ord(traditional) < 65536 and ord(usual[0]) < 65536:
            simplified[ord(traditional)] = ord(usual[0])
    for code in range(0xFF01, 0xFF5F):
        if chr(code) not in "，。：；！？（）":
            simplified[code] = code - 0xFEE0
    for code in range(65536):
        character = chr(int(simplified[code]))
        if "0" <= character <= "9":
            simplified[code] = ord("0")
        elif character.isascii() and character.isalpha():
            simplified[code] = ord("a")
    for dot in "•・‧":
        simplified[ord(dot)] = ord("·")
    return simplified


def _cheapest_words(dictionary: Path, simplified: NDArray[np.uint16]) -> dict[int, tuple[int, float]]:
    """Hash of a word -> (index of its class, cost); of words that fold alike, the cheapest."""
    lines = (line.split(" ") for line in dictionary.read_text(encoding="utf-8").splitlines())
    rows = [(word, int(count), tag) for word, count, tag in lines if _is_short(word)]
    total = sum(count for _, count, _ in rows)
    words: dict[int, tuple[int, float]] = {}
    for word, count, tag in rows:
        coded, _ = codes([word], simplified)
        inner = coded[:, PAD:-PAD]
        key = int(mixed_hashes(*(inner[:, k:k + 1] for k in range(len(word))))[0, 0])
        cost = min(HIGHEST_COST, -math.log(max(count, 1) / total))
        if key not in words or cost < words[key][1]:
            words[key] = (CLASSES.index(GROUPS.get(tag, "x")), cost)
    return words


def _is_short(word: str) -> bool:
    return 1 <= len(word) <= LONGEST_WORD and all(ord(character) < 65536 for character in word)
