"""Train the text model: `python -m detectors.language.data.train SOURCES`, about ten minutes.

README.md says what SOURCES holds. The same sources give the same `zh.npz`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.language.characters import codes
from detectors.language.crf import BATCH, BITS, LABELS, features
from detectors.language.data.dialogues import dialogues
from detectors.language.data.sources import Sentence, Sources
from detectors.language.data.training_lexicon import lexicon
from detectors.language.segmentation import SegmentLexicon
from detectors.language.viterbi import batches

HERE = Path(__file__).parent
VERSION = "1"
SCALE = 0.04                                  # of a weight's unit, as it is stored
PLAIN_COPIES = 5                              # of a template without slots
IMPOSSIBLE = -30.0                            # weight of a transition that training has not met
Tagged = tuple[str, list[str]]                # a text and the label of each character


def tagged_sentence(sentence: Sentence) -> Tagged:
    """Return the text of a sentence and its labels."""
    tags: list[str] = []
    for text, kind in sentence:
        tags += _tags(len(text), kind)
    return "".join(text for text, _ in sentence), tags


def _tags(length: int, kind: str) -> list[str]:
    if not kind:
        return ["O"] * length
    if length == 0:
        return []
    if kind != "PERSON":
        return [f"B-{kind}", *[f"I-{kind}"] * (length - 1)]
    return ["S-PERSON"] if length == 1 else ["B-PERSON", *["I-PERSON"] * (length - 2), "E-PERSON"]


def training_texts(sources: Sources, per_template: int, random_words: int) -> list[Tagged]:
    """Return the texts to train with, none empty. per_template: texts of each template with slots."""
    lines = (HERE / "templates.txt").read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("#")]
    sentences = [
        sources.from_template(template)
        for template in templates
        for _ in range(per_template if "{" in template else PLAIN_COPIES)
    ]
    sentences += [sources.random_words() for _ in range(random_words)]
    sentences += list(dialogues(sources))
    return [(text, tags) for text, tags in map(tagged_sentence, sentences) if text]


def train(texts: Sequence[Tagged], words: SegmentLexicon, file: Path, settings: dict[str, Any]) -> Any:
    """Return what python-crfsuite learns: transitions and state features. file: for its own model."""
    import pycrfsuite  # python-crfsuite, for training only

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(settings)
    for batch in batches([len(text) for text, _ in texts], BATCH):
        coded, lengths = codes([texts[i][0] for i in batch], words.simplified)
        keys = features(coded, words)
        for row, i in enumerate(batch):
            steps = [[str(key) for key in step] for step in keys[row, :lengths[row]]]
            trainer.append(steps, texts[i][1])
    print("training", flush=True)
    trainer.train(str(file))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(file))
    learned = tagger.info()
    file.unlink()
    return learned


def model_arrays(learned: Any) -> dict[str, NDArray[Any]]:
    """Return the arrays of a model as they are stored; its lexicon apart."""
    size = len(LABELS)
    transitions = np.full((size, size), IMPOSSIBLE, np.float32)
    for (before, after), weight in learned.transitions.items():
        transitions[LABELS.index(before), LABELS.index(after)] = weight
    weights = np.zeros((1 << BITS, size), np.float32)
    for (feature, label), weight in learned.state_features.items():
        weights[int(feature), LABELS.index(label)] = weight
    small = np.clip(np.round(weights / SCALE), -127, 127).astype(np.int8)
    rows = np.flatnonzero(small.any(axis=1)).astype(np.uint32)
    return {
        "version": np.array(VERSION),
        "rows": np.diff(rows, prepend=np.uint32(0)),
        "weights": small[rows],
        "scale": np.asarray(np.float32(SCALE)),
        "transitions": transitions,
    }


def main() -> None:
    """Train, store the model and print its size."""
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
    texts = training_texts(sources, options.per_template, options.random_words)
    print(f"{len(texts)} sentences, {sum(len(text) for text, _ in texts)} characters", flush=True)
    words, stored = lexicon(options.sources)
    settings = {
        "c1": options.c1, "c2": options.c2, "max_iterations": options.iterations,
        "feature.possible_transitions": False,
    }
    arrays = model_arrays(train(texts, words, options.out.with_suffix(".crfsuite"), settings))
    np.savez_compressed(options.out, **{**arrays, **stored})  # type: ignore[arg-type]
    print(f"{len(arrays['rows'])} features, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
