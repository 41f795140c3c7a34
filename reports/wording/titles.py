"""Titles of labels, purposes and categories in the language of the reader."""

from __future__ import annotations

import re
from functools import cache

from detectors.errors import ChujingError
from detectors.labels import label_word
from mappings.countries import country_code, country_title
from mappings.model import Recipient
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


def country_words(country: str, lang: str) -> str:
    """Return a country or region: its Chinese name, in English its code; the text for what is none.

    >>> [country_words(country, lang) for country in ("德国", "DE", "Atlantis") for lang in ("zh", "en")]
    ['德国', 'DE', '德国', 'DE', 'Atlantis', 'Atlantis']
    """
    return country_title(country) if lang == "zh" else country_code(country) or country


def recipient_words(recipient: Recipient, lang: str) -> str:
    """Return the name and the country of a recipient; empty where neither is stated."""
    return f"{recipient.name} {country_words(recipient.country, lang)}".strip()


def category_en(category: str) -> str:
    """Return a category as English readers see it.

    >>> category_en("personal.network_identity")
    'personal: network identity'
    """
    return category.replace(".", ": ").replace("_", " ")
