"""A company's own taxonomy, read from its table of classes and grades, with our labels put into its classes by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.model import Label
from detectors.names.lexicon import chinese
from mappings.baseline import folded
from mappings.data import workbook

HEADS: Mapping[str, tuple[str, ...]] = {
    "1": ("一级", "一级分类", "一级类别", "一级类目", "一级子类", "大类", "level1", "level 1"),
    "2": ("二级", "二级分类", "二级类别", "二级类目", "二级子类", "中类", "level2", "level 2"),
    "3": ("三级", "三级分类", "三级类别", "三级类目", "三级子类", "小类", "level3", "level 3"),
    "grade": ("分级", "级别", "等级", "安全级别", "安全等级", "数据级别", "数据分级", "定级", "最低安全级别", "grade"),
    "about": ("说明", "描述", "内容", "示例", "举例", "数据项", "备注", "包含内容", "内容说明", "典型数据项", "description", "examples"),
}
TOP = 15                                      # rows among which the heads are looked for
ORDERED = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Class:
    """A row of the company's table. levels: 一级 to 三级, as far as it goes."""

    levels: tuple[str, ...]
    grade: str
    about: str
    row: int


@dataclass(frozen=True, slots=True)
class Imported:
    """A company's taxonomy in the form of our files. chosen: label -> (row, by name, word or description). doubtful: other rows as near."""

    raw: Mapping[str, Any]
    classes: tuple[Class, ...]
    chosen: Mapping[Label, tuple[Class, str]]
    doubtful: Mapping[Label, tuple[Class, ...]]

    @property
    def unmapped(self) -> tuple[Label, ...]:
        """Labels no class was found for."""
        return tuple(x for x in labels() if x not in self.chosen)

    @property
    def unused(self) -> tuple[Class, ...]:
        """Classes no label was put into."""
        used = {c.row for c, _ in self.chosen.values()}
        return tuple(c for c in self.classes if c.row not in used)


def from_xlsx(file: Path, sheet: str = "") -> Imported:
    """Read the table; RulesError naming the sheet and cell at fault."""
    book = workbook(file, RulesError)
    if sheet and sheet not in book.sheetnames:
        known = book.sheetnames
        raise RulesError(f'no sheet "{sheet}"', where=str(file), hint=nearest(sheet, known) or f"known: {', '.join(known)}")
    for name in [sheet] if sheet else book.sheetnames:
        rows = [[_text(v) for v in row] for row in book[name].iter_rows(values_only=True)]
        heads, at = _heads(rows)
        if heads:
            return imported(_classes(rows, heads, at, f"{file}, {name}"), file.stem)
    raise RulesError("no row with the heads 一级 and 分级", where=str(file), hint="heads: 一级, 二级, 三级, 分级, 说明")


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(value)).strip() if value is not None else ""


def _heads(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """Key -> position of the first row among the top ones that has a class and a grade."""
    by_word = {folded(w): key for key, words in HEADS.items() for w in words}
    for at, row in enumerate(rows[:TOP]):
        found: dict[str, int] = {}
        for i, cell in enumerate(row):
            key = by_word.get(folded(re.sub(r"[（(].*", "", cell)))
            if key is not None:
                found.setdefault(key, i)
        if {"1", "grade"} <= set(found):
            return found, at
    return {}, 0


def _classes(rows: Sequence[Sequence[str]], heads: Mapping[str, int], at: int, where: str) -> tuple[Class, ...]:
    """Rows below the heads; what merged cells leave blank is taken from above, and a new wider class ends the narrower ones."""
    out: list[Class] = []
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
            raise RulesError("the row has no grade", where=f"{where}!{n}", hint="fill 分级")
        if not levels:
            raise RulesError("the row has no class", where=f"{where}!{n}", hint="fill 一级")
        out.append(Class(levels, cell("grade"), cell("about"), n))
    if not out:
        raise RulesError("no row below the heads", where=where, hint="one row a class, with its grade")
    return tuple(out)


def imported(classes: Sequence[Class], name: str) -> Imported:
    """Every label put into the class whose name or description speaks of it; the more severe of two as near."""
    grades = ordered({c.grade for c in classes})
    chosen: dict[Label, tuple[Class, str]] = {}
    doubtful: dict[Label, tuple[Class, ...]] = {}
    for label in labels():
        near = sorted(((*_near(label, c), -i) for i, c in enumerate(classes)), reverse=True)
        best = [classes[-i] for score, _, i in near if score == near[0][0]]
        if near[0][0] == 0:
            continue
        picked = max(best, key=lambda c: (grades.index(c.grade), -c.row))
        chosen[label] = picked, near[0][1]
        if others := tuple(c for c in best if c.levels != picked.levels):
            doubtful[label] = others
    raw = {
        "id": name, "title": name, "source": name, "grades": list(grades),
        "labels": {str(x): {"levels": list(c.levels), "grade": c.grade, "confidence": "recalled"} for x, (c, _) in chosen.items()},
    }
    return Imported(raw, tuple(classes), chosen, doubtful)


def _near(label: Label, c: Class) -> tuple[int, str]:
    """How well a class speaks of a label: 5 by its title, 4 by another of its names, 3 by a word in it, 2 by its description, 0 not."""
    about = labels()[label]
    words = [folded(w) for w in dict.fromkeys((about.zh, *chinese().get(label, ()))) if len(w) > 1]
    own, text = folded(c.levels[-1]), folded(c.about)
    if own in (folded(about.zh), folded(about.en), label):
        return 5, "name"
    if own in words:
        return 4, "name"
    if any(w in own for w in words):
        return 3, "word"
    parts = {folded(p) for p in re.split(r"[、，,;；/\s。（）()：:]+", c.about)}
    if parts & set(words):
        return 2, "description"
    return (1, "description") if any(len(w) > 2 and w in text for w in words) else (0, "")


def ordered(grades: set[str]) -> tuple[str, ...]:
    """Grades from least to most severe: by the number in them, else by the words commonly used."""
    severe = ("公开", "一般", "内部", "敏感", "重要", "秘密", "机密", "核心", "绝密")

    def rank(grade: str) -> tuple[int, str]:
        if digits := re.search(r"[0-9]+", grade):
            return int(digits[0]), grade
        if (chinese_digit := re.search(rf"[{ORDERED}](?=级|$)", grade)) is not None:
            return ORDERED.index(chinese_digit[0]) + 1, grade
        return next((i for i, w in enumerate(severe) if w in grade), len(severe)), grade

    return tuple(sorted(grades, key=rank))
