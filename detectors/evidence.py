"""Which pieces of evidence stand against a label, so that whoever shows them can say so."""

from __future__ import annotations

from detectors.message import Msg, Text
from detectors.model import Evidence

HASHED_VALUES = Msg("the values are hashes or ciphers")
MASKED_VALUES = Msg("the values are masked")
FORMS = (HASHED_VALUES, MASKED_VALUES)


def conflict(thing: Text) -> Msg:
    """Return the note of values that look like another thing than their column is a key of."""
    return Msg("conflict: the values look like {thing}", thing=thing)


def is_against(evidence: Evidence) -> bool:
    """Return whether a piece of evidence lowers the confidence of its label.

    Values of which none is of the form of the label speak against it, unless they are hashed or masked.

    >>> is_against(Evidence("value", Msg("the values are codes"), 0, 300, "cells"))
    True
    >>> is_against(Evidence("value", HASHED_VALUES, 0, 300, "cells")), is_against(Evidence("name", "x"))
    (False, False)
    """
    if evidence.origin != "value":
        return False
    if evidence.matched:
        return getattr(evidence.note, "template", "") == conflict("").template
    return bool(evidence.examined) and evidence.note not in FORMS
