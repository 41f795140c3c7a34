"""How a table was read, or why not and what to do about it."""

from __future__ import annotations

from detectors.message import Text
from reports.messages.legacy import recognise_method
from reports.messages.render import render
from reports.messages.words import join_list


def unread_words(reason: Text, hint: Text, lang: str) -> str:
    """Return why something was not read and what to do about it, as sentences."""
    return join_list((render(part, lang) for part in (reason, hint) if part), "sentences", lang)


def sampling_words(method: Text, lang: str) -> str:
    """Return how a sample was drawn, and of how many shards; shards may be drawn in several ways."""
    return render(recognise_method(method), lang)
