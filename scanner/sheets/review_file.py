"""Reviews written as YAML by others (the HTML report, another installation), checked whole before anything is recorded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.config.yaml_lines import load_each
from scanner.records import reviews
from scanner.sheets.flow_register import CellFault
from scanner.sheets.inventory_reviews import ImportedReviews


def read(path: Path, today: date) -> ImportedReviews:
    """Every review of a file and everything at fault in it, in its order; ConfigError when it is no list in YAML at all."""
    doc, wrong = load_each(path, reviews.SHAPE)
    found = []
    for i, raw in doc.value.items():
        try:
            found.append(review := reviews.parse_entry(raw, doc, str(i)))
            if reviews.is_future(review.on, today):
                raise ConfigError(
                    Msg("it was made on {day}, which is yet to come", day=review.on),
                    where=doc.where(str(i), "on"),
                    hint=Msg("on: the day it was made"),
                )
        except ConfigError as e:
            wrong.append(e)
    ordered = sorted(wrong, key=lambda e: int(e.where.rpartition(":")[2]))
    return ImportedReviews(tuple(found), tuple(CellFault(e.where, e.what, e.hint) for e in ordered))
