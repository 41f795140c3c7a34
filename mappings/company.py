"""A company's own taxonomy from its table of classes and grades; our labels go into its classes by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.model import Label
from detectors.names.lexicon import chinese_words
from mappings.names import fold_name
from mappings.workbooks import open_workbook

HEAD_WORDS: Mapping[str, tuple[str, ...]] = {
    "1": ("一级", "一级分类", "一级类别", "一级类目", "一级子类", "大类", "level1", "level 1"),
    "2": ("二级", "二级分类", "二级类别", "二级类目", "二级子类", "中类", "level2", "level 2"),
    "3": ("三级", "三级分类", "三级类别", "三级类目", "三级子类", "小类", "level3", "level 3"),
    "grade": (
        "分级", "级别", "等级", "安全级别", "安全等级", "数据级别", "数据分级", "定级", "最低安全级别",
        "grade",
    ),
    "about": (
        "说明", "描述", "内容", "示例", "举例", "数据项", "备注", "包含内容", "内容说明", "典型数据项",
        "description", "examples",
    ),
}
HEAD_SEARCH_ROWS = 15                         # rows among which the heads are looked for
CHINESE_DIGITS = "一二三四五六七八九十"
SEVERITY_WORDS = (  # from least to most
    "公开", "一般", "内部", "敏感", "重要", "秘密", "机密", "核心", "绝密",
)
MOST_NAMED = 4                                # cells named one by one in an error
LONGEST_TITLE = 60
DEFAULT_SHEET_NAME = re.compile(r"(sheet|工作表|表)\s*[0-9]*", re.IGNORECASE)
TITLE_SEPARATORS = re.compile(r"[、，,;；/\s。（）()：:]+|和|与|及|或")
# words around a name that leave its meaning as it is
NEUTRAL_PREFIXES = ("个人", "用户", "客户", "会员", "员工", "本人")
NEUTRAL_SUFFIXES = ("信息", "数据", "资料", "字段", "类", "等", "号码", "号")
# names of columns that as a class mean more
WIDER = frozenset(("个人信息", "用户信息", "会员信息", "原始用户信息", "法人"))


@dataclass(frozen=True, slots=True)
class CompanyClass:
    """A row of the company's table. levels: 一级 to 三级, as far as it goes."""

    levels: tuple[str, ...]
    grade: str
    about: str
    row: int


@dataclass(frozen=True, slots=True)
class CompanyTaxonomy:
    """A company's taxonomy in the form of our files.

    chosen: label -> (class, by name or description). doubtful: other classes as near. perhaps: of a label
    without a class, those that hold one of its names within a longer word, which may mean something else.
    """

    raw: Mapping[str, Any]
    classes: tuple[CompanyClass, ...]
    chosen: Mapping[Label, tuple[CompanyClass, str]]
    doubtful: Mapping[Label, tuple[CompanyClass, ...]]
    perhaps: Mapping[Label, tuple[CompanyClass, ...]]

    @property
    def unmapped(self) -> tuple[Label, ...]:
        """Labels no class was found for."""
        return tuple(label for label in labels() if label not in self.chosen)

    @property
    def unused(self) -> tuple[CompanyClass, ...]:
        """Classes no label was put into."""
        used = {c.row for c, _ in self.chosen.values()}
        return tuple(c for c in self.classes if c.row not in used)


def read_company_xlsx(file: Path, sheet: str = "", title: str = "") -> CompanyTaxonomy:
    """Read a company's table; raise RulesError naming the sheet and cell at fault.

    title: where it is empty, the line above the heads, else the sheet's name, else the file's.
    """
    book = open_workbook(file, RulesError)
    if sheet and sheet not in book.sheetnames:
        raise RulesError(
            Msg('no sheet "{name}"', name=sheet), where=str(file),
            hint=nearest(sheet, book.sheetnames) or Msg("known: {names}", names=tuple(book.sheetnames)),
        )
    for name in [sheet] if sheet else book.sheetnames:
        rows = [[_cell_text(value) for value in row] for row in book[name].iter_rows(values_only=True)]
        heads = _find_heads(rows)
        if heads is not None:
            _check_formulas(file, name, heads)
            classes = _classes_below(rows, heads, f"{file}, {name}")
            title = title or _sheet_title(rows[:heads.row], name) or file.stem
            return match_labels(classes, file.stem, title)
    raise RulesError(
        Msg("no row with the heads 一级 and 分级"),
        where=str(file),
        hint=Msg("heads: 一级, 二级, 三级, 分级, 说明"),
    )


