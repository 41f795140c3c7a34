"""One folder for counsel: decisions in both languages, facts, questions, sources, papers and hashes.

Everything comes from the stored report; no data is read. Examples in the papers are invented.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from detectors.errors import ConfigError
from detectors.message import Msg
from mappings.rules import in_force
from reports.filings import dossier_tables as tables
from reports.filings.item_tables import item_tables
from reports.filings.papers import PAPERS
from reports.filings.scenario import TO_WRITE, mark_new_items, scenarios
from reports.formats import html, json
from reports.model import Report
from scanner.files import replace_file
from scanner.records import answers
from scanner.records.answers import Answers
from scanner.review.decision_tree import decision_trees
from scanner.workspace import Workspace

HASHES = "hashes.sha256"
ITEM_TABLES = "出境数据项清单.xlsx"


def write_papers(
    report: Report, folder: Path, kinds: Sequence[str], flows: Sequence[str] = (), *, renewal: bool = False
) -> tuple[Path, ...]:
    """Write papers and the item tables into a folder, and return the files.

    kinds: of PAPERS. flows: default all that leave. renewal: what is not as it was filed is marked. Raise
    ConfigError where no flow leaves.
    """
    filed = scenarios(report, flows)
    filed = mark_new_items(filed) if renewal else filed
    if not filed:
        raise ConfigError(
            Msg("no flow leaves, so there is nothing to file"),
            hint=Msg("chujing decide shows the path of every flow"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for kind in kinds:
        name, make = PAPERS[kind]
        make(report, filed, renewal).save(folder / name)
        files.append(folder / name)
    item_tables(filed, folder / ITEM_TABLES)
    return (*files, folder / ITEM_TABLES)


def write_dossier(report: Report, workspace: Workspace, folder: Path) -> tuple[Path, ...]:
    """Write the dossier and return its files; the last lists the hashes of the others."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = write_papers(report, folder, tuple(PAPERS)) if scenarios(report) else ()
    files = [*papers, *_write_texts(report, workspace, folder), *_write_tables(report, workspace, folder)]
    files += _write_report(report, folder)
    hashes = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    replace_file(folder / HASHES, "".join(hashes))
    return (*files, folder / HASHES)


def _write_texts(report: Report, workspace: Workspace, folder: Path) -> Iterator[Path]:
    """Write the decision trees, one file a language."""
    for lang, name in (("zh", "判断过程.txt"), ("en", "decision.txt")):
        lines = decision_trees(report, lang, workspace.config.fact_provenance)
        replace_file(folder / name, "\n".join(lines) + "\n")
        yield folder / name


def _write_tables(report: Report, workspace: Workspace, folder: Path) -> Iterator[Path]:
    facts = _fact_rows(report, workspace.config.fact_provenance, answers.read(workspace.folder))
    papers = {file.name for file in folder.iterdir()}
    materials = tables.material_rows(report, in_force(report.run.as_of), papers)
    for name, heads, rows in (
        ("事实.csv", tables.FACT_HEADS, facts),
        ("待确认问题.csv", tables.QUESTION_HEADS, tables.question_rows(report)),
        ("字段理由.csv", tables.REASON_HEADS, tables.reason_rows(report)),
        ("来源.csv", tables.SOURCE_HEADS, tables.source_rows(report)),
        ("材料清单.csv", tables.MATERIAL_HEADS, materials),
    ):
        _write_csv(folder / name, heads, rows)
        yield folder / name


def _write_csv(file: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([heads, *rows])
    replace_file(file, "\ufeff" + text.getvalue())


def _write_report(report: Report, folder: Path) -> Iterator[Path]:
    """Write the report as one page and as JSON."""

    def write_json(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        json.write(report, text)
        text.flush()
        text.detach()

    replace_file(folder / "报告.html", html.page(report))
    yield folder / "报告.html"
    replace_file(folder / "report.json", write_json)
    yield folder / "report.json"


def _fact_rows(
    report: Report, provenance: Mapping[str, Mapping[str, str]], recorded: Answers
) -> Iterator[tuple[str, ...]]:
    """Yield every fact with who answered, when, and how one knows; then answers for one flow or entity."""
    for scope, values in report.facts.items():
        for name, value in sorted(values.items()):
            origin = provenance.get(name, {}) if scope == "exporter" else {}
            yield scope, name, value, origin.get("by", ""), origin.get("on", ""), origin.get("how", "")
    for a in recorded.facts:
        if a.flow or a.entity:
            yield a.flow or a.entity, a.fact, a.value, a.by, str(a.on), a.how


def count_blanks(folder: Path) -> int:
    """Return how many places in the papers of a folder a person still has to fill in."""
    import docx

    total = 0
    for name, _ in PAPERS.values():
        if (folder / name).exists():
            document = docx.Document(str(folder / name))
            cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
            paragraphs = [p.text for p in document.paragraphs[2:]]      # the first two explain the mark
            total += sum(text.count(TO_WRITE) for text in (*paragraphs, *cells))
    return total
