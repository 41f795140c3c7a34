"""Checks of the keys of a custom detector: its label, its check, its pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from detectors.checksums import iso7064_mod11_2, luhn, uscc_check, vin_check
from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Text

CHECKS: Mapping[str, Callable[[str], bool]] = {
    "luhn": lambda text: luhn(re.sub(r"[^0-9]", "", text)),
    "mod11_2": lambda text: (
        len(text) == 18 and text[:17].isdecimal() and iso7064_mod11_2(text[:17]) == text[17].upper()
    ),
    "uscc": uscc_check,
    "vin": lambda text: len(text) == 17 and vin_check(text),
}


def check_label(name: str) -> None:
    """Raise RulesError for a label that is not in the vocabulary."""
    if name not in labels():
        raise RulesError(Msg('unknown label "{name}"', name=name), hint=nearest(name, labels()))


def check_name_of_check(name: str) -> None:
    """Raise RulesError for a check that does not exist."""
    if name != "none" and name not in CHECKS:
        hint = nearest(name, CHECKS) or Msg("known: {names}", names=(*CHECKS, "none"))
        raise RulesError(Msg('unknown check "{name}"', name=name), hint=hint)


def check_pattern(pattern: str) -> None:
    """Raise RulesError for a pattern that cannot be run in linear time."""
    if pattern_fault(pattern):
        raise RulesError(
            Msg('pattern "{text}" is no RE2 expression', text=pattern),
            hint=Msg("no look-around, no back references"),
        )


def pattern_fault(pattern: str) -> Text:
    """Return why a pattern cannot be run in linear time; empty if it can.

    >>> str(pattern_fault(r"(?<!\\d)\\d{11}"))
    'no RE2 expression: look-around or a back reference'
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array(["x"]), pattern)
        re.compile(pattern)
    except (pa.ArrowInvalid, re.error):
        return Msg("no RE2 expression: look-around or a back reference")
    return ""
