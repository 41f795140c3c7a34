"""Payment card number (银行卡号): 16 to 19 digits, issuer prefix, Luhn check digit.

Prefixes: 62 (UnionPay), 4 (Visa), 51-55 and 2221-2720 (Mastercard), 34 and 37 (15 digits), 35 (JCB), 30, 36,
38, 39, 60, 9 (older cards in China).

Source: ISO/IEC 7812-1; prefix ranges of the schemes.

>>> is_valid("4111 1111 1111 1111")
True
"""

from __future__ import annotations

import re

import numpy as np

from detectors.checksums import digits_rows, luhn, luhn_rows, varied_rows
from detectors.model import Label, ValueDetector

_ISSUER_PREFIX = re.compile(r"62|4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[0-9]|60|65|9[0-9]{5}")


def compact(number: str) -> str:
    """Digits only."""
    return re.sub(r"[^0-9]", "", number)


def is_valid(number: str) -> bool:
    """Prefix and Luhn; not one digit repeated."""
    n = number if number.isdecimal() else compact(number)
    if not 15 <= len(n) <= 19 or not _ISSUER_PREFIX.match(n) or n.startswith("9"):
        return False
    return len(set(n)) > 1 and luhn(n)


def valid_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`is_valid` of many numbers of 15 to 19 digits at once."""
    shaped = digits_rows(rows) & (rows[:, 0] >= 50) & (rows[:, 0] <= 54)
    if rows.shape[1] == 15:                   # American Express alone
        shaped &= (rows[:, 0] == 51) & ((rows[:, 1] == 52) | (rows[:, 1] == 55))
    two = (rows[:, 0].astype(np.int32) - 48) * 10 + rows[:, 1] - 48
    four = two * 100 + (rows[:, 2].astype(np.int32) - 48) * 10 + rows[:, 3] - 48
    issuer = (two == 62) | (two // 10 == 4) | ((two >= 51) & (two <= 55)) | ((four >= 2221) & (four <= 2720))
    issuer |= (two // 10 == 3) | (two == 60) | (two == 65)
    passes = shaped & issuer
    some = rows[passes]
    passes[passes] = varied_rows(some, 2) & luhn_rows(some)
    return shaped, passes


def has_masked_length(text: str) -> bool:
    """Sixteen or nineteen characters beside blanks and dashes, some of them hidden."""
    return len(re.sub("[ -]", "", text)) in (16, 19)


DETECTOR = ValueDetector(
    name="bank_card",
    digits=15,
    exact=(15, 16, 17, 18, 19),
    numeric=True,
    parts=(4,),
    edges=".-",
    widths=(15, 16, 17, 18, 19),
    rows=valid_rows,
    label=Label("bank_card"),
    title="银行卡号",
    title_en="payment card number",
    source="ISO/IEC 7812-1",
    shape=re.compile(
        r"(?<![0-9A-Za-z.-])(?:[2-6][0-9]{3}(?: [0-9]{4}){3}(?: [0-9]{1,3})?"
        r"|[2-6][0-9]{3}(?:-[0-9]{4}){3}|[2-6][0-9]{15,18}|3[47][0-9]{13})(?![0-9A-Za-z-])"
    ),
    is_valid=is_valid,
    chance=0.071,
    base=0.85,
    min_length=15,
    max_length=40,
    subject_key=True,
    context=("卡号", "银行卡", "card"),
    examples=("4111111111111111", "4111 1111 1111 1111"),
    counterexamples=("4111111111111112", "20240322153000123"),
)
MASKED = ValueDetector(
    name="bank_card_masked",
    digits=4,
    gate="*",
    label=Label("bank_card"),
    title="银行卡号（已掩码）",
    title_en="masked payment card number",
    source="ISO/IEC 7812-1",
    shape=re.compile(
        r"(?<![0-9A-Za-z*])(?:[2-6][0-9]{3,5}|\*{4})[ -]?(?:\*{4}[ -]?){1,3}"
        r"\*{0,4}[ -]?[0-9]{3,4}(?![0-9A-Za-z*])"
    ),
    is_valid=has_masked_length,
    base=0.85,
    min_length=16,
    max_length=40,
    context=("卡号", "银行卡", "card"),
    examples=("6222 **** **** 1234", "622202******1234", "**** **** **** 1234"),
    counterexamples=("6222****1234", "110105********0021"),
)
DETECTORS = (DETECTOR, MASKED)
del DETECTOR, MASKED
