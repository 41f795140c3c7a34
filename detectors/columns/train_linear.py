"""The linear model of all questions, fitted on whole tables; see `train.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

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


_TRUTHS = tuple(field.name for field in fields(ColumnTruth))


class LinearFit:
    """Weights of all questions, fitted together by AdaGrad over batches of whole tables.

    The last row of the weights is the bias. Labels are asked of personal columns alone.
    """

    def __init__(self, cues: int, labels: int) -> None:
        self.weights = np.zeros((cues + 1, QUESTIONS + labels), np.float32)

    def fit(self, tables: Sequence[CueTable], truths: Sequence[ColumnTruth], seed: int = 0) -> LinearFit:
        """Go over all tables some times, each time without some cues, in an order of the seed."""
        chance = np.random.default_rng(seed)
        cues, questions = len(self.weights) - 1, self.weights.shape[1]
        parts = (
            _Part(cues, QUESTIONS, tables, truths, _slopes_of_questions),
            _Part(cues, questions - QUESTIONS, *_personal(tables, truths), _slopes_of_labels),
        )
        sums = [np.zeros_like(part.weights) for part in parts]
        for turn in range(ROUNDS):
            for batch in _batches(chance.permutation(len(tables)), tables):
                for part in parts:
                    part.step(batch, chance)
            if turn >= ROUNDS - AVERAGED:
                for total, part in zip(sums, parts, strict=True):
                    total += part.weights
        self.weights = np.concatenate(sums, axis=1) / np.float32(AVERAGED)
        return self

    def answers(self, table: CueTable, origins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores of a table's columns, shape (columns, questions), and the parts of each place."""
        shared, own = self.weights[table.shared], self.weights[table.own]
        scores = summed(own, table.lengths) + shared.sum(axis=0) + self.weights[-1]
        parts = summed_by_place(own[:, :2], origins[table.own], table.lengths)
        of_table = summed_by_place(shared[:, :2], origins[table.shared], np.array([len(shared)]))
        return scores, parts + of_table


class _Part:
    """Some questions: their weights, and the tables whose columns are asked them."""

    def __init__(
        self, cues: int, questions: int, tables: Sequence[CueTable], truths: Sequence[ColumnTruth],
        slopes: Callable[[np.ndarray, Sequence[ColumnTruth]], np.ndarray],
    ) -> None:
        self.weights = np.zeros((cues + 1, questions), np.float32)
        self._squares = np.full_like(self.weights, 1e-2)
        self._tables, self._truths, self._slopes = tables, truths, slopes

    def step(self, batch: Iterable[int], chance: np.random.Generator) -> None:
        """Move the weights by the columns of some tables, without some of their cues."""
        some = [i for i in batch if len(self._tables[i].lengths)]
        if not some:
            return
        tables = [self._tables[i] for i in some]
        sizes = np.array([len(t.lengths) for t in tables])
        own, lengths = _some(
            np.concatenate([t.own for t in tables]), np.concatenate([t.lengths for t in tables]), chance,
        )
        shared, shared_lengths = _some(
            np.concatenate([t.shared for t in tables]), np.array([len(t.shared) for t in tables]), chance,
        )
        of_table = np.repeat(summed(self.weights[shared], shared_lengths), sizes, axis=0)
        scores = (summed(self.weights[own], lengths) + of_table) / (1 - UNSEEN) + self.weights[-1]
        slope = self._slopes(scores, [self._truths[i] for i in some])
        root = np.float32(np.sqrt(len(lengths)))
        self._move(np.array([len(self.weights) - 1]), slope.sum(axis=0, keepdims=True) / root)
        slope /= 1 - UNSEEN
        rows = np.concatenate([np.repeat(np.arange(len(lengths)), lengths),
                               len(lengths) + np.repeat(np.arange(len(sizes)), shared_lengths)])
        slopes = np.concatenate([slope, summed(slope, sizes)])
        cues = np.concatenate([own, shared])
        order = np.argsort(cues, kind="stable")
        ordered = cues[order]
        firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
        used, counts = ordered[firsts], np.diff(firsts, append=len(ordered))
        gradient = summed(slopes[rows[order]], counts) / root + RIDGE * root * self.weights[used]
        self._move(used, gradient)

    def _move(self, used: np.ndarray, gradient: np.ndarray) -> None:
        """A step of AdaGrad for some rows of the weights."""
        squares = self._squares[used] + gradient * gradient
        self._squares[used] = squares
        self.weights[used] -= RATE * gradient / np.sqrt(squares)


def _personal(
    tables: Sequence[CueTable], truths: Sequence[ColumnTruth],
) -> tuple[list[CueTable], list[ColumnTruth]]:
    """The tables with their personal columns alone."""
    some = []
    for table, truth in zip(tables, truths, strict=True):
        personal = truth.pi == 1
        own = table.own[np.repeat(personal, table.lengths)]
        columns = CueTable(table.shared, own, table.lengths[personal], table.flags[personal])
        some.append((columns, ColumnTruth(*(getattr(truth, name)[personal] for name in _TRUTHS))))
    return [columns for columns, _ in some], [truth for _, truth in some]


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


def _slopes_of_questions(scores: np.ndarray, truths: Sequence[ColumnTruth]) -> np.ndarray:
    """Return the derivative of the loss by each score but those of labels; 0 where a column says nothing."""
    core, pi, tier = (np.concatenate([getattr(t, name) for t in truths]) for name in ("core", "pi", "tier"))
    slopes = np.zeros(scores.shape, np.float32)
    slopes[:, 0] = np.where(core >= 0, sigmoid(scores[:, 0]) - core, 0)
    doubtful = np.where(tier == TIERS.index("weak"), WEAK_RELATED, 1)
    slopes[:, 1] = np.where(pi >= 0, (sigmoid(scores[:, 1]) - pi) * doubtful, 0)
    personal = np.flatnonzero(pi == 1)
    if len(personal):
        tiers = softmax(scores[personal, 2:])
        tiers[np.arange(len(personal)), tier[personal]] -= 1
        slopes[personal, 2:] = tiers
    return slopes


def _slopes_of_labels(scores: np.ndarray, truths: Sequence[ColumnTruth]) -> np.ndarray:
    """Return the derivative of the loss by the score of each label, of personal columns."""
    core, label = (np.concatenate([getattr(t, name) for t in truths]) for name in ("core", "label"))
    kinds = softmax(scores)
    kinds[np.arange(len(label)), label] -= 1
    return np.asarray(kinds * np.where(core == 1, 1, WEAK_LABEL)[:, None], np.float32)
