"""Titles of labels, purposes and categories in the language of the reader."""

from __future__ import annotations

import re
from functools import cache

from detectors.errors import ChujingError
from detectors.labels import label_word
from mappings.purpose import load_purpose
from reports.messages.render import render


@cache
def label_title(label: str, lang: str) -> str:
    """Return a label's title; the label itself where it is not in the vocabulary."""
    return render(label_word(label), lang)


@cache
def purpose_words(name: str, lang: str) -> str:
    """Return the title of a purpose that ships with the program; its own name for any other."""
    if not re.fullmatch("[a-z0-9_]+", name):
        return name
    try:
        purpose = load_purpose(name)
    except ChujingError:
        return name
    return purpose.title if lang == "zh" else purpose.title_en


def category_en(category: str) -> str:
    """Return a category as English readers see it.

    >>> category_en("personal.network_identity")
    'personal: network identity'
    """
    return category.replace(".", ": ").replace("_", " ")
