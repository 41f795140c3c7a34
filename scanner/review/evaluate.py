"""Measure findings against gold labels: personal information, labels, hard negatives, calibration.

Compared are columns of gold tier `core` (positives) and `none` (negatives), not those of tier weak or audit.
A column counts as personal information when its primary finding has that kind, whatever its tier.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.input_files import open_input
from detectors.labels import is_among, wide_label
from detectors.message import Msg

if TYPE_CHECKING:
    from reports.model import Report

ColumnKey = tuple[str, str, str]
LEAST_CORE_COLUMNS = 5                        # core columns a label needs for its F1 to say something
WEAK_TIERS = ("weak", "audit")                # personal columns that are not compared
GOLD_COLUMNS = {"system", "table", "column", "pi", "pi_type", "tier"}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a scan says of one column; label empty where it found nothing."""

    pi: bool
    label: str = ""
    sensitive: str = "no"
    confidence: float = 0.0
    important: bool = False
    possible: bool = False                    # not found, and not surely nothing either


NO_FINDING = Prediction(False)


@dataclass(frozen=True, slots=True)
class PossibleShare:
    """Possible columns: (possible, of) those that were missed, that are nothing, and hard negatives."""

    missed: tuple[int, int] = (0, 0)
    nothing: tuple[int, int] = (0, 0)
    hard: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts of a comparison with gold labels, and the shares that follow. n: columns that were compared.

    by_label: (true positives, false positives, false negatives) of each label.
    """

    n: int
    tp: int
    fp: int
    fn: int
    label_tp: int
    label_fp: int
    label_fn: int
    label_macro_f1: float                     # labels with at least LEAST_CORE_COLUMNS core columns
    label_macro_all: float
    by_label: Mapping[str, tuple[int, int, int]]
    hard: int
    hard_fp: int
    sensitive_tp: int
    sensitive_fp: int
    sensitive_fn: int
    calibration_error: float
    possible: PossibleShare = PossibleShare()

    @property
    def f1(self) -> float:
        """F1 of personal information, in [0, 1]."""
        return f1(self.tp, self.fp, self.fn)

    @property
    def precision(self) -> float:
        """Share of columns flagged that are personal information, in [0, 1]."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of personal columns that were flagged, in [0, 1]."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def label_micro_f1(self) -> float:
        """F1 of labels over all columns, in [0, 1]."""
        return f1(self.label_tp, self.label_fp, self.label_fn)

    @property
    def sensitive_f1(self) -> float:
        """F1 of sensitive personal information, in [0, 1]."""
        return f1(self.sensitive_tp, self.sensitive_fp, self.sensitive_fn)

    def line(self, name: str) -> str:
        """Return the scores on one line, with denominators."""
        hard = self.hard_fp / self.hard if self.hard else 0.0
        return (
            f"{name:<14} PI F1 {self.f1:.4f} (P {self.precision:.4f}, R {self.recall:.4f}; "
            f"tp {self.tp} fp {self.fp} fn {self.fn} of {self.n})  "
            f"label micro {self.label_micro_f1:.4f} macro {self.label_macro_f1:.4f} "
            f"(all labels {self.label_macro_all:.4f})  "
            f"hard negatives {self.hard_fp}/{self.hard} = {hard:.3f}  "
            f"sensitive F1 {self.sensitive_f1:.4f}  ECE {self.calibration_error:.4f}"
        )


def f1(tp: int, fp: int, fn: int) -> float:
    """Return 2 tp / (2 tp + fp + fn); 0 where all three are 0."""
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0


def column_key(system: str, table: str, column: str) -> ColumnKey:
    """Return what identifies a column: names without blanks at the ends and without case."""
    return system.strip().lower(), table.strip().lower(), column.strip().lower()


