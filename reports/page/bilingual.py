"""Both languages in one page: each text stands there twice, and style shows one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from reports.messages.words import t

LANGS = ("zh", "en")

WordPair = tuple[str, str]                       # Chinese, English


def both(zh: str, en: str, tag: str = "span", attributes: str = "") -> Markup:
    """Return an element a language; one alone if they are equal, and without an element if that is a span.

    attributes: trusted text after the tag's name, with a blank before it.
    """
    if zh == en and tag == "span":
        return escape(zh)
    tag, attributes = Markup(tag), Markup(attributes)  # noqa: S704
    if zh == en:
        return Markup("<{0}{1}>{2}</{0}>").format(tag, attributes, zh)
    return Markup('<{0}{1} lang="zh">{2}</{0}><{0}{1} lang="en">{3}</{0}>').format(tag, attributes, zh, en)


def words_of(key: str, **values: object) -> WordPair:
    """Return the words of a key."""
    return t(key, "zh", **values), t(key, "en", **values)


def bilingual(key: str, **values: object) -> Markup:
    """Return the words of a key as elements."""
    return both(*words_of(key, **values))


def bilingual_function(word: Callable[[Any, str], str]) -> Callable[[Any], Markup]:
    """Return a function that shows in both languages what `word` says in one."""
    return lambda value: both(word(value, "zh"), word(value, "en"))
