"""Fit the judge of columns: `python -m detectors.columns.train CORPUS... [--write]`, some minutes.

A CORPUS is a folder with gold.csv and SYSTEM.schema.json, and SYSTEMS.csv where systems belong to families.
Names, comments and types alone are read. Families are left out in turn to measure, and to fit the second
look on answers for systems that the first never saw. What ships is vocabulary as hashes, and weights. The
same corpora give the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from detectors.columns.answers import (
    QUESTIONS,
    TIERS,
    FirstAnswers,
    cue_flags,
    sigmoid,
    softmax,
    summed,
    summed_by_place,
)
from detectors.columns.cues import PLACES, TableCues, place_of, table_cues
from detectors.columns.judge import SENSITIVE, JudgeModel, cue_hashes, model_of
from detectors.columns.labelled_tables import (
    LabelledTable,
    chinese_families,
    comment_only,
    fold_of,
    name_only,
    read_corpus,
    with_copies,
)
from detectors.columns.train_figures import figures, judged_columns
from detectors.columns.trees import Forest

HERE = Path(__file__).parents[1] / "data"
LEAST, FAMILIES = 5, 3                        # columns and families a cue must occur in
ROUNDS, BATCH, RATE, RIDGE = 7, 400, 0.05, 1e-4
AVERAGED, UNSEEN = 3, 0.3                     # last rounds whose weights are averaged; share of cues left out
WEAK_LABEL, WEAK_RELATED = 0.3, 0.5           # weights of columns whose tier is a matter of taste
TREES, DEPTH, STEP, PULL, BINS = 160, 5, 0.1, 10.0, 32
ROWS, INPUTS = 0.7, 0.25                      # shares that each tree sees
REFINED = ("other_pi",)                       # labels of which some are sensitive and others are not


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


def frequent_cues(
    hashed: Sequence[tuple[np.ndarray, Sequence[np.ndarray]]], families: Sequence[str],
) -> np.ndarray:
    """Return the hashes, ascending, that occur often enough and in more than one family."""
    numbers = {family: i for i, family in enumerate(dict.fromkeys(families))}
    flat = np.concatenate([cues for shared, columns in hashed for cues in (shared, *columns)])
    unique, counts = np.unique(flat, return_counts=True)
    pairs = np.unique(np.concatenate([
        np.unique(np.concatenate([shared, *columns])).astype(np.int64) * len(numbers) + numbers[family]
        for (shared, columns), family in zip(hashed, families, strict=True)
    ]))
    spread = np.unique(pairs // len(numbers), return_counts=True)[1]
    return np.asarray(unique[(counts >= LEAST) & (spread >= FAMILIES)])


def hash_cues(cues: TableCues) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the hashes of the shared cues and of each column's own."""
    return _hashes(cues.shared), [_hashes(column) for column in cues.columns]


def _hashes(cues: Iterable[str]) -> np.ndarray:
    return np.unique(np.array(cue_hashes(cues), np.int64))


def truth_of(table: LabelledTable, labels: Sequence[str]) -> ColumnTruth:
    """Return the labels of a table's columns as numbers."""
    core, pi, tier, label = [], [], [], []
    for row in table.gold:
        personal = row is not None and row["pi"] == "pi"
        is_labelled = row is not None and (not personal or row["tier"] == "core")
        core.append(int(personal) if is_labelled else -1)
        pi.append(-1 if row is None else int(personal))
        tier.append(list(map(str, TIERS)).index(row["tier"]) if row is not None and personal else -1)
        label.append(labels.index(class_of(row)) if row is not None and personal else -1)
    return ColumnTruth(*(np.array(x) for x in (core, pi, tier, label)))


def class_of(row: Mapping[str, str]) -> str:
    """Return the label of a row, marked where it is sensitive and others of the label are not."""
    refined = row["pi_type"] in REFINED and row["sensitive"] == "yes"
    return row["pi_type"] + (SENSITIVE if refined else "")


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


