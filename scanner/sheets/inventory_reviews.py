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
from mappings.names import fold_name
from reports.cells import shown
from reports.inventory import LAST, SHEETS, verdicts
from reports.messages.render import render
from reports.messages.words import t
from reports.model import ColumnReport, Report, Reviewed
from reports.reviews.verdicts import Review, Verdict, parse_basis
from scanner.records.reviews import find_label, first_fault, is_future
from scanner.sheets.flow_register import CellFault

HEADS: Mapping[str, Mapping[str, str]] = {
    lang: {h.key: h.title(lang) for h in LAST if h.review or h.key in ("seen", "id")} for lang in SHEETS
}
ANSWERS = ("verdict", "to", "by", "on", "why", "until")


@dataclass(frozen=True, slots=True)
class ImportedReviews:
    """What a sheet or a file says. unchanged: rows that say what is recorded already."""

    reviews: tuple[Review, ...]
    faults: tuple[CellFault, ...]
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _InventoryRow:
    """One row: its answers as typed, by key, and where each stands."""

    sheet: str
    row: int
    values: Mapping[str, Any]
    letters: Mapping[str, str]
    lang: str                                 # of the headings

    def at(self, key: str) -> str:
        return f"{self.sheet}!{self.letters[key]}{self.row}"


def read(file: Path, report: Report, today: date, lang: str = "en") -> ImportedReviews:
    """Every review that differs from what a report, with its reviews applied, shows; and every fault, in the reader's language."""
    columns: dict[str, ColumnReport | None] = {}
    for c in (c for table in report.tables for c in table.columns):
        key = shown(c.id).strip()
        columns[key] = None if key in columns else c          # ids that look alike in a cell stand for neither
    faults: list[CellFault] = []
    rows: dict[ColumnId, tuple[Review, str]] = {}
    new: dict[ColumnId, Review] = {}
    unchanged = 0
    for line in _lines(file, faults, lang):
        if not any(line.values[k] for k in ANSWERS) and not line.values["id"]:
            continue
        column = columns.get(str(line.values["id"]))
        review = _review(line, column, today, faults, lang)
        if review is None or column is None:
            continue
        other = rows.setdefault(column.id, (review, line.at("verdict")))
        if other[0] != review:                # also where one of the two is recorded already
            what = t("fault.otherwise", lang, id=line.values["id"], cell=other[1])
            faults.append(CellFault(line.at("verdict"), what, t("fault.otherwise.do", lang)))
        elif _same(review, column.reviewed):
            unchanged += 1
        else:
            new[column.id] = review
    return ImportedReviews(tuple(new.values()), tuple(faults), unchanged)


def _lines(file: Path, faults: list[CellFault], lang: str) -> Iterator[_InventoryRow]:
    """The rows of every sheet of the inventory; ConfigError when there is none or it lacks a column."""
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter

    hint = t("fault.file.do", lang)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except FileNotFoundError:
        raise ConfigError(t("fault.no_file", lang), where=str(file), hint=hint) from None
    except Exception:  # openpyxl raises many kinds for what is no workbook
        raise ConfigError(t("fault.no_workbook", lang), where=str(file), hint=hint) from None
    try:
        sheets = [s for s in book.worksheets if re.fullmatch(rf"({'|'.join(SHEETS.values())})( [0-9]+)?", s.title.strip())]
        if not sheets:
            near = next(filter(None, (nearest(x, book.sheetnames) for x in SHEETS.values())), "")
            raise ConfigError(t("fault.no_sheet", lang, **SHEETS), where=str(file), hint=render(near, lang) or hint)
        for sheet in sheets:
            _unmerged(file, sheet, faults, lang)
            heads: dict[str, int] = {}
            for n, row in enumerate(sheet.iter_rows(values_only=True), 1):
                if not heads:
                    written, heads = _heads(row, n, f"{file}, {sheet.title}", lang)
                    letters = {k: get_column_letter(i + 1) for k, i in heads.items()}
                    continue
                yield _InventoryRow(sheet.title, n, {k: _value(row, i) for k, i in heads.items()}, letters, written)
    finally:
        book.close()


