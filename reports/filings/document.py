"""A Word document in the manner of official papers: A4, 仿宋 body, marked places for people to write.

Page and type follow GB/T 9704-2012 (margins 37, 35, 28, 26 mm; body 三号 16 pt in 仿宋_GB2312, fixed line of
28 pt; title 二号 22 pt): what the templates themselves ask for could not be read. Fonts are named, not
embedded: Word and WPS have them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any

from reports.cells import shown, shown_lines
from reports.filings.scenario import TO_FILL_IN

BODY_FONT, HEAD_FONT, TITLE_FONT = "仿宋_GB2312", "黑体", "方正小标宋简体"
BODY_SIZE, TITLE_SIZE, SMALL_SIZE = 16, 22, 10.5                   # points
BODY_LINE, TABLE_LINE, INDENT = 28, 16, 32                         # points
PAGE = (210, 297)                                                  # millimetres: width, height
MARGINS = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}
CREATED = datetime(2026, 1, 1)                # of every document, so that the same content has the same bytes


class Paper:
    """A document being written; `save` gives the same bytes for the same content."""

    def __init__(self, title: str, source: str) -> None:
        """title: of the document. source: the rule that asks for it."""
        import docx
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        self.document: Any = docx.Document()
        _set_page(self.document)
        _set_body(self.document)
        _set_properties(self.document, title)
        note = f"依据：{source}。机器预填，{TO_FILL_IN}处由人填写；由人和主管机关决定。"
        for text, font, size in ((title, TITLE_FONT, TITLE_SIZE), (note, BODY_FONT, SMALL_SIZE)):
            paragraph = self.document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _add_run(paragraph, text, font, size)

    def head(self, text: str) -> None:
        """Add a heading of the first level."""
        _add_run(self.document.add_paragraph(), text, HEAD_FONT, BODY_SIZE)

    def text(self, text: str) -> None:
        """Add a paragraph, its first line set in by two characters; places to write are marked."""
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(INDENT)
        _add_marked(paragraph, text, BODY_FONT, BODY_SIZE)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> None:
        """Add a ruled table with its head repeated on every page. widths: millimetres; () for by content."""
        from docx.oxml import OxmlElement
        from docx.shared import Mm

        table = self.document.add_table(1, len(heads))
        table.style = "Table Grid"
        table.autofit = not widths
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for i, width in enumerate(widths):
            table.columns[i].width = Mm(width)
        _fill_row(table.rows[0].cells, heads, widths, HEAD_FONT)
        for row in rows:
            _fill_row(table.add_row().cells, row, widths, BODY_FONT)
        for line in table.rows:               # a row stays on one page
            line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        self.document.add_paragraph()

    def save(self, file: IO[bytes]) -> None:
        """Write the document; entries of the archive carry no time."""
        raw = io.BytesIO()
        self.document.save(raw)
        with zipfile.ZipFile(raw) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                entry = zipfile.ZipInfo(name, CREATED.timetuple()[:6])
                target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)


def _set_page(document: Any) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    for name, millimetres in MARGINS.items():
        setattr(section, name, Mm(millimetres))


def _set_body(document: Any) -> None:
    from docx.shared import Pt

    style = document.styles["Normal"]
    style.font.size = Pt(BODY_SIZE)
    _set_font(style.element, BODY_FONT)
    style.paragraph_format.line_spacing = Pt(BODY_LINE)
    style.paragraph_format.space_after = Pt(0)


def _set_properties(document: Any, title: str) -> None:
    properties = document.core_properties
    properties.created = properties.modified = CREATED
    properties.author = "chujing"
    properties.title = shown(title)


def _fill_row(cells: Sequence[Any], texts: Sequence[str], widths: Sequence[int], font: str) -> None:
    from docx.shared import Mm, Pt

    for i, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        if widths:
            cell.width = Mm(widths[i])
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = Pt(TABLE_LINE)
        _add_marked(paragraph, text, font, SMALL_SIZE)


def _add_marked(paragraph: Any, text: str, font: str, size: float) -> None:
    """Add a text, from a place to write on highlighted."""
    from docx.enum.text import WD_COLOR_INDEX

    before, mark, after = text.partition(TO_FILL_IN)
    if before or not mark:
        _add_run(paragraph, before, font, size)
    if mark:
        run = _add_run(paragraph, mark + after, font, size)
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _add_run(paragraph: Any, text: str, font: str, size: float) -> Any:
    from docx.shared import Pt

    run = paragraph.add_run(shown_lines(text))
    run.font.size = Pt(size)
    _set_font(run._element, font)
    return run


def _set_font(element: Any, name: str) -> None:
    """Set a font for Chinese and Latin alike."""
    from docx.oxml.ns import qn

    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(kind), name)
