"""The label vocabulary, read from `labels.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

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
