"""Passports and permits (护照、通行证、永久居留证): shape only, so values alone are weak evidence.

Source: 出入境证件 formats published by the National Immigration Administration.

>>> bool(DETECTORS[0].shape.fullmatch("E12345678"))
True
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from detectors.checksums import digits_rows, iso7064_mod11_2, iso7064_mod11_2_rows
from detectors.cn.resident_id import PROVINCES
from detectors.model import Label, ValueDetector


def is_residence(number: str) -> bool:
    """Foreigner's permanent residence card (2023): 9, then a resident number with check character."""
    return iso7064_mod11_2(number[:17]) == number[17].upper()


def residence_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (has the shape of a card's number, passes its check) of many runs at once."""
    shaped = (rows[:, 0] == ord("9")) & (rows[:, 1] != ord("0")) & digits_rows(rows[:, :17])
    shaped &= digits_rows(rows[:, 17:]) | (rows[:, 17] == ord("X")) | (rows[:, 17] == ord("x"))
    passes = shaped.copy()
    passes[shaped] = iso7064_mod11_2_rows(rows[shaped].T)
    return shaped, passes


def is_residence_2004(number: str) -> bool:
    """Residence card before 2017: country, province (GB/T 2260), year and month of birth, serial, check."""
    return number[3:5] in PROVINCES and 1 <= int(number[9:11]) <= 12


def _document(name: str, title: str, title_en: str, shape: str, **other: Any) -> ValueDetector:
    """A document whose number has a shape and no check. other: fields of ValueDetector."""
    usual = {"label": Label("other_id_document"), "base": 0.5, "exact": (9,), "counterexamples": ("12345",)}
    return ValueDetector(
        name=name,
        digits=7,
        letters=1,
        title=title,
        title_en=title_en,
        source="National Immigration Administration",
        shape=re.compile(rf"(?<![0-9A-Za-z]){shape}(?![0-9A-Za-z])"),
        min_length=8,
        max_length=20,
        subject_key=True,
        context=("护照", "通行证", "证件", "passport", "permit"),
        **{**usual, **other},
    )


DETECTORS = (
    _document(
        "passport",
        "护照号码",
        "passport number",
        r"(?:E[A-HJ-NP-Z0-9][0-9]{7}|[GDSP][0-9]{8}|[DSP]E[0-9]{7})",
        label=Label("passport"),
        signs=("EGDSP",),
        examples=("E12345678", "EA1234567"),
    ),
    _document(
        "hk_macao_permit",
        "港澳居民来往内地通行证",
        "mainland permit, Hong Kong and Macao",
        r"[HM][0-9]{8}(?:[0-9]{2})?",
        exact=(9, 11),
        signs=("HM",),
        examples=("H12345678",),
    ),
    _document(
        "hk_macao_travel",
        "往来港澳通行证",
        "permit to Hong Kong and Macao",
        r"[CW][A-Z0-9][0-9]{7}",
        signs=("CW",),
        examples=("C12345678",),
    ),
    ValueDetector(
        name="permanent_residence",
        digits=17, exact=(18,),
        widths=(18,),
        rows=residence_rows,
        lists_by_hand=True,
        label=Label("other_id_document"),
        title="外国人永久居留身份证",
        title_en="permanent residence card",
        source="National Immigration Administration 2023",
        shape=re.compile(r"(?<![0-9A-Za-z])9[1-9][0-9]{15}[0-9Xx](?![0-9A-Za-z])"),
        is_valid=is_residence,
        chance=1 / 11,
        base=0.7,
        min_length=18,
        max_length=18,
        subject_key=True,
        examples=("911101198001010010",),
        counterexamples=("911101198001010011",),
    ),
    ValueDetector(
        name="permanent_residence_2004",
        digits=12,
        letters=3,
        exact=(15,),
        label=Label("other_id_document"),
        title="外国人永久居留证（旧版）",
        title_en="permanent residence card before 2017",
        source="Ministry of Public Security 2004",
        shape=re.compile(r"(?<![0-9A-Za-z])[A-Z]{3}[0-9]{12}(?![0-9A-Za-z])"),
        is_valid=is_residence_2004,
        chance=0.03,
        base=0.5,
        min_length=15,
        max_length=15,
        subject_key=True,
        context=("居留", "residence"),
        examples=("DEU440180010112",),
        counterexamples=("ABC123456789012",),
    ),
    ValueDetector(
        name="military_officer",
        digits=5,
        gate="字第",
        label=Label("other_id_document"),
        title="军官证",
        title_en="military officer's card",
        source="military identity cards, usual form",
        shape=re.compile(
            r"[军兵士文职参政后装海空火陆南沈北济兰成广京联战东西中武警]"
            r"[\u4e00-\u9fff]{0,6}字第 ?[0-9]{5,8} ?号"
        ),
        base=0.85,
        min_length=8,
        max_length=30,
        subject_key=True,
        context=("军官证", "士兵证", "证件"),
        examples=("军字第12345678号", "海政字第1234567号"),
        counterexamples=("民初字第123号",),
    ),
)
