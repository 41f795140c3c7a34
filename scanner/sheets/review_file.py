"""Reviews written as YAML by others (the HTML report, another installation), checked as a whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from reports.reviews.review import Review
from scanner.config.yaml_lines import load_each
from scanner.records import reviews
from scanner.sheets.cell_fault import CellFault
from scanner.sheets.inventory_reviews import ImportedReviews


def read(path: Path, today: date) -> ImportedReviews:
    """Return every review of a file and everything at fault in it, in its order.

    Raise ConfigError when it is no list in YAML.
    """
    doc, faults = load_each(path, reviews.SHAPE)
    imported: list[Review] = []
    for i, raw in doc.value.items():
        try:
            imported.append(review := reviews.parse_entry(raw, doc, str(i)))
            if reviews.is_future(review.on, today):
                raise ConfigError(
                    Msg("it was made on {day}, which is yet to come", day=review.on),
                    where=doc.where(str(i), "on"),
                    hint=Msg("on: the day it was made"),
                )
        except ConfigError as e:
            faults.append(e)
    ordered = sorted(faults, key=lambda e: int(e.where.rpartition(":")[2]))
    return ImportedReviews(tuple(imported), tuple(CellFault(e.where, e.what, e.hint) for e in ordered))
