"""Reviewers' columns of the inventory read back as reviews. Every cell at fault is named, all at once, and then nothing is recorded."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, nearest
from detectors.model import ColumnId
from mappings.baseline import folded
from reports.cells import shown
from reports.inventory import LAST, SHEETS, verdicts
from reports.model import ColumnReport, Report, Reviewed
from reports.reviews import Review, Verdict, parsed
from scanner.intake import Fault
from scanner.reviews import named, wrong

HEADS: Mapping[str, Mapping[str, str]] = {
    lang: {h.key: h.title(lang) for h in LAST if h.review or h.key in ("seen", "id")} for lang in SHEETS
}
ANSWERS = ("verdict", "to", "by", "on", "why", "until")


@dataclass(frozen=True, slots=True)
class Found:
    """What a sheet says. unchanged: rows that say what is recorded already."""

    reviews: tuple[Review, ...]
    faults: tuple[Fault, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: its answers as typed, by key, and where each stands."""

    sheet: str
    row: int
    values: Mapping[str, Any]
    letters: Mapping[str, str]
    lang: str                                 # of the headings

    def head(self, key: str) -> str:
        return HEADS[self.lang][key]

    def at(self, key: str) -> str:
        return f"{self.sheet}!{self.letters[key]}{self.row}"


def read(file: Path, report: Report, today: date) -> Found:
    """Every review that differs from what a report, with its reviews applied, shows; and every fault."""
    columns: dict[str, ColumnReport | None] = {}
    for c in (c for table in report.tables for c in table.columns):
        key = shown(c.id).strip()
        columns[key] = None if key in columns else c          # ids that look alike in a cell stand for neither
    faults: list[Fault] = []
    rows: dict[ColumnId, tuple[Review, str]] = {}
    new: dict[ColumnId, Review] = {}
    unchanged = 0
    for line in _lines(file, faults):
        if not any(line.values[k] for k in ANSWERS) and not line.values["id"]:
            continue
        column = columns.get(str(line.values["id"]))
        review = _review(line, column, today, faults)
        if review is None or column is None:
            continue
        other = rows.setdefault(column.id, (review, line.at("verdict")))
        if other[0] != review:                # also where one of the two is recorded already
            what = f'"{line.values["id"]}" is decided otherwise in {other[1]}'
            faults.append(Fault(line.at("verdict"), what, "keep one of the two rows"))
        elif _same(review, column.reviewed):
            unchanged += 1
        else:
            new[column.id] = review
    return Found(tuple(new.values()), tuple(faults), unchanged)


def _lines(file: Path, faults: list[Fault]) -> Iterator[_Line]:
    """The rows of every sheet of the inventory; ConfigError when there is none or it lacks a column."""
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter

    hint = "chujing review export -o reviews.xlsx writes one"
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except FileNotFoundError:
        raise ConfigError("no such file", where=str(file), hint=hint) from None
    except Exception:  # openpyxl raises many kinds for what is no workbook
        raise ConfigError("not an XLSX workbook", where=str(file), hint=hint) from None
    try:
        sheets = [s for s in book.worksheets if re.fullmatch(rf"({'|'.join(SHEETS.values())})( [0-9]+)?", s.title.strip())]
        if not sheets:
            near = next(filter(None, (nearest(x, book.sheetnames) for x in SHEETS.values())), "")
            raise ConfigError(f'no sheet "{SHEETS["zh"]}" or "{SHEETS["en"]}"', where=str(file), hint=near or hint)
        for sheet in sheets:
            _unmerged(file, sheet, faults)
            heads: dict[str, int] = {}
            for n, row in enumerate(sheet.iter_rows(values_only=True), 1):
                if not heads:
                    lang, heads = _heads(row, n, f"{file}, {sheet.title}")
                    letters = {k: get_column_letter(i + 1) for k, i in heads.items()}
                    continue
                yield _Line(sheet.title, n, {k: _value(row, i) for k, i in heads.items()}, letters, lang)
    finally:
        book.close()


