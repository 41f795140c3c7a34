"""Fit the judge of columns: `python -m detectors.columns.train CORPUS... [--write]`, some minutes.

A CORPUS is a folder with gold.csv and SYSTEM.schema.json, and SYSTEMS.csv where systems belong to families.
Names, comments and types alone are read. Families are left out in turn to measure, and to fit the second
look on answers for systems that the first never saw. What ships is vocabulary as hashes, and weights. The
same corpora give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detectors.columns.answers import QUESTIONS, TIERS, FirstAnswers, cue_flags, sigmoid, softmax
from detectors.columns.cues import TableCues, table_cues
from detectors.columns.judge import SENSITIVE, cue_hash
from detectors.columns.trees import Forest
from detectors.model import ColumnInfo, TableInfo, TableRef

HERE = Path(__file__).parents[1] / "data"
BLIND = ("his", "newbee", "roncoo_pay", "sakila")             # is_labelled to measure by, never read
LEAST, FAMILIES = 3, 2                        # columns and families a cue must occur in
LEAST_LABEL = 6                               # columns a cue must occur in to speak for a label
ROUNDS, BATCH, RATE, RIDGE = 5, 400, 0.05, 1e-4
WEAK_LABEL, WEAK_RELATED = 0.3, 0.5           # weights of columns whose tier is a matter of taste
TREES, DEPTH, STEP, PULL, BINS = 160, 5, 0.1, 10.0, 32
ROWS, INPUTS = 0.7, 0.25                      # shares that each tree sees
REFINED = ("other_pi",)                       # labels of which some are sensitive and others are not


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """A table of a corpus with the labels of its columns: rows of gold.csv, None for a column without."""

    family: str
    info: TableInfo
    gold: Sequence[Mapping[str, str] | None]


@dataclass(frozen=True, slots=True)
class CueTable:
    """Cues of a table as rows of the weights: of all columns, and each column's own. flags: `cue_flags`."""

    shared: np.ndarray
    columns: Sequence[np.ndarray]
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


def read_corpus(folder: Path) -> Iterator[LabelledTable]:
    """Yield the tables of a corpus, system by system, without the blind ones."""
    families = {}
    if (folder / "SYSTEMS.csv").exists():
        families = {row["system"]: row["family"] for row in _rows(folder / "SYSTEMS.csv")}
    gold: dict[str, dict[tuple[str, str], Mapping[str, str]]] = {}
    for row in _rows(folder / "gold.csv"):
        if row["system"] not in BLIND:
            gold.setdefault(row["system"], {})[row["table"].lower(), row["column"].lower()] = row
    for system in sorted(gold):
        schema = json.loads((folder / f"{system}.schema.json").read_text(encoding="utf-8"))
        for table in schema["tables"]:
            info = _table(table)
            labels = [gold[system].get((info.ref.name.lower(), c.name.lower())) for c in info.columns]
            yield LabelledTable(families.get(system, system), info, labels)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _table(raw: Mapping[str, object]) -> TableInfo:
    columns = raw["columns"]
    assert isinstance(columns, list)
    infos = tuple(
        ColumnInfo(c["name"], c.get("type") or "", c.get("comment") or "", c.get("nullable", True),
                   bool(c.get("pk")))
        for c in columns
    )
    return TableInfo(TableRef(str(raw["name"])), infos, str(raw.get("comment") or ""))


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
    return np.unique(np.array([cue_hash(cue) for cue in cues], np.int64))


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
        """Go over all tables some times, in an order of the seed; return itself."""
        order = np.random.default_rng(seed)
        for _ in range(ROUNDS):
            for batch in _batches(order.permutation(len(tables)), tables):
                self._step([tables[i] for i in batch], [truths[i] for i in batch])
        return self

    def answers(self, table: CueTable) -> np.ndarray:
        """Return the scores of a table's columns, shape (columns, questions)."""
        shared = self.weights[table.shared].sum(axis=0) + self.weights[-1]
        return np.stack([self.weights[own].sum(axis=0) for own in table.columns]) + shared

    def _step(self, tables: Sequence[CueTable], truths: Sequence[ColumnTruth]) -> None:
        bias = len(self.weights) - 1
        sizes = [len(t.columns) for t in tables]
        flat = np.concatenate([x for t in tables for x in (*t.columns, t.shared)] + [np.array([bias])])
        used, places = np.unique(flat, return_inverse=True)
        own = np.zeros((sum(sizes), len(used)), np.float32)
        shared = np.zeros((len(tables), len(used)), np.float32)
        row = start = 0
        for i, table in enumerate(tables):
            for cues in table.columns:
                own[row, places[start:start + len(cues)]] = 1
                row, start = row + 1, start + len(cues)
            shared[i, places[start:start + len(table.shared)]] = 1
            start += len(table.shared)
        own[:, places[-1]] = 1
        table_of = np.repeat(np.arange(len(tables)), sizes)
        weights = self.weights[used]
        slope = _slopes(own @ weights + (shared @ weights)[table_of], truths)
        by_table = np.zeros((len(tables), slope.shape[1]), np.float32)
        np.add.at(by_table, table_of, slope)
        root = np.sqrt(len(own))
        gradient = (own.T @ slope + shared.T @ by_table) / root + RIDGE * root * weights
        squares = self._squares[used] + gradient * gradient
        self._squares[used] = squares
        self.weights[used] = weights - RATE * gradient / np.sqrt(squares)


