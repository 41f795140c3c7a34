"""Unified social credit code (统一社会信用代码): 18 characters identifying an organisation, not a person.

Source: GB 32100-2015.

>>> uscc_check("91350100M000100Y43")
True
"""

from __future__ import annotations

import re

from detectors.checksums import uscc_check
from detectors.model import Label, ValueDetector

DETECTOR = ValueDetector(
    name="uscc", label=Label("organisation_id"), title="统一社会信用代码", title_en="unified social credit code", source="GB 32100-2015",
    shape=re.compile(r"(?<![0-9A-Za-z])[1-9A-HJ-NPQRTUWXY][1239][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])"), is_valid=uscc_check,
    chance=0.032, base=0.95, min_length=18, kind="organisation_information", tier="weak",
    examples=("91350100M000100Y43",), counterexamples=("91350100M000100Y44",),
)
