"""The linear model of all questions, fitted on whole tables; see `train.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from detectors.columns.answers import QUESTIONS, TIERS, sigmoid, softmax, summed, summed_by_place

ROUNDS, BATCH, RATE, RIDGE = 7, 400, 0.05, 1e-4
AVERAGED, UNSEEN = 3, 0.3                     # last rounds whose weights are averaged; share of cues left out
WEAK_LABEL, WEAK_RELATED = 0.3, 0.5           # weights of columns whose tier is a matter of taste


@dataclass(frozen=True, slots=True)
class CueTable:
    """Cues of a table as rows of the weights: shared by all columns; own of each, one after the other,
    lengths of them. flags: `cue_flags`.
    """

    shared: np.ndarray
    own: np.ndarray
    lengths: np.ndarray
    flags: np.ndarray


@dataclass(frozen=True, slots=True)
class ColumnTruth:
    """Of the columns of one table. core: 1, 0, or -1 where taste decides. pi: 1, 0 or -1 for no label.

    tier, label: indices, -1 for nothing.
    """

    core: np.ndarray
    pi: np.ndarray
    tier: np.ndarray
    label: np.ndarray


class LinearFit:
    """Weights of all questions, fitted together by AdaGrad over batches of whole tables."""

    def __init__(self, cues: int, labels: int) -> None:
        self.weights = np.zeros((cues + 1, QUESTIONS + labels), np.float32)   # the last row is the bias
        self._squares = np.full_like(self.weights, 1e-2)

    def fit(self, tables: Sequence[CueTable], truths: Sequence[ColumnTruth], seed: int = 0) -> LinearFit:
        """Go over all tables some times, each time without some cues, in an order of the seed."""
        chance = np.random.default_rng(seed)
        sums = np.zeros_like(self.weights)
        for turn in range(ROUNDS):
            for batch in _batches(chance.permutation(len(tables)), tables):
                self._step([tables[i] for i in batch], [truths[i] for i in batch], chance)
            if turn >= ROUNDS - AVERAGED:
                sums += self.weights
        self.weights = sums / np.float32(AVERAGED)
        return self

    def answers(self, table: CueTable, origins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores of a table's columns, shape (columns, questions), and the parts of each place."""
        shared, own = self.weights[table.shared], self.weights[table.own]
        scores = summed(own, table.lengths) + shared.sum(axis=0) + self.weights[-1]
        parts = summed_by_place(own[:, :2], origins[table.own], table.lengths)
        of_table = summed_by_place(shared[:, :2], origins[table.shared], np.array([len(shared)]))
        return scores, parts + of_table

    def _step(
        self, tables: Sequence[CueTable], truths: Sequence[ColumnTruth], chance: np.random.Generator,
    ) -> None:
        sizes = np.array([len(t.lengths) for t in tables])
        own, lengths = _some(
            np.concatenate([t.own for t in tables]), np.concatenate([t.lengths for t in tables]), chance,
        )
        shared, shared_lengths = _some(
            np.concatenate([t.shared for t in tables]), np.array([len(t.shared) for t in tables]), chance,
        )
        of_table = np.repeat(summed(self.weights[shared], shared_lengths), sizes, axis=0)
        scores = (summed(self.weights[own], lengths) + of_table) / (1 - UNSEEN) + self.weights[-1]
        slope = _slopes(scores, truths)
        root = np.float32(np.sqrt(len(lengths)))
        self._move(np.array([len(self.weights) - 1]), slope.sum(axis=0, keepdims=True) / root)
        slope /= 1 - UNSEEN
        rows = np.concatenate([
            np.repeat(slope, lengths, axis=0), np.repeat(summed(slope, sizes), shared_lengths, axis=0),
        ])
        cues = np.concatenate([own, shared])
        order = np.argsort(cues, kind="stable")
        used, counts = np.unique(cues, return_counts=True)
        self._move(used, summed(rows[order], counts) / root + RIDGE * root * self.weights[used])

    def _move(self, used: np.ndarray, gradient: np.ndarray) -> None:
        """A step of AdaGrad for some rows of the weights."""
        squares = self._squares[used] + gradient * gradient
        self._squares[used] = squares
        self.weights[used] -= RATE * gradient / np.sqrt(squares)


def _some(
    cues: np.ndarray, lengths: np.ndarray, chance: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Runs of cues without the share UNSEEN of them, and the lengths of the runs."""
    stays = chance.random(len(cues)) >= UNSEEN
    run_of = np.repeat(np.arange(len(lengths)), lengths)[stays]
    return cues[stays], np.bincount(run_of, minlength=len(lengths))


def _batches(order: np.ndarray, tables: Sequence[CueTable]) -> Iterator[list[int]]:
    """Yield tables in the order, about BATCH columns at a time."""
    batch: list[int] = []
    columns = 0
    for i in order:
        batch.append(int(i))
        columns += len(tables[i].lengths)
        if columns >= BATCH:
            yield batch
            batch, columns = [], 0
    if batch:
        yield batch


def _slopes(scores: np.ndarray, truths: Sequence[ColumnTruth]) -> np.ndarray:
    """Return the derivative of the loss by each score; 0 where a column says nothing to a question."""
    core, pi, tier, label = (np.concatenate([getattr(t, name) for t in truths])
                             for name in ("core", "pi", "tier", "label"))
    slopes = np.zeros(scores.shape, np.float32)
    slopes[:, 0] = np.where(core >= 0, sigmoid(scores[:, 0]) - core, 0)
    doubtful = np.where(tier == TIERS.index("weak"), WEAK_RELATED, 1)
    slopes[:, 1] = np.where(pi >= 0, (sigmoid(scores[:, 1]) - pi) * doubtful, 0)
    personal = np.flatnonzero(pi == 1)
    if len(personal):
        rows = np.arange(len(personal))
        tiers, kinds = softmax(scores[personal, 2:QUESTIONS]), softmax(scores[personal, QUESTIONS:])
        tiers[rows, tier[personal]] -= 1
        kinds[rows, label[personal]] -= 1
        slopes[personal, 2:QUESTIONS] = tiers
        slopes[personal, QUESTIONS:] = kinds * np.where(core[personal] == 1, 1, WEAK_LABEL)[:, None]
    return slopes