def evaluate(predictions: Mapping[ColumnKey, Prediction], gold: Iterable[Mapping[str, str]]) -> Scores:
    """Return the scores of predictions against gold rows.

    gold: `system, table, column, pi, pi_type, tier` and, if known, `pi_type_alt, sensitive, hard_negative`.
    """
    judged = [
        _JudgedColumn(
            row, predictions.get(column_key(row["system"], row["table"], row["column"]), NO_FINDING)
        )
        for row in gold
        if not (row["pi"] == "pi" and row.get("tier") in WEAK_TIERS)
    ]
    by_label = _count_by_label(judged)
    core = Counter(column.row["pi_type"] for column in judged if column.is_personal)
    label_f1 = [f1(*by_label[label]) for label in core]
    common_f1 = [f1(*by_label[label]) for label, columns in core.items() if columns >= LEAST_CORE_COLUMNS]
    tp, fp, fn = _counts((column.is_personal, column.prediction.pi) for column in judged)
    label_tp, label_fp, label_fn = (sum(counts[i] for counts in by_label.values()) for i in range(3))
    sensitive_tp, sensitive_fp, sensitive_fn = _counts(
        (column.row.get("sensitive") == "yes", column.prediction.pi and column.prediction.sensitive == "yes")
        for column in judged
        if column.row.get("sensitive") != "depends"
    )
    hard = [column for column in judged if column.is_hard_negative]
    return Scores(
        n=len(judged),
        tp=tp,
        fp=fp,
        fn=fn,
        label_tp=label_tp,
        label_fp=label_fp,
        label_fn=label_fn,
        label_macro_f1=_mean(common_f1),
        label_macro_all=_mean(label_f1),
        by_label=dict(sorted(by_label.items())),
        hard=len(hard),
        hard_fp=sum(column.prediction.pi for column in hard),
        sensitive_tp=sensitive_tp,
        sensitive_fp=sensitive_fp,
        sensitive_fn=sensitive_fn,
        calibration_error=calibration_error(
            [(c.prediction.confidence, c.is_personal) for c in judged if c.prediction.pi]
        ),
        possible=_possible_share(judged),
    )


def _possible_share(judged: Sequence[_JudgedColumn]) -> PossibleShare:
    def share(columns: Sequence[_JudgedColumn]) -> tuple[int, int]:
        return sum(c.prediction.possible for c in columns), len(columns)

    return PossibleShare(
        share([c for c in judged if c.is_personal and not c.prediction.pi]),
        share([c for c in judged if not c.is_personal]),
        share([c for c in judged if c.is_hard_negative]),
    )


@dataclass(frozen=True, slots=True)
class _JudgedColumn:
    """A gold row beside what a scan says of its column."""

    row: Mapping[str, str]
    prediction: Prediction

    @property
    def is_personal(self) -> bool:
        return self.row["pi"] == "pi"

    @property
    def is_hard_negative(self) -> bool:
        return not self.is_personal and self.row.get("hard_negative") == "yes"

    @property
    def has_right_label(self) -> bool:
        labels = (self.row["pi_type"], *(self.row.get("pi_type_alt") or "").split("|"))
        return is_among(self.prediction.label, {label for label in labels if label and label != "none"})


def _count_by_label(judged: Iterable[_JudgedColumn]) -> dict[str, tuple[int, int, int]]:
    """Return (true positives, false positives, false negatives) of each label."""
    tp, fp, fn = Counter[str](), Counter[str](), Counter[str]()
    for column in judged:
        is_right = column.is_personal and column.prediction.pi and column.has_right_label
        if column.is_personal:
            (tp if is_right else fn)[column.row["pi_type"]] += 1
        if column.prediction.pi and not is_right:
            fp[wide_label(column.prediction.label)] += 1
    return {label: (tp[label], fp[label], fn[label]) for label in {*tp, *fp, *fn}}


def _counts(pairs: Iterable[tuple[bool, bool]]) -> tuple[int, int, int]:
    """Return (true positives, false positives, false negatives) of (is, is flagged)."""
    counts = Counter(pairs)
    return counts[True, True], counts[False, True], counts[True, False]