def fit_forest(rows: np.ndarray, truth: np.ndarray, seed: int = 0) -> Forest:
    """Return a forest fitted by gradient boosting on the log-loss. rows: (n, inputs); truth: 0 or 1."""
    chance = np.random.default_rng(seed)
    steps = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = [np.unique(np.quantile(column, steps)) for column in rows.T]
    binned = np.stack([np.searchsorted(e, column) for e, column in zip(edges, rows.T, strict=True)], axis=1)
    bias = float(np.log(truth.mean() / (1 - truth.mean())))
    log_odds = np.full(len(rows), bias)
    trees = []
    for _ in range(TREES):
        p = sigmoid(log_odds)
        some = np.flatnonzero(chance.random(len(rows)) < ROWS)
        inputs = np.sort(chance.choice(rows.shape[1], int(rows.shape[1] * INPUTS), replace=False))
        tree = _grow(binned[some], edges, inputs, (truth - p)[some], (p * (1 - p))[some])
        trees.append(tree)
        numbers = (binned[:, tree[0]] > tree[1]) @ (1 << np.arange(DEPTH))
        log_odds += tree[2][numbers]
    features = np.array([tree[0] for tree in trees])
    thresholds = np.array([[edges[f][b] for f, b in zip(tree[0], tree[1], strict=True)] for tree in trees])
    leaves = np.array([tree[2] for tree in trees])
    return Forest(features.astype(np.int16), thresholds.astype(np.float32), leaves.astype(np.float32), bias)


def _grow(
    binned: np.ndarray, edges: Sequence[np.ndarray], inputs: np.ndarray, slope: np.ndarray, curve: np.ndarray,
) -> tuple[list[int], list[int], np.ndarray]:
    """(inputs, bins, leaves) of one tree: each level takes the question that gains most over all leaves."""
    leaf = np.zeros(len(binned), np.int64)
    features: list[int] = []
    bins: list[int] = []
    for level in range(DEPTH):
        gain, feature, place = max(
            (_best_cut(leaf * BINS + binned[:, f], (1 << level, len(edges[f])), slope, curve, int(f))
             for f in inputs if len(edges[f])),
        )
        features.append(feature)
        bins.append(-place)
        leaf += (binned[:, feature] > -place) * (1 << level)
    sums = np.bincount(leaf, slope, 1 << DEPTH)
    return features, bins, STEP * sums / (np.bincount(leaf, curve, 1 << DEPTH) + PULL)


def _best_cut(
    cells: np.ndarray, shape: tuple[int, int], slope: np.ndarray, curve: np.ndarray, feature: int,
) -> tuple[float, int, int]:
    """(gain, feature, minus the bin) of the best cut of one input. shape: leaves, cuts."""
    leaves, cuts = shape
    below = np.bincount(cells, slope, leaves * BINS).reshape(leaves, BINS).cumsum(axis=1)
    weight = np.bincount(cells, curve, leaves * BINS).reshape(leaves, BINS).cumsum(axis=1)
    above, rest = below[:, -1:] - below, weight[:, -1:] - weight
    gains = (below**2 / (weight + PULL) + above**2 / (rest + PULL)).sum(axis=0)[:cuts]
    best = int(np.argmax(gains))
    return float(gains[best]), feature, -best


