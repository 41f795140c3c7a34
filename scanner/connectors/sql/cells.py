"""Rows of a driver to Arrow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scanner.connectors.account import Account, column
from scanner.connectors.byte_text import NO_TEXT, decode_cells, repair_cells, text_array
from scanner.connectors.protocol import CELL

_BYTES = (bytes, bytearray, memoryview)
_WHOLE = 1 << 53                              # from here on a float has not every whole number


@dataclass(frozen=True, slots=True)
class RowReader:
    """Turns rows into batches. types: of the columns, as their source declares them."""

    account: Account = field(default_factory=Account)
    types: Mapping[str, str] = field(default_factory=dict)

    def batch(self, rows: Sequence[Any], columns: Sequence[str]) -> pa.RecordBatch:
        """Return one record batch; a column is numbers or bytes where all its cells are, else text."""
        arrays = [self._array([row[i] for row in rows], name) for i, name in enumerate(columns)]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def _array(self, cells: list[Any], name: str) -> pa.Array:
        types = set(map(type, cells)) - {type(None)}
        if types and all(issubclass(kind, _BYTES) for kind in types):
            return self._bytes(cells, name)
        if types == {int}:
            try:
                return pa.array(cells, pa.int64())
            except (OverflowError, pa.ArrowInvalid):
                return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
        if types and types <= {float, int} and not any(type(c) is int and abs(c) >= _WHOLE for c in cells):
            return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
        if types == {bool}:
            return pa.array(cells, pa.bool_())
        if types == {str} and not self._is_list(name):
            return self._plain_texts(cells, name)
        return self._texts(cells, name)

    def _is_list(self, name: str) -> bool:
        return self.types.get(name, "").endswith("[]")

    def _plain_texts(self, cells: list[Any], name: str) -> pa.Array:
        """Return an array of cells that are all text; most are short, and in the encoding they claim."""
        try:
            array = pa.array(cells, pa.string())
        except UnicodeEncodeError:
            return self._texts(cells, name)
        if _longest(array) >= CELL:
            return self._texts(cells, name)
        return self._repaired(array, name)

    def _bytes(self, cells: list[Any], name: str) -> pa.Array:
        plain = [None if cell is None else bytes(cell)[:CELL] for cell in cells]
        if self.types.get(name, "").startswith("bit"):
            numbers = [None if cell is None else str(int.from_bytes(cell, "big")) for cell in plain]
            return pa.array(numbers, pa.string())
        return text_array(pa.array(plain, pa.binary()), self.account, column(name))

    def _texts(self, cells: list[Any], name: str) -> pa.Array:
        to_text = _elements if self._is_list(name) else cell_text
        texts: list[str | None] = [None if isinstance(cell, _BYTES) else to_text(cell) for cell in cells]
        self._decode(texts, {i: bytes(c) for i, c in enumerate(cells) if isinstance(c, _BYTES)}, name, False)
        try:
            array = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            undecoded = {i: raw for i, text in enumerate(texts) if (raw := _bytes_of(text))}
            self._decode(texts, undecoded, name, True)
            array = pa.array(texts, pa.string())
        if _longest(array) >= CELL:
            long = sum(isinstance(cell, str) and len(cell) > CELL for cell in cells)
            self.account.lose("long_cells", long, column(name))
        return self._repaired(array, name)

    def _repaired(self, array: pa.Array, name: str) -> pa.Array:
        repaired, n = repair_cells(array)
        self.account.lose("mojibake_cells", n, column(name))
        return repaired

    def _decode(self, texts: list[str | None], raw: Mapping[int, bytes], name: str, is_text: bool) -> None:
        """Put text where cells are bytes. is_text: the source calls them text, in whatever encoding."""
        if not raw:
            return
        decoded, of_other_encoding, unread = decode_cells(list(raw.values()), is_text=is_text)
        for i, text in zip(raw, decoded, strict=True):
            texts[i] = NO_TEXT if text is None else text
        self.account.lose("other_encoding_cells", of_other_encoding, column(name))
        self.account.lose("undecodable_cells" if is_text else "bytes_no_text", unread, column(name))


def _longest(texts: pa.Array) -> int:
    """Bytes of the longest text."""
    return pc.max(pc.binary_length(texts)).as_py() or 0


def _bytes_of(text: str | None) -> bytes:
    """Return the bytes of a text that was not decoded; empty for one that was.

    Half a surrogate pair, which stands for no byte, becomes a question mark.
    """
    try:
        (text or "").encode("utf-8")
        return b""
    except UnicodeEncodeError:
        pass
    try:
        return (text or "").encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return (text or "").encode("utf-8", "replace")


def cell_text(cell: Any) -> str | None:
    """Return a value as text of at most CELL characters.

    A list of values has one on each line, what is nested otherwise is JSON.

    >>> cell_text(["a", None, "b"]), cell_text({"m": [1]}), cell_text([])
    ('a\\nb', '{"m": [1]}', None)
    """
    if cell is None or isinstance(cell, str):
        return cell if cell is None or len(cell) <= CELL else cell[:CELL]
    if isinstance(cell, list | tuple | set | frozenset):
        return _joined(list(cell))
    if isinstance(cell, dict):
        return json.dumps(_plain(cell), ensure_ascii=False)[:CELL]
    return _value_text(cell)[:CELL]


def _joined(values: list[Any]) -> str | None:
    if any(isinstance(value, dict) for value in values):
        return json.dumps(_plain(values), ensure_ascii=False)[:CELL]
    lines = [text for value in values if (text := cell_text(value))]
    return "\n".join(lines)[:CELL] if lines else None


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | type(None)) else _value_text(value)


def _value_text(value: Any) -> str:
    for kind, to_text in _TEXTS.items():
        if isinstance(value, kind):
            return to_text(value)
    return str(value)


_TEXTS: Mapping[Any, Callable[[Any], str]] = {
    datetime: lambda moment: moment.isoformat(" "),
    (date, time): lambda moment: moment.isoformat(),
    Decimal: lambda number: format(number, "f"),
    _BYTES: lambda raw: decode_cells([bytes(raw)])[0][0] or NO_TEXT,
}


def _elements(cell: Any) -> str | None:
    """Return the elements of an array on lines, also of one that the driver left as PostgreSQL writes it.

    >>> _elements('{13912345678,"a, b",NULL,{c}}')
    '13912345678\\na, b\\nc'
    """
    if not isinstance(cell, str) or not cell.startswith(("{", "[")):
        return cell_text(cell)
    elements: list[str] = []
    part, is_quoted, was_quoted, is_escaped = "", False, False, False
    for sign in cell[cell.index("{"):CELL] if "{" in cell else "":
        if is_escaped:
            part, is_escaped = part + sign, False
        elif sign == "\\":
            is_escaped = True
        elif sign == '"':
            is_quoted, was_quoted = not is_quoted, True
        elif is_quoted or sign not in "{},":
            part += sign
        else:
            if part and (was_quoted or part != "NULL"):
                elements.append(part)
            part, was_quoted = "", False
    return "\n".join(elements) or None
