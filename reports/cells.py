"""Text for spreadsheet cells: what a name or a comment holds is shown and never run."""

from __future__ import annotations

import re
from typing import Any

LONGEST = 32_767                              # characters a cell holds
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RUN = ("=", "+", "-", "@", "#", "＝", "＋", "－", "＠")


def shown(text: str, longest: int = LONGEST) -> str:
    """Text without control characters, with marks that turn or hide text made visible, at most as long as a cell.

    >>> shown("a\\u202eb\\x07")
    'a⟨U+202E⟩b'
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= longest else text[: longest - 1] + "…"
    text = _CONTROL.sub("", re.sub(r"[\t\r\n]+", " ", text))
    text = _HIDDEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def risky(text: str) -> bool:
    """Would a spreadsheet take the text for a formula, a command or an error?"""
    return text.lstrip().startswith(_RUN)


def cell(sheet: Any, value: Any) -> Any:
    """A value for a row of a write-only sheet: text stays text, days are days, shares have two decimals, everything else as it is."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return _styled(sheet, value, "yyyy-mm-dd") if hasattr(value, "isoformat") else (
            _styled(sheet, value, "0.00") if isinstance(value, float) else value)
    text = shown(value)
    if not risky(text):
        return text
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value="")
    made.value, made.data_type, made.quotePrefix = text, "s", True
    made.data_type = "s"
    return made


def _styled(sheet: Any, value: Any, style: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value=value)
    made.number_format = style
    return made
