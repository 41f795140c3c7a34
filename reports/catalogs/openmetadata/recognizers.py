"""Our patterns as OpenMetadata's recognisers: each belongs to the tag of suggested findings of its label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from detectors.labels import labels
from detectors.model import ValueDetector
from detectors.registry import value_detectors
from reports.catalogs.openmetadata.names import CLASSIFICATION, label_tag
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import SUGGESTED, Term

THRESHOLD = 0.6                               # score from which a recogniser counts
UNCHECKED_SCORE = 0.5                         # score of a pattern without the check chujing makes beside
                                              # it: it counts near one of its words only
LONGEST_NAME = 240                            # characters


def recognizer_terms() -> list[Term]:
    """Return the terms whose tags get recognisers, sorted by label."""
    detected = {detector.label for detector in usable_detectors()}
    return [_suggested_term(label) for label in sorted(detected & set(labels()))]


def recognizers(terms: Sequence[Term]) -> Iterator[Payload]:
    """Yield that the catalog is to use recognisers, and the recognisers of terms; nothing without terms."""
    if not terms:
        return
    name = CLASSIFICATION[SUGGESTED[0]]
    yield Payload(
        f"automatic:{name}",
        "automatic",
        f"classification:{name}",
        {"fqn": name, "create": {}},
        order=2,
        lasting=True,
        shown="autoClassificationConfig",
    )
    for term in terms:
        for detector in (d for d in usable_detectors() if d.label == term.label):
            yield _recognizer(label_tag(term.node, term.label), detector)


def _suggested_term(label: str) -> Term:
    about = next(info for info in labels().values() if info.label == label)
    return Term(f"{SUGGESTED[0]}.{label}", label, about.zh, about.en, SUGGESTED[0], "", "", "")


def usable_detectors() -> list[ValueDetector]:
    """Return detectors whose pattern says enough: none that asks a dictionary, no weak one without words."""
    return [d for d in value_detectors() if d.votes is None and (_score(d) >= THRESHOLD or d.context)]


def _score(detector: ValueDetector) -> float:
    score = detector.base if detector.is_valid is None else min(detector.base, UNCHECKED_SCORE)
    return round(score, 2)


def _recognizer(fqn: str, detector: ValueDetector) -> Payload:
    """Return a pattern as data for a tag."""
    description = f"{detector.title_en}; {detector.source}."
    if detector.is_valid is not None:
        description += " Without the check that chujing makes beside the pattern."
    recognizer = {
        "name": f"chujing_{detector.name}"[:LONGEST_NAME],
        "displayName": detector.title,
        "description": description,
        "enabled": True,
        "recognizerConfig": _config(detector),
        "confidenceThreshold": THRESHOLD,
        "target": "content",
    }
    return Payload(
        f"recognizer:{fqn}|{detector.name}",
        "recognizer",
        fqn,
        {"fqn": fqn, "recognizer": recognizer},
        order=2,
        shown=detector.title,
    )


def _config(detector: ValueDetector) -> dict[str, Any]:
    """Return a pattern with its flags spelled out: the catalog's defaults are not ours."""
    flags, pattern = detector.shape.flags, detector.shape.pattern
    return {
        "type": "pattern",
        "patterns": [{"name": detector.name, "regex": pattern, "score": _score(detector)}],
        "regexFlags": {
            "dotAll": bool(flags & re.DOTALL),
            "multiline": bool(flags & re.MULTILINE),
            "ignoreCase": bool(flags & re.IGNORECASE),
        },
        "context": list(detector.context),
        "supportedLanguage": "any",
    }
