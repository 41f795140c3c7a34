"""JSON as text, whatever its bytes are: a line or a text in another encoding is read by that, and a byte that
is no text costs one character.

Blocks end with a line or, in a document of one line, with a quotation mark: in UTF-8, GB18030 and Big5 alike
neither is ever part of a character.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import IO

from scanner.connectors.account import SAMPLED_LINES, Account, line
from scanner.connectors.files.encodings import is_wide
from scanner.connectors.files.text import WideDecoder, utf8_lines

BLOCK = 1 << 20                               # bytes that are read at once
LONGEST = 16 << 20                            # bytes without a line's end or a quotation mark, at most
_KINDS = {"other_encoding": "other_encoding_cells", "undecodable": "undecodable_cells"}


class JsonText:
    """The text of a stream of bytes. encoding: as its head has it."""

    def __init__(self, raw: IO[bytes], encoding: str, account: Account) -> None:
        self._blocks = _blocks(raw, encoding, account)
        self._encoding, self._account, self._line = encoding, account, 1

    def read(self, size: int) -> str:
        """Return about so many characters, less or more; empty at the end."""
        texts: list[str] = []
        while sum(map(len, texts)) < size and (block := next(self._blocks, b"")):
            texts.append(text_of(block, self._encoding, self._account, self._line))
            self._line += block.count(b"\n")
        return "".join(texts)


def text_of(block: bytes, encoding: str, account: Account, first_line: int) -> str:
    """Return a block as text; what is no text of its encoding is accounted for.

    first_line: number of its first line, from 1; 0 for lines drawn from all over.
    """
    if not (encoding.startswith("utf-") or is_wide(encoding)):
        return utf8_lines(block, encoding, account, first_line).decode("utf-8", "replace")
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(_mended(block.split(b"\n"), account, first_line))
    if "\ufffd" in text:                      # another program's, for what it could not read
        utf8_lines(block, "utf-8", account, first_line)
    return text


def _mended(lines: list[bytes], account: Account, first_line: int) -> Iterator[str]:
    """Yield lines of UTF-8 as text; in one that is not, each text in quotation marks by its own encoding."""
    is_faulty = [not _is_utf8(part) for part in lines]
    faulty = [part for part, is_bad in zip(lines, is_faulty, strict=True) if is_bad]
    own = Account()
    pieces = utf8_lines(b"\n".join(part.replace(b'"', b'\n"') for part in faulty), "utf-8", own, 0)
    place = first_line + is_faulty.index(True) if first_line else 0
    for loss in own.losses:
        account.lose(_KINDS[loss.kind], loss.n, line(place) if place else SAMPLED_LINES)
    mended = _joined(pieces.decode("utf-8", "replace").split("\n"))
    for part, is_bad in zip(lines, is_faulty, strict=True):
        yield next(mended) if is_bad else part.decode("utf-8")


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """Yield lines whose pieces, but the first, begin with a quotation mark."""
    text: str | None = None
    for piece in pieces:
        if text is None:
            text = piece
        elif piece.startswith('"'):
            text += piece
        else:
            yield text
            text = piece
    if text is not None:
        yield text


def _is_utf8(part: bytes) -> bool:
    try:
        part.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _blocks(raw: IO[bytes], encoding: str, account: Account) -> Iterator[bytes]:
    """Yield blocks that end between two characters, without a byte order mark, in UTF-8 what is wide."""
    decoder = WideDecoder(encoding, account) if is_wide(encoding) else None
    rest = b""
    while block := raw.read(BLOCK):
        block = rest + (decoder.decode(block, is_end=False) if decoder else block)
        end = (block.rfind(b"\n") + 1) or (block.rfind(b'"') + 1)
        if not end and len(block) < LONGEST:
            rest = block
            continue
        end = end or len(block)
        rest = block[end:]
        yield block[:end].removeprefix(codecs.BOM_UTF8)
    if last := rest + (decoder.decode(b"", is_end=True) if decoder else b""):
        yield last.removeprefix(codecs.BOM_UTF8)