@dataclass(frozen=True, slots=True)
class _HeadRow:
    """The row of a table that names its columns. columns: key of HEAD_WORDS -> position; from 0."""

    row: int
    columns: Mapping[str, int]

    def cell(self, row: Sequence[str], key: str) -> str:
        """The text of a row under a head; empty where the table has no such column."""
        i = self.columns.get(key)
        return row[i] if i is not None and i < len(row) else ""


def _find_heads(rows: Sequence[Sequence[str]]) -> _HeadRow | None:
    """The first of the top rows that has heads for a class and a grade."""
    by_word = {fold_name(word): key for key, words in HEAD_WORDS.items() for word in words}
    for i, row in enumerate(rows[:HEAD_SEARCH_ROWS]):
        columns: dict[str, int] = {}
        for position, cell in enumerate(row):
            key = by_word.get(fold_name(re.sub(r"[（(].*", "", cell)))
            if key is not None:
                columns.setdefault(key, position)
        if {"1", "grade"} <= set(columns):
            return _HeadRow(i, columns)
    return None


def _check_formulas(file: Path, sheet: str, heads: _HeadRow) -> None:
    """Raise RulesError for cells whose formula has no value or failed: they are no blank ones."""
    values = open_workbook(file, RulesError)[sheet]
    formulas = open_workbook(file, RulesError, values=False)[sheet]
    below = (cell for row in formulas.iter_rows(min_row=heads.row + 2) for cell in row)
    bad = [
        f"{cell.column_letter}{cell.row}" for cell in below
        if cell.data_type in ("f", "e") and cell.column - 1 in heads.columns.values()
        and _has_no_value(values[cell.coordinate])
    ]
    if bad:
        more = f" and {len(bad) - MOST_NAMED} more" if len(bad) > MOST_NAMED else ""
        cells = ", ".join(bad[:MOST_NAMED]) + more
        raise RulesError(
            Msg("{n} cells cannot be read: a formula without a value ({cells})", n=len(bad), cells=cells),
            where=f"{file}, {sheet}!{bad[0]}",
            hint=Msg("open the file in a spreadsheet program and save it there, or write the text itself"),
        )


def _has_no_value(cell: Any) -> bool:
    return cell.value is None or cell.data_type == "e"


def _sheet_title(above: Sequence[Sequence[str]], sheet: str) -> str:
    """The first line above the heads that is one text alone, else the name of the sheet.

    Empty where the sheet has no name of its own.
    """
    for row in above:
        texts = [text for text in dict.fromkeys(row) if text]
        if len(texts) == 1 and len(texts[0]) <= LONGEST_TITLE:
            return texts[0]
    return "" if DEFAULT_SHEET_NAME.fullmatch(sheet.strip()) else sheet.strip()


def _cell_text(value: Any) -> str:
    """A cell as text on one line; empty for a blank one."""
    if value is None:
        return ""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(whole)).strip()


def _classes_below(rows: Sequence[Sequence[str]], heads: _HeadRow, where: str) -> tuple[CompanyClass, ...]:
    """Rows below the heads; what merged cells leave blank comes from above.

    A new wider class ends the narrower ones.
    """
    classes: list[CompanyClass] = []
    levels = ["", "", ""]
    for number, row in enumerate(rows[heads.row + 1:], heads.row + 2):
        own = [heads.cell(row, key) for key in ("1", "2", "3")]
        for i, text in enumerate(own):
            if text:
                levels = [*levels[:i], text, *[""] * (2 - i)]
        if any(row) and not _is_heading(row, heads):
            classes.append(_class_of_row(row, heads, levels, where, number))
    if not classes:
        raise RulesError(
            Msg("no row below the heads"), where=where, hint=Msg("one row a class, with its grade")
        )
    return tuple(classes)


def _is_heading(row: Sequence[str], heads: _HeadRow) -> bool:
    """Does a row name a class alone, for the rows below it?"""
    names_class = any(heads.cell(row, key) for key in ("1", "2", "3"))
    return names_class and not heads.cell(row, "grade") and not heads.cell(row, "about")


def _class_of_row(
    row: Sequence[str], heads: _HeadRow, levels: Sequence[str], where: str, number: int
) -> CompanyClass:
    """A row of the table with the classes it belongs to."""
    if not heads.cell(row, "grade"):
        raise RulesError(Msg("the row has no grade"), where=f"{where}!{number}", hint=Msg("fill 分级"))
    names = tuple(level for level in levels if level)
    if not names:
        raise RulesError(Msg("the row has no class"), where=f"{where}!{number}", hint=Msg("fill 一级"))
    return CompanyClass(names, heads.cell(row, "grade"), heads.cell(row, "about"), number)


