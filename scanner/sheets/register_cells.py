"""What a cell of the register of flows says: a value for chujing.yaml, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from detectors.errors import nearest
from detectors.message import Msg, Text
from mappings.names import bare_name, is_empty
from scanner.config.consistency import country_faults, names_in
from scanner.sheets.register_columns import CellKind, RegisterColumn

_SEPARATORS = re.compile(r"[;；\n]+")
ONE_NAME = ("recipient.name", "entity")       # keys of cells that hold the name of one party
_NAME_SEPARATORS = re.compile(r"[;；\n、，]+")


@dataclass(frozen=True, slots=True)
class CellReading:
    """A cell as it was read. fault: what is wrong; "" for a value."""

    value: Any = None
    fault: Text = ""
    remedy: Text = ""


def read_cell(column: RegisterColumn, raw: Any) -> CellReading:
    """Read a cell that is not empty. raw: as the spreadsheet gives it: text, number or date."""
    return _READERS[column.kind](column, raw)


def _read_text(column: RegisterColumn, raw: Any) -> CellReading:
    text = str(raw).strip() if not isinstance(raw, float) or not raw.is_integer() else str(int(raw))
    if column.many:
        if column.key == "onward":
            return CellReading([part.strip() for part in _NAME_SEPARATORS.split(text) if not is_empty(part)])
        return CellReading([part.strip() for part in _SEPARATORS.split(text) if part.strip()])
    if column.key in ONE_NAME and len(names := names_in(text)) > 1:
        what = Msg("several names in one cell: {names}", names=tuple(names))
        return CellReading(fault=what, remedy=Msg("one row for each"))
    if column.key == "recipient.country":
        fault = next(country_faults((), text), None)
        return CellReading(text) if fault is None else CellReading(fault=fault.what, remedy=fault.hint)
    if column.key == "id" and not re.fullmatch(r"[\w.-]+", text):
        return CellReading(
            fault=Msg('"{text}" cannot be an id', text=text),
            remedy=Msg("letters, digits, - and _ only, e.g. crm-hq"),
        )
    return CellReading(text)


def _read_whole(column: RegisterColumn, raw: Any) -> CellReading:
    text = str(raw).replace(",", "").replace("，", "").strip().removesuffix(".0")
    if isinstance(raw, bool) or not text.isdecimal():
        return CellReading(
            fault=Msg('"{text}" is no whole number', text=raw), remedy=Msg("digits only, e.g. 1200")
        )
    return CellReading(int(text))


def _read_day(column: RegisterColumn, raw: Any) -> CellReading:
    if isinstance(raw, datetime):
        return CellReading(raw.date())
    if isinstance(raw, date):
        return CellReading(raw)
    try:
        return CellReading(date.fromisoformat(str(raw).strip()))
    except ValueError:
        return CellReading(
            fault=Msg('"{text}" is text that is no date', text=raw),
            remedy=Msg("write 2026-01-31 or use a date cell"),
        )


def _read_choice(column: RegisterColumn, raw: Any) -> CellReading:
    text = str(raw).strip()
    for value, words in column.choices.items():
        if bare_name(text) in map(bare_name, words):
            return CellReading(value)
    if column.key == "purpose" and text.endswith((".yaml", ".yml")):
        return CellReading(text)
    every_word = [word for words in column.choices.values() for word in words]
    return CellReading(
        fault=Msg('"{text}" is none of the choices', text=text),
        remedy=nearest(text, every_word) or column.help,
    )


_READERS: Mapping[CellKind, Callable[[RegisterColumn, Any], CellReading]] = {
    "text": _read_text,
    "whole": _read_whole,
    "day": _read_day,
    "choice": _read_choice,
}
