"""A Word document in the manner of official papers: A4, 仿宋 body, marked places for people to write.

Page and type follow GB/T 9704-2012 (margins 37, 35, 28, 26 mm; body 三号 16 pt in 仿宋_GB2312, fixed line of 28 pt; title 二号 22 pt):
what the templates themselves ask for could not be read. Fonts are named, not embedded: Word and WPS have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.filings.scenario import TO_WRITE

BODY, HEAD, TITLE = "仿宋_GB2312", "黑体", "方正小标宋简体"


class Paper:
    """A document being written; `save` gives the same bytes for the same content."""

    def __init__(self, title: str, source: str) -> None:
        import docx
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm, Pt

        self.document: Any = docx.Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
        style = self.document.styles["Normal"]
        style.font.size = Pt(16)
        _fonts(style.element, BODY)
        style.paragraph_format.line_spacing = Pt(28)
        style.paragraph_format.space_after = Pt(0)
        self.document.core_properties.created = self.document.core_properties.modified = datetime(2026, 1, 1)
        self.document.core_properties.author = "chujing"
        self.document.core_properties.title = title
        heading = self.document.add_paragraph()
        heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(heading, title, TITLE, 22)
        note = self.document.add_paragraph()
        note.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(note, f"依据：{source}。机器预填，{TO_WRITE}处由人填写；由人和主管机关决定。", BODY, 10.5)

    def head(self, text: str) -> None:
        """A heading of the first level."""
        self._run(self.document.add_paragraph(), text, HEAD, 16)

    def text(self, text: str) -> None:
        """A paragraph, its first line set in by two characters; places to write are marked."""
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(32)
        self._marked(paragraph, text, 16)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> None:
        """A ruled table with its head repeated on every page. widths: millimetres."""
        from docx.oxml import OxmlElement
        from docx.shared import Mm, Pt

        table = self.document.add_table(1, len(heads))
        table.style = "Table Grid"
        table.autofit = not widths
        repeat = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeat)
        for i, width in enumerate(widths):
            table.columns[i].width = Mm(width)
        for row in (heads, *rows):
            cells = table.rows[0].cells if row is heads else table.add_row().cells
            for i, (cell, text) in enumerate(zip(cells, row, strict=True)):
                if widths:
                    cell.width = Mm(widths[i])
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.line_spacing = Pt(16)
                self._marked(paragraph, text, 10.5, HEAD if row is heads else BODY)
        for line in table.rows:               # a row stays on one page
            line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        self.document.add_paragraph()

    def save(self, file: Path) -> None:
        """Write the document; entries of the archive carry no time."""
        import io
        import zipfile

        raw = io.BytesIO()
        self.document.save(raw)
        with zipfile.ZipFile(raw) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)

    def _marked(self, paragraph: Any, text: str, size: float, font: str = BODY) -> None:
        from docx.enum.text import WD_COLOR_INDEX

        before, mark, after = text.partition(TO_WRITE)
        if before or not mark:
            self._run(paragraph, before, font, size)
        if mark:
            self._run(paragraph, mark + after, font, size).font.highlight_color = WD_COLOR_INDEX.YELLOW

    def _run(self, paragraph: Any, text: str, font: str, size: float) -> Any:
        from docx.shared import Pt

        run = paragraph.add_run(text)
        run.font.size = Pt(size)
        _fonts(run._element, font)
        return run


def _fonts(element: Any, name: str) -> None:
    """Set a font for Chinese and Latin alike."""
    from docx.oxml.ns import qn

    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(kind), name)
