"""One folder for counsel: decision in both languages, facts, questions, sources, annexes, papers, checklist and hashes; and a check of it.

Everything comes from the stored report; no data is read. Examples in the papers are invented.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg, Text
from mappings.names import bare_name
from mappings.rules import RuleSet, in_force
from reports.filings.item_tables import item_tables
from reports.filings.papers import PAPERS
from reports.filings.scenario import TO_WRITE, FilingScenario, mark_new_items, scenarios
from reports.formats import html, json
from reports.messages.words import join_list, t
from reports.model import Report
from reports.wording.figures import number, persons
from scanner.records import answers
from scanner.records.answers import Answers
from scanner.review.explain import trees
from scanner.sheets.filed_items import heading_key
from scanner.workspace import Workspace

HASHES = "hashes.sha256"
TABLES = "出境数据项清单.xlsx"


def papers(report: Report, folder: Path, kinds: Sequence[str], flows: Sequence[str] = (), *, renewal: bool = False) -> tuple[Path, ...]:
    """The papers asked for, and the item tables, in a folder; ConfigError where no flow leaves. renewal: what changed is marked."""
    found = scenarios(report, flows)
    found = mark_new_items(found) if renewal else found
    if not found:
        raise ConfigError(
            Msg("no flow leaves, so there is nothing to file"),
            hint=Msg("chujing decide shows the path of every flow"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for kind in kinds:
        name, make = PAPERS[kind]
        make(report, found, renewal).save(folder / name)
        out.append(folder / name)
    item_tables(found, folder / TABLES)
    return (*out, folder / TABLES)


def write(report: Report, workspace: Workspace, folder: Path) -> tuple[Path, ...]:
    """The dossier; every file in it but the list of hashes, which stands last."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = in_force(report.run.as_of)
    known, given = workspace.config.fact_provenance, answers.read(workspace.folder)
    made = [*papers(report, folder, tuple(PAPERS))] if scenarios(report) else []
    for lang, name in (("zh", "判断过程.txt"), ("en", "decision.txt")):
        (folder / name).write_text("\n".join(trees(report, lang, known)) + "\n", encoding="utf-8")
        made.append(folder / name)
    made.append(_table(folder / "事实.csv", ("范围", "事实", "回答", "谁", "何时", "如何得知"), _facts(report, known, given)))
    made.append(_table(folder / "待确认问题.csv", ("序号", "事实", "范围", "问题", "回答与路径", "如何得知"), _questions(report)))
    made.append(_table(folder / "字段理由.csv", ("场景", "字段", "判断", "理由", "来源", "谁", "何时"), _reasons(report)))
    made.append(_table(folder / "来源.csv", ("来源", "可信度"), _sources(report)))
    made.append(_table(folder / "材料清单.csv", ("路径", "材料", "状态", "来源", "可信度"), _materials(report, rules, folder)))
    for name, write_ in (("报告.html", html.write), ("report.json", json.write)):
        with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
            write_(report, file)
        made.append(folder / name)
    (folder / HASHES).write_text("".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in made), encoding="utf-8")
    return (*made, folder / HASHES)


