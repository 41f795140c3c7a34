"""One probability out of named evidence: a logistic model whose weights `tests/bench/fit_fusion.py` fits on
labelled columns.

>>> evidence = (Evidence("name", "the name says mobile"),)
>>> calibrated(0.9, evidence) > calibrated(0.3, evidence)
True
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

from detectors.message import Msg, Text
from detectors.model import Evidence
from detectors.shipped import read_yaml

FEATURES = (
    "rules", "name", "comment", "name_and_comment", "value", "contradicted", "lineage", "person_table",
    "thing_table",
)
_THINGS = ("organisation", "product", "dictionary", "log")


def evidence_features(rules: float, evidence: Sequence[Evidence]) -> dict[str, float]:
    """Return the inputs of the model: the log-odds of `rules`; `value`, a share; and the rest, 0 or 1.

    rules: confidence of the rules before calibration, in [0, 1].
    """
    origins = {e.origin for e in evidence}
    values = [e for e in evidence if e.origin == "value"]
    subject = next((_subject(e.note) for e in evidence if e.origin == "table"), "")
    p = min(max(rules, 0.01), 0.99)
    return {
        "rules": math.log(p / (1 - p)),
        "name": float("name" in origins),
        "comment": float("comment" in origins),
        "name_and_comment": float({"name", "comment"} <= origins),
        "value": max((e.prevalence for e in values), default=0.0),
        "contradicted": float(any(e.matched == 0 for e in values)),
        "lineage": float("lineage" in origins),
        "person_table": float(subject == "person"),
        "thing_table": float(subject in _THINGS),
    }


@cache
def weights() -> Mapping[str, float]:
    """Return the weight of each feature and `bias`, from `data/fusion.yaml`."""
    values: Mapping[str, float] = read_yaml("data/fusion.yaml")["weights"]
    return values


def _subject(note: Text) -> str:
    """What the table is about, as the evidence of it says; empty for other evidence."""
    return str(note.values.get("subject", "")) if isinstance(note, Msg) else ""


def calibrated(rules: float, evidence: Sequence[Evidence]) -> float:
    """Return the probability that the column holds what the finding says, in (0, 1)."""
    weight = weights()
    features = evidence_features(rules, evidence)
    log_odds = weight["bias"] + sum(weight[name] * value for name, value in features.items())
    return 1 / (1 + math.exp(-log_odds))
