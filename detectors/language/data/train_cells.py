"""Trains the cell classifier: `python -m detectors.language.data.train_cells SOURCES`, about a minute; SOURCES as for `train.py`."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from detectors.language import cells
from detectors.language.characters import codes
from detectors.language.data.sources import WORDS, Sources
from detectors.language.data.train import lexicon

HERE = Path(__file__).parent


def examples(made: Sources, each: int) -> Iterator[tuple[str, str]]:
    """(cell, class): people, places and organisations as in the text model, and what else stands in short columns."""
    rng = made.rng
    names = {"nr", "nrt", "nrfg", "ns", "nt", "x", "eng", "m", "mq", "t"}
    words = [w for w, f, t in made.words if 1 < len(w) <= 6 and t not in names and int(f) >= 3]
    phrases = [w for w, f, t in made.words if t in ("i", "l")]
    for _ in range(each):
        yield made.chinese(), "PERSON"
        yield made.chinese() if rng.random() < 0.9 else made.japanese(), "PERSON"
        yield made.foreigner(), "FOREIGN"
        yield made.address(), "ADDRESS"
        yield made.place(), "PLACE"
        yield made.organisation(), "ORG"
        brand = "".join(rng.choice(made.given) for _ in range(2)) if rng.random() < 0.7 else rng.choice(made.known)
        noun = rng.choice(made.nouns)
        yield (
            rng.choice(
                [
                    rng.choice(words),
                    rng.choice(words) + rng.choice(words),
                    rng.choice(phrases),
                    noun,
                    rng.choice(made.verbs),
                    rng.choice(WORDS["states"]),
                    noun + rng.choice(WORDS["units"]),
                    brand + noun,
                    brand + rng.choice(WORDS["things"]),
                    noun + rng.choice(WORDS["things"]),
                    rng.choice(made.verbs) + noun,
                    "《" + noun + rng.choice(words) + "》",
                    f"{noun}{rng.randint(1, 999)}",
                    f"{rng.choice(made.verbs)}{rng.choice(words)}{noun}",
                ]
            ),
            "OTHER",
        )
        yield rng.choice(words), "OTHER"
        yield noun, "OTHER"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--seed", type=int, default=20240322)
    parser.add_argument("--each", type=int, default=40_000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path, default=HERE / "cells.npz")
    options = parser.parse_args()
    made = Sources(options.sources, options.seed)
    pairs = [(t[:cells.LONGEST], cells.CLASSES.index(c)) for t, c in examples(made, options.each) if t]
    random.Random(options.seed).shuffle(pairs)
    held, pairs = pairs[:len(pairs) // 20], pairs[len(pairs) // 20:]
    lex, stored = lexicon(options.sources)
    weights = np.zeros((1 << cells.BITS, len(cells.CLASSES)), np.float32)
    squares = np.full_like(weights, 1e-6)
    gradient = np.zeros_like(weights)
    for epoch in range(options.epochs):
        loss = 0.0
        for start in range(0, len(pairs), 256):
            batch = pairs[start:start + 256]
            coded, lengths = codes([t for t, _ in batch], lex.simplified)
            hashes, counted = cells.cell_features(coded, lengths)
            scores = (weights[hashes] * counted[:, :, None]).sum(axis=1)
            scores -= scores.max(axis=1, keepdims=True)
            p = np.exp(scores)
            p /= p.sum(axis=1, keepdims=True)
            truth = np.array([c for _, c in batch])
            loss -= float(np.log(np.maximum(p[np.arange(len(batch)), truth], 1e-9)).sum())
            p[np.arange(len(batch)), truth] -= 1
            rows = hashes[counted]
            np.add.at(gradient, rows, np.repeat(p, counted.sum(axis=1), axis=0))
            touched = np.unique(rows)
            g = gradient[touched] / len(batch) + 1e-6 * weights[touched]
            squares[touched] += g * g
            weights[touched] -= 0.1 * g / np.sqrt(squares[touched])
            gradient[touched] = 0
        print(f"epoch {epoch + 1}: loss {loss / len(pairs):.4f}", flush=True)
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.999)) / 127
    small = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    np.savez_compressed(options.out, weights=small, scale=np.float32(scale), simplified=stored["simplified"])
    model = cells.CellClassifier(small, scale, lex)
    said = model([t for t, _ in held]).argmax(axis=1)
    truth = np.array([c for _, c in held])
    for i, name in enumerate(cells.CLASSES):
        tp = ((said == i) & (truth == i)).sum()
        precision, recall = tp / max((said == i).sum(), 1), tp / max((truth == i).sum(), 1)
        print(f"{name:8} precision {precision:.3f} recall {recall:.3f} on generated cells held out")
    print(f"{options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
