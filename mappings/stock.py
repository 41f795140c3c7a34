"""Lines for persons held, whatever leaves: which of them an entity's stock of persons reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from mappings.flow_report import StockDuty
from mappings.model import Estimate
from mappings.taxonomy import StockLine


def stock_duties(persons: Mapping[str, Estimate], lines: Sequence[StockLine]) -> tuple[StockDuty, ...]:
    """Return the duty of each line with what its count says of it.

    persons: by what is counted, `all`, `faces` or `minors`; lines of what was not counted are left out.
    """
    return tuple(
        StockDuty(_line_status(persons[x.of], x.persons), x.persons, x.of, x.words, x.source, x.confidence)
        for x in lines
        if x.of in persons
    )


def _line_status(estimate: Estimate, line: int) -> Literal["reached", "open", "below"]:
    if estimate.low >= line:
        return "reached"
    return "open" if estimate.high is None or estimate.high >= line else "below"