def _batches(order: np.ndarray, tables: Sequence[CueTable]) -> Iterator[list[int]]:
    """Yield tables in the order, about BATCH columns at a time."""
    batch: list[int] = []
    columns = 0
    for i in order:
        batch.append(int(i))
        columns += len(tables[i].columns)
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


def fold_of(families: Sequence[str], sizes: Sequence[int], folds: int) -> np.ndarray:
    """Return the fold of each table; families stay together, folds are of about equal size."""
    total: dict[str, int] = {}
    for family, size in zip(families, sizes, strict=True):
        total[family] = total.get(family, 0) + size
    loads, fold = [0] * folds, {}
    for family in sorted(total, key=lambda f: (-total[f], f)):
        fold[family] = int(np.argmin(loads))
        loads[fold[family]] += total[family]
    return np.array([fold[family] for family in families])


@dataclass(frozen=True, slots=True)
class Material:
    """Tables with cues and truth, ready for fitting. scores: first answers by families left out."""

    tables: Sequence[LabelledTable]
    cues: Sequence[CueTable]
    truths: Sequence[ColumnTruth]
    hashes: np.ndarray
    labels: tuple[str, ...]

    @classmethod
    def of(cls, tables: Sequence[LabelledTable]) -> Material:
        hashed, flags = [], []
        for table in tables:
            of_table = table_cues(table.info)
            hashed.append(hash_cues(of_table))
            flags.append(cue_flags(of_table))
        hashes = frequent_cues(hashed, [t.family for t in tables])
        cues = [
            CueTable(_rows_of(hashes, shared), [_rows_of(hashes, own) for own in columns], f)
            for (shared, columns), f in zip(hashed, flags, strict=True)
        ]
        personal = (g for t in tables for g in t.gold if g is not None and g["pi"] == "pi")
        labels = tuple(sorted(set(map(class_of, personal))))
        return cls(tables, cues, [truth_of(t, labels) for t in tables], hashes, labels)

    def fitted(self, chosen: Iterable[int]) -> LinearFit:
        """Return the linear model of some tables."""
        rows = list(chosen)
        fit = LinearFit(len(self.hashes), len(self.labels))
        return fit.fit([self.cues[i] for i in rows], [self.truths[i] for i in rows])

    def inputs(self, scores: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return the inputs of the second look, table by table."""
        return [
            FirstAnswers(s, self.labels).in_context(t.info.columns, c.flags)
            for s, t, c in zip(scores, self.tables, self.cues, strict=True)
        ]


def _rows_of(hashes: np.ndarray, cues: np.ndarray) -> np.ndarray:
    places = np.minimum(np.searchsorted(hashes, cues), len(hashes) - 1)
    return np.asarray(places[hashes[places] == cues])


def scores_by_fold(material: Material, folds: np.ndarray) -> list[np.ndarray]:
    """Return the first answers for each table by a model that saw no table of its fold."""
    scores: list[np.ndarray] = [np.zeros(0)] * len(material.cues)
    for fold in np.unique(folds):
        fit = material.fitted(np.flatnonzero(folds != fold))
        for i in map(int, np.flatnonzero(folds == fold)):
            scores[i] = fit.answers(material.cues[i])
    return scores


def forest_of(material: Material, inputs: Sequence[np.ndarray], chosen: Iterable[int]) -> Forest:
    """Return the second look, fitted on the columns of some tables that are core or nothing."""
    rows = list(chosen)
    truth = np.concatenate([material.truths[i].core for i in rows])
    some = truth >= 0
    return fit_forest(np.concatenate([inputs[i] for i in rows])[some], truth[some].astype(float))


def second_look(material: Material, inputs: Sequence[np.ndarray], folds: np.ndarray) -> list[np.ndarray]:
    """Return the probability of each column by a forest that saw no table of its fold."""
    result: list[np.ndarray] = [np.zeros(0)] * len(inputs)
    for fold in np.unique(folds):
        forest = forest_of(material, inputs, np.flatnonzero(folds != fold))
        for i in map(int, np.flatnonzero(folds == fold)):
            result[i] = sigmoid(forest.log_odds(inputs[i]))
    return result


def pack(material: Material, fit: LinearFit, forest: Forest) -> dict[str, np.ndarray]:
    """Return the arrays that ship: weights as int8, a scale for each question, cues of no weight left out."""
    weights = fit.weights[:-1].copy()
    counts = np.bincount(
        np.concatenate([c for t in material.cues for c in (*t.columns, t.shared)]), minlength=len(weights)
    )
    weights[counts < LEAST_LABEL, QUESTIONS:] = 0
    scales = np.maximum(np.abs(weights).max(axis=0) / 127, 1e-9)
    small = np.round(weights / scales).astype(np.int8)
    used = np.any(small != 0, axis=1)
    return {
        "hashes": material.hashes[used].astype(np.uint32), "weights": small[used],
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


def figures(material: Material, probabilities: Sequence[np.ndarray], scores: Sequence[np.ndarray]) -> str:
    """Return one line: F1, precision, recall, hard negatives, right labels of core columns."""
    truth, p = np.concatenate([t.core for t in material.truths]), np.concatenate(probabilities)
    hard = np.array([g is not None and g["hard_negative"] == "yes" for t in material.tables for g in t.gold])
    kind = np.concatenate([s[:, QUESTIONS:].argmax(axis=1) for s in scores])
    rows = [g for t in material.tables for g in t.gold]
    right = np.array([_is_right(material.labels[k], row) for k, row in zip(kind, rows, strict=True)])
    flagged, core, none = p >= 0.5, truth == 1, truth == 0
    tp, fp, fn = int((flagged & core).sum()), int((flagged & none).sum()), int((~flagged & core).sum())
    traps = none & hard
    return (
        f"F1 {2 * tp / (2 * tp + fp + fn):.4f} (P {tp / (tp + fp):.3f}, R {tp / (tp + fn):.3f}; "
        f"tp {tp} fp {fp} fn {fn})  hard negatives {int((flagged & traps).sum())}/{int(traps.sum())}  "
        f"right label {int((flagged & core & right).sum())}/{int(core.sum())}"
    )


def _is_right(label: str, row: Mapping[str, str] | None) -> bool:
    accepted = () if row is None else (row["pi_type"], *row["pi_type_alt"].split("|"))
    return label.rstrip(SENSITIVE) in accepted


def main() -> None:
    """Fit, measure by families left out, and write with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    material = Material.of([table for folder in options.corpora for table in read_corpus(folder)])
    tables = material.tables
    folds = fold_of([t.family for t in tables], [len(t.gold) for t in tables], options.folds)
    print(f"{sum(len(t.gold) for t in material.tables)} columns, {len(material.hashes)} cues", flush=True)
    scores = scores_by_fold(material, folds)
    inputs = material.inputs(scores)
    first = [sigmoid(s[:, 0]) for s in scores]
    print("families left out, first answers:", figures(material, first, scores), flush=True)
    second = second_look(material, inputs, folds)
    print("families left out, second look: ", figures(material, second, scores), flush=True)
    if options.write:
        every = range(len(material.tables))
        forest = forest_of(material, inputs, every)
        write(pack(material, material.fitted(every), forest), HERE / "judge.npz")


if __name__ == "__main__":
    main()