@dataclass(frozen=True, slots=True)
class Material:
    """Tables with cues and truth, ready for fitting. hashes: of the cues. origins: of each, among PLACES."""

    tables: Sequence[LabelledTable]
    cues: Sequence[CueTable]
    truths: Sequence[ColumnTruth]
    hashes: np.ndarray
    origins: np.ndarray
    labels: tuple[str, ...]

    @classmethod
    def of(cls, tables: Sequence[LabelledTable]) -> Material:
        hashed, flags = [], []
        origin: dict[int, int] = {}
        for table in tables:
            of_table = table_cues(table.info, table.links)
            words = list({cue for cues in (of_table.shared, *of_table.columns) for cue in cues})
            for cue, number in zip(words, cue_hashes(words), strict=True):
                if number not in origin:
                    origin[number] = place_of(cue)
            hashed.append(hash_cues(of_table))
            flags.append(cue_flags(of_table))
        hashes = frequent_cues(hashed, [t.family for t in tables])
        cues = []
        for (shared, columns), of_columns in zip(hashed, flags, strict=True):
            rows = [_rows_of(hashes, own) for own in columns]
            lengths = np.array([len(own) for own in rows])
            cues.append(CueTable(_rows_of(hashes, shared), np.concatenate(rows), lengths, of_columns))
        personal = (g for t in tables for g in t.gold if g is not None and g["pi"] == "pi")
        labels = tuple(sorted(set(map(class_of, personal))))
        origins = np.array([origin[int(number)] for number in hashes], np.uint8)
        return cls(tables, cues, [truth_of(t, labels) for t in tables], hashes, origins, labels)

    def without(self, places: Collection[str]) -> Material:
        """Return the same tables without the cues of some PLACES."""
        names = list(PLACES)
        stays = np.array([names[origin] not in places for origin in self.origins])
        return replace(self, cues=[_some_cues(cues, stays) for cues in self.cues])

    def fitted(self, chosen: Iterable[int]) -> LinearFit:
        """Return the linear model of some tables."""
        rows = list(chosen)
        fit = LinearFit(len(self.hashes), len(self.labels))
        return fit.fit([self.cues[i] for i in rows], [self.truths[i] for i in rows])

    def answers(self, fit: LinearFit, i: int) -> FirstAnswers:
        """Return the first answers of a model for one table."""
        return FirstAnswers(*fit.answers(self.cues[i], self.origins), self.labels)

    def inputs(self, answers: Sequence[FirstAnswers]) -> list[np.ndarray]:
        """Return the inputs of the second look, table by table."""
        return [
            of_table.in_context(t.info.columns, c.flags)
            for of_table, t, c in zip(answers, self.tables, self.cues, strict=True)
        ]

    def sensitive(self) -> tuple[str, ...]:
        """Return the classes of which more than half of the core columns are sensitive by the labels."""
        counts = {label: [0, 0] for label in self.labels}
        for row in (g for t in self.tables for g in t.gold if g is not None and g["tier"] == "core"):
            counts[class_of(row)][row["sensitive"] == "yes"] += 1
        return tuple(label for label, (no, yes) in counts.items() if yes > no)


def _some_cues(cues: CueTable, stays: np.ndarray) -> CueTable:
    own = stays[cues.own]
    columns = np.repeat(np.arange(len(cues.lengths)), cues.lengths)[own]
    lengths = np.bincount(columns, minlength=len(cues.lengths))
    return replace(cues, shared=cues.shared[stays[cues.shared]], own=cues.own[own], lengths=lengths)


def _rows_of(hashes: np.ndarray, cues: np.ndarray) -> np.ndarray:
    places = np.minimum(np.searchsorted(hashes, cues), len(hashes) - 1)
    return np.asarray(places[hashes[places] == cues])


def fitted_by_fold(material: Material, folds: np.ndarray) -> list[LinearFit]:
    """Return a linear model for each fold that saw no table of it."""
    return [material.fitted(np.flatnonzero(folds != fold)) for fold in range(folds.max() + 1)]


def answers_by_fold(
    material: Material, fits: Sequence[LinearFit], folds: np.ndarray,
) -> list[FirstAnswers]:
    """Return the first answers for each table by the model that saw no table of its fold."""
    return [material.answers(fits[fold], i) for i, fold in enumerate(folds)]


def forest_of(material: Material, inputs: Sequence[np.ndarray], chosen: Iterable[int]) -> Forest:
    """Return the second look, fitted on the columns of some tables that are core or nothing."""
    rows = list(chosen)
    truth = np.concatenate([material.truths[i].core for i in rows])
    some = truth >= 0
    return fit_forest(np.concatenate([inputs[i] for i in rows])[some], truth[some].astype(float))


def pack(material: Material, fit: LinearFit, forest: Forest) -> dict[str, np.ndarray]:
    """Return the arrays that ship: weights as int8, a scale for each question, cues of no weight left out."""
    weights = fit.weights[:-1]
    scales = np.maximum(np.abs(weights).max(axis=0) / 127, 1e-9)
    small = np.round(weights / scales).astype(np.int8)
    used = np.any(small != 0, axis=1)
    return {
        "hashes": material.hashes[used].astype(np.uint32), "weights": small[used],
        "origins": material.origins[used], "sensitive": np.array(material.sensitive()),
        "scales": scales.astype(np.float32), "bias": fit.weights[-1], "labels": np.array(material.labels),
        "features": forest.features, "thresholds": forest.thresholds, "leaves": forest.leaves,
        "forest_bias": np.array(forest.bias),
    }


