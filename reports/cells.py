"""Text for spreadsheet cells: what a name or a comment holds is shown and never run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

LONGEST = 32_767                              # characters a cell holds
_UNSEEN = (                                   # controls, marks that turn or hide text, no characters
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff"
)
_HIDDEN_CHARACTER = re.compile(f"[{_UNSEEN}]")
_HIDDEN_IN_JSON = re.compile(f"[{_UNSEEN}]".replace("\x00-\x08\x0b\x0c\x0e-\x1f", ""))  # JSON escapes these
_FORMULA_STARTS = ("=", "+", "-", "@", "#", "＝", "＋", "－", "＠")


def shown(text: str, longest: int = LONGEST) -> str:
    """Return text on one line, what steers a terminal and turns or hides text made visible, cut to `longest`.

    >>> shown("a\\u202eb\\x07")
    'a⟨U+202E⟩b⟨U+0007⟩'
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= longest else text[: longest - 1] + "…"
    text = re.sub(r"[\t\r\n]+", " ", text)
    text = reveal(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def reveal(text: str) -> str:
    """Return text in which what steers, turns or hides text is visible; tabs and ends of lines stay."""
    return _HIDDEN_CHARACTER.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)


def shown_lines(text: str) -> str:
    """Return text as `shown` does, its lines kept."""
    return "\n".join(map(shown, text.split("\n")))


def escape_json(text: str) -> str:
    r"""Return JSON, or a part of it, that means the same and in which nothing turns or hides text.

    >>> escape_json('"a\u202eb"')
    '"a\\u202eb"'
    """
    return text if text.isascii() else _HIDDEN_IN_JSON.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def csv_cell(value: Any) -> Any:
    """Return a value for CSV: text is shown, and begins with an apostrophe where a spreadsheet would run it.

    >>> csv_cell("=1+1"), csv_cell("-"), csv_cell(7)
    ("'=1+1", '-', 7)
    """
    if not isinstance(value, str):
        return value
    text = shown(value)
    return f"'{text}" if is_risky(text) and len(text) > 1 else text


def append_row(sheet: Any, values: Iterable[Any]) -> None:
    """Add a row to a sheet that is held whole; text stays text and is shown, its lines kept."""
    sheet.append([shown_lines(value) if isinstance(value, str) else value for value in values])
    for cell_ in sheet[sheet.max_row]:
        if cell_.data_type == "f":
            cell_.data_type, cell_.quotePrefix = "s", True


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
