"""How sheets look on the screen and on paper: headings, row heights, pages; and plain sheets of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from reports import cells
from reports.text_width import LINE, height_of

A4, A3 = 190, 270                             # characters across a page that is still readable
HIGHEST = 405.0                               # points of the highest row a spreadsheet knows
HEAD_COLOUR, REVIEW_COLOUR = "E8EDF3", "FFF2CC"


class TextColumn(NamedTuple):
    """A column of a plain sheet. width: characters."""

    heading: str
    width: int


def set_up_pages(sheet: Any, large: bool, wide: int = 1) -> None:
    """Print landscape on A4, or on A3 what is large, so many pages wide, with page numbers.

    Rows get the height that Chinese characters need.
    """
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = LINE, True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "8" if large else "9"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = wide, 0
    sheet.print_options.gridLines = True
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = 0.4
    sheet.oddFooter.center.text = "&P / &N"


def head_cell(sheet: Any, text: str, review: bool = False) -> Any:
    """Return the cell of a heading. review: of a column that people fill."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    head = WriteOnlyCell(sheet, value=text)
    head.font = Font(name="Calibri", size=11, bold=True)
    head.fill = PatternFill("solid", fgColor=REVIEW_COLOUR if review else HEAD_COLOUR)
    head.alignment = Alignment(wrap_text=True, vertical="center")
    return head


def add_text_sheet(
    book: Any, title: str, columns: Sequence[TextColumn], lines: Iterable[Sequence[Any]]
) -> None:
    """Add a plain sheet with headings and rows whose text wraps."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    widths = [column.width for column in columns]
    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    sheet.freeze_panes = "A2"
    set_up_pages(sheet, sum(widths) > A4, 1 + sum(widths) // A3)
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"
    sheet.append([head_cell(sheet, column.heading) for column in columns])
    wrapped = Alignment(wrap_text=True, vertical="top", horizontal="left")
    for n, line in enumerate(lines, 2):
        sheet.row_dimensions[n].height = min(height_of(line, widths), HIGHEST)
        sheet.append([_aligned_cell(sheet, cells.cell(sheet, value), wrapped) for value in line])


def _aligned_cell(sheet: Any, value: Any, alignment: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import Cell

    if value is None:
        return None
    cell = value if isinstance(value, Cell) else WriteOnlyCell(sheet, value=value)
    cell.alignment = alignment
    return cell