def _table(file: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    with file.open("w", encoding="utf-8-sig", newline="") as f:
        csv.writer(f).writerows([heads, *rows])
    return file


def _facts(report: Report, known: Mapping[str, Mapping[str, str]], given: Answers) -> Iterator[tuple[str, ...]]:
    for scope, values in report.facts.items():
        for name, value in sorted(values.items()):
            told = known.get(name, {}) if scope == "exporter" else {}
            yield scope, name, value, told.get("by", ""), told.get("on", ""), told.get("how", "")
    for a in given.facts:
        if a.flow or a.entity:
            yield a.flow or a.entity, a.fact, a.value, a.by, str(a.on), a.how


def _questions(report: Report) -> Iterator[tuple[str, ...]]:
    for i, q in enumerate(report.questions, 1):
        leads = "；".join(f"{t(f'answer.{a}', 'zh')} → {_alternatives(ps)}" for a, ps in q.leads_to.items())
        yield str(i), q.fact, q.scope, q.ask, leads, q.how


def _reasons(report: Report) -> Iterator[tuple[str, ...]]:
    for f in report.flows:
        for v in f.fields:
            a = v.answer
            yield (
                f.flow.id,
                str(v.column),
                t(f"verdict.{v.verdict}", "zh"),
                a.why if a else v.reason,
                v.source,
                a.by if a else "",
                str(a.on) if a else "",
            )


def _sources(report: Report) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for f in report.flows:
        for r in f.decision.because:
            seen.setdefault(r.clause, r.confidence_of_source)
        for s in f.decision.steps:
            seen.setdefault(s.source, s.confidence_of_source)
        for d in (*f.decision.obligations, *f.duties):
            if d.source:
                seen.setdefault(d.source, d.confidence_of_source)
        for v in f.fields:
            seen.setdefault(v.source, v.confidence_of_source)
    yield from ((source, t(confidence, "zh")) for source, confidence in sorted(seen.items()))


def _alternatives(paths: Sequence[str]) -> str:
    return join_list((t(f"path.{path}", "zh") for path in paths), "alternatives", "zh")


def _materials(report: Report, rules: RuleSet, folder: Path) -> Iterator[tuple[str, ...]]:
    """Each material of every path that is possible: pre-filled here (and how much is left to write), or for a person to bring."""
    paths = {("exempt" if p.startswith("exempt") else p) for f in report.flows for p in f.decision.possible}
    for path, materials in rules.raw["materials"].items():
        if path in paths:
            for m in materials:
                state = "由人准备" if m["by"] == "human" else "已预填，待人补全" if (folder / m["by"]).exists() else "缺"
                yield t(f"path.{path}", "zh") if path != "exempt" else "免予三项程序", m["zh"], state, m["source"], t(m["confidence"], "zh")


def check(report: Report, folder: Path) -> tuple[Text, ...]:
    """What differs between the papers of a folder, as people left them, and the state: figures, recipients, fields, retention, entities."""
    found: list[Text] = []
    now = scenarios(report)
    listed = folder / HASHES
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            file = folder / name
            if not file.exists():
                found.append(Msg("{file}: missing", file=name))
            elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                found.append(Msg("{file}: changed since the dossier was written", file=name))
    for name, _ in PAPERS.values():
        if (folder / name).exists():
            found += _paper_differs(folder / name, name, now)
    return tuple(found)


def _paper_differs(file: Path, name: str, now: Sequence[FilingScenario]) -> Iterator[Msg]:
    import docx

    try:
        document = docx.Document(str(file))
    except Exception:  # python-docx raises many kinds for what is no document
        yield Msg("{file}: cannot be read as DOCX", file=name)
        return
    tables = [[[c.text for c in row.cells] for row in table.rows] for table in document.tables]
    text = "\n".join([p.text for p in document.paragraphs] + [" ".join(r) for rows in tables for r in rows])
    folded = bare_name(text)
    for s in now:
        if bare_name(s.recipient) not in folded:
            yield Msg('{file}: recipient "{name}" is not named', file=name, name=s.recipient)
        for entity, (everybody, some) in s.persons.items():
            if bare_name(entity) not in folded:
                yield Msg('{file}: entity "{name}" is not named', file=name, name=entity)
            for e in (everybody, some):
                if persons(e, "zh") not in text and number(e.best) not in text and str(e.best) not in text:
                    yield Msg(
                        "{file}: {title}, {name}: the figure {n_persons} is not in it",
                        file=name, title=s.title, name=entity, n_persons=persons(e, "zh"),
                    )
        for f in s.flows:
            if f.flow.retention_days is not None and not re.search(rf"(?<!\d){f.flow.retention_days}\s*天", text):
                yield Msg(
                    "{file}: {flow}: retention of {n} days is not in it",
                    file=name, flow=f.flow.id, n=f.flow.retention_days,
                )
    lists = [rows for rows in tables if rows and heading_key(rows[0][1] if len(rows[0]) > 1 else "") == "name"]
    for s, rows in zip(now, lists, strict=False):
        there, here = {bare_name(r[1]) for r in rows[1:]}, {bare_name(x.name) for x in s.items}
        for item in sorted(there - here):
            yield Msg('{file}: {title}: item "{name}" is not in the state', file=name, title=s.title, name=item)
        for x in s.items:
            if bare_name(x.name) not in there:
                yield Msg('{file}: {title}: item "{name}" is not in the paper', file=name, title=s.title, name=x.name)


def left(folder: Path) -> int:
    """Places in the papers of a folder that a person still has to write."""
    import docx

    total = 0
    for name, _ in PAPERS.values():
        if (folder / name).exists():
            document = docx.Document(str(folder / name))
            cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
            total += sum(text.count(TO_WRITE) for text in [*(p.text for p in document.paragraphs[2:]), *cells])
    return total
