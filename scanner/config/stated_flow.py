"""A flow as far as it was described, wherever that was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StatedFlow:
    """A flow as far as it was described: texts as they were written, dates as 2026-01-31; empty: not said.

    facts: its own. country: of its recipient. exported: persons that are stated to have left since 1 January.
    """

    id: str
    status: str = ""
    since: str = ""
    until: str = ""
    claim: str = ""
    subject_group: str = ""
    country: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    exported: str = ""
    onward: Sequence[str] = ()                # who receives it next, a country perhaps in brackets
    persons: int = 0                          # at least, as stated
    minors: int = 0                           # under 14, at least
    most: int | None = None                   # persons at most; None: not stated
    mode: str = ""
    entity: str = ""
    recipient: str = ""
    purpose: str = ""
    every: str = ""                           # how often it leaves, in words
