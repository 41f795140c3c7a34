"""The rows of a data dictionary, as people lay them out in sheets: what names the columns stands on any line,
a table is named in a cell merged over its columns, above them, or by its sheet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.account import Account
from scanner.connectors.files.contents import content_of
from scanner.connectors.files.dialect import find_dialect, separator_line
from scanner.connectors.files.encodings import HEAD, file_encoding
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text import utf8_lines
from scanner.connectors.files.text_dialect import lines_of

HEADINGS: Mapping[str, Sequence[str]] = {     # what a row says -> how columns that say it are headed
    "table": ("table", "tablename", "tablecode", "表", "表名", "表名称", "表英文名", "英文表名", "物理表名",
              "数据表", "数据表名", "表代码", "实体名"),
    "table_comment": ("tablecomment", "tabledescription", "表注释", "表中文名", "中文表名", "表说明",
                      "表描述", "表备注", "表含义"),
    "column": ("column", "columnname", "columncode", "colname", "field", "fieldname", "字段", "字段名",
               "字段名称", "字段英文名", "英文字段名", "英文名", "英文名称", "字段代码", "字段编码", "列",
               "列名", "列名称", "物理字段名", "属性名"),
    "comment": ("comment", "columncomment", "comments", "description", "fielddescription", "字段注释",
                "字段说明", "字段描述", "字段中文名", "字段中文名称", "中文字段名", "字段含义", "含义",
                "注释", "说明", "描述", "中文名", "中文名称", "中文含义", "释义", "备注", "remark",
                "remarks"),
    "type": ("type", "datatype", "columntype", "fieldtype", "类型", "字段类型", "数据类型", "列类型"),
    "pk": ("pk", "primarykey", "主键", "是否主键", "主键否", "键"),
}
_KEY_OF = {heading: key for key, headings in HEADINGS.items() for heading in headings}
_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]|[\s_\-*:：]")
_TABLE_LABEL = re.compile(
    r"(?:表英文名|物理表名|英文表名|数据表|表名称?|表代码|table(?: ?name)?)\s*[:：]\s*(.*)", re.I | re.S)
_COMMENT_LABEL = re.compile(
    r"(?:表中文名|中文表名|表注释|表说明|表描述|table ?comment)\s*[:：]\s*(.*)", re.I | re.S)
_IDENTIFIER = re.compile(r"(?<![A-Za-z0-9_$.])[A-Za-z_][A-Za-z0-9_$.]{2,}")
_RULER = re.compile(r":?-*:?")
_NUMBERING = re.compile(r"^\s*[\d.、]+\s*")
DictionaryRow = Mapping[str, Any]                       # by the keys of HEADINGS
_Cells = Sequence[str]


@dataclass(slots=True)
class Grid:
    """Cells of one sheet, or of a text. title: of the sheet, empty for a text."""

    title: str
    rows: Sequence[_Cells]


@dataclass(slots=True)
class GridReader:
    """Reads the rows of grids. has_headings: whether any grid had them. nameless: rows of no known table."""

    has_headings: bool = False
    nameless: int = 0
    _columns: dict[int, str] = field(default_factory=dict)
    _table: tuple[str, str] = ("", "")        # name and comment of the table of the rows that follow

    def read(self, grid: Grid) -> Iterator[DictionaryRow]:
        """Yield what the rows of a grid say."""
        self._columns, self._table = {}, ("", "")
        rows = [[cell.strip() for cell in row] for row in grid.rows]
        above: list[_Cells] = []
        skipped = 0
        for i, row in enumerate(rows):
            if skipped or not any(row):
                skipped = max(0, skipped - 1)
                continue
            columns, lines = _heading_columns(rows, i)
            if columns:
                self.has_headings = self.has_headings or "column" in columns.values()
                self._columns, skipped = columns, lines - 1
                if "table" not in columns.values():
                    self._table = _table_above(above) or self._table_of_sheet(grid.title)
                above = []
            elif self._is_title(rows, i):
                above.append(row)
            else:
                yield from self._row(row)

    def _table_of_sheet(self, title: str) -> tuple[str, str]:
        return self._table if self._table[0] and not title else split_name(title)

    def _is_title(self, rows: Sequence[_Cells], i: int) -> bool:
        """Return whether a row stands above the headings that follow it, and is none of a table."""
        if not self._columns:
            return True
        row = rows[i]
        first = next(cell for cell in row if cell)
        if _TABLE_LABEL.match(first) or first.rstrip(":：") in HEADINGS["table"]:
            return True
        if "table" in self._columns.values() or sum(map(bool, row)) > 1:
            return False
        below = next((j for j in range(i + 1, len(rows)) if any(rows[j])), None)
        return below is not None and bool(_heading_columns(rows, below)[0])

    def _row(self, row: _Cells) -> Iterator[DictionaryRow]:
        """Yield a row by the keys of HEADINGS; a blank table is that of the row above, as in merged cells."""
        values: dict[str, Any] = {}
        for i, key in self._columns.items():
            if i < len(row) and row[i]:
                values.setdefault(key, row[i])
        if name := values.get("table"):
            name, comment = split_name(name)
            comment = values.get("table_comment") or comment
            if name == self._table[0]:
                comment = comment or self._table[1]
            self._table = name, comment
        elif not values.get("column"):
            return
        if self._table[0]:
            yield {**values, "table": self._table[0], "table_comment": self._table[1]}
        else:
            self.nameless += 1


def _key(cell: str) -> str:
    """Return what a column with this heading says; empty where nobody knows."""
    plain = _ASIDE.sub("", unicodedata.normalize("NFKC", cell).lower())
    return _KEY_OF.get(plain, "")


def _heading_columns(rows: Sequence[_Cells], i: int) -> tuple[dict[int, str], int]:
    """Return what each column says by the headings in row i, and how many lines these take."""
    single = _as_headings({k: _key(cell) for k, cell in enumerate(rows[i]) if cell})
    if i + 1 >= len(rows) or sum(map(bool, rows[i])) < 2:
        return single, 1
    group = ""
    keys: dict[int, str] = {}
    for k in range(max(len(rows[i]), len(rows[i + 1]))):
        upper = rows[i][k] if k < len(rows[i]) else ""
        lower = rows[i + 1][k] if k < len(rows[i + 1]) else ""
        group = upper or group
        if upper or lower:
            keys[k] = _key(group + lower) if lower else _key(upper)
    double = _as_headings(keys)               # a heading merged over those below it: 字段 over 名称, 类型
    return (double, 2) if len(double) > len(single) else (single, 1)


def _as_headings(keys: Mapping[int, str]) -> dict[int, str]:
    """Return the columns that say something; nothing where they are no headings of a dictionary."""
    columns: dict[int, str] = {}
    for i, key in keys.items():
        if key and (key == "comment" or key not in columns.values()):
            columns[i] = key
    names = set(columns.values())
    is_list_of_tables = "table" in names and len(columns) >= 0.6 * len(keys)
    return columns if len(names) > 1 and ("column" in names or is_list_of_tables) else {}


def _table_above(rows: Sequence[_Cells]) -> tuple[str, str] | None:
    """Return the table that lines above headings name: `表名：t_member`, `1.2 会员表（t_member）`."""
    name = comment = ""
    for row in rows:
        filled = [cell for cell in row if cell]
        for i, cell in enumerate(filled):
            value = filled[i + 1] if i + 1 < len(filled) else ""
            if m := _TABLE_LABEL.match(cell):
                name = m[1].strip() or value or name
            elif m := _COMMENT_LABEL.match(cell):
                comment = m[1].strip() or value or comment
            elif _key(cell) == "table" and value:
                name = value
            elif _key(cell) == "table_comment" and value:
                comment = value
    if name:
        own, about = split_name(name)
        return own, comment or about
    last = [cell for cell in rows[-1] if cell] if rows else []
    if len(last) == 1 and _IDENTIFIER.search(last[0]):
        return split_name(last[0])
    return None


def split_name(text: str) -> tuple[str, str]:
    """Return name and comment of a table that a cell or a title names.

    >>> split_name("1.2 会员表（t_member）"), split_name("t_member"), split_name("会员表")
    (('t_member', '会员表'), ('t_member', ''), ('会员表', ''))
    """
    identifiers = _IDENTIFIER.findall(text)
    if len(identifiers) != 1 or text.isascii():
        return text.strip(), ""
    rest = _NUMBERING.sub("", text.replace(identifiers[0], " "))
    return identifiers[0], re.sub(r"[\s()（）\[\]【】:：\-_]+", " ", rest).strip()


def grids(path: Path) -> Iterator[Grid]:
    """Yield the sheets of a workbook, or a delimited text as one. Raise SourceError where it is neither."""
    from scanner.connectors.files.xls import calamine_sheets
    from scanner.connectors.files.xlsx import open_sheets

    file = SourceFile(path.as_posix())
    reader = content_of(file, is_named=True).reader
    if reader == "xlsx":
        with open_sheets(file) as sheets:
            for sheet in sheets:
                yield Grid(sheet.title, _texts(sheet.rows(0)))
    elif reader in ("xls", "xlsb", "ods"):
        for sheet in calamine_sheets(file):
            yield Grid(sheet.title, _texts(sheet.rows(0)))
    elif reader in ("", "csv"):
        yield Grid("", _rows_of_text(file))
    else:
        raise SourceError(Msg("neither a sheet nor delimited text"), where=file.where,
                          hint=Msg("save it as XLSX or CSV"))


def _texts(rows: Iterable[Sequence[Any]]) -> list[list[str]]:
    from scanner.connectors.files.sheets import cell_text

    return [[cell_text(value) or "" for value in row] for row in rows]


def _rows_of_text(file: SourceFile) -> list[list[str]]:
    with file.open_content() as stream:
        raw = stream.read()
    encoding = file_encoding(file, raw[:HEAD])
    if encoding.startswith("utf-16"):
        text = raw.decode(encoding, "replace")
    else:
        text = utf8_lines(raw, encoding, Account(), 1).decode("utf-8", "replace")
    text = text.removeprefix("\ufeff").replace("\x00", "")
    dialect = find_dialect(text)
    lines = lines_of(dialect.prepare(text))
    above = 1 if lines and separator_line(lines[0]) else 0
    return [row for row in dialect.reader(lines[above:]) if not _is_ruler(row)]


def _is_ruler(row: Sequence[str]) -> bool:
    """Return whether a row is the line below the headings of a table in Markdown.

    >>> _is_ruler(["", "---", ":---:", ""]), _is_ruler(["member", "-"])
    (True, False)
    """
    return any("--" in cell for cell in row) and all(_RULER.fullmatch(cell.strip()) for cell in row)
