"""Train the cell classifier: `python -m detectors.language.data.train_cells SOURCES`, about a minute.

SOURCES is the folder that `train.py` takes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detectors.language.cells import BITS, CLASSES, LONGEST, CellClassifier, cell_features, softmax
from detectors.language.characters import codes
from detectors.language.data.sources import NAMES, WORDS, Sources
from detectors.language.data.training_lexicon import lexicon

HERE = Path(__file__).parent
BATCH = 256
RATE, RIDGE = 0.1, 1e-6                       # step length and pull towards 0 of AdaGrad
Example = tuple[str, int]                     # a cell and the index of its class


def examples(sources: Sources, each: int) -> Iterator[tuple[str, str]]:
    """Yield (cell, class): names as in the text model, and what else fills short cells. each: rounds."""
    rng = sources.rng
    excluded_tags = {*NAMES, "m", "mq", "t"}
    words = [w for w, f, tag in sources.words if 1 < len(w) <= 6 and tag not in excluded_tags and int(f) >= 3]
    phrases = [w for w, _, tag in sources.words if tag in ("i", "l")]
    for _ in range(each):
        yield sources.chinese(), "PERSON"
        yield sources.chinese() if rng.random() < 0.9 else sources.japanese(), "PERSON"
        yield sources.foreigner(), "FOREIGN"
        yield sources.address(), "ADDRESS"
        yield sources.place(), "PLACE"
        yield sources.organisation(), "ORG"
        brand = _brand(sources)
        noun = rng.choice(sources.nouns)
        others = [
            rng.choice(words),
            rng.choice(words) + rng.choice(words),
            rng.choice(phrases),
            noun,
            rng.choice(sources.verbs),
            rng.choice(WORDS["states"]),
            noun + rng.choice(WORDS["units"]),
            brand + noun,
            brand + rng.choice(WORDS["things"]),
            noun + rng.choice(WORDS["things"]),
            rng.choice(sources.verbs) + noun,
            "《" + noun + rng.choice(words) + "》",
            f"{noun}{rng.randint(1, 999)}",
            f"{rng.choice(sources.verbs)}{rng.choice(words)}{noun}",
        ]
        yield rng.choice(others), "OTHER"
        yield rng.choice(words), "OTHER"
        yield noun, "OTHER"


def _brand(sources: Sources) -> str:
    """Two characters of given names, or a person's name: brands are made so."""
    rng = sources.rng
    if rng.random() < 0.7:
        return "".join(rng.choice(sources.given_characters) for _ in range(2))
    return rng.choice(sources.persons)


def train(pairs: Sequence[Example], simplified: NDArray[np.uint16], epochs: int) -> NDArray[np.float32]:
    """Return the weights, (2**BITS, classes), of a softmax fitted by AdaGrad; print each loss."""
    weights = np.zeros((1 << BITS, len(CLASSES)), np.float32)
    squares = np.full_like(weights, 1e-6)
    gradient = np.zeros_like(weights)
    for epoch in range(epochs):
        loss = 0.0
        for start in range(0, len(pairs), BATCH):
            batch = pairs[start:start + BATCH]
            hashes, present = cell_features(*codes([text for text, _ in batch], simplified))
            probabilities = softmax((weights[hashes] * present[:, :, None]).sum(axis=1))
            truth = np.array([label for _, label in batch])
            of_truth = probabilities[np.arange(len(batch)), truth]
            loss -= float(np.log(np.maximum(of_truth, 1e-9)).sum())
            probabilities[np.arange(len(batch)), truth] -= 1
            rows = hashes[present]
            np.add.at(gradient, rows, np.repeat(probabilities, present.sum(axis=1), axis=0))
            touched = np.unique(rows)
            step = gradient[touched] / len(batch) + RIDGE * weights[touched]
            squares[touched] += step * step
            weights[touched] -= RATE * step / np.sqrt(squares[touched])
            gradient[touched] = 0
        print(f"epoch {epoch + 1}: loss {loss / len(pairs):.4f}", flush=True)
    return weights


def report(model: CellClassifier, pairs: Sequence[Example]) -> None:
    """Print precision and recall of each class."""
    predicted = model([text for text, _ in pairs]).argmax(axis=1)
    truth = np.array([label for _, label in pairs])
    for i, name in enumerate(CLASSES):
        right = ((predicted == i) & (truth == i)).sum()
        precision, recall = right / max((predicted == i).sum(), 1), right / max((truth == i).sum(), 1)
        print(f"{name:8} precision {precision:.3f} recall {recall:.3f} on generated cells held out")


def main() -> None:
    """Train with 95 % of the generated cells, store the classifier, and measure it on the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--seed", type=int, default=20240322)
    parser.add_argument("--each", type=int, default=40_000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path, default=HERE / "cells.npz")
    options = parser.parse_args()
    sources = Sources(options.sources, options.seed)
    pairs = [(t[:LONGEST], CLASSES.index(label)) for t, label in examples(sources, options.each) if t]
    random.Random(options.seed).shuffle(pairs)
    testing, training = pairs[:len(pairs) // 20], pairs[len(pairs) // 20:]
    words, _ = lexicon(options.sources)
    weights = train(training, words.simplified, options.epochs)
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.999)) / 127
    small = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    np.savez_compressed(options.out, weights=small, scale=np.float32(scale), simplified=words.simplified)
    report(CellClassifier(small, scale, words.simplified), testing)
    print(f"{options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
