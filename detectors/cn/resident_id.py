"""Resident identity number (居民身份证号码).

Eighteen characters: 6 of administrative division, 8 of birth date (YYYYMMDD), 3 of sequence (odd: male, even:
female), 1 check character. Cards before 1999 carry fifteen digits: two-digit year, no check character.

Source: GB 11643-1999; check character ISO 7064 MOD 11-2.

>>> is_valid("11010519491231002X")
True
>>> is_valid("110105194912310021")
False
"""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations

import numpy as np

from detectors.checksums import digits_rows, iso7064_mod11_2, iso7064_mod11_2_rows, varied_rows
from detectors.model import Label, ValueDetector

PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
})


def compact(number: str) -> str:
    """Drop separators, upper-case the check character."""
    return re.sub(r"[\s-]", "", number).upper()


def birth_date(number: str) -> date:
    """Date in the number; ValueError if there is no such day."""
    number = compact(number)
    digits = number[6:14] if len(number) == 18 else "19" + number[6:12]
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))


def is_valid(number: str) -> bool:
    """18 characters: division, a day from 1900 on, check character."""
    if len(number) != 18:
        number = compact(number)
    body = number[:-1]
    if len(number) != 18 or not (body.isascii() and body.isdecimal()):
        return False
    if number[:2] not in PROVINCES or len(set(number)) < 4:
        return False
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2030 and iso7064_mod11_2(body) == number[-1].upper()


def is_valid_15(number: str) -> bool:
    """15 digits: division and a day of the twentieth century."""
    if len(number) != 15 or number[:2] not in PROVINCES or len(set(number)) < 4:
        return False
    try:
        return birth_date(number).year >= 1900
    except ValueError:
        return False


def has_masked_length(number: str) -> bool:
    """Eighteen or fifteen characters, some of them hidden."""
    return len(number) in (15, 18)


_PROVINCE = np.zeros(100, bool)
_PROVINCE[[int(p) for p in PROVINCES]] = True
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.uint8)


# places at which most numbers have four different digits
_QUADRUPLES = ((6, 7, 9, 17), (7, 13, 16, 17), (9, 11, 13, 16), (6, 8, 13, 17), (5, 9, 13, 17))


def valid_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`is_valid` of many numbers of 18 characters at once, character by character over all rows."""
    c = np.ascontiguousarray(rows.T)
    d = c - np.uint8(48)
    digits = np.ones(len(rows), bool)
    for digit in d[:17]:
        digits &= digit < 10
    upper, lower = c[17] == 88, c[17] == 120
    shaped = digits & (d[0] != 0) & ((d[17] < 10) | upper | lower)
    century, in_century = d[6] * 10 + d[7], d[8] * 10 + d[9]
    month, day = d[10] * 10 + d[11], d[12] * 10 + d[13]
    leap = (in_century % 4 == 0) & ((in_century != 0) | (century % 4 == 0))
    dated = (century == 19) | (century == 20) & (in_century <= 30)
    dated &= (month >= 1) & (month <= 12) & (day >= 1)
    dated &= day <= np.take(_DAYS, np.minimum(month, 12)) - ((month == 2) & ~leap)
    here = np.take(_PROVINCE, np.minimum(d[0] * 10 + d[1], 99))
    return shaped, shaped & here & dated & _has_four_kinds(d) & iso7064_mod11_2_rows(c)


def valid_rows_15(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`is_valid_15` of many numbers of 15 digits at once."""
    d = np.ascontiguousarray(rows.T) - np.uint8(48)
    shaped = digits_rows(rows) & (d[0] != 0)
    year, month, day = d[6] * 10 + d[7], d[8] * 10 + d[9], d[10] * 10 + d[11]
    leap = (year % 4 == 0) & (year != 0)      # of the twentieth century
    dated = (month >= 1) & (month <= 12) & (day >= 1)
    dated &= day <= np.take(_DAYS, np.minimum(month, 12)) - ((month == 2) & ~leap)
    passes = shaped & dated & np.take(_PROVINCE, np.minimum(d[0] * 10 + d[1], 99))
    passes[passes] = varied_rows(rows[passes], 4)
    return shaped, passes


def _has_four_kinds(d: np.ndarray) -> np.ndarray:
    """Which numbers have four different characters or more? d: of each place, less that of `0`.

    Most have them at one of a few places; all places are looked at of the others alone.
    """
    several = np.zeros(d.shape[1], bool)
    for places in _QUADRUPLES:
        are_different = np.ones(d.shape[1], bool)
        for one, other in combinations(places, 2):
            are_different &= d[one] != d[other]
        several |= are_different
    rest = np.flatnonzero(~several)
    kinds = np.zeros(len(rest), np.uint64)
    for place in d:
        kinds |= np.uint64(1) << np.minimum(place[rest], 63).astype(np.uint64)
    several[rest] = np.bitwise_count(kinds) >= 4
    return several


DETECTORS = (
    ValueDetector(
        name="resident_id_18",
        digits=17,
        exact=(18,),
        widths=(18,),
        rows=valid_rows,
        label=Label("resident_id"),
        title="居民身份证号码",
        title_en="resident identity number",
        shape=re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])"),
        source="GB 11643-1999",
        is_valid=is_valid,
        chance=0.00047,
        base=0.98,
        min_length=18,
        subject_key=True,
        context=("身份证", "证件", "id card"),
        examples=("11010519491231002X", "440524198001010013"),
        counterexamples=("110105194912310021", "11010519491331002X", "202403221530001234"),
    ),
    ValueDetector(
        name="resident_id_15",
        digits=15,
        exact=(15,),
        numeric=True,
        widths=(15,),
        rows=valid_rows_15,
        lists_by_hand=True,
        label=Label("resident_id"),
        title="居民身份证号码（15位）",
        title_en="resident identity number, 15 digits",
        shape=re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{14}(?![0-9A-Za-z])"),
        source="GB 11643-1989",
        is_valid=is_valid_15,
        chance=0.0142,
        base=0.7,
        min_length=15,
        subject_key=True,
        context=("身份证", "证件"),
        examples=("110105491231002",),
        counterexamples=("110105491331002", "990105491231002"),
    ),
    ValueDetector(
        name="resident_id_masked",
        digits=1,
        gate="*",
        label=Label("resident_id"),
        title="居民身份证号码（已掩码）",
        title_en="masked resident identity number",
        shape=re.compile(r"(?<![0-9A-Za-z*])[1-9][0-9]{0,9}\*{4,16}[0-9]{0,4}[0-9Xx](?![0-9A-Za-z*])"),
        is_valid=has_masked_length,
        source="GB 11643-1999",
        base=0.85,
        min_length=15,
        max_length=40,
        context=("身份证", "证件"),
        examples=("110105********002X", "110***********002X", "1****************X"),
        counterexamples=("110105****002X", "622202******0123"),
    ),
)
