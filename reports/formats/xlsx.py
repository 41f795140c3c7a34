"""数据资产分类分级清单: the inventory as Chinese compliance teams keep it, one row a column, with columns for reviewers to fill.

Rows are written as they come, so memory does not grow with them. `chujing review import` reads the reviewers' columns back.
"""

from __future__ import annotations

from collections import Counter as Tallied
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from detectors.labels import labels
from detectors.model import unquote
from mappings.flow_report import FlowReport
from mappings.forecast import COUNTERS, Counter
from mappings.model import Estimate
from mappings.rules import RuleSet, in_force
from reports import cells, unread
from reports.files import replace_file
from reports.inventory import LANG, SHEETS, ReportedColumn, SheetColumn, heads, rows, sensitive_words, verdicts
from reports.messages.render import render
from reports.messages.words import t
from reports.model import Report, TableReport, primary, standing
from reports.wording.decision import main_reasons, path_words, reason_fact_words
from reports.wording.distance import LineCount, distance_words, year_count
from reports.wording.figures import method_words, number, persons, since_words
from reports.wording.table import coverage_words
from reports.wording.titles import purpose_words

LIMIT = 1_000_000                             # rows of one sheet; a spreadsheet ends at 1,048,576
PAGES_WIDE = 3                                # pages of A3 beside each other that the inventory is printed on
A4, A3 = 190, 270                             # characters across a page that is still readable
LINE, HIGHEST = 16.5, 405.0                   # points of a line, and of the highest row a spreadsheet knows
BINARY = True
SPEAKS = True                                 # is written in one language


def save(report: Report, path: Path, lang: str = LANG, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the inventory: one file, or above the limit an index and a file for each system; gives what was written."""
    if sum(len(table.columns) for table in report.tables) <= limit:
        _whole(path, report, lang, limit)
        return (path,)
    by_system: dict[str, list[TableReport]] = {}
    for table in report.tables:
        by_system.setdefault(table.id.split("/", 1)[0], []).append(table)
    names = _names(path, list(by_system))
    for system, tables in by_system.items():
        _whole(names[system], replace(report, tables=tuple(tables)), lang, limit)
    _whole(path, report, lang, limit, names)
    return (path, *names.values())


def _names(path: Path, systems: Sequence[str]) -> dict[str, Path]:
    """A file name for each system, none twice on any file system."""
    found: dict[str, Path] = {}
    taken = {path.name.casefold()}
    for system in systems:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in unquote(system))[:60]
        tried = (f"{path.stem}-{plain}{f'-{i}' if i else ''}{path.suffix}" for i in range(len(systems) + 2))
        name = next(n for n in tried if n.casefold() not in taken)
        taken.add(name.casefold())
        found[system] = path.with_name(name)
    return found


def _whole(path: Path, report: Report, lang: str, limit: int, parts: Mapping[str, Path] | None = None) -> None:
    """Write one file."""
    replace_file(path, lambda file: _book(report, lang, limit, parts).save(file))


def write(report: Report, file: IO[bytes]) -> None:
    """Write the inventory as one workbook, in Chinese."""
    _book(report, LANG, LIMIT).save(file)


def _book(report: Report, lang: str, limit: int, parts: Mapping[str, Path] | None = None) -> Any:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    columns = heads(report.gradings)
    if parts is None:
        _inventory(book, report, columns, lang, limit)
    _overview(book, report, lang, parts)
    _flows(book, report, lang)
    _skipped(book, report, lang)
    _help(book, columns, lang)
    lists = book.create_sheet(t("sheet.lists", lang))
    lists.sheet_state = "hidden"
    for info in labels().values():
        lists.append([info.zh if lang == "zh" else info.en, str(info.label)])
    book.properties.creator = "chujing"
    book.properties.created = book.properties.modified = datetime.fromisoformat(report.run.finished.replace("Z", "")[:19])
    return book


def _inventory(book: Any, report: Report, columns: Sequence[SheetColumn], lang: str, limit: int) -> None:
    """The rows, over as many sheets as they need."""
    todo = rows(report, lang)
    row: ReportedColumn | None = next(todo, None)
    part = 1
    while part == 1 or row is not None:
        sheet = book.create_sheet(SHEETS[lang] if part == 1 else f"{SHEETS[lang]} {part}")
        mine = min(limit, sum(len(x.columns) for x in report.tables) - (part - 1) * limit)
        _dress(sheet, columns, lang, max(mine, 1) + 1)
        for _ in range(limit):
            if row is None:
                break
            sheet.append([cells.cell(sheet, h.value(row)) for h in columns])
            row = next(todo, None)
        part += 1


def _dress(sheet: Any, columns: Sequence[SheetColumn], lang: str, last: int) -> None:
    """Heads, widths, filter, frozen panes and lists to choose from."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letters = {h.key: get_column_letter(i) for i, h in enumerate(columns, 1)}
    for h in columns:
        sheet.column_dimensions[letters[h.key]].width = h.width
        sheet.column_dimensions[letters[h.key]].hidden = h.hidden
    sheet.freeze_panes = "E2"
    sheet.row_dimensions[1].height = max(34, LINE * _lines([h.title(lang) for h in columns], [("", h.width) for h in columns]))
    sheet.auto_filter.ref = f"A1:{letters[columns[-1].key]}{last}"
    chosen = {"verdict": f'"{",".join(verdicts(lang).values())}"', "to": f"{t('sheet.lists', lang)}!$A$1:$A${len(labels())}"}
    for key, formula in chosen.items():
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True, errorTitle=t("sheet.choose", lang))
        rule.add(f"{letters[key]}2:{letters[key]}{last}")
        sheet.data_validations.append(rule)
    _print(sheet, True, PAGES_WIDE)
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:D"
    sheet.append([_head(sheet, h.title(lang), h.review) for h in columns])


