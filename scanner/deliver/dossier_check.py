"""What differs between the papers of a folder, as people left them, and the state."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg, Text
from mappings.names import bare_name
from mappings.workbooks import check_package
from reports.filings.papers import PAPERS
from reports.filings.scenario import FilingScenario, Mechanism, is_bound, scenarios
from reports.model import Report
from reports.wording.figures import number, persons
from scanner.deliver.dossier import HASHES, paper_files
from scanner.sheets.filed_items import heading_key


def check_dossier(report: Report, folder: Path) -> tuple[Text, ...]:
    """Return what differs: files, figures, recipients, entities, retention and data items.

    Raise ConfigError where a folder holds nothing that could be compared.
    """
    papers = paper_files(folder)
    if not papers and not (folder / HASHES).exists():
        raise ConfigError(
            Msg("no papers of ours are in this folder"), where=str(folder),
            hint=Msg("chujing dossier write {file} writes them", file=str(folder)),
        )
    differences: list[Text] = [*_changed_files(folder)]
    for paper in PAPERS.values():
        due = paper.files(scenarios(report, (), paper.mechanism))
        missing = [name for name in due if not (folder / name).exists()]
        differences += [Msg("{file}: a path calls for it and it is not here", file=name) for name in missing]
        for file in papers:
            if file.name in due:
                differences += _paper_differences(file, due[file.name])
                differences += _stray_recipients(report, file, paper.mechanism)
            elif file.name.startswith(paper.stem):
                differences.append(Msg("{file}: no path calls for it", file=file.name))
    return tuple(differences)


def _stray_recipients(report: Report, file: Path, mechanism: Mechanism) -> Iterator[Msg]:
    """Yield the recipients named in a paper to whom nothing goes that the paper is for."""
    paper = _read_paper(file)
    text = bare_name(paper.text) if paper is not None else ""
    bound = {bare_name(f.flow.recipient.name) for f in report.flows if is_bound(f, mechanism)}
    for name in sorted({f.flow.recipient.name for f in report.flows} - {""}):
        if bare_name(name) not in bound and bare_name(name) in text:
            yield Msg('{file}: nothing to "{name}" belongs into a paper', file=file.name, name=name)


def _changed_files(folder: Path) -> Iterator[Msg]:
    """Yield the files that are not as the dossier wrote them; none where no hashes are there."""
    hashes = folder / HASHES
    if not hashes.exists():
        return
    for line in hashes.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        file = folder / name
        if not file.exists():
            yield Msg("{file}: missing", file=name)
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield Msg("{file}: changed since the dossier was written", file=name)


@dataclass(frozen=True, slots=True)
class _Paper:
    """A paper as people left it. tables: rows of cells."""

    name: str
    text: str
    tables: Sequence[Sequence[Sequence[str]]]


def _read_paper(file: Path) -> _Paper | None:
    """Return a paper; None for what is no DOCX."""
    import docx

    try:
        check_package(file, ConfigError)
        document = docx.Document(str(file))
    except Exception:  # python-docx raises many kinds for what is no document
        return None
    tables = [[[c.text for c in row.cells] for row in table.rows] for table in document.tables]
    rows = (" ".join(row) for table in tables for row in table)
    return _Paper(file.name, "\n".join([*(p.text for p in document.paragraphs), *rows]), tables)


def _paper_differences(file: Path, filed: Sequence[FilingScenario]) -> Iterator[Msg]:
    paper = _read_paper(file)
    if paper is None:
        yield Msg("{file}: cannot be read as DOCX", file=file.name)
        return
    for scenario in filed:
        yield from _text_differences(paper, scenario)
    yield from _item_differences(paper, filed)


def _text_differences(paper: _Paper, scenario: FilingScenario) -> Iterator[Msg]:
    """Yield recipient, entities, figures and retention of a scenario that are not in a paper."""
    bare_text = bare_name(paper.text)
    if bare_name(scenario.recipient) not in bare_text:
        yield Msg('{file}: recipient "{name}" is not named', file=paper.name, name=scenario.recipient)
    for entity, figures in scenario.persons.items():
        if bare_name(entity) not in bare_text:
            yield Msg('{file}: entity "{name}" is not named', file=paper.name, name=entity)
        for e in figures:
            forms = (persons(e, "zh"), number(e.best), str(e.best))
            if not any(form in paper.text for form in forms):
                yield Msg(
                    "{file}: {title}, {name}: the figure {n_persons} is not in it",
                    file=paper.name, title=scenario.title, name=entity, n_persons=persons(e, "zh"),
                )
    for f in scenario.flows:
        days = f.flow.retention_days
        if days is not None and not re.search(rf"(?<!\d){days}\s*天", paper.text):
            yield Msg(
                "{file}: {flow}: retention of {n} days is not in it", file=paper.name, flow=f.flow.id, n=days
            )


def _item_differences(paper: _Paper, filed: Sequence[FilingScenario]) -> Iterator[Msg]:
    """Yield data items that are in only one of paper and state, table by table."""
    item_tables = [rows for rows in paper.tables if rows and _is_item_table(rows[0])]
    for scenario, rows in zip(filed, item_tables, strict=False):
        in_paper = {bare_name(row[1]) for row in rows[1:]}
        in_state = {bare_name(item.name) for item in scenario.items}
        for name in sorted(in_paper - in_state):
            yield Msg(
                '{file}: {title}: item "{name}" is not in the state',
                file=paper.name, title=scenario.title, name=name,
            )
        for item in scenario.items:
            if bare_name(item.name) not in in_paper:
                yield Msg(
                    '{file}: {title}: item "{name}" is not in the paper',
                    file=paper.name, title=scenario.title, name=item.name,
                )


def _is_item_table(heads: Sequence[str]) -> bool:
    """Return whether the second column of a table holds the names of data items."""
    return heading_key(heads[1] if len(heads) > 1 else "") == "name"
