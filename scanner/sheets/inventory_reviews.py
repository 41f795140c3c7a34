"""Reviewers' columns of the inventory read back as reviews.

Every cell at fault is named, all at once, and then nothing is recorded.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, nearest
from detectors.input_files import check_regular
from detectors.message import Msg, Text, Word
from detectors.model import ColumnId
from mappings.names import fold_name
from mappings.workbooks import MOST_STREAMED, check_package
from reports.cells import shown
from reports.inventory.cell_values import verdict_words
from reports.inventory.sheet_columns import SHEETS, sheet_columns
from reports.model import ColumnReport, Report, Reviewed
from reports.reviews.review import Review, Verdict, parse_basis
from scanner.records.reviews import find_label, first_fault, is_future
from scanner.sheets.cell_fault import CellFault

HEADS: Mapping[str, Mapping[str, str]] = {              # language -> key of a column -> its heading
    lang: {h.key: h.title(lang) for h in sheet_columns() if h.review or h.key in ("seen", "id")}
    for lang in SHEETS
}
ANSWER_KEYS = ("verdict", "to", "by", "on", "why", "until")
EXPORT_HINT = Msg("chujing review export -o reviews.xlsx writes one")
# in Chinese the register of flows says these four otherwise
MERGED = Word("cells are merged", "单元格已合并")
UNMERGE = Word("unmerge them and fill every cell", "取消合并，逐格填写")
REMOVE_ONE = Word("remove one of them", "删去其中一列")


@dataclass(frozen=True, slots=True)
class ImportedReviews:
    """What a sheet or a file says. unchanged: rows that say what is recorded already."""

    reviews: tuple[Review, ...]
    faults: tuple[CellFault, ...]
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _InventoryRow:
    """One row of a sheet: what stands in its cells, by key of the column, and the letters of the columns."""

    sheet: str
    number: int
    values: Mapping[str, Any]
    letters: Mapping[str, str]
    lang: str                                 # of the headings

    @property
    def heads(self) -> Mapping[str, str]:
        return HEADS[self.lang]

    @property
    def verdict_words(self) -> Mapping[Verdict, str]:
        return verdict_words(self.lang)

    def text(self, key: str, longest: int | None = None) -> str:
        """Return a cell as text, cut to `longest` characters."""
        return str(self.values[key])[:longest]

    def cell(self, key: str) -> str:
        return f"{self.sheet}!{self.letters[key]}{self.number}"

    def fault(self, key: str, what: Text, remedy: Text) -> CellFault:
        return CellFault(self.cell(key), what, remedy)


def read(file: Path, report: Report, today: date) -> ImportedReviews:
    """Return every review that differs from what a report with its reviews shows, and every fault."""
    columns: dict[str, ColumnReport | None] = {}
    for c in (c for table in report.tables for c in table.columns):
        key = shown(c.id).strip()
        columns[key] = None if key in columns else c  # ids that look alike in a cell stand for neither
    faults: list[CellFault] = []
    first_rows: dict[ColumnId, tuple[Review, str]] = {}
    new: dict[ColumnId, Review] = {}
    unchanged = 0
    for row in _rows(file, faults):
        if not any(row.values[k] for k in ANSWER_KEYS) and not row.values["id"]:
            continue
        column = columns.get(row.text("id"))
        review, row_faults = _read_row(row, column, today)
        faults += row_faults
        if review is None or column is None:
            continue
        first, cell = first_rows.setdefault(column.id, (review, row.cell("verdict")))
        if first != review:                   # also where one of the two is recorded already
            what = Msg('"{id}" is decided otherwise in {cell}', id=row.values["id"], cell=cell)
            faults.append(row.fault("verdict", what, Msg("keep one of the two rows")))
        elif _is_recorded(review, column.reviewed):
            unchanged += 1
        else:
            new[column.id] = review
    return ImportedReviews(tuple(new.values()), tuple(faults), unchanged)


def _rows(file: Path, faults: list[CellFault]) -> Iterator[_InventoryRow]:
    """The rows of every sheet of the inventory; ConfigError when there is none or it lacks a column.

    faults: filled.
    """
    from openpyxl import load_workbook

    check_regular(file, str(file), ConfigError)
    check_package(file, ConfigError, most=MOST_STREAMED)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except FileNotFoundError:
        raise ConfigError(Msg("no such file"), where=str(file), hint=EXPORT_HINT) from None
    except Exception:  # openpyxl raises many kinds for what is no workbook
        raise ConfigError(Msg("not an XLSX workbook"), where=str(file), hint=EXPORT_HINT) from None
    try:
        title = re.compile(rf"({'|'.join(SHEETS.values())})( [0-9]+)?")
        sheets = [s for s in book.worksheets if title.fullmatch(s.title.strip())]
        if not sheets:
            near = next(filter(None, (nearest(name, book.sheetnames) for name in SHEETS.values())), None)
            raise ConfigError(
                Msg('no sheet "{zh}" or "{en}"', **SHEETS), where=str(file), hint=near or EXPORT_HINT
            )
        for sheet in sheets:
            faults += _merged_cells(file, sheet)
            yield from _sheet_rows(file, sheet)
    finally:
        book.close()


def _sheet_rows(file: Path, sheet: Any) -> Iterator[_InventoryRow]:
    from openpyxl.utils import get_column_letter

    lang, positions = "", dict[str, int]()
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if not positions:
            lang, positions = _find_heads(row, number, f"{file}, {sheet.title}")
            letters = {key: get_column_letter(i + 1) for key, i in positions.items()}
            continue
        yield _InventoryRow(
            sheet.title, number, {k: _cell_value(row, i) for k, i in positions.items()}, letters, lang
        )


def _find_heads(row: Sequence[Any], number: int, where: str) -> tuple[str, dict[str, int]]:
    """(language, key -> position); none above the row of heads.

    ConfigError when a column is missing or there twice.
    """
    names = [fold_name(str(v)) if v is not None else "" for v in row]
    lang = max(HEADS, key=lambda x: len({fold_name(h) for h in HEADS[x].values()} & set(names)))
    heads = HEADS[lang]
    places = {k: [i for i, name in enumerate(names) if name == fold_name(head)] for k, head in heads.items()}
    if not any(places.values()) and number < 10:
        return lang, {}
    at = Msg("{where}, row {n}", where=where, n=number)
    if missing := [heads[k] for k, positions in places.items() if not positions]:
        raise ConfigError(
            Msg("the column {head} is missing", head=missing[0]),
            where=at,
            hint=Msg("it was deleted or renamed: take it from a new chujing review export"),
        )
    if twice := [heads[k] for k, positions in places.items() if len(positions) > 1]:
        raise ConfigError(Msg("the column {head} stands twice", head=twice[0]), where=at, hint=REMOVE_ONE)
    return lang, {k: positions[0] for k, positions in places.items()}


def _cell_value(row: Sequence[Any], i: int) -> Any:
    """A cell: a date, a number, or text without blanks around it; "" for an empty one."""
    value = row[i] if i < len(row) else None
    if isinstance(value, datetime):
        return value.date()
    return value.strip() if isinstance(value, str) else value if value is not None else ""


def _merged_cells(file: Path, sheet: Any) -> Iterator[CellFault]:
    """A fault for every merged area: only its first cell holds the answer.

    The reader of large sheets does not know them.
    """
    with zipfile.ZipFile(file) as archive, archive.open(str(sheet._worksheet_path).lstrip("/")) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            text = tail + chunk
            for area in re.findall(rb'<(?:\w+:)?mergeCell [^>]*ref="([^"]{1,40})"', text):
                yield CellFault(f"{sheet.title}!{area.decode('ascii', 'replace')}", MERGED, UNMERGE)
            tail = text[text.rfind(b"<"):] if b"<" in text else b""


def _read_row(
    row: _InventoryRow, column: ColumnReport | None, today: date
) -> tuple[Review | None, list[CellFault]]:
    """The review a row makes, and what is wrong with its cells.

    No review where there is a fault or no verdict.
    """
    if not row.values["verdict"]:
        return None, list(_without_verdict(row, column))
    if column is None:
        what = Msg('the last scan has no column "{text}", or several that look so', text=row.text("id", 200))
        return None, [row.fault("id", what, Msg("delete the row, or export anew"))]
    verdict = _verdict(row.text("verdict"))
    if verdict is None:
        what = Msg('"{text}" is no {verdict}', text=row.text("verdict", 60), verdict=row.heads["verdict"])
        return None, [row.fault("verdict", what, _verdict_choices(row))]
    cells = _AnswerReader(row, verdict, today)
    label, on, until = cells.label(), cells.day("on"), cells.day("until")
    if on is not None and is_future(on, today):
        what = Msg("{on} is {day}, which is yet to come", on=row.heads["on"], day=on)
        cells.faults.append(row.fault("on", what, Msg("the day it was decided, or none")))
    if cells.faults:
        return None, cells.faults
    basis = row.text("seen")
    review = Review(
        row.text("by"),
        on or today,
        verdict,
        (column.id,),
        label=_label_in(basis),
        to=label,
        why=row.text("why"),
        until=until,
        basis=basis,
    )
    if _is_recorded(review, column.reviewed):
        return review, []
    faults = [
        row.fault(rule.key, rule.what(row, review), rule.remedy(row)) for rule in RULES if rule.broken(review)
    ]
    if not faults and (fault := first_fault(review)) is not None:
        faults = [_row_fault(row, *fault)]
    return (None if faults else review), faults


def _without_verdict(row: _InventoryRow, column: ColumnReport | None) -> Iterator[CellFault]:
    """Answers beside an empty verdict, and a recorded verdict that was emptied."""
    recorded = column.reviewed if column is not None else None
    verdict = row.heads["verdict"]
    if row.values["to"] or row.values["why"]:
        what = Msg("{verdict} is empty beside other answers", verdict=verdict)
        yield row.fault("verdict", what, _verdict_choices(row))
    elif recorded is not None and not recorded.stale:
        what = Msg("a recorded {verdict} was removed", verdict=verdict)
        yield row.fault(
            "verdict", what, Msg("chujing review undo {review}, or put it back", review=recorded.id)
        )


def _verdict_choices(row: _InventoryRow) -> Msg:
    return Msg("one of: {choices}", choices=", ".join(row.verdict_words.values()))


class _AnswerReader:
    """Reads the answers of a row that has a verdict; collects what is wrong with them."""

    def __init__(self, row: _InventoryRow, verdict: Verdict, today: date) -> None:
        self._row = row
        self._verdict = verdict
        self._today = today
        self.faults: list[CellFault] = []

    def _refuse(self, key: str, what: Text, remedy: Text) -> None:
        self.faults.append(self._row.fault(key, what, remedy))

    def label(self) -> str:
        """Return the right label of a relabelling; "" for other verdicts and for a fault."""
        row, heads = self._row, self._row.heads
        relabelled = row.verdict_words["relabel"]
        names = {"to": heads["to"], "verdict": heads["verdict"]}
        if self._verdict != "relabel":
            if row.values["to"]:
                verdict_word = row.verdict_words[self._verdict]
                remedy = Msg(
                    "{verdict}: {relabelled}, or empty the cell",
                    verdict=names["verdict"],
                    relabelled=relabelled,
                )
                what = Msg("{to} is filled, and {verdict} is {said}", **names, said=verdict_word)
                self._refuse("to", what, remedy)
            return ""
        if not row.values["to"]:
            what = Msg("{verdict} is {relabelled}, and {to} is empty", **names, relabelled=relabelled)
            self._refuse("to", what, Msg("choose the right label from the list"))
            return ""
        try:
            return str(find_label(row.text("to")))
        except ConfigError as e:
            is_near = e.hint.startswith("Did you mean")
            hint = e.hint if is_near else Msg("choose from the list, or see chujing detectors")
            self._refuse("to", Msg('no detector makes the label "{text}"', text=row.text("to", 200)), hint)
            return ""

    def day(self, key: str) -> date | None:
        """Return the date in a cell; None for an empty one and for a fault."""
        value = self._row.values[key]
        day = _parse_day(value)
        if value and day is None:
            what = Msg('"{text}" is no date', text=self._row.text(key, 60))
            self._refuse(key, what, Msg("write 2026-01-31 or use a date cell"))
        return day


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a review must hold, whichever verdict it has. key: the cell at fault."""

    key: str
    broken: Callable[[Review], bool]
    what: Callable[[_InventoryRow, Review], Text]
    remedy: Callable[[_InventoryRow], Text]


