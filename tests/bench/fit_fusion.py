"""Fits the weights of `detectors/data/fusion.yaml` on labelled columns: `fit_fusion.py CORPUS [--write]`.

Leaves each system out in turn and says how well the others' weights are calibrated on it; CORPUS is what
`make accuracy` takes, and its blind systems are never read.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from detectors.columns import calibration
from detectors.columns.calibration import FEATURES, evidence_features

HERE = Path(__file__).parents[2] / "detectors" / "data"
BLIND = ("his", "newbee", "roncoo_pay", "sakila")
RIDGE = 1.0  # pulls weights to 0, but for `rules`, which is pulled to 1


def columns(corpus: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(features, is personal information, system) of the strongest finding of each column that has one;
    weak and audit left out.
    """
    from detectors.model import unquote
    from scanner import job
    from scanner.config.model import Config
    from scanner.config.sources import Source

    the_rules_alone = {**dict.fromkeys(FEATURES, 0.0), "rules": 1.0, "bias": 0.0}
    setattr(calibration, "weights", lambda: the_rules_alone)  # noqa: B010
    with (corpus / "gold.csv").open(encoding="utf-8-sig", newline="") as file:
        gold = {
            (g["system"], g["table"].lower(), g["column"].lower()): g
            for g in csv.DictReader(file)
            if g["system"] not in BLIND
        }
    systems = sorted({k[0] for k in gold})
    rows, truth, of = [], [], []
    for values in (True, False):
        sources = tuple(
            Source(s, f"sqlite:///{corpus / s}.sqlite", dictionary=corpus / f"{s}.schema.json")
            for s in systems
        )
        for table in job.scan(Config(sources=sources), values=values).tables:
            parts = [unquote(p) for p in table.id.split("/")]
            for column in table.columns:
                g = gold.get((parts[0], parts[-1].lower(), column.name.lower()))
                found = [a.finding for a in column.findings if a.finding.kind == "personal_information"]
                if g is None or not found or g["pi"] == "pi" and g["tier"] in ("weak", "audit"):
                    continue
                best = max(found, key=lambda f: f.confidence)
                judged = any(e.origin in ("name", "comment") for e in best.evidence)
                if best.tier != "core" or judged:
                    continue
                rows.append(list(evidence_features(best.confidence, best.evidence).values()))
                truth.append(g["pi"] == "pi")
                of.append(parts[0])
    return np.array(rows), np.array(truth, float), np.array(of)


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ridge logistic regression by Newton's method; the last weight is the bias, which is not pulled."""
    x1 = np.column_stack([x, np.ones(len(x))])
    prior = np.zeros(x1.shape[1])
    prior[0] = 1.0
    pull = np.full(x1.shape[1], RIDGE)
    pull[-1] = 1e-6
    w = prior.copy()
    for _ in range(100):
        p = 1 / (1 + np.exp(-x1 @ w))
        gradient = x1.T @ (p - y) + pull * (w - prior)
        step = np.linalg.solve((x1 * (p * (1 - p))[:, None]).T @ x1 + np.diag(pull), gradient)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w


def predicted(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.column_stack([x, np.ones(len(x))]) @ w))


def main(argv: list[str]) -> None:
    from scanner.review.evaluate import calibration_error

    x, y, system = columns(Path(argv[0]))
    held = np.zeros(len(y))
    for s in np.unique(system):
        held[system == s] = predicted(x[system == s], fit(x[system != s], y[system != s]))
    print(f"{len(y)} findings of {len(np.unique(system))} systems, {y.mean():.3f} right")
    shown = held >= 0.5
    error = calibration_error(list(zip(held[shown], y[shown] > 0, strict=True)))
    print(
        f"left out by system: calibration error {error:.4f} of primary findings, "
        f"log-loss {-np.mean(np.log(np.where(y > 0, held, 1 - held))):.4f}"
    )
    w = fit(x, y)
    lines = [f"  {name}: {value:.3f}" for name, value in zip((*FEATURES, "bias"), w, strict=True)]
    print("\n".join(lines))
    if "--write" in argv:
        head = (
            "# Weights of detectors/columns/calibration.py, made by tests/bench/fit_fusion.py on a labelled "
            "corpus.\nweights:\n"
        )
        (HERE / "fusion.yaml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
