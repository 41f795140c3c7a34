"""Birth date (出生日期): a day between 1920 and today's schoolchildren. Many dates look so: weak evidence.

Source: GB/T 7408 (ISO 8601) and the usual Chinese forms.

>>> is_valid("1987年3月9日"), is_valid("19870309"), is_valid("1987-02-30")
(True, True, False)
"""

from __future__ import annotations

import re
from datetime import date

from detectors.model import Label, ValueDetector

_DATE_FORM = re.compile(
    r"^((?:19[2-9]|20[01])[0-9])[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?(?: 00:00:00(?:\.0+)?)?$"
)


def is_valid(text: str) -> bool:
    """Is there such a day?"""
    m = _DATE_FORM.match(text)
    try:
        return m is not None and date(int(m[1]), int(m[2]), int(m[3])) is not None
    except ValueError:
        return False


DETECTOR = ValueDetector(
    name="birth_date",
    label=Label("birth_date"),
    title="出生日期",
    title_en="birth date",
    source="GB/T 7408",
    shape=_DATE_FORM,
    is_valid=is_valid,
    base=0.4,
    min_length=8,
    max_length=21,
    digits=6,
    exact=(4, 6, 8),
    numeric=True,
    context=("出生", "生日", "birth"),
    examples=("1987-03-09", "1987年3月9日", "19870309"),
    counterexamples=("1987-02-30", "2087-01-01", "1987"),
)