RULES = (
    _Rule(
        "why",
        lambda review: review.verdict != "accept" and not review.why.strip(),
        lambda row, review: Msg(
            "{why} is empty: a decision to {said} has one",
            why=row.heads["why"],
            said=row.verdict_words[review.verdict],
        ),
        lambda row: Msg("fill {why}", why=row.heads["why"]),
    ),
    _Rule(
        "by",
        lambda review: not review.by.strip(),
        lambda row, review: Msg("{by} is empty", by=row.heads["by"]),
        lambda row: Msg("say who decides"),
    ),
    _Rule(
        "until",
        lambda review: review.until is not None and review.until < review.on,
        lambda row, review: Msg(
            "{until} is {day}, before {on}, {made}",
            until=row.heads["until"],
            day=review.until,
            on=row.heads["on"],
            made=review.on,
        ),
        lambda row: Msg("a later day, or none"),
    ),
)


def _row_fault(row: _InventoryRow, key: str, what: Text, hint: Text) -> CellFault:
    """What else does not hold together. key: of the first fault, which need not be a column of the sheet."""
    if key == "seen":
        remedy = Msg("take the cell from the exported file again, or empty it")
        return row.fault("seen", Msg("{seen} was changed", seen=row.heads["seen"]), remedy)
    cell = key if key in row.letters else "verdict"
    return row.fault(cell, Msg("the row does not hold together: {said}", said=str(what)), Msg("mend the row"))


def _label_in(basis: str) -> str:
    """The label in what a column showed when the sheet was written."""
    try:
        return parse_basis(basis).label
    except ValueError:
        return ""


def _verdict(text: str) -> Verdict | None:
    english = verdict_words("en")
    return next((v for v, zh in verdict_words("zh").items() if text.casefold() in (v, zh, english[v])), None)


def _parse_day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).replace("/", "-")) if value else None
    except ValueError:
        return None


def _is_recorded(review: Review, recorded: Reviewed | None) -> bool:
    """Does a row say what is recorded already?"""
    if recorded is None or recorded.stale:
        return False
    to = str(recorded.label) if recorded.verdict == "relabel" else ""
    by, why = shown(recorded.by).strip(), shown(recorded.why).strip()
    recorded_parts = (recorded.verdict, to, by, recorded.on, why, recorded.until)
    return (review.verdict, review.to, review.by, review.on, review.why, review.until) == recorded_parts
