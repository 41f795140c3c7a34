"""The label vocabulary, read from `labels.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from detectors.message import Word
from detectors.model import Kind, Label
from detectors.shipped import read_yaml


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """zh, en: titles. subject_key: does the value tell natural persons apart?"""

    label: Label
    zh: str
    en: str
    kind: Kind = "personal_information"
    subject_key: bool = False


@cache
def labels() -> Mapping[Label, LabelInfo]:
    """Return every label by name."""
    return {Label(name): LabelInfo(Label(name), **info) for name, info in read_yaml("labels.yaml").items()}


def label_word(label: str) -> Word:
    """Return a label with its titles; the label itself for both where it is not in the vocabulary."""
    info = labels().get(Label(label))
    return Word(label, label, label) if info is None else Word(label, info.zh, info.en)
