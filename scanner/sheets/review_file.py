"""Reviews written as YAML by others (the HTML report, another installation), checked as a whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from reports.reviews.review import Review
from scanner.records import reviews
from scanner.sheets.cell_fault import CellFault
from scanner.sheets.inventory_reviews import ImportedReviews


def read(path: Path, today: date) -> ImportedReviews:
    """Return every review of a file and everything at fault in it, in its order.

    Raise ConfigError when it is no list in YAML.
    """
    entries = reviews.read_each(path)
    imported: list[Review] = []
    faults = list(entries.faults)
    for i, review in entries.sound.items():
        imported.append(review)
        if reviews.is_future(review.on, today):
            what = Msg("it was made on {day}, which is yet to come", day=review.on)
            where = entries.document.where(str(i), "on")
            faults.append(ConfigError(what, where=where, hint=Msg("on: the day it was made")))
    ordered = sorted(faults, key=lambda e: int(e.where.rpartition(":")[2]))
    return ImportedReviews(tuple(imported), tuple(CellFault(e.where, e.what, e.hint) for e in ordered))
