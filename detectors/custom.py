"""The user's own detectors from YAML: pattern or dictionary, names, a check, and examples that are run.

    detectors:
      - name: loyalty_no
        label: user_id
        title: 会员卡号
        pattern: 'HY[0-9]{10}'
        check: luhn                 # luhn, mod11_2, uscc, vin or none; over the digits or characters of the match
        names: [loyalty_no, hykh]   # name tokens joined by _, or Chinese words for names and comments
        examples: [HY0000000018]
        counterexamples: [HY0000000019]

Patterns are RE2's: no look-around, no back references, time linear in the text, so that no expression can
hang a scan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.checksums import iso7064_mod11_2, luhn, uscc_check, vin_check
from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Text
from detectors.model import Label, ValueDetector
from detectors.renamed import old_names

KEYS = (
    "name", "label", "title", "title_en", "pattern", "words", "check", "base", "chance", "source", "tier", "names", "examples",
    "counterexamples",
)
CHECKS = {
    "luhn": lambda t: luhn(re.sub(r"[^0-9]", "", t)),
    "mod11_2": lambda t: len(t) == 18 and t[:17].isdecimal() and iso7064_mod11_2(t[:17]) == t[17].upper(),
    "uscc": uscc_check,
    "vin": lambda t: len(t) == 17 and vin_check(t),
}


@dataclass(frozen=True, slots=True)
class CustomDetector:
    """A detector of the user's, and the names that speak for it."""

    detector: ValueDetector
    names: tuple[str, ...]


def load(path: Path) -> tuple[CustomDetector, ...]:
    """Read a file; RulesError on the first fault. Every example must be found and every counterexample left alone."""
    import yaml

    where = str(path)
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise RulesError(
            Msg("cannot be read"), where=where, hint=Msg("a UTF-8 YAML file is needed")
        ) from None
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise RulesError(f"not YAML: {e.problem}", where=f"{where}:{line}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("detectors"), list):
        raise RulesError(
            Msg("no list called detectors"),
            where=where,
            hint=Msg("detectors: [{name: ..., label: ..., pattern: ...}]"),
        )
    found = tuple(_one(d, f"{where}: detector {i + 1}") for i, d in enumerate(raw["detectors"]))
    for c in found:
        for fault in example_faults(c.detector):
            raise RulesError(
                fault,
                where=f"{where}: {c.detector.name}",
                hint=Msg("chujing detectors test FILE shows every example"),
            )
    return found


def example_faults(detector: ValueDetector) -> list[Text]:
    """What its own examples say against a detector. Values here are the user's own examples, typed to be shown."""
    missed: list[Text] = [
        Msg('example "{text}" is not found', text=e) for e in detector.examples if not finds(detector, e)
    ]
    return missed + [
        Msg('counterexample "{text}" is found', text=e)
        for e in detector.counterexamples
        if finds(detector, e)
    ]


def finds(detector: ValueDetector, text: str) -> bool:
    """Does the detector find anything in one text, the way columns are searched?"""
    import pyarrow as pa

    from detectors.columns import linear_matches

    match = linear_matches(detector, pa.array([text]))[0]
    return match is not None and (detector.is_valid is None or detector.is_valid(match))


def _one(raw: Any, where: str) -> CustomDetector:
    if not isinstance(raw, Mapping):
        raise RulesError(
            Msg("a detector is a mapping"), where=where, hint=Msg("- {name: ..., label: ..., pattern: ...}")
        )
    for key in raw:
        if key not in KEYS:
            raise RulesError(
                Msg('unknown key "{name}"', name=key),
                where=where,
                hint=nearest(str(key), KEYS) or Msg("known: {names}", names=tuple(KEYS)),
            )
    for key in ("name", "label"):
        if not raw.get(key):
            raise RulesError(Msg('"{name}" is missing', name=key), where=where)
    if raw["label"] not in labels():
        raise RulesError(
            Msg('unknown label "{name}"', name=raw["label"]),
            where=where,
            hint=nearest(raw["label"], labels()),
        )
    if not raw.get("pattern") and not raw.get("words") and not raw.get("names"):
        raise RulesError(Msg("nothing to look for"), where=where, hint=Msg("give pattern, words or names"))
    check = raw.get("check", "none")
    if check != "none" and check not in CHECKS:
        raise RulesError(
            Msg('unknown check "{name}"', name=check),
            where=where,
            hint=nearest(check, CHECKS) or Msg("known: {names}", names=f"{', '.join(CHECKS)}, none"),
        )
    pattern = raw.get("pattern") or _any_of(raw.get("words") or ())
    if pattern_fault(pattern):
        raise RulesError(
            Msg('pattern "{text}" is no RE2 expression', text=pattern),
            where=where,
            hint=Msg("no look-around, no back references"),
        )
    return CustomDetector(_detector(raw, re.compile(pattern), CHECKS.get(check)), tuple(raw.get("names", ())))


def pattern_fault(pattern: str) -> str:
    """Why a pattern cannot be run in linear time; empty when it can.

    >>> pattern_fault(r"(?<!\\d)\\d{11}")
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


def _detector(raw: Mapping[str, Any], shape: re.Pattern[str], check: Any) -> ValueDetector:
    info = labels()[Label(raw["label"])]
    return ValueDetector(
        name=str(raw["name"]), label=Label(raw["label"]), title=str(raw.get("title", raw["name"])),
        title_en=str(raw.get("title_en", raw["name"])), shape=shape, source=str(raw.get("source", "user's own")), is_valid=check,
        chance=float(raw.get("chance", 0.0)), base=float(raw.get("base", 0.9)), kind=info.kind, tier=raw.get("tier", "core"),
        subject_key=info.subject_key, examples=tuple(map(str, raw.get("examples", ()))),
        counterexamples=tuple(map(str, raw.get("counterexamples", ()))), linear=True,
    )


def _any_of(words: Sequence[str]) -> str:
    return "^(?:" + "|".join(re.escape(str(w)) for w in words) + ")$" if words else "$^"


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
