"""A company's own taxonomy, read from its table of classes and grades, with our labels put into its classes by their names."""

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

HEADS: Mapping[str, tuple[str, ...]] = {
    "1": ("一级", "一级分类", "一级类别", "一级类目", "一级子类", "大类", "level1", "level 1"),
    "2": ("二级", "二级分类", "二级类别", "二级类目", "二级子类", "中类", "level2", "level 2"),
    "3": ("三级", "三级分类", "三级类别", "三级类目", "三级子类", "小类", "level3", "level 3"),
    "grade": ("分级", "级别", "等级", "安全级别", "安全等级", "数据级别", "数据分级", "定级", "最低安全级别", "grade"),
    "about": ("说明", "描述", "内容", "示例", "举例", "数据项", "备注", "包含内容", "内容说明", "典型数据项", "description", "examples"),
}
TOP = 15                                      # rows among which the heads are looked for
ORDERED = "一二三四五六七八九十"
NAMED = 4                                     # cells named one by one in an error
LONGEST_TITLE = 60
PLAIN_SHEET = re.compile(r"(sheet|工作表|表)\s*[0-9]*", re.IGNORECASE)
PARTS = re.compile(r"[、，,;；/\s。（）()：:]+|和|与|及|或")
BEFORE = ("个人", "用户", "客户", "会员", "员工", "本人")    # words around a name that leave its meaning as it is
AFTER = ("信息", "数据", "资料", "字段", "类", "等", "号码", "号")
WIDER = frozenset(("个人信息", "用户信息", "会员信息", "原始用户信息", "法人"))   # names of columns that as a class mean more


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

    chosen: label -> (class, by name or description). doubtful: other classes as near. perhaps: of a label without a class, those that
    hold one of its names within a longer word, which may mean something else.
    """

    raw: Mapping[str, Any]
    classes: tuple[CompanyClass, ...]
    chosen: Mapping[Label, tuple[CompanyClass, str]]
    doubtful: Mapping[Label, tuple[CompanyClass, ...]]
    perhaps: Mapping[Label, tuple[CompanyClass, ...]]

    @property
    def unmapped(self) -> tuple[Label, ...]:
        """Labels no class was found for."""
        return tuple(x for x in labels() if x not in self.chosen)

    @property
    def unused(self) -> tuple[CompanyClass, ...]:
        """Classes no label was put into."""
        used = {c.row for c, _ in self.chosen.values()}
        return tuple(c for c in self.classes if c.row not in used)


def read_company_xlsx(file: Path, sheet: str = "", title: str = "") -> CompanyTaxonomy:
    """Read the table; RulesError naming the sheet and cell at fault.

    title: where it is empty, the line above the heads, else the sheet's name, else the file's.
    """
    book = open_workbook(file, RulesError)
    if sheet and sheet not in book.sheetnames:
        known = book.sheetnames
        raise RulesError(
            Msg('no sheet "{name}"', name=sheet),
            where=str(file),
            hint=nearest(sheet, known) or Msg("known: {names}", names=tuple(known)),
        )
    for name in [sheet] if sheet else book.sheetnames:
        rows = [[_text(v) for v in row] for row in book[name].iter_rows(values_only=True)]
        heads, at = _heads(rows)
        if heads:
            _readable(file, name, heads, at)
            return match_labels(_classes(rows, heads, at, f"{file}, {name}"), file.stem, title or _title(rows[:at], name) or file.stem)
    raise RulesError(
        Msg("no row with the heads 一级 and 分级"),
        where=str(file),
        hint=Msg("heads: 一级, 二级, 三级, 分级, 说明"),
    )


def _readable(file: Path, sheet: str, heads: Mapping[str, int], at: int) -> None:
    """RulesError naming the cells below the heads whose formula has no value, or failed: they must not be taken for blank ones."""
    values = open_workbook(file, RulesError)[sheet]
    bad = [
        f"{cell.column_letter}{cell.row}"
        for row in open_workbook(file, RulesError, values=False)[sheet].iter_rows(min_row=at + 2)
        for cell in row
        if cell.data_type in ("f", "e") and cell.column - 1 in heads.values()
        and ((value := values[cell.coordinate]).value is None or value.data_type == "e")
    ]
    if bad:
        named = ", ".join(bad[:NAMED]) + (f" and {len(bad) - NAMED} more" if len(bad) > NAMED else "")
        raise RulesError(
            Msg("{n} cells cannot be read: a formula without a value ({cells})", n=len(bad), cells=named),
            where=f"{file}, {sheet}!{bad[0]}",
            hint=Msg("open the file in a spreadsheet program and save it there, or write the text itself"),
        )


def _title(above: Sequence[Sequence[str]], sheet: str) -> str:
    """The first line above the heads that is one text alone, else the name of the sheet; empty where it has none of its own."""
    alone = [texts[0] for row in above if len(texts := [x for x in dict.fromkeys(row) if x]) == 1 and len(texts[0]) <= LONGEST_TITLE]
    return alone[0] if alone else "" if PLAIN_SHEET.fullmatch(sheet.strip()) else sheet.strip()


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(value)).strip() if value is not None else ""


def _heads(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """Key -> position of the first row among the top ones that has a class and a grade."""
    by_word = {fold_name(w): key for key, words in HEADS.items() for w in words}
    for at, row in enumerate(rows[:TOP]):
        found: dict[str, int] = {}
        for i, cell in enumerate(row):
            key = by_word.get(fold_name(re.sub(r"[（(].*", "", cell)))
            if key is not None:
                found.setdefault(key, i)
        if {"1", "grade"} <= set(found):
            return found, at
    return {}, 0


def _classes(rows: Sequence[Sequence[str]], heads: Mapping[str, int], at: int, where: str) -> tuple[CompanyClass, ...]:
    """Rows below the heads; what merged cells leave blank is taken from above, and a new wider class ends the narrower ones."""
    out: list[CompanyClass] = []
    above = ["", "", ""]
    for n, row in enumerate(rows[at + 1:], at + 2):
        def cell(key: str, row: Sequence[str] = row) -> str:
            i = heads.get(key)
            return row[i] if i is not None and i < len(row) else ""

        if not any(row):
            continue
        given = [cell("1"), cell("2"), cell("3")]
        for i, text in enumerate(given):
            if text:
                above = [*above[:i], text, *([""] * (2 - i))]
        levels = tuple(x for x in above if x)
        if not cell("grade"):
            if any(given) and not cell("about"):
                continue                      # a heading of the table
            raise RulesError(Msg("the row has no grade"), where=f"{where}!{n}", hint=Msg("fill 分级"))
        if not levels:
            raise RulesError(Msg("the row has no class"), where=f"{where}!{n}", hint=Msg("fill 一级"))
        out.append(CompanyClass(levels, cell("grade"), cell("about"), n))
    if not out:
        raise RulesError(
            Msg("no row below the heads"), where=where, hint=Msg("one row a class, with its grade")
        )
    return tuple(out)


def match_labels(classes: Sequence[CompanyClass], id: str, title: str) -> CompanyTaxonomy:
    """Every label put into the class whose name or description speaks of it; the more severe of two as near."""
    grades = order_grades({c.grade for c in classes})
    said = [_class_terms(c) for c in classes]
    chosen: dict[Label, tuple[CompanyClass, str]] = {}
    doubtful: dict[Label, tuple[CompanyClass, ...]] = {}
    perhaps: dict[Label, tuple[CompanyClass, ...]] = {}
    for label in labels():
        title_, names = _names(label)
        scores = [_near(title_, names, x) for x in said]
        if not (top := max(scores)):
            if some := tuple(c for c, x in zip(classes, said, strict=True) if any(len(n) > 1 and n in x.whole for n in names)):
                perhaps[label] = some
            continue
        best = [c for c, score in zip(classes, scores, strict=True) if score == top]
        picked = max(best, key=lambda c: (grades.index(c.grade), -c.row))
        chosen[label] = picked, "name" if top > 1 else "description"
        if others := tuple(c for c in best if c.levels != picked.levels):
            doubtful[label] = others
    raw = {
        "id": id, "title": title, "source": title, "grades": list(grades),
        "labels": {str(x): {"levels": list(c.levels), "grade": c.grade, "confidence": "recalled"} for x, (c, _) in chosen.items()},
    }
    return CompanyTaxonomy(raw, tuple(classes), chosen, doubtful, perhaps)


@dataclass(frozen=True, slots=True)
class _ClassTerms:
    """What a class speaks of, folded: its own name, the names in it and in its description, and all of it."""

    own: str
    parts: frozenset[str]
    about: frozenset[str]
    whole: str


def _class_terms(c: CompanyClass) -> _ClassTerms:
    return _ClassTerms(fold_name(c.levels[-1]), _parts(c.levels[-1]), _parts(c.about), fold_name(c.levels[-1] + "\n" + c.about))


def _parts(text: str) -> frozenset[str]:
    """The names a text lists, each also without the words around it that leave its meaning as it is.

    >>> sorted(_parts("个人姓名信息"))
    ['个人姓名', '个人姓名信息', '姓名', '姓名信息']
    """
    found = {fold_name(text), *(fold_name(p) for p in PARTS.split(text))} - {""}
    found |= {p.removesuffix(w) for p in found for w in AFTER if p not in WIDER}
    return frozenset(found | {p.removeprefix(w) for p in found for w in BEFORE}) - {"", *WIDER}


def _names(label: Label) -> tuple[frozenset[str], frozenset[str]]:
    """(its titles, all its names), folded. The title of a candidate of important data goes without what says so."""
    about = labels()[label]
    titles = frozenset(fold_name(re.sub("（.*）", "", x)) for x in (about.zh, about.en, label))
    return titles, titles | {fold_name(w) for w in chinese_words().get(label, ()) if len(w) > 1}


def _near(titles: frozenset[str], names: frozenset[str], said: _ClassTerms) -> int:
    """How well a class speaks of a label: 4 by its title, 3 by another of its names, 2 by a name it lists, 1 by its description, 0 not.

    Only whole names count: 地址 within 电子邮件地址 means something else.
    """
    if said.own in titles:
        return 4
    if said.own in names and said.own not in WIDER:
        return 3
    return 2 if said.parts & names else 1 if said.about & names else 0


def order_grades(grades: set[str]) -> tuple[str, ...]:
    """Grades from least to most severe: by the number in them, else by the words commonly used."""
    severe = ("公开", "一般", "内部", "敏感", "重要", "秘密", "机密", "核心", "绝密")

    def rank(grade: str) -> tuple[int, str]:
        if digits := re.search(r"[0-9]+", grade):
            return int(digits[0]), grade
        if (chinese_digit := re.search(rf"[{ORDERED}](?=级|$)", grade)) is not None:
            return ORDERED.index(chinese_digit[0]) + 1, grade
        return next((i for i, w in enumerate(severe) if w in grade), len(severe)), grade

    return tuple(sorted(grades, key=rank))
