"""Text for spreadsheet cells: what a name or a comment holds is shown and never run."""

from __future__ import annotations

import re
from typing import Any

LONGEST = 32_767                              # characters a cell holds
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN_CHARACTER = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "#", "＝", "＋", "－", "＠")


def shown(text: str, longest: int = LONGEST) -> str:
    """Return text without control characters, marks that turn or hide text made visible, cut to `longest`.

    >>> shown("a\\u202eb\\x07")
    'a⟨U+202E⟩b'
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= longest else text[: longest - 1] + "…"
    text = _CONTROL_CHARACTER.sub("", re.sub(r"[\t\r\n]+", " ", text))
    text = _HIDDEN_CHARACTER.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def is_risky(text: str) -> bool:
    """Return whether a spreadsheet would take the text for a formula, a command or an error."""
    return text.lstrip().startswith(_FORMULA_STARTS)


def cell(sheet: Any, value: Any) -> Any:
    """Return a value for a row of a write-only sheet.

    Text stays text, dates are dates, floats have two decimals, and everything else is as it is; None if it is
    empty.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = shown(value)
        return _quoted_cell(sheet, text) if is_risky(text) else text
    if hasattr(value, "isoformat"):
        return _formatted_cell(sheet, value, "yyyy-mm-dd")
    return _formatted_cell(sheet, value, "0.00") if isinstance(value, float) else value


def _quoted_cell(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    quoted = WriteOnlyCell(sheet, value="")
    quoted.value = text
    quoted.data_type, quoted.quotePrefix = "s", True      # after the value, which makes it a formula
    return quoted


def _formatted_cell(sheet: Any, value: Any, number_format: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    formatted = WriteOnlyCell(sheet, value=value)
    formatted.number_format = number_format
    return formatted
