"""Positions of what moves, and of what stands still: a bike's are somebody's trajectory, a shop's a place.

>>> from detectors.model import ColumnInfo, TableRef
>>> columns = tuple(ColumnInfo(name) for name in ("vin", "lat", "lng"))
>>> moves(TableInfo(TableRef("bike_point"), columns)), moves(TableInfo(TableRef("pump_station"), columns[1:]))
('mover', 'fixed')
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, cast

from detectors.model import ColumnInfo, TableInfo
from detectors.names.lexicon import remembered
from detectors.names.matching import first_phrase
from detectors.names.tables import singular
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

Movement = Literal["", "mover", "fixed", "unknown"]


@cache
def _words() -> Mapping[str, Any]:
    return cast(Mapping[str, Any], read_yaml("data/movers.yaml"))


def moves(table: TableInfo) -> Movement:
    """Return whether the positions of a table are of what moves; empty without a position."""
    if not any(is_position(column) for column in table.columns):
        return ""
    title = {singular(word) for word in tokens(table.ref.name)}
    comment = table.comment or table.ref.name
    is_track = _speaks(title, comment, _words()["tracks"])
    of_columns = any(_is_mover(column) for column in table.columns)
    is_titled = _speaks(title, comment, (*_words()["movers"]["en"], *_words()["movers"]["zh"]))
    if _speaks(title, comment, (*_words()["fixed"]["en"], *_words()["fixed"]["zh"])) and not is_track:
        return "fixed"
    if is_titled or of_columns:
        return "mover"
    return "unknown"


def is_position(column: ColumnInfo) -> bool:
    """Does a column speak of a latitude, a longitude or a point?"""
    return _is_called_position(column.name, column.comment or column.name)


@remembered
def _is_called_position(name: str, text: str) -> bool:
    return _speaks({singular(word) for word in tokens(name)}, first_phrase(text), _words()["latitude"])


def _is_mover(column: ColumnInfo) -> bool:
    words = tuple(singular(word) for word in tokens(column.name))
    nouns = frozenset(_words()["movers"]["en"])
    stem = words[:-1] if len(words) > 1 and words[-1] in ("id", "no", "code", "num", "number") else words
    if stem and (stem[-1] in nouns or "_".join(words) in nouns):
        return True
    head = first_phrase(column.comment or column.name)
    return any(word in head for word in _words()["movers"]["zh"])


def _speaks(words: set[str], text: str, vocabulary: tuple[str, ...]) -> bool:
    latin = {word for word in vocabulary if word.isascii()}
    return bool(words & latin) or any(word in text for word in vocabulary if not word.isascii())
