"""`filings:`: what was filed, issued or finished, and when."""

from __future__ import annotations

from typing import Literal

from detectors.grammar import Day, Keys, Whole, YesNo, described
from mappings.deadlines import FilingKind


class FilingKeys(Keys):
    """One filing."""

    id: str
    kind: FilingKind
    entity: str
    on: Day = described("result issued, contract in force, report finished", ...)
    expires: Day | None = described("as printed; default from the rules")
    filed: Day | None = None
    flows: tuple[str, ...] = ()
    conditions: dict[str, Literal["yes", "no", "unknown"]] = described(
        "of the extension, see chujing deadlines", {}
    )
    persons_growth: Whole | None = described(
        "expected over the next three years, per cent of what was allowed"
    )
    important_growth: Whole | None = described("the same for the scale of important data")
    extended: YesNo = described("three more years were granted once", False)
