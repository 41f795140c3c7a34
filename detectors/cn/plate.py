"""Vehicle number plate (机动车号牌): province, letter, five characters; new-energy plates have six.

Source: GA 36-2018.

>>> bool(DETECTOR.shape.fullmatch("京A12345"))
True
"""

from __future__ import annotations

import re

from detectors.model import Label, ValueDetector

DETECTOR = ValueDetector(
    name="plate",
    letters=1,
    exact=(5, 6, 7),
    gate="京|津|沪|渝|冀|豫|云|辽|黑|湘|皖|鲁|新|苏|浙|赣|鄂|桂|甘|晋|蒙|陕|吉|闽|贵|粤|青|藏|川|宁|琼",
    label=Label("plate_number"),
    title="车牌号",
    title_en="number plate",
    source="GA 36-2018",
    shape=re.compile(
        r"(?<![A-Za-z0-9])[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. ]?"
        r"(?:[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])"
        r"(?![A-Za-z0-9])"
    ),
    base=0.92,
    min_length=7,
    context=("车牌", "号牌", "plate"),
    examples=("京A12345", "粤B·D12345", "沪C1234学"),
    counterexamples=("京A1234", "AA12345", "京I12345"),
)