def match_labels(classes: Sequence[CompanyClass], id: str, title: str) -> CompanyTaxonomy:
    """Return every label put into the class that speaks of it; of two as near, into the more severe one."""
    severity = {grade: i for i, grade in enumerate(order_grades({c.grade for c in classes}))}
    terms = [_ClassTerms.of(c) for c in classes]
    chosen: dict[Label, tuple[CompanyClass, str]] = {}
    doubtful: dict[Label, tuple[CompanyClass, ...]] = {}
    perhaps: dict[Label, tuple[CompanyClass, ...]] = {}
    for label in labels():
        names = _LabelNames.of(label)
        scores = [t.nearness(names) for t in terms]
        top = max(scores)
        if not top:
            if holding := tuple(c for c, t in zip(classes, terms, strict=True) if t.holds(names)):
                perhaps[label] = holding
            continue
        best = [c for c, score in zip(classes, scores, strict=True) if score == top]
        severest = max(best, key=lambda c: (severity[c.grade], -c.row))
        chosen[label] = severest, "name" if top > 1 else "description"
        if others := tuple(c for c in best if c.levels != severest.levels):
            doubtful[label] = others
    raw = {
        "id": id, "title": title, "source": title, "grades": list(severity),
        "labels": {
            str(label): {"levels": list(c.levels), "grade": c.grade, "confidence": "recalled"}
            for label, (c, _) in chosen.items()
        },
    }
    return CompanyTaxonomy(raw, tuple(classes), chosen, doubtful, perhaps)


@dataclass(frozen=True, slots=True)
class _LabelNames:
    """What a label is called, folded.

    titles: its own; every: its titles and the words of our lexicon for it.
    """

    titles: frozenset[str]
    every: frozenset[str]

    @classmethod
    def of(cls, label: Label) -> _LabelNames:
        """Return the names of a label.

        The title of a candidate of important data goes without the brackets that say so.
        """
        about = labels()[label]
        titles = frozenset(fold_name(re.sub("（.*）", "", text)) for text in (about.zh, about.en, label))
        return cls(
            titles, titles | {fold_name(word) for word in chinese_words().get(label, ()) if len(word) > 1}
        )


@dataclass(frozen=True, slots=True)
class _ClassTerms:
    """What a class speaks of, folded: its own name, the names in it and in its description, and all of it."""

    own: str
    parts: frozenset[str]
    about: frozenset[str]
    whole: str

    @classmethod
    def of(cls, company_class: CompanyClass) -> _ClassTerms:
        """Return the terms of a class."""
        own = company_class.levels[-1]
        about = company_class.about
        return cls(fold_name(own), _listed_names(own), _listed_names(about), fold_name(own + "\n" + about))

    def nearness(self, names: _LabelNames) -> int:
        """How well the class speaks of a label.

        4 by its title, 3 by another of its names, 2 by a name it lists, 1 by its description, 0 not. Only
        whole names count: 地址 within 电子邮件地址 means something else.
        """
        if self.own in names.titles:
            return 4
        if self.own in names.every and self.own not in WIDER:
            return 3
        return 2 if self.parts & names.every else 1 if self.about & names.every else 0

    def holds(self, names: _LabelNames) -> bool:
        """Does a name of the label stand anywhere in the class, be it within a longer word?"""
        return any(len(name) > 1 and name in self.whole for name in names.every)


def _listed_names(text: str) -> frozenset[str]:
    """The names a text lists, each also without the words around it that leave its meaning as it is.

    >>> sorted(_listed_names("个人姓名信息"))
    ['个人姓名', '个人姓名信息', '姓名', '姓名信息']
    """
    names = {fold_name(text), *(fold_name(part) for part in TITLE_SEPARATORS.split(text))} - {""}
    names |= {name.removesuffix(word) for name in names for word in NEUTRAL_SUFFIXES if name not in WIDER}
    names |= {name.removeprefix(word) for name in names for word in NEUTRAL_PREFIXES}
    return frozenset(names) - {"", *WIDER}


def order_grades(grades: set[str]) -> tuple[str, ...]:
    """Return grades from least to most severe: by the number in them, else by the words commonly used."""
    return tuple(sorted(grades, key=_grade_severity))


def _grade_severity(grade: str) -> tuple[int, str]:
    if digits := re.search(r"[0-9]+", grade):
        return int(digits[0]), grade
    if (chinese_digit := re.search(rf"[{CHINESE_DIGITS}](?=级|$)", grade)) is not None:
        return CHINESE_DIGITS.index(chinese_digit[0]) + 1, grade
    return next((i for i, word in enumerate(SEVERITY_WORDS) if word in grade), len(SEVERITY_WORDS)), grade
