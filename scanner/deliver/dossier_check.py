"""What differs between the papers of a folder, as people left them, and the report of the day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg, Note, Text
from mappings.calendar import add_months
from mappings.countries import same_recipient
from mappings.model import ALTERNATIVES
from mappings.names import bare_name
from mappings.readiness import Obstacle, Readiness, in_order
from mappings.rules import in_force
from reports.filings.blocks import PaperText
from reports.filings.dossier_tables import BROUGHT, material_rows
from reports.filings.item_tables import FIRST_ROW, PERSON_SHEET, person_grid, sheets
from reports.filings.pack import Choice, Pack, choice_of
from reports.filings.papers import PAPERS
from reports.filings.scenario import FilingScenario, is_bound
from reports.model import Report
from scanner.deliver.dossier import (
    DOSSIER_FILES,
    HASHES,
    ITEM_TABLES,
    PaperOrder,
    dossier_texts,
    is_dossier,
    item_scenarios,
    paper_files,
)
from scanner.deliver.paper_check import grid_differences, paper_differences, placeholders
from scanner.deliver.paper_places import PaperPlaces
from scanner.deliver.paper_reading import ReadPaper, TableRows, read_paper
from scanner.deliver.paper_sense import VALID_MONTHS, PaperAtHand, contradictions, onward_differences
from scanner.workspace import Workspace

DIFFERS = "differs"                           # code of a note on what is not as the state says
DOCUMENTS = (
    ".docx", ".doc", ".docm", ".dot", ".dotx", ".wps", ".wpt", ".odt", ".rtf", ".pages", ".pdf", ".ofd",
    ".xps", ".ppt", ".pptx", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".zip", ".rar", ".7z",
)
COPIES = (".pdf", ".ofd")                     # of papers as they are signed: not compared
# what people add to the name of a paper that was signed
_SIGNED = re.compile(
    r"[ _（(-]*(?:已?(?:签字|签署|签章|盖章|扫描)+[件版稿本]?|signed|scan)[）)]?$", re.IGNORECASE
)


def check_dossier(
    report: Report, folder: Path, workspace: Workspace | None = None, today: date | None = None
) -> tuple[Text, ...]:
    """Return what differs: files, sentences, figures, recipients, entities, items, and what is left empty.

    workspace: with it, the other files of a dossier are compared as well. today: day by which the age of the
    figures is judged; None: the report's own. Raise ConfigError where a folder holds nothing to compare.
    """
    _require_content(folder)
    faults = (
        *_folder_faults(report, folder, workspace, today), *_paper_faults(report, folder, workspace, today),
    )
    return tuple(dict.fromkeys(faults))


def folder_readiness(
    report: Report, folder: Path, workspace: Workspace | None = None, today: date | None = None
) -> Readiness:
    """Return what stands before the filing of the papers in a folder, in the order of the steps.

    As `check_dossier`. Where no flow is bound, nothing is ready.
    """
    _require_content(folder)
    papers = dict.fromkeys(_paper_faults(report, folder, workspace, today))
    rest = dict.fromkeys(_folder_faults(report, folder, workspace, today))
    blanks = blank_places(folder) if count_blanks(folder) else ()
    obstacles = [
        *(Obstacle.of(note) for note in open_points(report)),
        *(Obstacle("papers", Note(DIFFERS, fault)) for fault in papers),
        *(Obstacle("papers", Note("to_write", place)) for place in blanks),
        *(Obstacle("dossier", Note(DIFFERS, fault)) for fault in rest if fault not in papers),
    ]
    return Readiness("file" if any(map(is_bound, report.flows)) else "none", in_order(obstacles))


def _require_content(folder: Path) -> None:
    """Raise ConfigError where a folder holds nothing of ours to compare, or does not show what it holds."""
    try:
        is_empty = not paper_files(folder) and not (folder / HASHES).exists()
    except OSError as e:
        why = Msg("cannot be opened ({kind})", kind=type(e).__name__)
        raise ConfigError(why, where=str(folder), hint=Msg("check path and permissions")) from None
    if is_empty:
        raise ConfigError(
            Msg("no papers of ours are in this folder"), where=str(folder),
            hint=Msg("chujing dossier write {file} writes them", file=str(folder)),
        )


def _folder_faults(
    report: Report, folder: Path, workspace: Workspace | None, today: date | None
) -> Iterator[Msg]:
    """Yield the files of a dossier that are not as it was written, or not of the day."""
    yield from _foreign_papers(report, folder)
    yield from _changed_files(folder, _area_contracts(report, folder))
    if is_dossier(folder):
        if not (folder / HASHES).exists():
            yield Msg("{file}: missing", file=HASHES)
        if workspace is not None:
            yield from _text_differences(report, workspace, folder)
    yield from _age_differences(report, today)


def _paper_faults(
    report: Report, folder: Path, workspace: Workspace | None, today: date | None
) -> Iterator[Msg]:
    """Yield what differs in the papers and in the workbook of items."""
    papers = {file.name: file for file in paper_files(folder)}
    choice = choice_of(workspace.config.fact_provenance) if workspace is not None else Choice()
    checked: dict[str, list[PaperAtHand]] = {}
    of_area = _area_contracts(report, folder)
    for id, kind in PAPERS.items():
        due = kind.packs(report, choice=choice)
        for name, pack in due.items():
            if name in of_area:
                if name not in papers:
                    continue
                yield Msg(
                    "{file} and {other}: either of the two is concluded, not both", file=name,
                    other=of_area[name],
                )
            if name not in papers:
                yield Msg("{file}: a path calls for it and it is not here", file=name)
                continue
            paper = read_paper(papers[name])
            if paper is None:
                yield Msg("{file}: cannot be read as DOCX", file=name)
                continue
            expected = kind.make(pack)
            yield from _paper_differences(pack, expected, paper)
            yield from contradictions(kind, pack, expected, paper, today or report.run.as_of)
            checked.setdefault(id, []).append((pack, expected, paper))
        stray = (name for name in papers if name.startswith(kind.stem) and name not in due)
        yield from (Msg("{file}: no path calls for it", file=name) for name in stray)
    yield from _open_paths([at_hand for of_kind in checked.values() for at_hand in of_kind])
    yield from onward_differences(checked.get("contract", ()), checked.get("pia", ()))
    yield from _table_differences(report, folder)


def _area_contracts(report: Report, folder: Path) -> Mapping[str, str]:
    """Return papers for which the contract of the Greater Bay Area may stand, with the document that is one.

    It is known by its name; of several recipients, by the name of each in it.
    """
    material = in_force(report.run.as_of).raw["materials"].get("gba_standard_contract", ())
    titles = [bare_name(re.split("[（：]", m["zh"])[0]) for m in material if m["by"] == "official"]
    others = (Path(other.name) for other in _other_documents(report, folder) if not other.copy_of)
    documents = [other for other in others if any(title in bare_name(other.stem) for title in titles)]
    packs = {
        name: pack for kind in PAPERS.values() if kind.mechanism == "contract"
        for name, pack in kind.packs(report).items() if _is_either(pack)
    }
    only = len({scenario.party for pack in packs.values() for scenario in pack.scenarios}) == 1
    return {
        name: document.as_posix() for name, pack in packs.items() for document in documents
        if only or all(bare_name(s.recipient) in bare_name(document.stem) for s in pack.scenarios)
    }


def _is_either(pack: Pack) -> bool:
    """May the contract of the Greater Bay Area stand for the paper of every flow in it?"""
    flows = (flow for scenario in pack.scenarios for flow in scenario.flows)
    return all(set(flow.decision.possible) >= ALTERNATIVES for flow in flows)


def _open_paths(papers: Iterable[PaperAtHand]) -> Iterator[Msg]:
    """Yield the flows whose path is open, each once with the papers it stands in."""
    names_by_flow: dict[str, list[str]] = {}
    for pack, _, paper in papers:
        for flow in (flow for scenario in pack.scenarios for flow in scenario.flows):
            if not flow.decision.certain:
                names_by_flow.setdefault(flow.flow.id, []).append(paper.name)
    for id, names in names_by_flow.items():
        files = tuple(dict.fromkeys(names))
        yield Msg('the path of flow "{id}" is open, so it may not belong into {files}', id=id, files=files)


def open_points(report: Report) -> tuple[Note, ...]:
    """Return what stands before the filing of the flows that stand in papers, each with what settles it."""
    return tuple(
        Note(note.code, Msg('flow "{id}": {note}', id=flow.flow.id, note=note.message))
        for flow in report.flows if is_bound(flow) for note in flow.not_ready
    )


def count_blanks(folder: Path) -> int:
    """Return how many places in the papers of a folder a person still has to fill in."""
    return sum(paper.places_to_write for paper in _papers_to_write(folder))


def blank_places(folder: Path) -> tuple[Msg, ...]:
    """Return, for each paper of a folder with places to fill in, how many there are of which kind."""
    return tuple(
        Msg(
            "{file}: to be filled in: {marks} 【待填写】, {dates} dates (年 月 日)",
            file=paper.name, marks=paper.marks, dates=paper.empty_dates,
        )
        for paper in _papers_to_write(folder)
    )


def _papers_to_write(folder: Path) -> Iterator[ReadPaper]:
    papers = (*(read_paper(file) for file in paper_files(folder)), _item_paper(folder))
    return (paper for paper in papers if paper is not None and paper.places_to_write)


def _item_paper(folder: Path) -> ReadPaper | None:
    """Return the workbook of items as people left it; None where there is none to read."""
    by_sheet = _sheets(folder / ITEM_TABLES) if (folder / ITEM_TABLES).exists() else None
    return None if by_sheet is None else ReadPaper(ITEM_TABLES, tuple(by_sheet.values()))


def _paper_differences(pack: Pack, expected: PaperText, paper: ReadPaper) -> Iterator[Msg]:
    yield from paper_differences(expected, paper)
    yield from _stray_parties(pack, paper)


def _stray_parties(pack: Pack, paper: ReadPaper) -> Iterator[Msg]:
    """Yield the recipients and entities named in a paper that is not for them."""
    text = bare_name(paper.text)
    own = [bare_name(n) for s in pack.scenarios for n in (s.recipient, *s.entities, *_onward(s))]
    for name in sorted(own, key=len, reverse=True):       # a name may be part of a longer one
        text = text.replace(name, "\n")
    parties = {s.party for s in pack.scenarios}
    for flow in pack.report.flows:
        if same_recipient(flow.flow.recipient.name, flow.flow.recipient.country) in parties:
            own.append(bare_name(flow.flow.recipient.name))
        for name in (flow.flow.recipient.name, flow.flow.entity):
            if bare_name(name) and bare_name(name) not in own and bare_name(name) in text:
                yield Msg('{file}: "{name}" does not belong into it', file=paper.name, name=name)


def _onward(scenario: FilingScenario) -> Iterator[str]:
    for flow in scenario.flows:
        yield from flow.flow.onward


def unread_files(report: Report, folder: Path) -> tuple[Msg, ...]:
    """Return the materials that people bring, and copies of papers, of which nothing was read."""
    others = tuple(_other_documents(report, folder))
    return (
        *(Msg("{file}: not read; a person checks it", file=o.name) for o in others if o.is_material),
        *(
            Msg(
                "{file}: a copy of {paper} that was not read; a person compares the two",
                file=o.name, paper=o.copy_of,
            )
            for o in others if o.copy_of
        ),
    )


def _foreign_papers(report: Report, folder: Path) -> Iterator[Msg]:
    """Yield the documents that are neither of ours nor named as a material that people bring: unread."""
    for other in _other_documents(report, folder):
        if not other.is_material and not other.copy_of:
            yield Msg(
                "{file}: none of the papers and of the materials a path calls for; it was not read",
                file=other.name,
            )


@dataclass(frozen=True, slots=True)
class _OtherDocument:
    """A document in a folder or below it that is not of ours. name: its path there.

    is_material: is it called as one that people bring. copy_of: the paper of which it is a signed copy.
    """

    name: str
    is_material: bool
    copy_of: str


def _other_documents(report: Report, folder: Path) -> Iterator[_OtherDocument]:
    """Yield the documents in a folder and below it that are not of ours.

    What is called as a paper of ours and lies in another folder below is none.
    """
    papers = paper_files(folder)
    names = {bare_name(paper.stem): paper.name for paper in papers}
    ours = {*papers, *(folder / name for name in (*DOSSIER_FILES, ITEM_TABLES, HASHES))}
    rows = material_rows(report, in_force(report.run.as_of))
    titles = [bare_name(re.split("[（：]", title)[0]) for _, title, state, *_ in rows if state in BROUGHT]
    for file in sorted(folder.rglob("*")):
        parts, kind = file.relative_to(folder).parts, file.suffix.casefold()
        is_passing = any(part.startswith(("~$", ".")) for part in parts) or file.is_dir()
        if kind in DOCUMENTS and file not in ours and not is_passing:
            is_material = any(title in bare_name(file.stem) for title in titles)
            copy_of = names.get(bare_name(_SIGNED.sub("", file.stem)), "") if kind in COPIES else ""
            yield _OtherDocument("/".join(parts), is_material, copy_of)


def _changed_files(folder: Path, waived: Collection[str]) -> Iterator[Msg]:
    """Yield the files that are not as the dossier wrote them; papers and items are for people to fill in.

    waived: papers for which another document stands.
    """
    hashes = folder / HASHES
    if not hashes.exists():
        return
    listed = {line.partition("  ")[2] for line in hashes.read_text(encoding="utf-8").splitlines()}
    for name in DOSSIER_FILES:
        if name not in listed:
            yield Msg("{file}: its hash is missing", file=name)
    for line in hashes.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        file = folder / name
        if not file.exists():
            if name not in waived:
                yield Msg("{file}: missing", file=name)
        elif file.suffix == ".docx" or name == ITEM_TABLES:
            continue
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield Msg("{file}: changed since the dossier was written", file=name)


def _text_differences(report: Report, workspace: Workspace, folder: Path) -> Iterator[Msg]:
    """Yield the texts and tables of a dossier that are not those of the report of the day."""
    for name, content in dossier_texts(report, workspace):
        file = folder / name
        if not file.exists():
            yield Msg("{file}: missing", file=name)
        elif file.read_bytes() != content:
            yield Msg("{file}: is not what the report of the day says: chujing dossier write", file=name)


def _age_differences(report: Report, today: date | None) -> Iterator[Msg]:
    day = report.run.as_of
    if today is not None and add_months(day, VALID_MONTHS) < today:
        yield Msg("the figures are of {day}, more than three months ago: scan again before filing", day=day)


# ---- the workbook of items


def _table_differences(report: Report, folder: Path) -> Iterator[Msg]:
    listed = item_scenarios(report, PaperOrder())
    file = folder / ITEM_TABLES
    if not file.exists():
        if listed:
            yield Msg("{file}: a path calls for it and it is not here", file=ITEM_TABLES)
        return
    by_sheet = _sheets(file)
    if by_sheet is None:
        yield Msg("{file}: cannot be read as XLSX", file=ITEM_TABLES)
        return
    grids = {name: (grid, FIRST_ROW) for name, (_, grid) in sheets(listed).items()}
    grids[PERSON_SHEET] = (person_grid(listed), 1)
    for name, (grid, first) in grids.items():
        place = f"{ITEM_TABLES} {name}"
        if name not in by_sheet:
            yield Msg("{file}: missing", file=place)
        else:
            rows = by_sheet[name][first:]
            yield from grid_differences(place, grid, rows)
            cells = PaperPlaces.of_texts((cell, "") for row in grid.rows for cell in row)
            yield from placeholders(cells, ReadPaper(place, (rows,)))
    for name in by_sheet.keys() - grids.keys():
        yield Msg("{file}: no path calls for it", file=f"{ITEM_TABLES} {name}")


def _sheets(file: Path) -> dict[str, TableRows] | None:
    """Return the rows of every sheet by its name; None for what is no workbook."""
    from mappings.workbooks import open_workbook

    try:
        book = open_workbook(file, ConfigError)
    except ConfigError:
        return None
    return {sheet.title: tuple(_rows(sheet.iter_rows(values_only=True))) for sheet in book.worksheets}


def _rows(rows: Iterator[Sequence[object]]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield tuple("" if cell is None else str(cell) for cell in row)
