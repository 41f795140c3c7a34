"""Reviews written as YAML by others (the HTML report, another installation), checked whole before anything is recorded."""

from __future__ import annotations

from pathlib import Path

from detectors.errors import ConfigError
from scanner import reviews
from scanner.intake import Fault
from scanner.strict import each


def faults(path: Path) -> tuple[Fault, ...]:
    """Everything at fault in a file of reviews, in its order; ConfigError when it is no list in YAML at all."""
    doc, wrong = each(path, reviews.SHAPE)
    for i, raw in doc.value.items():
        try:
            reviews._entry(raw, doc, str(i))
        except ConfigError as e:
            wrong.append(e)
    return tuple(Fault(e.where, e.what, e.hint) for e in sorted(wrong, key=lambda e: int(e.where.rpartition(":")[2])))
