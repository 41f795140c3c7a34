"""Values of Avro that Python does not hold as they are: days beyond its calendar, bytes that may be text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scanner.connectors.account import Account, column
from scanner.connectors.byte_text import NO_TEXT, decode_cells
from scanner.connectors.files.nested import Steps

Leaves = list[tuple[Steps, Any]]              # of one record
_Place = tuple[int, int]                      # record, leaf in it


def hold_all_times() -> None:
    """Let fastavro give the number behind a day, moment or decimal that Python cannot hold."""
    from fastavro.read import LOGICAL_READERS

    for name, read in list(LOGICAL_READERS.items()):
        if not isinstance(read, _Tolerant):
            LOGICAL_READERS[name] = _Tolerant(read)


class _Tolerant:
    """A reader of a logical type that gives the plain value where the logical one is out of range."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self._read = read

    def __call__(self, value: Any, *schemas: Any) -> Any:
        try:
            return self._read(value, *schemas)
        except (ValueError, ArithmeticError, TypeError):
            return value


def decode_leaves(rows: Sequence[Leaves], account: Account) -> None:
    """Put text where leaves are bytes that are text, or text that is no UTF-8; note what is neither."""
    cells: dict[tuple[Steps, bool], list[tuple[_Place, bytes]]] = {}
    for i, row in enumerate(rows):
        for j, (path, value) in enumerate(row):
            if isinstance(value, bytes):
                cells.setdefault((path, False), []).append(((i, j), value))
            elif isinstance(value, str) and not value.isascii() and (raw := _bytes_of(value)):
                cells.setdefault((path, True), []).append(((i, j), raw))
    for (path, is_text), raws in cells.items():
        texts, of_other_encoding, unread = decode_cells([raw for _, raw in raws], is_text=is_text)
        place = column(".".join(path))
        account.lose("other_encoding_cells", of_other_encoding, place)
        account.lose("undecodable_cells" if is_text else "bytes_no_text", unread, place)
        for ((i, j), _), text in zip(raws, texts, strict=True):
            rows[i][j] = path, NO_TEXT if text is None else text


def _bytes_of(text: str) -> bytes:
    """Return the bytes of a text that could not be decoded; empty for one that could."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return b""
