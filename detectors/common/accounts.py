"""Accounts of large platforms recognisable by their form.

Sources: WeChat open platform (openid: 28 characters from `o`), GSMA SGP.02 and ITU-T E.118 (ICCID: 89,
country, Luhn).

>>> is_openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
True
"""

from __future__ import annotations

import re

import numpy as np

from detectors.checksums import digits_rows, luhn, luhn_rows
from detectors.model import Label, ValueDetector


def is_openid(text: str) -> bool:
    """Capitals, small letters and digits all occur, as chance makes almost sure in 28 characters."""
    return bool(re.search("[A-Z]", text[1:]) and re.search("[a-z]", text[1:]) and re.search("[0-9]", text))


def iccid_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (has the shape of an ICCID, passes the check) of many runs at once."""
    shaped = digits_rows(rows) & (rows[:, 0] == ord("8")) & (rows[:, 1] == ord("9"))
    passes = shaped.copy()
    passes[shaped] = luhn_rows(rows[shaped])
    return shaped, passes


DETECTORS = (
    ValueDetector(
        name="wechat_openid",
        label=Label("im_account"),
        title="微信 openid",
        title_en="WeChat openid",
        source="WeChat open platform",
        shape=re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])"),
        is_valid=is_openid,
        required="[A-Z]",
        base=0.8,
        min_length=28,
        max_length=60,
        digits=1,
        letters=10,
        run=8,
        gate="o",
        subject_key=True,
        context=("openid", "微信"),
        examples=("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",),
        counterexamples=("order-number-of-a-long-name-1", "oooooooooooooooooooooooooooo"),
    ),
    ValueDetector(
        name="iccid",
        label=Label("device_id"),
        title="SIM 卡号 ICCID",
        title_en="ICCID of a SIM card",
        source="ITU-T E.118",
        shape=re.compile(r"(?<![0-9A-Za-z])89[0-9]{17,18}(?![0-9A-Za-z])"),
        is_valid=luhn,
        chance=0.1,
        base=0.85,
        min_length=19,
        max_length=40,
        digits=19,
        exact=(19, 20),
        numeric=True,
        widths=(19, 20),
        rows=iccid_rows,
        lists_by_hand=True,
        context=("iccid", "sim"),
        examples=("89860000000000000001",),
        counterexamples=("89860000000000000005",),
    ),
)
