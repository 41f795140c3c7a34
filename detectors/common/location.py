"""Coordinates: a longitude and latitude pair in one cell, inside China or precise to four decimals.

Source: WGS-84 and GCJ-02 ranges; GB/T 43697-2024 speaks of precise positioning.

>>> is_pair("120.123456,30.28745")
True
"""

from __future__ import annotations

import re

from detectors.model import Label, ValueDetector


def is_pair(text: str) -> bool:
    """Two numbers of at least four decimals that fit as (longitude, latitude) or (latitude, longitude)."""
    numbers = [float(n) for n in re.findall(r"-?[0-9]{1,3}\.[0-9]{4,}", text)]
    if len(numbers) != 2:
        return False
    a, b = numbers
    return (abs(a) <= 180 and abs(b) <= 90) or (abs(a) <= 90 and abs(b) <= 180)


DETECTOR = ValueDetector(
    name="coordinates",
    digits=10,
    label=Label("geo_location"),
    title="经纬度",
    title_en="coordinates",
    source="WGS-84, GCJ-02",
    shape=re.compile(
        r"(?<![0-9.])(?:POINT ?\()?-?[0-9]{1,3}\.[0-9]{4,}[ ,;]{1,2}-?[0-9]{1,2}\.[0-9]{4,}\)?(?![0-9.])"
    ),
    is_valid=is_pair,
    base=0.85,
    min_length=13,
    max_length=60,
    gate=".",
    signs=(" ,;",),
    runs=4,
    exact=(1, 2),
    numeric=True,
    context=("经纬度", "坐标", "lng", "lat"),
    examples=("120.123456,30.28745",),
    counterexamples=("1.5,2.5",),
)
