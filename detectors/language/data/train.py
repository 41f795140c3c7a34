"""Trains the text model: `python -m detectors.language.data.train SOURCES`, about ten minutes; README.md says
what SOURCES holds.

The same sources give the same `zh.npz`.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np

from detectors.language import crf
from detectors.language.characters import PAD, codes, mixed
from detectors.language.data.sources import Sentence, Sources
from detectors.language.segmentation import CLASSES, LONGEST_WORD, SegmentLexicon
from detectors.language.viterbi import batches

HERE = Path(__file__).parent
VERSION = "1"
GROUPS = {"nr": "nr", "nrfg": "nr", "nrt": "nrt", "ns": "ns", "nt": "nt", "nz": "nz", "n": "n", "ng": "n", "s": "n", "f": "n", "v": "v",
          "vn": "v", "vg": "v", "vd": "v", "a": "a", "ad": "a", "an": "a", "z": "a", "b": "a", "d": "d", "zg": "d", "c": "d", "p": "d",
          "u": "d", "r": "d", "y": "d", "m": "m", "q": "m", "mq": "m", "t": "t", "i": "i", "l": "i", "j": "n"}


def labels(sentence: Sentence) -> tuple[str, list[str]]:
    text = "".join(t for t, _ in sentence)
    out: list[str] = []
    for t, kind in sentence:
        if not kind:
            out += ["O"] * len(t)
        elif kind == "PERSON":
            out += ["S-PERSON"] if len(t) == 1 else ["B-PERSON", *["I-PERSON"] * (len(t) - 2), "E-PERSON"] if t else []
        else:
            out += [f"B-{kind}", *[f"I-{kind}"] * (len(t) - 1)] if t else []
    return text, out


def lexicon(folder: Path) -> tuple[SegmentLexicon, dict[str, np.ndarray]]:
    """The runtime's lexicon from jieba's dictionary and OpenCC's character table."""
    simplified = np.arange(65536, dtype=np.uint16)
    for line in (folder / "TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        traditional, _, to = line.partition("\t")
        if len(traditional) == 1 and to and ord(traditional) < 65536 and ord(to[0]) < 65536:
            simplified[ord(traditional)] = ord(to[0])
    for code in range(0xFF01, 0xFF5F):
        if chr(code) not in "，。：；！？（）":
            simplified[code] = code - 0xFEE0
    for code in range(65536):
        c = chr(int(simplified[code]))
        if "0" <= c <= "9":
            simplified[code] = ord("0")
        elif c.isascii() and c.isalpha():
            simplified[code] = ord("a")
    for c in "•・‧":
        simplified[ord(c)] = ord("·")
    empty = SegmentLexicon(np.zeros(1, np.uint32), np.zeros(1, np.uint8), np.zeros(1, np.float32), simplified)
    rows = [line.split(" ") for line in (folder / "dict.txt").read_text(encoding="utf-8").splitlines()]
    rows = [r for r in rows if 1 <= len(r[0]) <= LONGEST_WORD and all(ord(c) < 65536 for c in r[0])]
    total = sum(int(r[1]) for r in rows)
    table: dict[int, tuple[int, float]] = {}
    for word, count, tag in rows:
        coded, _ = codes([word], empty.simplified)
        inner = coded[:, PAD:-PAD]
        key = int(mixed(*(inner[:, k:k + 1] for k in range(len(word))))[0, 0])
        cost = min(25.5, -math.log(max(int(count), 1) / total))
        kind = CLASSES.index(GROUPS.get(tag, "x"))
        if key not in table or cost < table[key][1]:
            table[key] = (kind, cost)
    keys = np.array(sorted(table), np.uint32)
    classes = np.array([table[int(k)][0] for k in keys], np.uint8)
    costs = np.round(np.array([table[int(k)][1] for k in keys]) * 10).astype(np.uint8)
    stored = {"gaps": np.diff(keys, prepend=np.uint32(0)), "classes": classes, "costs": costs, "simplified": simplified}
    return SegmentLexicon(keys, classes, (costs / 10).astype(np.float32), simplified), stored


def main() -> None:
    import pycrfsuite  # python-crfsuite, for training only

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--seed", type=int, default=20240322)
    parser.add_argument("--iterations", type=int, default=70)
    parser.add_argument("--per-template", type=int, default=60)
    parser.add_argument("--random-words", type=int, default=6000)
    parser.add_argument("--c1", type=float, default=0.3)
    parser.add_argument("--c2", type=float, default=0.02)
    parser.add_argument("--out", type=Path, default=HERE / "zh.npz")
    options = parser.parse_args()
    sources = Sources(options.sources, options.seed)
    templates = [t for t in (HERE / "templates.txt").read_text(encoding="utf-8").splitlines() if t and not t.startswith("#")]
    sentences = [sources.from_template(t) for t in templates for _ in range(options.per_template if "{" in t else 5)]
    sentences += [sources.random_words() for _ in range(options.random_words)]
    sentences += list(sources.dialogues())
    pairs = [(t, tags) for t, tags in map(labels, sentences) if t]
    print(f"{len(pairs)} sentences, {sum(len(t) for t, _ in pairs)} characters", flush=True)
    lex, stored = lexicon(options.sources)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": options.c1, "c2": options.c2, "max_iterations": options.iterations, "feature.possible_transitions": False})
    for group in batches([len(t) for t, _ in pairs], 64):
        coded, lengths = codes([pairs[i][0] for i in group], lex.simplified)
        keys = crf.features(coded, lex)
        for row, i in enumerate(group):
            trainer.append([[str(k) for k in step] for step in keys[row, :lengths[row]]], pairs[i][1])
    print("training", flush=True)
    trainer.train(str(options.out.with_suffix(".crfsuite")))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(options.out.with_suffix(".crfsuite")))
    info = tagger.info()
    size = len(crf.LABELS)
    transitions = np.full((size, size), -30.0, np.float32)
    for (a, b), w in info.transitions.items():
        transitions[crf.LABELS.index(a), crf.LABELS.index(b)] = w
    weights = np.zeros((1 << crf.BITS, size), np.float32)
    for (attribute, label), w in info.state_features.items():
        weights[int(attribute), crf.LABELS.index(label)] = w
    scale = 0.04
    small = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    rows = np.flatnonzero(small.any(axis=1)).astype(np.uint32)
    arrays: dict[str, Any] = {
        "version": np.array(VERSION), "rows": np.diff(rows, prepend=np.uint32(0)), "weights": small[rows], "scale": np.float32(scale),
        "transitions": transitions, **stored,
    }
    np.savez_compressed(options.out, **arrays)
    options.out.with_suffix(".crfsuite").unlink()
    print(f"{len(rows)} features, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
