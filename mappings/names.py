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


_FORMS = (                                    # spellings of one legal form, the last words of a name
    ("inc", "incorporated"), ("ltd", "limited"), ("corp", "corporation"), ("co", "company"),
)
_FORM_BY_WORD = {word: forms[0] for forms in _FORMS for word in forms}


def company_name(text: str) -> str:
    """A company's name without differences of width, case, punctuation, or of how its legal form is spelt.

    >>> company_name("HQ, Incorporated") == company_name("HQ Inc."), company_name("AB") == company_name("A B")
    (True, False)
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    words = re.sub(r"[\W_]+", " ", re.sub(r"(?<=\b\w)\.(?=\w\b)", "", plain)).split()
    for i in range(len(words) - 1, 0, -1):
        if words[i] not in _FORM_BY_WORD:
            break
        words[i] = _FORM_BY_WORD[words[i]]
    # a space or mark beside a Chinese character parts no words
    return re.sub(r"(?<=[\u2e80-\u9fff]) | (?=[\u2e80-\u9fff])", "", " ".join(words))


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
