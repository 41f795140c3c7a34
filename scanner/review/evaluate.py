"""Measure findings against gold labels: personal information F1, labels, hard negatives, sensitivity, calibration.

Headline population: gold tier `core` (positives) and `none` (negatives); weak and audit columns are left out of it.
A column counts as personal information when its primary finding has that kind, whatever its tier.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg

Key = tuple[str, str, str]
COMMON = 5                                    # core columns a label needs for its F1 to say something


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said of one column; label empty when nothing was."""

    pi: bool
    label: str = ""
    sensitive: str = "no"
    confidence: float = 0.0
    important: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts first; shares derived. n: columns in the headline population."""

    n: int
    tp: int
    fp: int
    fn: int
    label_tp: int
    label_fp: int
    label_fn: int
    label_macro_f1: float                     # labels with at least COMMON core columns
    label_macro_all: float
    by_label: Mapping[str, tuple[int, int, int]]
    hard: int
    hard_fp: int
    sensitive_tp: int
    sensitive_fp: int
    sensitive_fn: int
    calibration_error: float

    @property
    def f1(self) -> float:
        """F1 of personal information, in [0, 1]."""
        return f1(self.tp, self.fp, self.fn)

    @property
    def precision(self) -> float:
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def label_micro_f1(self) -> float:
        return f1(self.label_tp, self.label_fp, self.label_fn)

    @property
    def sensitive_f1(self) -> float:
        return f1(self.sensitive_tp, self.sensitive_fp, self.sensitive_fn)

    def line(self, name: str) -> str:
        """One line for people, with denominators."""
        hard = self.hard_fp / self.hard if self.hard else 0.0
        return (
            f"{name:<14} PI F1 {self.f1:.4f} (P {self.precision:.4f}, R {self.recall:.4f}; "
            f"tp {self.tp} fp {self.fp} fn {self.fn} of {self.n})  "
            f"label micro {self.label_micro_f1:.4f} macro {self.label_macro_f1:.4f} (all labels {self.label_macro_all:.4f})  "
            f"hard negatives {self.hard_fp}/{self.hard} = {hard:.3f}  "
            f"sensitive F1 {self.sensitive_f1:.4f}  ECE {self.calibration_error:.4f}"
        )


def f1(tp: int, fp: int, fn: int) -> float:
    """2 tp / (2 tp + fp + fn), 0 when nothing is there."""
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0


def key(system: str, table: str, column: str) -> Key:
    """Names compared without case."""
    return system.strip().lower(), table.strip().lower(), column.strip().lower()


def evaluate(predictions: Mapping[Key, Prediction], gold: Iterable[Mapping[str, str]]) -> Scores:
    """Scores of predictions against gold rows (`system, table, column, pi, pi_type, pi_type_alt, tier, sensitive, hard_negative`)."""
    tp = fp = fn = n = hard = hard_fp = stp = sfp = sfn = 0
    by: dict[str, list[int]] = {}
    core: Counter[str] = Counter()
    bins: list[tuple[float, bool]] = []
    nothing = Prediction(False)
    for row in gold:
        p = predictions.get(key(row["system"], row["table"], row["column"]), nothing)
        positive = row["pi"] == "pi"
        if positive and row.get("tier") in ("weak", "audit"):
            continue
        n += 1
        accepted = [t for t in (row["pi_type"], *(row.get("pi_type_alt") or "").split("|")) if t and t != "none"]
        if positive:
            core[row["pi_type"]] += 1
            tp, fn = tp + p.pi, fn + (not p.pi)
            if p.pi and p.label in accepted:
                by.setdefault(row["pi_type"], [0, 0, 0])[0] += 1
            else:
                by.setdefault(row["pi_type"], [0, 0, 0])[2] += 1
                if p.pi:
                    by.setdefault(p.label, [0, 0, 0])[1] += 1
        else:
            fp += p.pi
            hard += row.get("hard_negative") == "yes"
            hard_fp += row.get("hard_negative") == "yes" and p.pi
            if p.pi:
                by.setdefault(p.label, [0, 0, 0])[1] += 1
        if p.pi:
            bins.append((p.confidence, positive))
        if row.get("sensitive") != "depends":
            said, true = p.pi and p.sensitive == "yes", row.get("sensitive") == "yes"
            stp, sfp, sfn = stp + (said and true), sfp + (said and not true), sfn + (true and not said)
    every = [f1(*by[t]) for t in core]
    macro = [f1(*by[t]) for t, n_core in core.items() if n_core >= COMMON]
    label_tp, label_fp, label_fn = (sum(v[i] for v in by.values()) for i in range(3))
    return Scores(
        n, tp, fp, fn, label_tp, label_fp, label_fn, sum(macro) / len(macro) if macro else 0.0,
        sum(every) / len(every) if every else 0.0,
        {t: (v[0], v[1], v[2]) for t, v in sorted(by.items())}, hard, hard_fp, stp, sfp, sfn, calibration_error(bins),
    )


def calibration_error(pairs: list[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over equal-mass bins of (confidence, right?); in [0, 1]."""
    ordered = sorted(pairs)
    total = len(ordered)
    error = 0.0
    for b in range(bins):
        part = ordered[b * total // bins:(b + 1) * total // bins]
        if part:
            error += len(part) / total * abs(sum(c for c, _ in part) / len(part) - sum(r for _, r in part) / len(part))
    return error


def evaluate_report(report: object, gold: Path, lang: str) -> list[str]:
    """Lines of the scores of a report against a gold CSV; `system` is the source id."""
    from detectors.model import unquote
    from reports.model import Report, primary

    assert isinstance(report, Report)
    try:
        with gold.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            Msg("cannot be read"), where=str(gold), hint=Msg("a CSV in UTF-8 is needed")
        ) from None
    missing = {"system", "table", "column", "pi", "pi_type", "tier"} - set(rows[0] if rows else {})
    if missing:
        raise ConfigError(Msg("columns missing: {names}", names=tuple(sorted(missing))), where=str(gold))
    predictions = {}
    for table in report.tables:
        parts = table.id.split("/")
        for column in table.columns:
            p = primary(column)
            if p is not None:
                predictions[key(unquote(parts[0]), unquote(parts[-1]), column.name)] = Prediction(
                    p.finding.kind == "personal_information", p.finding.label, p.sensitive, p.finding.confidence,
                )
    scores = evaluate(predictions, rows)
    return [*_summary(scores, lang), *(
        f"  {label:<24} tp {tp:>4} fp {fp:>4} fn {fn:>4}  F1 {f1(tp, fp, fn):.3f}" for label, (tp, fp, fn) in scores.by_label.items())]


def _summary(s: Scores, lang: str) -> list[str]:
    from reports.messages.words import t

    micro, macro, every = (f"{x:.4f}" for x in (s.label_micro_f1, s.label_macro_f1, s.label_macro_all))
    return [
        t("cli.scores", lang, f1=f"{s.f1:.4f}", p=f"{s.precision:.4f}", r=f"{s.recall:.4f}", tp=s.tp, fp=s.fp, fn=s.fn, n=s.n),
        "  " + t("cli.scores.label", lang, micro=micro, macro=macro, every=every),
        "  " + t("cli.scores.hard", lang, fp=s.hard_fp, n=s.hard, share=f"{s.hard_fp / s.hard if s.hard else 0:.3f}"),
        "  " + t("cli.scores.rest", lang, sensitive=f"{s.sensitive_f1:.4f}", ece=f"{s.calibration_error:.4f}"),
    ]
