"""Text that stands in bytes: of a binary column, or of a text column whose encoding nobody declared.

A cell is text where it is UTF-8 without control characters; else where all such cells of the column make up
common text of GB18030 or Big5. Whatever else it holds, a photograph or a hash, is no text and stays apart.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.message import Text
from scanner.connectors.account import Account
from scanner.connectors.files.encodings import national_encoding
from scanner.connectors.files.mojibake import repaired, western_bytes
from scanner.connectors.protocol import CELL

NO_TEXT = "\ufffd"                            # stands for bytes that are no text beside others that are
COMMON = 0.7                                  # share of pairs of bytes that are everyday characters in text
FEW_WORDS = 6                                 # of a column, whose language cannot be told
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DELETE = 0x7f
PROBE = 50                                    # cells by which it is judged whether text was decoded wrongly
_LATIN = "[\u0080-\u00ff]"
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_HIGH = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_EVERYDAY = {
    "gb18030": re.compile(rb"[\xb0-\xd7\xa3][\xa1-\xfe]|\xa1[\xa2-\xbf]"),
    "big5hkscs": re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|\xa1[\x40-\x7e]"),
}
_WESTERN = re.compile(r"[\xc0-\xff‘’“”–—€]")


def text_array(array: pa.Array, account: Account, place: Text) -> pa.Array:
    """Return a binary column as text where any of its cells is text; as it is where none is.

    Bytes that are no text become NO_TEXT: filled, and nothing to be found in them.
    """
    if (pc.max(pc.binary_length(array)).as_py() or 0) > CELL:
        array = pc.binary_slice(array, 0, CELL)
    text = _valid_text(array)
    if text is not None:
        return text
    cells = array.to_pylist()
    texts, of_other_encoding, unread = decode_cells(cells)
    account.lose("other_encoding_cells", of_other_encoding, place)
    account.lose("bytes_no_text", unread, place)
    if unread + array.null_count == len(cells):
        return array.cast(pa.binary())
    return pa.array([NO_TEXT if text is None and cell is not None else text
                     for text, cell in zip(texts, cells, strict=True)], pa.string())


def _valid_text(array: pa.Array) -> pa.Array | None:
    """Return a column that is UTF-8 throughout; None for others."""
    try:
        text = array.cast(pa.binary()).cast(pa.string())
    except pa.ArrowException:
        return None
    if not len(text):
        return text
    _, offsets, data = text.buffers()
    start, end = np.frombuffer(offsets, np.int32)[[text.offset, text.offset + len(text)]]
    body = np.frombuffer(data or b"", np.uint8)[start:end]
    rare = body[(body < ord(" ")) | (body == _DELETE)]
    return None if np.setdiff1d(rare, np.frombuffer(b"\t\n\r", np.uint8)).size else text


def decode_cells(
    cells: Sequence[bytes | None], *, is_text: bool = False,
) -> tuple[list[str | None], int, int]:
    """Return cells as text, how many are in another encoding than UTF-8, and how many are no text.

    is_text: their source calls them text, so that Western encodings and uncommon characters are believed.

    >>> decode_cells(["张三".encode("gb18030"), b"13912345678\\x00", None])
    (['张三', '13912345678', None], 1, 0)
    >>> decode_cells([bytes(range(128, 160))])
    ([None], 0, 1)
    """
    cut = [None if cell is None else cell[:CELL].rstrip(b"\0") for cell in cells]
    texts: list[str | None] = [None if cell is None else _utf8(cell) for cell in cut]
    others = [i for i, cell in enumerate(cut) if cell is not None and texts[i] is None]
    readable = [i for i in others if not _CONTROL.search(cut[i] or b"")]
    encoding = _common_encoding([cut[i] or b"" for i in readable], is_text) if readable else ""
    for i in readable if encoding else ():
        texts[i] = _decoded(cut[i] or b"", encoding)
    national = sum(texts[i] is not None for i in others)
    return texts, national, len(others) - national


def _utf8(cell: bytes) -> str | None:
    """Return a cell that is UTF-8 without control characters; the last character may be cut off."""
    if _CONTROL.search(cell):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(cell, len(cell) < CELL)
    except UnicodeDecodeError:
        return None


def _decoded(cell: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(cell, len(cell) < CELL)
    except UnicodeDecodeError:
        return None


def _common_encoding(cells: Sequence[bytes], is_text: bool) -> str:
    """Return the encoding that cells share which are no UTF-8; empty for bytes that are no text."""
    whole = b"\n".join(cells)
    encoding = national_encoding(whole)
    if encoding not in _EVERYDAY:             # a few words in all cells show no language, however often
        runs = set(_HIGH_RUN.findall(whole))
        encoding = national_encoding(b"\n".join(sorted(runs))) if len(runs) <= FEW_WORDS else encoding
    if encoding not in _EVERYDAY:
        return encoding if is_text and _is_western(whole) else ""
    pairs = _HIGH.findall(whole)
    everyday = sum(map(bool, map(_EVERYDAY[encoding].fullmatch, pairs)))
    return encoding if is_text or pairs and everyday >= COMMON * len(pairs) else ""


def _is_western(text: bytes) -> bool:
    """Return whether bytes beyond ASCII are letters and signs of Western languages."""
    try:
        beyond = [c for c in text.decode("cp1252") if c > "\x7f"]
    except UnicodeDecodeError:
        return False
    return bool(_WESTERN.search("".join(beyond))) and len(beyond) * 2 <= len(text)


def repair_cells(texts: pa.Array) -> tuple[pa.Array, int]:
    """Return text that its source decoded by the wrong encoding as it was, and how many cells that were.

    UTF-8 that was read as something else proves itself; GB18030 that was read as a Western encoding is
    believed where nearly all cells beyond ASCII look so.
    """
    if len(texts) == texts.null_count or pc.all(pc.string_is_ascii(texts)).as_py():
        return texts, 0
    suspects = np.flatnonzero(pc.fill_null(pc.match_substring_regex(texts, _LATIN), False))
    others = np.flatnonzero(pc.fill_null(pc.invert(pc.string_is_ascii(texts)), False))
    probe = others[:PROBE].tolist()
    repaired_probe = sum(bool(repaired(texts[i].as_py())) for i in probe)
    if not len(suspects) and repaired_probe * 2 < len(probe):
        return texts, 0
    cells = texts.to_pylist()
    new = {int(i): text for i in others if (text := repaired(cells[i]))}
    national = {int(i): text for i in suspects if int(i) not in new and (text := _national(cells[i]))}
    if len(national) >= 0.8 * (len(suspects) - len(new)):
        new |= national
    for i, text in new.items():
        cells[i] = text
    return (pa.array(cells, pa.string()), len(new)) if new else (texts, 0)


def _national(text: str) -> str:
    """Return GB18030 that was read as a Western encoding as it was; empty where it was not.

    >>> _national("ÕÅÈý"), _national("José Müller")
    ('张三', '')
    """
    try:
        raw = western_bytes(text)
        before = raw.decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    pairs = [run[i: i + 2] for run in _HIGH_RUN.findall(raw) for i in range(0, len(run), 2)]
    return before if pairs and all(map(_EVERYDAY["gb18030"].fullmatch, pairs)) else ""
