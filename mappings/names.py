"""Names that people wrote, in the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata


def fold_name(text: str) -> str:
    """A name without differences of width, spaces or case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def bare_name(text: str) -> str:
    """A name without differences of width, spaces, case, or of the marks that join words."""
    return re.sub(r"[_\-·]+", "", fold_name(text))


EMPTY_WORDS = frozenset(
    {"", "无", "否", "不适用", "没有", "未知", "none", "no", "n/a", "na", "unknown", "-", "—", "/"}
)


def is_empty(text: str) -> bool:
    """Does a cell or an answer say that there is nothing: blank, 无, 否, 不适用 and the like?

    >>> [is_empty(text) for text in ("无", " 不适用 ", "N/A", "无锡")]
    [True, True, True, False]
    """
    return text.strip().casefold() in EMPTY_WORDS


def stated_text(text: str) -> str:
    """Return what a cell says; empty where it says that there is nothing."""
    return "" if is_empty(text) else text
