"""Vehicle identification number (VIN, 车架号) and IMEI.

Sources: GB 16735-2019, ISO 3779; 3GPP TS 23.003.

>>> vin_check("1M8GDM9AXKP042788")
True
"""

from __future__ import annotations

import re

import numpy as np

from detectors.checksums import digits_rows, luhn, luhn_rows, vin_check
from detectors.model import Label, ValueDetector

_REPORTING_BODIES = np.array([35, 86, 1, 99], np.uint8)       # first two digits of an IMEI


def is_vin(text: str) -> bool:
    """Check character, and both letters and digits."""
    return bool(re.search("[A-Z]", text)) and bool(re.search("[0-9]", text)) and vin_check(text)


def imei_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (has the shape of an IMEI, passes the check) of many runs at once."""
    body = (rows[:, 0] - np.uint8(48)) * np.uint8(10) + (rows[:, 1] - np.uint8(48))
    shaped = digits_rows(rows) & np.isin(body, _REPORTING_BODIES)
    passes = shaped.copy()
    passes[shaped] = luhn_rows(rows[shaped])
    return shaped, passes


DETECTORS = (
    ValueDetector(
        name="vin",
        exact=(17,),
        label=Label("vin"),
        title="车辆识别代号",
        title_en="vehicle identification number",
        source="GB 16735-2019",
        shape=re.compile(r"(?<![0-9A-Za-z])[A-HJ-NPR-Z0-9]{17}(?![0-9A-Za-z])"),
        is_valid=is_vin,
        chance=0.032,
        base=0.9,
        min_length=17,
        context=("车架", "vin"),
        examples=("1M8GDM9AXKP042788",),
        counterexamples=("1M8GDM9A1KP042788",),
    ),
    ValueDetector(
        name="imei",
        digits=15,
        exact=(15,),
        numeric=True,
        edges=".",
        widths=(15,),
        rows=imei_rows,
        lists_by_hand=True,
        label=Label("device_id"),
        title="IMEI",
        title_en="IMEI",
        source="3GPP TS 23.003",
        shape=re.compile(r"(?<![0-9A-Za-z.])(?:35|86|01|99)[0-9]{13}(?![0-9A-Za-z.])"),
        is_valid=luhn,
        chance=0.1,
        base=0.6,
        min_length=15,
        context=("imei", "设备"),
        examples=("352099001761481",),
        counterexamples=("352099001761482",),
    ),
    ValueDetector(
        name="imsi",
        digits=15,
        exact=(15,),
        numeric=True,
        label=Label("device_id"),
        title="IMSI",
        title_en="IMSI of a Chinese subscriber",
        source="ITU-T E.212",
        shape=re.compile(r"(?<![0-9A-Za-z.])460(?:0[0-9]|1[15]|20)[0-9]{10}(?![0-9A-Za-z.])"),
        base=0.7,
        min_length=15,
        max_length=40,
        context=("imsi", "sim"),
        examples=("460001234567890",),
        counterexamples=("460991234567890",),
    ),
)
