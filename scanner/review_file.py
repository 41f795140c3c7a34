"""Reviews written as YAML by others (the HTML report, another installation), checked whole before anything is recorded."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from detectors.errors import ConfigError
from scanner import reviews
from scanner.intake import Fault
from scanner.strict import each


def faults(path: Path, today: date) -> tuple[Fault, ...]:
    """Everything at fault in a file of reviews, in its order; ConfigError when it is no list in YAML at all."""
    doc, wrong = each(path, reviews.SHAPE)
    for i, raw in doc.value.items():
        try:
            review = reviews._entry(raw, doc, str(i))
            if review.on > today + timedelta(1):          # a day more: the writer's clock may be in another zone
                raise ConfigError(f"it was made on {review.on}, which is yet to come", where=doc.where(str(i), "on"),
                                  hint="on: the day it was made")
        except ConfigError as e:
            wrong.append(e)
    return tuple(Fault(e.where, e.what, e.hint) for e in sorted(wrong, key=lambda e: int(e.where.rpartition(":")[2])))
