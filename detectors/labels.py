"""The label vocabulary, read from `labels.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detectors.message import Word
from detectors.model import Kind, Label


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """Titles, kind of information, and whether the value tells natural persons apart."""

    label: Label
    zh: str
    en: str
    kind: Kind = "personal_information"
    subject_key: bool = False


@cache
def labels() -> Mapping[Label, LabelInfo]:
    """Every label by name."""
    import yaml

    raw = yaml.safe_load(files("detectors").joinpath("labels.yaml").read_text(encoding="utf-8"))
    return {Label(name): LabelInfo(Label(name), **info) for name, info in raw.items()}


def label_word(label: str) -> Word:
    """Return a label with its titles; the label itself for both where it is not in the vocabulary."""
    info = labels().get(Label(label))
    return Word(label, label, label) if info is None else Word(label, info.zh, info.en)
