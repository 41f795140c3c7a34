"""Reviews written as YAML by others (the HTML report, another installation), checked whole before anything is recorded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from detectors.errors import ConfigError
from scanner.config.yaml_lines import each
from scanner.records import reviews
from scanner.sheets.flow_register import Fault
from scanner.sheets.inventory_reviews import Found


def read(path: Path, today: date) -> Found:
    """Every review of a file and everything at fault in it, in its order; ConfigError when it is no list in YAML at all."""
    doc, wrong = each(path, reviews.SHAPE)
    found = []
    for i, raw in doc.value.items():
        try:
            found.append(review := reviews.entry(raw, doc, str(i)))
            if reviews.yet_to_come(review.on, today):
                raise ConfigError(f"it was made on {review.on}, which is yet to come", where=doc.where(str(i), "on"),
                                  hint="on: the day it was made")
        except ConfigError as e:
            wrong.append(e)
    ordered = sorted(wrong, key=lambda e: int(e.where.rpartition(":")[2]))
    return Found(tuple(found), tuple(Fault(e.where, e.what, e.hint) for e in ordered))
