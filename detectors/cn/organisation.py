"""Unified social credit code (统一社会信用代码): 18 characters identifying an organisation, not a person.

Source: GB 32100-2015.

>>> uscc_check("91350100M000100Y43")
True
"""

from __future__ import annotations

import re

import numpy as np

from detectors.checksums import digits_rows, uscc_check, uscc_rows
from detectors.model import Label, ValueDetector

_KINDS = np.zeros(256, bool)
_KINDS[[ord(c) for c in "1239"]] = True


def valid_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`uscc_check` of many codes at once; a code starts with a class and a kind, then six digits."""
    shaped = (rows[:, 0] != 48) & _KINDS[rows[:, 1]] & digits_rows(rows[:, 2:8])
    spelt, valid = uscc_rows(rows[shaped])
    passes = shaped.copy()
    passes[shaped], shaped[shaped] = valid, spelt
    return shaped, passes


DETECTOR = ValueDetector(
    name="uscc",
    digits=8,
    exact=(18,),
    widths=(18,),
    rows=valid_rows,
    label=Label("organisation_id"),
    title="统一社会信用代码",
    title_en="unified social credit code",
    source="GB 32100-2015",
    shape=re.compile(
        r"(?<![0-9A-Za-z])[1-9A-HJ-NPQRTUWXY][1239][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])"
    ),
    is_valid=uscc_check,
    chance=0.032,
    base=0.95,
    min_length=18,
    kind="organisation_information",
    tier="weak",
    examples=("91350100M000100Y43",),
    counterexamples=("91350100M000100Y44",),
)
