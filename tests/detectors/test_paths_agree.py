"""The columnar paths (bytes, runs, RE2, numpy) find in a column
just the values that a detector finds by itself in each text.
"""

import random

import numpy as np
import pyarrow as pa
import pytest

import value_columns
from detectors.columns.features import features
from detectors.columns.matching import DistinctValues, Matches, match_by_hand, match_runs, possible_values
from detectors.registry import value_detectors

GLUE = (
    " ",
    "，",
    ".",
    "-",
    "_",
    "a",
    "Z",
    "0",
    "7",
    "、",
    ",",
    "/",
    "(",
    "+",
    "+86",
    "电话",
    "号",
    "*",
    ":",
    "\t",
    "86",
    "0086 ",
    "@",
    "=",
)


def texts(seed, n):
    """Examples of every detector and of look-alikes, cut, joined and disturbed."""
    draw = random.Random(seed)
    parts = [e for d in value_detectors() for e in (*d.examples, *d.counterexamples)]
    parts += [value_columns.digits(draw, k) for k in (3, 4, 6, 8, 11, 13, 15, 16, 18, 19)]
    out = []
    for _ in range(n):
        text = "".join(
            draw.choice(GLUE) if draw.random() < 0.5 else draw.choice(parts)
            for _ in range(draw.randint(1, 5))
        )
        if draw.random() < 0.3 and text:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice(GLUE) + text[at + 1 :]
        out.append(text)
    return [t for t in dict.fromkeys(out) if t.strip(" \t\r\n\u3000\x00'\"") == t and t]


@pytest.mark.parametrize("seed", range(4))
def test_columns_and_single_texts_agree(seed):
    values = [t.replace("、", ",") for t in texts(seed, 3_000)]
    array = pa.array(list(dict.fromkeys(values)))
    column = DistinctValues(array, np.ones(len(array), int), features(array), len(array))
    differences = []
    for d in value_detectors():
        if d.votes is not None:
            continue
        matches = Matches(len(array))
        mask = possible_values(d, column)
        if d.rows is not None:
            mask = match_runs(d, column, mask, matches)
        if mask.any():
            match_by_hand(d, column.select(mask), matches)
        expected = [next(d.find(t), None) is not None for t in array.to_pylist()]
        differences += [
            (d.name, t, e)
            for t, e, f in zip(array.to_pylist(), expected, matches.matched, strict=True)
            if e != f
        ]

    assert differences == []
