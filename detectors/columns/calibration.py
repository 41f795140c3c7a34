"""One probability out of named evidence: a logistic model whose weights `tests/bench/fit_fusion.py` fits on labelled columns.

>>> calibrated(0.9, (Evidence("name", "the name says mobile"),)) > calibrated(0.3, (Evidence("name", "the name says mobile"),))
True
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import yaml

from detectors.model import Evidence

FEATURES = ("rules", "name", "comment", "name_and_comment", "value", "contradicted", "lineage", "person_table", "thing_table")
_THINGS = ("organisation", "product", "dictionary", "log")


def evidence_features(rules: float, evidence: Sequence[Evidence]) -> dict[str, float]:
    """Inputs of the model. rules: confidence of the rules before calibration, in (0, 1), as log-odds; the rest are 0 or 1."""
    origins = {e.origin for e in evidence}
    values = [e for e in evidence if e.origin == "value"]
    table = next((e.note.rsplit(" ", 1)[-1] for e in evidence if e.origin == "table"), "")
    p = min(max(rules, 0.01), 0.99)
    return {
        "rules": math.log(p / (1 - p)),
        "name": float("name" in origins),
        "comment": float("comment" in origins),
        "name_and_comment": float({"name", "comment"} <= origins),
        "value": max((e.prevalence for e in values), default=0.0),
        "contradicted": float(any(e.matched == 0 for e in values)),
        "lineage": float("lineage" in origins),
        "person_table": float(table == "person"),
        "thing_table": float(table in _THINGS),
    }


@cache
def weights() -> Mapping[str, float]:
    """Weight of each feature and `bias`, from `data/fusion.yaml`."""
    with (resources.files("detectors") / "data/fusion.yaml").open(encoding="utf-8") as file:
        found: dict[str, float] = yaml.safe_load(file)["weights"]
    return found


def calibrated(rules: float, evidence: Sequence[Evidence]) -> float:
    """Probability that the column holds what the finding says, in (0, 1)."""
    w = weights()
    z = w["bias"] + sum(w[k] * v for k, v in evidence_features(rules, evidence).items())
    return 1 / (1 + math.exp(-z))
