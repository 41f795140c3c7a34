"""A paper as people left it: its paragraphs and tables in order, accepted changes in, struck text out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from detectors.errors import ConfigError
from mappings.workbooks import check_package
from reports.filings.blocks import TO_FILL_IN
from scanner.deliver.hidden_text import take_out_hidden

TableRows = tuple[tuple[str, ...], ...]            # of cells
EMPTY_DATE = re.compile(r"年\s+月\s*\d*\s*日|年\s*\d*\s*月\s+日|(?<!\d)\s年\s*\d+\s*月\s*\d+\s*日")
_STRUCK = ("}del", "}moveFrom")               # text that a tracked change takes away


@dataclass(frozen=True, slots=True)
class ReadPaper:
    """A paper. blocks: texts of paragraphs and rows of tables in order, empty paragraphs left out."""

    name: str
    blocks: tuple[str | TableRows, ...]
    has_hidden_text: bool = False             # hidden text is in no block

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(self._texts())

    @property
    def places_to_write(self) -> int:
        """How many places are still to be written: marks, and dates without digits."""
        return self.marks + self.empty_dates

    @property
    def marks(self) -> int:
        """How many places are still marked as to be written."""
        return self.text.count(TO_FILL_IN)

    @property
    def empty_dates(self) -> int:
        """How many dates are without digits."""
        return len(EMPTY_DATE.findall(self.text))

    def _texts(self) -> Iterator[str]:
        for block in self.blocks:
            if isinstance(block, str):
                yield block
            else:
                yield from (" ".join(row) for row in block)


def read_paper(file: Path) -> ReadPaper | None:
    """Return a paper; None for what is no DOCX, or unpacks beyond all reason."""
    try:
        check_package(file, ConfigError)
        with file.open("rb") as content:
            return read_document(file.name, content)
    except (ConfigError, OSError):
        return None


def read_document(name: str, content: IO[bytes]) -> ReadPaper | None:
    """Return a paper from its bytes, under the name of its file; None for what is no DOCX."""
    import docx

    try:
        document = docx.Document(content)
        has_hidden = take_out_hidden(document)
        return ReadPaper(name, tuple(_blocks(document.element.body)), has_hidden)
    except Exception:  # python-docx raises many kinds for what is no document
        return None


def _blocks(parent: Any) -> Iterator[str | TableRows]:
    for child in parent:
        tag = str(child.tag).rpartition("}")[2]
        if tag == "p":
            text = _text(child)
            if text.strip():
                yield text
        elif tag == "tbl":
            yield tuple(tuple(_cells(row)) for row in child if str(row.tag).endswith("}tr"))
        elif tag in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _blocks(child)


def _cells(row: Any) -> Iterator[str]:
    for cell in row.iter():
        if str(cell.tag).endswith("}tc"):
            paragraphs = (p for p in cell.iter() if str(p.tag).endswith("}p"))
            yield "\n".join(filter(None, map(_text, paragraphs)))


def _text(paragraph: Any) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        tag = str(child.tag)
        if tag.endswith(_STRUCK):
            continue
        if tag.endswith("}t"):
            yield child.text or ""
        elif tag.endswith(("}br", "}tab", "}cr")):
            yield "" if "page" in child.values() else " "
        else:
            yield from _pieces(child)