def _heads(row: Sequence[Any], n: int, where: str) -> tuple[str, dict[str, int]]:
    """(language, key -> position); empty above the row of heads. ConfigError when a column was deleted or named twice."""
    names = [folded(str(v)) if v is not None else "" for v in row]
    lang = max(HEADS, key=lambda x: len({folded(h) for h in HEADS[x].values()} & set(names)))
    titles = HEADS[lang]
    found = {key: [i for i, name in enumerate(names) if name == folded(title)] for key, title in titles.items()}
    if not any(found.values()) and n < 10:
        return lang, {}
    if missing := [titles[k] for k, at in found.items() if not at]:
        raise ConfigError(f"the column {missing[0]} is missing", where=f"{where}, row {n}",
                          hint="it was deleted or renamed: take it from a new chujing review export")
    if twice := [titles[k] for k, at in found.items() if len(at) > 1]:
        raise ConfigError(f"the column {twice[0]} stands twice", where=f"{where}, row {n}", hint="remove one of them")
    return lang, {k: at[0] for k, at in found.items()}


def _value(row: Sequence[Any], i: int) -> Any:
    value = row[i] if i < len(row) else None
    if isinstance(value, datetime):
        return value.date()
    return value.strip() if isinstance(value, str) else value if value is not None else ""


def _unmerged(file: Path, sheet: Any, faults: list[Fault]) -> None:
    """A fault for every merged area: only its first cell holds the answer."""
    with zipfile.ZipFile(file) as archive, archive.open(str(sheet._worksheet_path).lstrip("/")) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            text = tail + chunk
            for area in re.findall(rb'<(?:\w+:)?mergeCell [^>]*ref="([^"]{1,40})"', text):
                where = f"{sheet.title}!{area.decode('ascii', 'replace')}"
                faults.append(Fault(where, "cells are merged", "unmerge them and fill every cell"))
            tail = text[text.rfind(b"<"):] if b"<" in text else b""


def _review(line: _Line, column: ColumnReport | None, today: date, faults: list[Fault]) -> Review | None:
    """The review a row makes; None where it makes none or is at fault."""
    raw, words = line.values, verdicts(line.lang)
    choices = f"one of: {', '.join(words.values())}"
    before = len(faults)

    def fault(key: str, what: str, remedy: str) -> None:
        faults.append(Fault(line.at(key), what, remedy))

    if not raw["verdict"]:
        held = column.reviewed if column is not None else None
        if raw["to"] or raw["why"]:
            fault("verdict", f"{line.head('verdict')} is empty beside other answers", choices)
        elif held is not None and not held.stale:
            fault("verdict", f"a recorded {line.head('verdict')} was removed", f"chujing review undo {held.id}, or put it back")
        return None
    if column is None:
        fault("id", f'the last scan has no column "{str(raw["id"])[:200]}", or several that look so', "delete the row, or export anew")
        return None
    verdict = _verdict(str(raw["verdict"]))
    if verdict is None:
        fault("verdict", f'"{str(raw["verdict"])[:60]}" is no verdict', choices)
        return None
    label, days = "", {}
    if raw["to"] and verdict == "relabel":
        try:
            label = str(named(str(raw["to"])))
        except ConfigError as e:
            fault("to", e.what[:200], e.hint)
    elif raw["to"]:
        asked = f"{line.head('verdict')}: {words['relabel']}, or empty the cell"
        fault("to", f"{line.head('to')} is filled, and {line.head('verdict')} is {words[verdict]}", asked)
    for key in ("on", "until"):
        days[key] = _day(raw[key])
        if raw[key] and days[key] is None:
            fault(key, f'"{str(raw[key])[:60]}" is no date', "write 2026-01-31 or use a date cell")
    shown_then = str(raw["seen"])
    if len(faults) > before:
        return None
    made = Review(str(raw["by"]), days["on"] or today, verdict, (column.id,), label=_label(shown_then), to=label, why=str(raw["why"]),
                  until=days["until"], seen=shown_then)
    if not _same(made, column.reviewed) and (bad := wrong(made)) is not None:
        key, what, hint = bad
        fault(key if key in line.letters else "verdict", what, hint)
        return None
    return made


def _label(seen: str) -> str:
    try:
        return parsed(seen).label
    except ValueError:
        return ""


def _verdict(text: str) -> Verdict | None:
    return next((v for v, zh in verdicts("zh").items() if text.casefold() in (v, zh, verdicts("en")[v])), None)


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).replace("/", "-")) if value else None
    except ValueError:
        return None


def _same(review: Review, held: Reviewed | None) -> bool:
    """Does a row say what is recorded already?"""
    if held is None or held.stale:
        return False
    to = str(held.label) if held.verdict == "relabel" else ""
    return (review.verdict, review.to, review.by, review.on, review.why, review.until) == (
        held.verdict, to, shown(held.by).strip(), held.on, shown(held.why).strip(), held.until)