def _print(sheet: Any, large: bool, wide: int = 1) -> None:
    """Landscape on A4, or on A3 what is large; so many pages wide, the page's number below; rows as high as Chinese needs."""
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = LINE, True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "8" if large else "9"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = wide, 0
    sheet.print_options.gridLines = True
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = 0.4
    sheet.oddFooter.center.text = "&P / &N"


def _head(sheet: Any, text: str, review: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    made = WriteOnlyCell(sheet, value=text)
    made.font = Font(name="Calibri", size=11, bold=True)
    made.fill = PatternFill("solid", fgColor="FFF2CC" if review else "E8EDF3")
    made.alignment = Alignment(wrap_text=True, vertical="center")
    return made


def _table(book: Any, title: str, columns: Sequence[tuple[str, int]], lines: Iterator[Sequence[Any]]) -> None:
    """A plain sheet with heads and rows whose text wraps."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import Cell
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for i, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    sheet.freeze_panes = "A2"
    across = sum(width for _, width in columns)
    _print(sheet, across > A4, 1 + across // A3)
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"
    sheet.append([_head(sheet, text) for text, _ in columns])
    wrapped = Alignment(wrap_text=True, vertical="top", horizontal="left")
    for n, line in enumerate(lines, 2):
        sheet.row_dimensions[n].height = min(LINE * _lines(line, columns), HIGHEST)
        out = []
        for value in line:
            made = cells.cell(sheet, value)
            if made is not None and not isinstance(made, Cell):
                made = WriteOnlyCell(sheet, value=made)
            if made is not None:
                made.alignment = wrapped
            out.append(made)
        sheet.append(out)


def _lines(line: Sequence[Any], columns: Sequence[tuple[str, int]]) -> int:
    """Lines the longest of some wrapped texts takes; a program that opens the sheet does not always work it out."""
    return max(_wrapped(str(value), width - 1) for value, (_, width) in zip(line, columns, strict=True))


def _wrapped(text: str, width: int) -> int:
    """Lines of a text broken between words, and anywhere within those that are longer or Chinese."""
    lines, left = 1, width
    for word in text.split(" "):
        wide = cells.width_of(word)
        if wide > left and left < width and word.isascii():
            lines, left = lines + 1, width
        more = max(0, -(-(wide - left) // width))
        lines, left = lines + more, left + more * width - wide - 1
    return lines


def _overview(book: Any, report: Report, lang: str, parts: Mapping[str, Path] | None) -> None:
    say = partial(t, lang=lang)
    joined = t("sheet.and", lang).join
    rules = in_force(report.run.as_of)

    def lines() -> Iterator[Sequence[Any]]:
        found = [p for x in report.tables for c in x.columns if (p := primary(c))]
        yield say("sheet.report"), say("title")
        yield say("sheet.remark"), say("disclaimer")
        yield say("sheet.as_of"), report.run.as_of
        yield say("sheet.finished"), report.run.finished[:19].replace("T", " ") + " UTC"
        yield say("sheet.taxonomies"), joined(
            [*report.run.taxonomies, *(" ".join(dict.fromkeys((g.source, g.title))) for g in report.gradings)])
        yield say("sheet.coverage"), coverage_words(report, lang)
        sizes = (say("sheet.system_size", id=s.id, tables=number(s.tables), columns=number(s.columns)) for s in report.sources)
        yield say("sheet.systems"), joined(sizes)
        yield say("sheet.columns"), sum(len(x.columns) for x in report.tables)
        yield say("sheet.found"), len(found)
        for kind, n in sorted(Tallied(p.finding.kind for p in found).items()):
            yield f"　{say(f'kind.{kind}')}", n
        for state, n in sorted(Tallied(p.sensitive for p in found if p.finding.kind == "personal_information").items()):
            yield say("sheet.personal", state=sensitive_words(state, lang)), n
        for stands, n in sorted(Tallied(standing(c) for x in report.tables for c in x.columns).items()):
            if stands:
                yield say("sheet.reviewed", state=say(f"standing.{stands}")), n
        for e in report.exporter:
            year = [_count_words(year_count(e, report.flows, c), c, rules, lang) for c in COUNTERS]
            yield say("sheet.entity", id=e.entity), joined([path_words(e.decision, lang), *filter(None, year)])
        for f in report.flows:
            people = f"{persons(f.individuals, lang)} {say('people')}"
            yield say("sheet.flow", id=f.flow.id), joined([path_words(f.decision, lang), people])
        for system, path in (parts or {}).items():
            yield say("sheet.part", system=unquote(system)), path.name

    _table(book, say("sheet.overview"), ((say("sheet.item"), 34), (say("sheet.content"), 110)), lines())


FLOW_HEADS = (
    ("sheet.flow.id", 16), ("entity", 16), ("recipient", 22), ("sheet.flow.country", 10), ("purpose", 22), ("mode", 14),
    ("sheet.flow.status", 9), ("sheet.flow.columns", 8), ("sheet.flow.people", 24), ("sheet.flow.sensitive", 24), ("method", 16),
    ("path", 34), ("sheet.flow.certain", 10), ("because", 60), ("sheet.flow.margin", 44), ("sheet.flow.open", 40),
)


def _count_words(count: LineCount, counter: Counter, rules: RuleSet, lang: str) -> str:
    """A count with its name, its distance to the next line and, where it is not plain, how it came about."""
    number_words = f"{t(f'distance.{counter}', lang)}{persons(count.shown, lang)}"
    parts = (number_words, since_words(count.shown, lang), distance_words(count, counter, rules, lang))
    return t("sheet.but", lang).join(filter(None, parts))


def _flows(book: Any, report: Report, lang: str) -> None:
    joined = t("sheet.and", lang).join
    rules = in_force(report.run.as_of)
    years = {i: e for e in report.exporter for i in e.flows}

    def far(f: FlowReport) -> str:
        e = years.get(f.flow.id)
        if e is None or e.counted and f.flow.id not in e.counted:
            return t("distance.apart", lang)
        return joined(_count_words(year_count(e, report.flows, c), c, rules, lang) for c in COUNTERS)

    def people(e: Estimate) -> str:
        return joined(filter(None, (persons(e, lang), since_words(e, lang))))

    def lines() -> Iterator[Sequence[Any]]:
        for f in report.flows:
            d = f.decision
            yield (
                f.flow.id, f.flow.entity, f.flow.recipient.name, f.flow.recipient.country, purpose_words(f.flow.purpose, lang),
                t(f"mode.{f.flow.mode}", lang), t(f"flow.{f.flow.status}", lang), len(f.columns),
                people(f.individuals), people(f.sensitive_individuals), method_words(f.individuals, lang),
                path_words(d, lang), t("answer.yes" if d.certain else "answer.no", lang),
                joined(f"{r.clause} [{t(r.confidence_of_source, lang)}] {reason_fact_words(r, lang)}" for r in main_reasons(d)),
                far(f),
                joined(render(q.ask, lang) for q in d.questions),
            )

    _table(book, t("sheet.flows", lang), [(t(key, lang), width) for key, width in FLOW_HEADS], lines())


def _skipped(book: Any, report: Report, lang: str) -> None:
    def lines() -> Iterator[Sequence[Any]]:
        if not report.skipped:
            yield t("page.nothing_skipped", lang), "", "", ""
        for s in report.skipped:
            yield s.id, t("status.skipped", lang), render(s.reason, lang), render(s.hint, lang)
        for x in report.tables:
            if x.status == "metadata_only":
                yield x.id, t("status.metadata_only", lang), render(x.why or unread.NOT_REQUESTED, lang), ""
            elif x.why.code.startswith(unread.CHANGED):
                yield x.id, t("sheet.older", lang), render(unread.unchanged(x.why), lang), ""
        for f in report.flows:
            for u in f.unresolved:
                yield f.flow.id, t("sheet.unresolved", lang), render(u, lang), ""

    columns = (("sheet.what", 50), ("sheet.state", 20), ("sheet.why", 60), ("sheet.do", 60))
    _table(book, t("sheet.skipped", lang), [(t(key, lang), width) for key, width in columns], lines())


def _help(book: Any, columns: Sequence[SheetColumn], lang: str) -> None:
    def lines() -> Iterator[Sequence[Any]]:
        for key, texts in (("how", 3), ("undo", 1), ("marks", 1)):
            for i in range(1, texts + 1):
                yield t(f"sheet.help.{key}", lang) if i == 1 else "", t(f"sheet.help.{key}.{i}", lang)
        for h in columns:
            yield h.title(lang), h.help[0 if lang == "zh" else 1]

    _table(book, t("sheet.help", lang), ((t("sheet.column", lang), 26), (t("sheet.remark", lang), 120)), lines())