def _mean(shares: Sequence[float]) -> float:
    return sum(shares) / len(shares) if shares else 0.0


def calibration_error(pairs: list[tuple[float, bool]], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal mass, in [0, 1].

    pairs: (confidence, whether it was right).
    """
    ordered = sorted(pairs)
    total = len(ordered)
    error = 0.0
    for b in range(bins):
        part = ordered[b * total // bins:(b + 1) * total // bins]
        if part:
            confidence, share_right = (sum(values) / len(part) for values in zip(*part, strict=True))
            error += len(part) / total * abs(confidence - share_right)
    return error


def evaluate_report(report: object, gold: Path, lang: str) -> list[str]:
    """Return the scores of a report against a gold CSV, in lines; `system` there is the id of a source.

    Raise ConfigError where the CSV cannot be read or lacks a column.
    """
    from reports.model import Report

    assert isinstance(report, Report)
    scores = evaluate(_predictions(report), _read_gold(gold))
    return [*_score_lines(scores, lang), *_label_lines(scores)]


def _read_gold(file: Path) -> list[dict[str, str]]:
    try:
        with open_input(file, ConfigError) as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            Msg("cannot be read"), where=str(file), hint=Msg("a CSV in UTF-8 is needed")
        ) from None
    missing = GOLD_COLUMNS - set(rows[0] if rows else {})
    if missing:
        raise ConfigError(Msg("columns missing: {names}", names=tuple(sorted(missing))), where=str(file))
    return rows


def _predictions(report: Report) -> dict[ColumnKey, Prediction]:
    from detectors.model import unquote
    from reports.model import stands_or_possible

    predictions = {}
    for table in report.tables:
        parts = table.id.split("/")
        for column in table.columns:
            assessed = stands_or_possible(column)
            if assessed is not None:
                finding = assessed.finding
                predictions[column_key(unquote(parts[0]), unquote(parts[-1]), column.name)] = Prediction(
                    finding.kind == "personal_information" and not finding.possible,
                    finding.label,
                    assessed.sensitive,
                    finding.confidence,
                    possible=finding.possible,
                )
    return predictions


def _label_lines(scores: Scores) -> list[str]:
    return [
        f"  {label:<24} tp {tp:>4} fp {fp:>4} fn {fn:>4}  F1 {f1(tp, fp, fn):.3f}"
        for label, (tp, fp, fn) in scores.by_label.items()
    ]


def _score_lines(scores: Scores, lang: str) -> list[str]:
    from reports.messages.words import t

    shares = {"f1": scores.f1, "p": scores.precision, "r": scores.recall}
    counts = {"tp": scores.tp, "fp": scores.fp, "fn": scores.fn, "n": scores.n}
    labels = {
        "micro": scores.label_micro_f1, "macro": scores.label_macro_f1, "every": scores.label_macro_all
    }
    hard_share = f"{scores.hard_fp / scores.hard if scores.hard else 0:.3f}"
    rest = {"sensitive": scores.sensitive_f1, "ece": scores.calibration_error}
    return [
        t("cli.scores", lang, **_four_digits(shares), **counts),
        "  " + t("cli.scores.label", lang, **_four_digits(labels)),
        "  " + t("cli.scores.hard", lang, fp=scores.hard_fp, n=scores.hard, share=hard_share),
        "  " + t("cli.scores.rest", lang, **_four_digits(rest)),
        "  " + t("cli.scores.possible", lang, **_shares_in_words(scores.possible)),
    ]


def _shares_in_words(share: PossibleShare) -> dict[str, str]:
    parts = {"missed": share.missed, "nothing": share.nothing, "hard": share.hard}
    return {name: f"{n}/{of} = {n / of if of else 0:.3f}" for name, (n, of) in parts.items()}


def _four_digits(shares: Mapping[str, float]) -> dict[str, str]:
    return {name: f"{share:.4f}" for name, share in shares.items()}
