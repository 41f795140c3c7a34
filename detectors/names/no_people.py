"""Words that look like names of people, by their first sign, and are words for things and places."""

from __future__ import annotations

from functools import cache

from detectors.names.latin_names import name_words


def is_no_person(word: str) -> bool:
    """Return whether a word that begins with a surname is an ordinary one: by its beginning or last sign.

    >>> is_no_person("连衣裙"), is_no_person("石灰岩"), is_no_person("连依群")
    (True, True, False)
    """
    beginnings, signs = _words()
    return word.startswith(beginnings) or len(word) > 1 and word[-1] in signs


@cache
def _words() -> tuple[tuple[str, ...], frozenset[str]]:
    words = name_words()
    return tuple(words["not_people"]), frozenset("".join(words["things"]))
