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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.custom_checks import CHECKS
from detectors.errors import RulesError, combined
from detectors.labels import labels
from detectors.message import Msg, Text
from detectors.model import Label, ValueDetector
from detectors.renamed import old_names
from detectors.yaml_document import Document, Fault, parse_document, read_text

if TYPE_CHECKING:
    from detectors.custom_grammar import DetectorKeys

KEYS = (                                      # of a detector: those of DetectorKeys
    "name", "label", "title", "title_en", "pattern", "words", "check", "base", "chance", "source", "tier",
    "names", "examples", "counterexamples",
)
NOTHING = "$^"                                # the pattern of a detector that has names alone
_file: Path | None = None                     # of the detectors in use


@dataclass(frozen=True, slots=True)
class CustomDetector:
    """A detector of the user's, and the names that speak for it."""

    detector: ValueDetector
    names: tuple[str, ...]


def load(path: Path) -> tuple[CustomDetector, ...]:
    """Return the detectors of a file; raise RulesError with everything that is wrong, examples too."""
    from detectors.custom_grammar import DetectorFileKeys
    from detectors.grammar import parsed

    doc = parse_document(read_text(path, RulesError), str(path), RulesError)
    if not isinstance(doc.value, dict) or not isinstance(doc.value.get("detectors"), list):
        hint = Msg("detectors: [{name: ..., label: ..., pattern: ...}]")
        raise RulesError(Msg("no list called detectors"), where=str(path), hint=hint)
    entries = parsed(doc, DetectorFileKeys, RulesError, (_idle_detectors,)).keys.detectors
    own = tuple(CustomDetector(_detector(entry), entry.names) for entry in entries)
    hint = Msg("chujing detectors test FILE shows every example")
    faults = [
        Fault(("detectors", str(i), "examples"), what, hint)
        for i, custom in enumerate(own) for what in example_faults(custom.detector)
    ]
    if faults:
        raise combined(doc.errors(faults, RulesError))
    return own


def _idle_detectors(doc: Document) -> Iterator[Fault]:
    """Yield detectors that look for nothing; not those with an unknown key, which may be meant for it."""
    for path, entry in doc.at("detectors", "*"):
        is_whole = isinstance(entry, dict) and not set(entry) - set(KEYS)
        if is_whole and not any(entry.get(key) for key in ("pattern", "words", "names")):
            yield Fault(path, Msg("nothing to look for"), Msg("give pattern, words or names"))


def use(path: Path | None) -> None:
    """Put the detectors of a file beside those that ship, instead of an earlier file's; raise RulesError.

    path: None takes the user's own away again.
    """
    from detectors import registry
    from detectors.columns import failures
    from detectors.names import lexicon

    global _file
    own = load(path) if path is not None else ()
    _file = path
    registry.use([custom.detector for custom in own if custom.detector.shape.pattern != NOTHING])
    lexicon.use([(custom.detector.label, name) for custom in own for name in custom.names])
    failures.clear()


def file_in_use() -> Path | None:
    """Return the file whose detectors stand beside those that ship."""
    return _file


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


def _detector(keys: DetectorKeys) -> ValueDetector:
    info = labels()[Label(keys.label)]
    return ValueDetector(
        name=keys.name,
        label=info.label,
        title=keys.name if keys.title is None else keys.title,
        title_en=keys.name if keys.title_en is None else keys.title_en,
        shape=re.compile(keys.pattern or _any_of_pattern(keys.words)),
        source=keys.source,
        is_valid=CHECKS.get(keys.check),
        chance=keys.chance,
        base=keys.base,
        kind=info.kind,
        tier=keys.tier,
        subject_key=info.subject_key,
        examples=keys.examples,
        counterexamples=keys.counterexamples,
        linear=True,
    )


def _any_of_pattern(words: Sequence[str]) -> str:
    """A pattern for cells that are one of the words."""
    return "^(?:" + "|".join(re.escape(word) for word in words) + ")$" if words else NOTHING


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
