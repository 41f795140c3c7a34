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

from detectors.columns.answers import TIERS, FirstAnswers, cue_flags
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
from detectors.columns.train_forest import fit_forest
from detectors.columns.train_linear import ColumnTruth, CueTable, LinearFit
from detectors.columns.trees import Forest

HERE = Path(__file__).parents[1] / "data"
LEAST, FAMILIES = 5, 3                        # columns and families a cue must occur in
REFINED = ("other_pi",)                       # labels of which some are sensitive and others are not


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
    return np.unique(cue_hashes(cues))


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
            of_table = table_cues(table.info)
            words = dict.fromkeys(cue for cues in (of_table.shared, *of_table.columns) for cue in cues)
            for cue, number in zip(words, cue_hashes(words).tolist(), strict=True):
                if number not in origin:      # of two cues of one number the first speaks for its place
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
