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
