"""The user's own detectors from YAML: pattern or dictionary, names, a check, and examples that are run.

    detectors:
      - name: loyalty_no
        label: user_id
        title: 会员卡号
        pattern: 'HY[0-9]{10}'
        check: luhn                 # luhn, mod11_2, uscc, vin or none; of what the pattern matches
        names: [loyalty_no, hykh]   # name tokens joined by _, or Chinese words for names and comments
        examples: [HY0000000018]
        counterexamples: [HY0000000019]

Patterns are RE2's: no look-around, no back references, time linear in the text, so that no expression can
hang a scan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.checksums import iso7064_mod11_2, luhn, uscc_check, vin_check
from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Text
from detectors.model import Label, ValueDetector
from detectors.renamed import old_names
from detectors.yaml_problems import yaml_problem

KEYS = (
    "name", "label", "title", "title_en", "pattern", "words", "check", "base", "chance", "source", "tier",
    "names", "examples", "counterexamples",
)
CHECKS: Mapping[str, Callable[[str], bool]] = {
    "luhn": lambda text: luhn(re.sub(r"[^0-9]", "", text)),
    "mod11_2": lambda text: (
        len(text) == 18 and text[:17].isdecimal() and iso7064_mod11_2(text[:17]) == text[17].upper()
    ),
    "uscc": uscc_check,
    "vin": lambda text: len(text) == 17 and vin_check(text),
}
NOTHING = "$^"                                # the pattern of a detector that has names alone
Fault = tuple[Text, Text]                     # what is wrong, what to do


@dataclass(frozen=True, slots=True)
class CustomDetector:
    """A detector of the user's, and the names that speak for it."""

    detector: ValueDetector
    names: tuple[str, ...]


def load(path: Path) -> tuple[CustomDetector, ...]:
    """Return the detectors of a file; raise RulesError on the first fault, of an example, too."""
    raw = _read(path)
    own = tuple(
        _one(entry, Msg("{place}: detector {n}", place=path, n=number)) for number, entry in enumerate(raw, 1)
    )
    for custom in own:
        for fault in example_faults(custom.detector):
            hint = Msg("chujing detectors test FILE shows every example")
            raise RulesError(fault, where=f"{path}: {custom.detector.name}", hint=hint)
    return own


def use(path: Path | None) -> None:
    """Put the detectors of a file beside those that ship, instead of an earlier file's; raise RulesError.

    path: None takes the user's own away again.
    """
    from detectors import registry
    from detectors.columns import failures
    from detectors.names import lexicon

    own = load(path) if path is not None else ()
    registry.use([custom.detector for custom in own if custom.detector.shape.pattern != NOTHING])
    lexicon.use([(custom.detector.label, name) for custom in own for name in custom.names])
    failures.clear()


def example_faults(detector: ValueDetector) -> list[Text]:
    """Return what a detector's own examples say against it. They are the user's, typed to be shown."""
    missed: list[Text] = [
        Msg('example "{text}" is not found', text=example)
        for example in detector.examples
        if not finds(detector, example)
    ]
    return missed + [
        Msg('counterexample "{text}" is found', text=example)
        for example in detector.counterexamples
        if finds(detector, example)
    ]


def finds(detector: ValueDetector, text: str) -> bool:
    """Does the detector find anything in one text, the way columns are searched?"""
    import pyarrow as pa

    from detectors.columns import linear_matches

    match = linear_matches(detector, pa.array([text]))[0]
    return match is not None and (detector.is_valid is None or detector.is_valid(match))


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


def _read(path: Path) -> Sequence[Any]:
    """The entries under `detectors:`; RulesError if there is no such list."""
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
        problem = Msg("not YAML: {said}", said=yaml_problem(str(e.problem)))
        raise RulesError(problem, where=f"{where}:{line}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("detectors"), list):
        hint = Msg("detectors: [{name: ..., label: ..., pattern: ...}]")
        raise RulesError(Msg("no list called detectors"), where=where, hint=hint)
    return raw["detectors"]


def _one(raw: Any, where: str) -> CustomDetector:
    for what, hint in _entry_faults(raw):
        raise RulesError(what, where=where, hint=hint)
    pattern = raw.get("pattern") or _any_of_pattern(raw.get("words") or ())
    if pattern_fault(pattern):
        raise RulesError(
            Msg('pattern "{text}" is no RE2 expression', text=pattern),
            where=where,
            hint=Msg("no look-around, no back references"),
        )
    return CustomDetector(_detector(raw, re.compile(pattern)), tuple(raw.get("names", ())))


def _entry_faults(raw: Any) -> Iterator[Fault]:
    """What is wrong with an entry, its pattern apart."""
    if not isinstance(raw, Mapping):
        yield Msg("a detector is a mapping"), Msg("- {name: ..., label: ..., pattern: ...}")
        return
    for key in raw:
        if key not in KEYS:
            hint = nearest(str(key), KEYS) or Msg("known: {names}", names=KEYS)
            yield Msg('unknown key "{name}"', name=key), hint
    for key in ("name", "label"):
        if not raw.get(key):
            yield Msg('"{name}" is missing', name=key), ""
    if raw["label"] not in labels():
        yield Msg('unknown label "{name}"', name=raw["label"]), nearest(raw["label"], labels())
    if not raw.get("pattern") and not raw.get("words") and not raw.get("names"):
        yield Msg("nothing to look for"), Msg("give pattern, words or names")
    check = raw.get("check", "none")
    if check != "none" and check not in CHECKS:
        hint = nearest(check, CHECKS) or Msg("known: {names}", names=(*CHECKS, "none"))
        yield Msg('unknown check "{name}"', name=check), hint


def _detector(raw: Mapping[str, Any], shape: re.Pattern[str]) -> ValueDetector:
    info = labels()[Label(raw["label"])]
    return ValueDetector(
        name=str(raw["name"]),
        label=info.label,
        title=str(raw.get("title", raw["name"])),
        title_en=str(raw.get("title_en", raw["name"])),
        shape=shape,
        source=str(raw.get("source", "user's own")),
        is_valid=CHECKS.get(raw.get("check", "none")),
        chance=float(raw.get("chance", 0.0)),
        base=float(raw.get("base", 0.9)),
        kind=info.kind,
        tier=raw.get("tier", "core"),
        subject_key=info.subject_key,
        examples=tuple(map(str, raw.get("examples", ()))),
        counterexamples=tuple(map(str, raw.get("counterexamples", ()))),
        linear=True,
    )


def _any_of_pattern(words: Sequence[str]) -> str:
    """A pattern for cells that are one of the words."""
    return "^(?:" + "|".join(re.escape(str(word)) for word in words) + ")$" if words else NOTHING


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
