"""Entries of the ledger: who recorded which export, and the entries of a period, without their arithmetic."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mappings.model import FlowCount

if TYPE_CHECKING:
    from mappings.ledger import PersonSet

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2})?$")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One recorded export. how: exact, sketch or declared; rows: read for it."""

    entity: str
    flow: str
    period: str                               # 2026-11, 2026-01..2026-10, or any word the user has for it
    how: str
    rows: int
    recorded: str                             # moment, UTC
    kinds: tuple[str, ...]                    # labels of the keys persons go by
    persons: PersonSet
    by: str = ""
    evidence: str = ""
    number: int = 0


def entries_until(entries: Iterable[LedgerEntry], day: date) -> list[LedgerEntry]:
    """Return the entries of periods up to the month of a day; a period in other words had begun.

    >>> march = LedgerEntry("a", "f", "2026-03", "exact", 1, "", (), None)
    >>> [len(entries_until([march], date(2026, month, 28))) for month in (2, 3)]
    [0, 1]
    """
    month = f"{day:%Y-%m}"
    return [e for e in entries if not _MONTH.match(e.period) or e.period[-len(month):] <= month]


def count_entries(entries: Sequence[LedgerEntry]) -> FlowCount:
    """Return distinct persons over several recorded exports."""
    from mappings.ledger import head_counts, union_of_sets

    return head_counts(union_of_sets([e.persons for e in entries]))


def entry_seal(key: bytes, before: str, *parts: bytes) -> str:
    """Return an HMAC-SHA256 over an entry and the seal before it: no change and no gap goes unnoticed."""
    mac = hmac.new(hashlib.sha256(b"chujing ledger" + key).digest(), before.encode(), hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part)
    return mac.hexdigest()