def write(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write the arrays as a compressed npz, the same bytes for the same arrays."""
    import io
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.save(buffer, arrays[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


def fold_models(
    material: Material, fits: Sequence[LinearFit], answers: Sequence[FirstAnswers], folds: np.ndarray,
) -> list[JudgeModel]:
    """Return a model for each fold that saw no table of it, neither at first nor at the second look."""
    inputs = material.inputs(answers)
    forests = [forest_of(material, inputs, np.flatnonzero(folds != fold)) for fold in range(len(fits))]
    return [model_of(pack(material, fit, forest)) for fit, forest in zip(fits, forests, strict=True)]


VIEWS: Mapping[str, Callable[[LabelledTable], LabelledTable]] = {
    "names and comments": lambda table: replace(table, links=None),
    "with the tables of its source": lambda table: table,
    "name only": lambda table: replace(table, info=name_only(table.info), links=None),
    "comment only": lambda table: replace(table, info=comment_only(table.info), links=None),
}


def measure(
    tables: Sequence[LabelledTable], models: Mapping[str, JudgeModel], views: Iterable[str] = VIEWS,
) -> Iterator[str]:
    """Yield a line of figures for each view, and one of the Chinese families in it.

    models: by family, one that never saw it.
    """
    chinese = chinese_families(tables)
    for view in views:
        columns = [
            column
            for table in map(VIEWS[view], tables)
            if view != "comment only" or any(c.comment for c in table.info.columns)
            for column in judged_columns(
                table.info, table.gold, table.family, models[table.family], table.links,
            )
        ]
        yield f"families left out, {view}: {figures(columns)}"
        of_chinese = [column for column in columns if column.family in chinese]
        yield f"{len(chinese)} Chinese families left out, {view}: {figures(of_chinese)}"


def first_f1(material: Material, fits: Sequence[LinearFit], folds: np.ndarray) -> str:
    """Return the F1 of the first answers alone, of a model for each fold that saw no table of it."""
    both = flags = right = 0
    for i in (i for i, table in enumerate(material.tables) if not table.is_copy):
        hits = material.answers(fits[folds[i]], i).core >= 0
        truth = material.truths[i].core
        both += int((hits & (truth == 1)).sum())
        flags += int((hits & (truth >= 0)).sum())
        right += int((truth == 1).sum())
    f1 = 2 * both / max(flags + right, 1)
    return f"F1 {f1:.4f}, precision {both / max(flags, 1):.3f}, recall {both / right:.3f}"


def curve(material: Material, folds: np.ndarray, sizes: Iterable[int]) -> Iterator[str]:
    """Yield the F1 of the first answers by models of some families each, drawn from those of other folds."""
    families = [table.family for table in material.tables]
    for size in sizes:
        fits = []
        for fold in range(folds.max() + 1):
            others = sorted({family for family, own in zip(families, folds, strict=True) if own != fold})
            some = set(np.random.default_rng(fold).permutation(others)[:size])
            fits.append(material.fitted(i for i, family in enumerate(families) if family in some))
        yield f"first answers of {size} families: {first_f1(material, fits, folds)}"


def ablation(material: Material, folds: np.ndarray) -> Iterator[str]:
    """Yield the F1 of the first answers without the cues of each of PLACES in turn."""
    for place in PLACES:
        less = material.without([place])
        yield f"first answers without {place}: {first_f1(less, fitted_by_fold(less, folds), folds)}"


def main() -> None:
    """Fit, measure by families left out, and write with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--curve", type=int, nargs="*", default=[], metavar="FAMILIES")
    parser.add_argument("--ablation", action="store_true")
    options = parser.parse_args()
    of_corpora = [table for folder in options.corpora for table in read_corpus(folder)]
    material = Material.of(list(with_copies(of_corpora)))
    tables = material.tables
    folds = fold_of([t.family for t in tables], [len(t.gold) for t in tables], options.folds)
    print(f"{sum(len(t.gold) for t in tables)} columns, {len(material.hashes)} cues", flush=True)
    for line in curve(material, folds, options.curve):
        print(line, flush=True)
    for line in ablation(material, folds) if options.ablation else ():
        print(line, flush=True)
    fits = fitted_by_fold(material, folds)
    answers = answers_by_fold(material, fits, folds)
    models = fold_models(material, fits, answers, folds)
    by_family = {table.family: models[fold] for table, fold in zip(tables, folds, strict=True)}
    for line in measure(of_corpora, by_family):
        print(line, flush=True)
    if options.write:
        every = range(len(tables))
        forest = forest_of(material, material.inputs(answers), every)
        write(pack(material, material.fitted(every), forest), HERE / "judge.npz")


if __name__ == "__main__":
    main()
