"""`filings:` in chujing.yaml: what was filed, issued or finished, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mappings.deadlines import Filing

if TYPE_CHECKING:
    from scanner.config.grammar.filings import FilingKeys


def read_filings(keys: Iterable[FilingKeys]) -> tuple[Filing, ...]:
    """Return the filings of chujing.yaml."""
    return tuple(Filing(**filing.stated()) for filing in keys)
