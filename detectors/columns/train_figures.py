"""How good a judge is on labelled tables that it never saw, by the whole way from names to findings.

Families are resampled for intervals. Weak and audit columns stand outside of every figure, as in the scorer
of the corpora; `name only` and `comment only` are the same tables with the other taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detectors.columns.fusion import detect
from detectors.columns.judge import FINDING_FROM, POSSIBLE, JudgeModel
from detectors.columns.references import TableLinks
from detectors.labels import is_among, wide_label
from detectors.model import ColumnSample, Label, TableInfo

BINS, DRAWS = 10, 400
Row = Mapping[str, str] | None                # of gold.csv; None for a column without a label


@dataclass(frozen=True, slots=True)
class JudgedColumn:
    """What was said of a column, and what is right. probability: of the strongest finding of a person's."""

    family: str
    probability: float
    label: str
    sensitive: bool
    gold: Mapping[str, str]

    @property
    def is_core(self) -> bool:
        return self.gold["pi"] == "pi"

    @property
    def is_hit(self) -> bool:
        return self.probability >= FINDING_FROM

    @property
    def is_possible(self) -> bool:
        return POSSIBLE <= self.probability < FINDING_FROM

    @property
    def is_right(self) -> bool:
        return is_among(self.label, (self.gold["pi_type"], *self.gold["pi_type_alt"].split("|")))


def judged_columns(
    info: TableInfo, gold: Sequence[Row], family: str, judging: JudgeModel, links: TableLinks | None = None,
) -> Iterator[JudgedColumn]:
    """Yield the columns of a table that count: core ones and nothing at all."""
    samples = [ColumnSample(info.ref.column("", c.parts), info, c, None) for c in info.columns]
    findings = {
        f.column: f for f in reversed(detect(info, samples, links=links, judging=judging))
        if f.kind == "personal_information" and (f.primary or f.possible)
    }
    for sample, row in zip(samples, gold, strict=True):
        if row is None or row["pi"] == "pi" and row["tier"] != "core":
            continue
        finding = findings.get(sample.id)
        if finding is None:
            yield JudgedColumn(family, 0.0, "", False, row)
        else:
            sensitive = finding.sensitive_by_nature or _is_sensitive(finding.label, judging)
            yield JudgedColumn(family, finding.confidence, finding.label, sensitive, row)


def _is_sensitive(label: Label, judging: JudgeModel) -> bool:
    """Is a label mostly sensitive, or a kind that the authority lists?"""
    return wide_label(label) != label or label in judging.sensitive


def f1(columns: Sequence[JudgedColumn]) -> float:
    """Return the F1 of what was found."""
    both = sum(c.is_hit and c.is_core for c in columns)
    return 2 * both / max(sum(c.is_hit for c in columns) + sum(c.is_core for c in columns), 1)


def interval(columns: Sequence[JudgedColumn], score: Callable[[Sequence[JudgedColumn]], float] = f1) -> str:
    """Return the 95 % interval of a score, by resampling families."""
    families: dict[str, list[JudgedColumn]] = {}
    for column in columns:
        families.setdefault(column.family, []).append(column)
    names, draw = sorted(families), np.random.default_rng(7)
    scores = sorted(
        score([c for i in draw.integers(len(names), size=len(names)) for c in families[names[i]]])
        for _ in range(DRAWS)
    )
    return f"{scores[int(0.025 * DRAWS)]:.3f} to {scores[int(0.975 * DRAWS) - 1]:.3f}"


def calibration_error(columns: Sequence[JudgedColumn]) -> float:
    """Return the mean distance of probability and truth over BINS parts of equal size of what was found."""
    hits = sorted((c.probability, c.is_core) for c in columns if c.is_hit)
    parts = (hits[k * len(hits) // BINS:(k + 1) * len(hits) // BINS] for k in range(BINS))
    gaps = [abs(sum(p for p, _ in part) - sum(is_core for _, is_core in part)) for part in parts]
    return sum(gaps) / max(len(hits), 1)


def sensitive_f1(columns: Sequence[JudgedColumn]) -> float:
    """Return the F1 of what is sensitive; columns whose label leaves that open stand outside."""
    clear = [c for c in columns if c.gold["sensitive"] != "depends"]
    flags = sum(c.is_hit and c.sensitive for c in clear)
    right = sum(c.is_hit and c.sensitive and c.gold["sensitive"] == "yes" for c in clear)
    return 2 * right / max(flags + sum(c.gold["sensitive"] == "yes" for c in clear), 1)


def figures(columns: Sequence[JudgedColumn]) -> str:
    """Return the figures of judged columns, with their denominators."""
    core, nothing = [c for c in columns if c.is_core], [c for c in columns if not c.is_core]
    traps = [c for c in nothing if c.gold["hard_negative"] == "yes"]
    hits, misses = [c for c in columns if c.is_hit], [c for c in core if not c.is_hit]
    tp = sum(c.is_core for c in hits)
    return (
        f"F1 {f1(columns):.4f} ({interval(columns)}; P {tp / max(len(hits), 1):.3f}, "
        f"R {tp / max(len(core), 1):.3f}; core {len(core)}, nothing {len(nothing)})  "
        f"right label {_share([c.is_hit and c.is_right for c in core])}  "
        f"sensitive {sensitive_f1(columns):.3f}  hard negatives {_share([c.is_hit for c in traps])}  "
        f"calibration error {calibration_error(columns):.3f}  "
        f"possible: of missed {_share([c.is_possible for c in misses])}, "
        f"of nothing {_share([c.is_possible for c in nothing])}, "
        f"of hard negatives {_share([c.is_possible for c in traps])}"
    )


def _share(flags: Sequence[bool]) -> str:
    return f"{sum(flags)}/{len(flags)} = {sum(flags) / max(len(flags), 1):.3f}"
