"""The label vocabulary, read from `labels.yaml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from detectors.message import Word
from detectors.model import Kind, Label
from detectors.shipped import read_yaml

# somebody's in one system, unless everybody uses it
ACCOUNT_KEYS = frozenset({"user_id", "employee_no", "username", "medical_record_no"})


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """zh, en: titles. subject_key: does the value tell natural persons apart?

    refines: the wider label of which it is a kind that the authority itself calls sensitive; empty for none.
    """

    label: Label
    zh: str
    en: str
    kind: Kind = "personal_information"
    subject_key: bool = False
    refines: Label = Label("")


@cache
def labels() -> Mapping[Label, LabelInfo]:
    """Return every label by name."""
    return {Label(name): LabelInfo(Label(name), **info) for name, info in read_yaml("labels.yaml").items()}


def wide_label(label: str) -> Label:
    """Return the label that a label refines, else the label itself.

    >>> wide_label("criminal_record"), wide_label("email")
    ('other_pi', 'email')
    """
    info = labels().get(Label(label))
    return info.refines if info is not None and info.refines else Label(label)


def is_among(label: str, others: Collection[str]) -> bool:
    """Is a label, or the one that it refines, among others?"""
    return label in others or wide_label(label) in others


def label_word(label: str) -> Word:
    """Return a label with its titles; the label itself for both where it is not in the vocabulary."""
    info = labels().get(Label(label))
    return Word(label, label, label) if info is None else Word(label, info.zh, info.en)
