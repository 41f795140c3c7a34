"""One folder for counsel: decisions in both languages, facts, questions, sources, papers and hashes.

Everything comes from the stored report; no data is read. Examples in the papers are invented.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from detectors.errors import ConfigError
from detectors.message import Msg
from mappings.rules import in_force
from reports.cells import csv_cell, shown
from reports.files import writing
from reports.filings import dossier_tables as tables
from reports.filings.archives import is_as_copied
from reports.filings.document import save
from reports.filings.item_tables import item_tables
from reports.filings.pack import Choice, choice_of
from reports.filings.papers import PAPERS
from reports.filings.scenario import FilingScenario, is_bound, mark_new_items, refusals, scenarios
from reports.formats import html, json
from reports.model import Report
from scanner.files import write_together
from scanner.records import answers
from scanner.records.answers import Answers
from scanner.review.decision_tree import decision_trees
from scanner.workspace import Workspace

HASHES = "hashes.sha256"
ITEM_TABLES = "出境数据项清单.xlsx"
PAGE, STORED = "报告.html", "report.json"
TREES = (("zh", "判断过程.txt"), ("en", "decision.txt"))

TABLES = ("事实.csv", "待确认问题.csv", "字段理由.csv", "来源.csv", "材料清单.csv", "未列入文书的场景.csv")
DOSSIER_FILES = (*(name for _, name in TREES), *TABLES, PAGE, STORED)      # beside its papers

NamedBytes = tuple[str, bytes]                # name of a file, content


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """Which papers are written.

    kinds: of PAPERS. flows: default all that a paper is for. renewal: what is not as it was filed is marked.
    choice: who decided that the group files together.
    """

    kinds: Sequence[str] = tuple(PAPERS)
    flows: Sequence[str] = ()
    renewal: bool = False
    choice: Choice = Choice()


def write_papers(report: Report, folder: Path, order: PaperOrder = PaperOrder()) -> tuple[Path, ...]:
    """Write papers and the item tables into a folder, and return the files.

    What people changed there since is kept as it is (`changed_papers`) and is not among the files. Raise
    ConfigError where no flow calls for one of the papers, or a flow that is named for none.
    """
    for flow in report.flows:
        if flow.flow.id in order.flows and not is_bound(flow):
            raise ConfigError(
                next(refusals(report, [flow.flow.id])),
                hint=Msg("chujing decide shows the path of every flow"),
            )
    contents = list(_papers(report, order))
    if not contents:
        raise ConfigError(
            Msg("no flow calls for these papers, so there is nothing to file"),
            hint=Msg("chujing decide shows the path of every flow"),
        )
    return write_together(_replaceable(folder, contents))


def _papers(report: Report, order: PaperOrder) -> Iterator[NamedBytes]:
    """Yield the papers, each with the flows whose path calls for it, and the tables of their items."""
    for kind in order.kinds:
        paper = PAPERS[kind]
        for name, pack in paper.packs(report, order.flows, order.renewal, order.choice).items():
            yield name, _bytes_of(partial(save, paper.make(pack)))
    listed = item_scenarios(report, order)
    if listed:
        yield ITEM_TABLES, _bytes_of(partial(item_tables, listed))


def item_scenarios(report: Report, order: PaperOrder) -> tuple[FilingScenario, ...]:
    """Return the scenarios whose items are listed beside the papers, each once."""
    mechanisms = dict.fromkeys(PAPERS[kind].mechanism for kind in order.kinds)
    mechanisms.pop("notice", None)
    bound = [s for m in mechanisms for s in scenarios(report, order.flows, m)]
    by_flows = {tuple(f.flow.id for f in s.flows): s for s in bound}
    return mark_new_items(tuple(by_flows.values())) if order.renewal else tuple(by_flows.values())


def _bytes_of(write: Callable[[BinaryIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def write_dossier(report: Report, workspace: Workspace, folder: Path) -> tuple[Path, ...]:
    """Write the dossier and return its files; the last lists the hashes of the others.

    Papers that people changed since are kept as they are (`changed_papers`), and are not among the files.
    """
    return write_together(_replaceable(folder, _hashed(report, workspace)))


def _replaceable(folder: Path, files: Iterable[NamedBytes]) -> Iterator[tuple[Path, bytes]]:
    """Yield the files that may be written into a folder: nobody wrote into what is there under their name."""
    changed = {file.name for file in changed_papers(folder)}
    return ((folder / name, content) for name, content in files if name not in changed)


def _hashed(report: Report, workspace: Workspace) -> Iterator[NamedBytes]:
    """Yield every file of the dossier, and at the end their hashes."""
    choice = choice_of(workspace.config.fact_provenance)
    files = chain(
        _papers(report, PaperOrder(choice=choice)), dossier_texts(report, workspace), _reports(report)
    )
    hashes = []
    for name, content in files:
        hashes.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        yield name, content
    yield HASHES, "".join(hashes).encode()


def dossier_texts(report: Report, workspace: Workspace) -> Iterator[NamedBytes]:
    """Yield the decision trees and the tables of a dossier."""
    yield from _texts(report, workspace)
    yield from _tables(report, workspace)


def _texts(report: Report, workspace: Workspace) -> Iterator[NamedBytes]:
    """Yield the decision trees, one file a language."""
    for lang, name in TREES:
        lines = decision_trees(report, lang, workspace.config.fact_provenance)
        yield name, ("\n".join(map(shown, lines)) + "\n").encode()


def _tables(report: Report, workspace: Workspace) -> Iterator[NamedBytes]:
    """Yield the tables."""
    facts = _fact_rows(report, workspace.config.fact_provenance, answers.read(workspace.folder))
    materials = tables.material_rows(report, in_force(report.run.as_of))
    contents = (
        (tables.FACT_HEADS, facts),
        (tables.QUESTION_HEADS, tables.question_rows(report)),
        (tables.REASON_HEADS, tables.reason_rows(report)),
        (tables.SOURCE_HEADS, tables.source_rows(report)),
        (tables.MATERIAL_HEADS, materials),
        (tables.REFUSAL_HEADS, tables.refusal_rows(report)),
    )
    for name, (heads, rows) in zip(TABLES, contents, strict=True):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([heads, *(map(csv_cell, row) for row in rows)])
        yield name, ("\ufeff" + text.getvalue()).encode()


def _reports(report: Report) -> Iterator[NamedBytes]:
    """Yield the report as one page and as JSON."""
    yield PAGE, html.page(report).encode()
    text = io.StringIO(newline="\n")
    json.write(report, text)
    yield STORED, text.getvalue().encode()


def _fact_rows(
    report: Report, provenance: Mapping[str, Mapping[str, str]], recorded: Answers
) -> Iterator[tuple[str, ...]]:
    """Yield every fact with who answered, when, and how one knows; then answers for one flow or entity."""
    rules = in_force(report.run.as_of)
    for scope, values in report.facts.items():
        for name, value in sorted(values.items()):
            origin = provenance.get(name, {}) if scope == "exporter" else {}
            who = origin.get("by", ""), origin.get("on", ""), origin.get("how", "")
            yield tables.fact_row(scope, name, value, who, rules)
    for a in recorded.facts:
        if a.flow or a.entity:
            yield tables.fact_row(a.flow or a.entity, a.fact, a.value, (a.by, str(a.on), a.how), rules)


def is_dossier(folder: Path) -> bool:
    """Is a folder a dossier, or what remains of one: does it hold anything beside papers?"""
    return any((folder / name).exists() for name in (HASHES, *DOSSIER_FILES))


def changed_papers(folder: Path) -> tuple[Path, ...]:
    """Return the papers of a folder, and its workbook of items, that somebody saved after we wrote them.

    Raise ConfigError for a folder in which they may not be looked up: what is not seen would be lost.
    """
    with writing(folder):
        ours = (*paper_files(folder), folder / ITEM_TABLES)
        return tuple(file for file in ours if file.exists() and not is_as_copied(file))


def paper_files(folder: Path) -> tuple[Path, ...]:
    """Return the papers of ours in a folder, those of single recipients, too. Raise OSError if none can be
    listed: a folder that shows nothing is not empty.
    """
    stems = tuple(paper.stem for paper in PAPERS.values())
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(file for file in files if file.suffix == ".docx" and file.name.startswith(stems))
