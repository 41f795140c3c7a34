"""Telephone numbers in China: mobile (手机号), landline (固定电话), hotlines.

Mobile: 1, then 3-9, then nine digits, with or without +86. Landline: 0, area code of 2-3 digits, 7-8 digits.
Hotlines (400, 800, 95xxx) belong to organisations and are not personal.

Source: MIIT numbering plan 电信网编号计划 (2017).

>>> bool(MOBILE.shape.fullmatch("+86 139-1234-5678"))
True
"""

from __future__ import annotations

import re

import numpy as np

from detectors.checksums import digits_rows, varied_rows
from detectors.model import Label, ValueDetector

_COUNTRY_PREFIX = r"(?:(?:\+|00)?86[- ]?)?"


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", number)


def is_mobile(number: str) -> bool:
    """Eleven digits after the country code, more than three of them different."""
    n = number if number.isdecimal() else _digits(number)
    n = n[-11:]
    return len(n) == 11 and n[0] == "1" and n[1] in "3456789" and len(set(n)) > 2


def valid_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`is_mobile` of many numbers of eleven digits at once."""
    shaped = digits_rows(rows) & (rows[:, 0] == 49) & (rows[:, 1] >= 51)
    passes = shaped.copy()
    passes[shaped] = varied_rows(rows[shaped], 3)
    return shaped, passes


MOBILE = ValueDetector(
    name="mobile",
    digits=11,
    exact=(11, 13, 15),
    numeric=True,
    parts=(4, 8),
    edges=".",
    widths=(11,),
    rows=valid_rows,
    label=Label("phone_mobile"),
    title="手机号码",
    title_en="mobile number",
    source="MIIT numbering plan 2017",
    shape=re.compile(
        rf"(?<![0-9A-Za-z.]){_COUNTRY_PREFIX}1[3-9][0-9](?:[- ]?[0-9]{{4}}){{2}}(?![0-9A-Za-z]|\.[0-9])"
    ),
    is_valid=is_mobile,
    chance=0.07,
    base=0.9,
    min_length=11,
    subject_key=True,
    context=("手机", "电话", "联系", "mobile", "phone", "tel"),
    examples=("13912345678", "+86 139-1234-5678", "008613912345678"),
    counterexamples=("12345678901", "139123456789", "11111111111"),
)
MASKED = ValueDetector(
    name="mobile_masked",
        digits=7, gate="*|x|X",
    label=Label("phone_mobile"),
    title="手机号码（已掩码）",
    title_en="masked mobile number",
    source="MIIT numbering plan 2017",
    shape=re.compile(r"(?<![0-9])1[3-9][0-9][*xX]{4}[0-9]{4}(?![0-9])"),
    base=0.9,
    min_length=11,
    max_length=40,
    examples=("139****5678",),
    counterexamples=("139***5678",),
)
LANDLINE = ValueDetector(
    name="landline",
    digits=9,
    gate="-|(",
    label=Label("phone_landline"),
    title="固定电话",
    title_en="landline number",
    source="MIIT numbering plan 2017",
    shape=re.compile(
        r"(?<![0-9A-Za-z.-])(?:\(0(?:10|2[0-9]|[3-9][0-9]{2})\)|0(?:10|2[0-9]|[3-9][0-9]{2})-)"
        r"[2-9][0-9]{6,7}(?:-[0-9]{1,5})?(?![0-9A-Za-z-])"
    ),
    base=0.75,
    min_length=10,
    context=("电话", "座机", "tel"),
    examples=("010-62345678", "(021)62345678", "0571-8765432-801"),
    counterexamples=("010-1234", "2024-06-01"),
)
HOTLINE = ValueDetector(
    name="hotline",
    digits=10,
    exact=(10,),
    numeric=True,
    parts=(3, 4),
    gate="400|800",
    label=Label("organisation_contact"),
    title="服务热线",
    title_en="hotline",
    source="MIIT numbering plan 2017",
    shape=re.compile(r"(?<![0-9A-Za-z])[48]00-?(?:[0-9]{3}-?[0-9]{4}|[0-9]{4}-?[0-9]{3})(?![0-9A-Za-z])"),
    base=0.8,
    min_length=10,
    kind="organisation_information",
    tier="weak",
    examples=("400-810-8888", "8008101234"),
    counterexamples=("401-810-8888",),
)
DETECTORS = (MOBILE, MASKED, LANDLINE, HOTLINE)
