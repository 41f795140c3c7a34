"""Factors by which data may become important data, from `detectors/data/important.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from detectors.labels import label_word
from detectors.message import Msg, Text, Word
from detectors.shipped import read_yaml

_SURE = {                                     # how sure we are of a text of the law
    "verified": Msg("verified"),
    "secondary": Msg("secondary"),
    "recalled": Msg("recalled"),
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line of the law from which on data of a factor counts. when: what lies beyond it."""

    id: str
    when: Word
    source: str
    confidence: str

    @property
    def note(self) -> Msg:
        sure: Text = _SURE.get(self.confidence, self.confidence)
        return Msg(
            "threshold {id}: {said}; {source} [{sure}]",
            id=self.id, said=self.when, source=self.source, sure=sure,
        )


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of GB/T 43697-2024 Annex G.

    annex: its letter. table, columns: words of names and comments that speak of it. confirm: what settles it,
    in Chinese. stop: must an authority be asked before anything else?
    """

    name: str
    annex: str
    table: tuple[str, ...]
    columns: tuple[str, ...]
    confirm: str
    stop: bool
    thresholds: tuple[Threshold, ...]

    @property
    def label(self) -> str:
        return f"important.{self.name}"

    @property
    def title(self) -> Word:
        return Word(self.name, zh=label_word(self.label).zh)

    @property
    def remedy(self) -> Msg:
        """What settles it."""
        if self.stop:
            return Msg("stop and ask first: {what}", what=self.confirm)
        return Msg("would confirm or refute: {what}", what=self.confirm)


@dataclass(frozen=True, slots=True)
class ClinicalRule:
    """Personal labels that are a candidate for a factor besides, at scale. note: from how many persons on."""

    labels: tuple[str, ...]
    factor: str
    note: Word


@cache
def factors() -> tuple[Factor, ...]:
    """Return the factors in the order of the file."""
    return tuple(_factor(name, raw) for name, raw in _data()["factors"].items())


@cache
def carriers() -> tuple[str, ...]:
    """Return words for coordinates and places, whose columns are named beside those that carry a factor."""
    return tuple(_data()["carriers"])


@cache
def clinical_rule() -> ClinicalRule:
    """Return the rule on clinical data."""
    raw = _data()["clinical"]
    return ClinicalRule(tuple(raw["labels"]), raw["factor"], Word(raw["note"], zh=raw["note_zh"]))


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = read_yaml("data/important.yaml")
    return data


def _factor(name: str, raw: Mapping[str, Any]) -> Factor:
    thresholds = tuple(
        Threshold(line["id"], Word(line["when"], zh=line["when_zh"]), line["source"], line["confidence"])
        for line in raw.get("triggers", ())
    )
    return Factor(
        name, raw["annex"], tuple(raw["table"]), tuple(raw["columns"]), raw["confirm"], bool(raw.get("stop")),
        thresholds,
    )
