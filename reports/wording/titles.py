"""Titles of labels and purposes in the language of the reader."""

from __future__ import annotations

import re
from functools import cache

from detectors.errors import ChujingError
from detectors.labels import labels
from detectors.model import Label
from mappings.purpose import load_purpose


def label_title(label: str, lang: str) -> str:
    """A label's title; the label itself where it is not ours."""
    info = labels().get(Label(label))
    return label if info is None else info.zh if lang == "zh" else info.en


@cache
def purpose_words(name: str, lang: str) -> str:
    """The title of a purpose that ships with the program; its own name for any other."""
    try:
        known = load_purpose(name) if re.fullmatch("[a-z0-9_]+", name) else None
    except ChujingError:
        return name
    return name if known is None else known.title if lang == "zh" else known.title_en


def category_en(category: str) -> str:
    """Return a category as English readers see it.

    >>> category_en("personal.network_identity")
    'personal: network identity'
    """
    return category.replace(".", ": ").replace("_", " ")