def _heads(row: Sequence[Any], n: int, where: str, speak: str) -> tuple[str, dict[str, int]]:
    """(language, key -> position); empty above the row of heads. ConfigError when a column was deleted or named twice."""
    names = [fold_name(str(v)) if v is not None else "" for v in row]
    lang = max(HEADS, key=lambda x: len({fold_name(h) for h in HEADS[x].values()} & set(names)))
    titles = HEADS[lang]
    found = {key: [i for i, name in enumerate(names) if name == fold_name(title)] for key, title in titles.items()}
    if not any(found.values()) and n < 10:
        return lang, {}
    at = t("fault.row", speak, where=where, n=n)
    if missing := [titles[k] for k, places in found.items() if not places]:
        raise ConfigError(t("fault.no_head", speak, head=missing[0]), where=at, hint=t("fault.no_head.do", speak))
    if twice := [titles[k] for k, places in found.items() if len(places) > 1]:
        raise ConfigError(t("fault.two_heads", speak, head=twice[0]), where=at, hint=t("fault.two_heads.do", speak))
    return lang, {k: places[0] for k, places in found.items()}


def _value(row: Sequence[Any], i: int) -> Any:
    value = row[i] if i < len(row) else None
    if isinstance(value, datetime):
        return value.date()
    return value.strip() if isinstance(value, str) else value if value is not None else ""


def _unmerged(file: Path, sheet: Any, faults: list[CellFault], lang: str) -> None:
    """A fault for every merged area: only its first cell holds the answer."""
    with zipfile.ZipFile(file) as archive, archive.open(str(sheet._worksheet_path).lstrip("/")) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            text = tail + chunk
            for area in re.findall(rb'<(?:\w+:)?mergeCell [^>]*ref="([^"]{1,40})"', text):
                where = f"{sheet.title}!{area.decode('ascii', 'replace')}"
                faults.append(CellFault(where, t("fault.merged", lang), t("fault.merged.do", lang)))
            tail = text[text.rfind(b"<"):] if b"<" in text else b""


def _review(line: _InventoryRow, column: ColumnReport | None, today: date, faults: list[CellFault], lang: str) -> Review | None:
    """The review a row makes; None where it makes none or is at fault."""
    raw, words = line.values, verdicts(line.lang)
    heads = HEADS[line.lang]
    before = len(faults)

    def fault(key: str, what: str, remedy: str = "", **values: object) -> None:
        """what: key of the words; remedy: text, else the words of the key with `.do`. Columns go by the headings of the sheet."""
        known = {"choices": ", ".join(words.values()), **heads, "relabelled": words["relabel"], **values}
        faults.append(CellFault(line.at(key), t(f"fault.{what}", lang, **known), remedy or t(f"fault.{what}.do", lang, **known)))

    if not raw["verdict"]:
        held = column.reviewed if column is not None else None
        if raw["to"] or raw["why"]:
            fault("verdict", "alone")
        elif held is not None and not held.stale:
            fault("verdict", "removed", review=held.id)
        return None
    if column is None:
        fault("id", "no_column", text=str(raw["id"])[:200])
        return None
    verdict = _verdict(str(raw["verdict"]))
    if verdict is None:
        fault("verdict", "no_verdict", text=str(raw["verdict"])[:60])
        return None
    label, days = "", {}
    if raw["to"] and verdict == "relabel":
        try:
            label = str(find_label(str(raw["to"])))
        except ConfigError as e:
            fault("to", "no_label", render(e.hint, lang) if e.hint.startswith("Did you mean") else "", text=str(raw["to"])[:200])
    elif raw["to"]:
        fault("to", "needless", said=words[verdict])
    elif verdict == "relabel":
        fault("to", "no_to")
    for key in ("on", "until"):
        days[key] = _day(raw[key])
        if raw[key] and days[key] is None:
            fault(key, "no_date", text=str(raw[key])[:60])
    if days["on"] is not None and is_future(days["on"], today):
        fault("on", "future", day=days["on"])
    shown_then = str(raw["seen"])
    if len(faults) > before:
        return None
    made = Review(str(raw["by"]), days["on"] or today, verdict, (column.id,), label=_label(shown_then), to=label, why=str(raw["why"]),
                  until=days["until"], basis=shown_then)
    if _same(made, column.reviewed):
        return made
    if verdict != "accept" and not made.why.strip():
        fault("why", "no_why", said=words[verdict])
    if not made.by.strip():
        fault("by", "no_by")
    if made.until is not None and made.until < made.on:
        fault("until", "ended", day=made.until, made=made.on)
    if len(faults) == before and (bad := first_fault(made)) is not None:
        fault(bad[0] if bad[0] in line.letters else "verdict", "changed" if bad[0] == "seen" else "odd", said=bad[1])
    return made if len(faults) == before else None


def _label(seen: str) -> str:
    try:
        return parse_basis(seen).label
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
