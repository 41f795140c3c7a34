"""A paper as a Word document: A4, 仿宋 body, a cover, marked places for people to write.

Page and type are those that the forms ask for (note four of 附件4 and 附件5): body 四号 (14 pt) in 仿宋,
heads of the first level in 黑体, of the second in 楷体 bold, of the third in 仿宋 bold, digits and Latin
letters in Times New Roman, fixed lines of 26 pt, two characters of indent, margins 2.54 cm above and below,
3.18 cm at the sides. What they leave open, the title (二号) and tables (五号), is ours. Fonts are named, not
embedded: Word and WPS have them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any

from reports.cells import shown, shown_lines
from reports.filings.archives import CREATED, copy_timeless
from reports.filings.blocks import (
    TO_FILL_IN,
    Cover,
    PageBreak,
    PaperBlock,
    PaperLine,
    PaperTable,
    PaperText,
    Style,
)

LATIN_FONT = "Times New Roman"
BODY_FONT, HEAD_FONT, SECTION_FONT, TITLE_FONT = "仿宋", "黑体", "楷体", "方正小标宋简体"
BODY_SIZE, TITLE_SIZE, TABLE_SIZE = 14, 22, 10.5                   # points
BODY_LINE, TITLE_LINE, TABLE_LINE = 26, 36, 16                     # points
SPACE_BELOW_TABLE = 6                         # points
INDENT = 2                                                         # characters
PAGE = (210, 297)                                                  # millimetres: width, height
MARGINS = {"top_margin": 25.4, "bottom_margin": 25.4, "left_margin": 31.8, "right_margin": 31.8}


@dataclass(frozen=True, slots=True)
class Look:
    """How a style is set. indent: characters of the first line. level: in the outline, from 1; 0: none."""

    font: str = BODY_FONT
    size: float = BODY_SIZE
    bold: bool = False
    indent: int = INDENT
    align: str = ""
    line: int = BODY_LINE
    level: int = 0
    below: float = 0                          # points of space
    with_next: bool = False                   # does it stay on the page of what follows


LOOKS: dict[Style, Look] = {
    "title": Look(TITLE_FONT, TITLE_SIZE, indent=0, align="CENTER", line=TITLE_LINE, below=8),
    "subtitle": Look(SECTION_FONT, BODY_SIZE, indent=0, align="CENTER"),
    "part": Look(HEAD_FONT, level=1, with_next=True),
    "section": Look(SECTION_FONT, bold=True, level=2, with_next=True),
    "item": Look(bold=True, level=3, with_next=True),
    "text": Look(),
    "draft": Look(),
    "note": Look(size=TABLE_SIZE, line=TABLE_LINE),
    "caption": Look(HEAD_FONT, TABLE_SIZE, indent=0, align="CENTER", with_next=True),
    "right": Look(indent=0, align="RIGHT"),
    "sign": Look(indent=0, align="RIGHT"),
}
SIGNED: tuple[Style, ...] = ("right", "sign")           # who signs, and when
PARTY = Look(size=16, indent=0, align="CENTER", line=32)           # who files, on the cover
COVER_GAPS = (6, 11)                          # empty lines above the title, and below it


def save(paper: PaperText, file: IO[bytes]) -> None:
    """Write a paper as DOCX; the same paper gives the same bytes."""
    raw = io.BytesIO()
    _document(paper).save(raw)
    copy_timeless(raw, file)


def _document(paper: PaperText) -> Any:
    import docx

    document = docx.Document()
    _set_page(document)
    _set_body(document)
    _set_properties(document, paper.title)
    _add_page_numbers(document, bool(paper.cover))
    if paper.cover is not None:
        _add_cover(document, paper.cover)
    for before, block in pairwise((None, *paper.blocks)):
        if isinstance(before, PaperLine) and isinstance(block, PaperTable):   # what stands above a table
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        _add_block(document, block)
        if isinstance(before, PaperTable):
            _set_space_above(document.paragraphs[-1])
    return document


def _add_cover(document: Any, cover: Cover) -> None:
    above, below = COVER_GAPS
    _add_empty_lines(document, above)
    _add_paragraph(document, cover.title, LOOKS["title"])
    if cover.subtitle:
        _add_paragraph(document, cover.subtitle, LOOKS["subtitle"])
    _add_empty_lines(document, below)
    _add_paragraph(document, cover.party, PARTY)
    _add_paragraph(document, "年    月    日", PARTY)
    _add_block(document, PageBreak())
    _add_paragraph(document, "说明：", LOOKS["text"])
    for note in cover.notes:
        _add_paragraph(document, note, LOOKS["text"])
    _add_block(document, PageBreak())


def _add_empty_lines(document: Any, lines: int) -> None:
    for _ in range(lines):
        document.add_paragraph()


def _add_block(document: Any, block: PaperBlock | None) -> None:
    if isinstance(block, PaperLine):
        if block.style in SIGNED:             # never alone on a page
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        _add_paragraph(document, block.text, LOOKS[block.style])
    elif isinstance(block, PaperTable):
        _add_table(document, block)
    else:
        from docx.enum.text import WD_BREAK

        document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)


def _add_paragraph(document: Any, text: str, look: Look) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.line_spacing = Pt(look.line)
    form.space_after = Pt(look.below)
    form.keep_with_next = look.with_next or None
    if look.align:
        paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, look.align)
    properties = paragraph._p.get_or_add_pPr()
    if look.indent:
        form.first_line_indent = Pt(look.indent * look.size)
        _set(properties.find(_name("w:ind")), "w:firstLineChars", str(look.indent * 100))
    if look.level:
        _set(_add_child(properties, "w:outlineLvl"), "w:val", str(look.level - 1))
    _add_marked(paragraph, text, look)


def _set_space_above(paragraph: Any) -> None:
    """Keep a paragraph off the table above it."""
    from docx.shared import Pt

    paragraph.paragraph_format.space_before = Pt(SPACE_BELOW_TABLE)


def _add_table(document: Any, grid: PaperTable) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT

    table = document.add_table(1, len(grid.heads))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _add_child(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
    _fill_row(table.rows[0].cells, grid.heads, grid.widths, Look(HEAD_FONT, TABLE_SIZE, align="CENTER"))
    for row in grid.rows:
        _fill_row(table.add_row().cells, row, grid.widths, Look(size=TABLE_SIZE))
    for cell in table.rows[0].cells:          # heads never stand alone below a page
        cell.paragraphs[0].paragraph_format.keep_with_next = True
    for line in table.rows:                   # a row stays on one page
        _add_child(line._tr.get_or_add_trPr(), "w:cantSplit")
    for column, width in zip(table.columns, grid.widths, strict=True):
        column.width = _millimetres(width)


def _fill_row(cells: Sequence[Any], texts: Sequence[str], widths: Sequence[float], look: Look) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    for cell, text, width in zip(cells, texts, widths, strict=True):
        cell.width = _millimetres(width)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = Pt(TABLE_LINE)
        if look.align:
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, look.align)
        _add_marked(paragraph, text, look)


def _add_marked(paragraph: Any, text: str, look: Look) -> None:
    """Add a text, from a place to write on highlighted."""
    from docx.enum.text import WD_COLOR_INDEX

    before, mark, after = text.partition(TO_FILL_IN)
    if before or not mark:
        _add_run(paragraph, before, look)
    if mark:
        _add_run(paragraph, mark + after, look).font.highlight_color = WD_COLOR_INDEX.YELLOW


def _add_run(paragraph: Any, text: str, look: Look) -> Any:
    from docx.shared import Pt

    run = paragraph.add_run(shown_lines(text))
    run.font.size = Pt(look.size)
    run.font.bold = look.bold or None
    _set_font(run._element, look.font)
    return run


# ---- the whole document


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = map(_millimetres, PAGE)
    for name, millimetres in MARGINS.items():
        setattr(section, name, _millimetres(millimetres))


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
    properties.author = properties.comments = ""
    properties.title = shown(title)


def _add_page_numbers(document: Any, has_cover: bool) -> None:
    """Number the pages at the foot, a cover aside."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    section = document.sections[0]
    section.different_first_page_header_footer = has_cover
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    look = Look(size=TABLE_SIZE)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = _add_run(paragraph, "", look)._element
        if kind:
            _set(_add_child(run, "w:fldChar"), "w:fldCharType", kind)
        else:
            _add_child(run, "w:instrText").text = text


def _set_font(element: Any, name: str) -> None:
    """Set the font of Chinese. Digits and Latin letters have their own; quotation marks are Chinese."""
    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:cs"):
        _set(fonts, kind, LATIN_FONT)
    _set(fonts, "w:eastAsia", name)
    _set(fonts, "w:hint", "eastAsia")


def _millimetres(length: float) -> Any:
    from docx.shared import Mm

    return Mm(length)


def _name(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _set(element: Any, name: str, value: str) -> None:
    element.set(_name(name), value)


def _add_child(parent: Any, name: str) -> Any:
    from docx.oxml import OxmlElement

    child = OxmlElement(name)
    parent.append(child)
    return child
