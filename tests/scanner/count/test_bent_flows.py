"""Persons in flows over bent files: a count that says it is certain is right."""

import random
import re

import pytest
from bent_mixed import text
from bent_mixed_documents import document, workbook

import scanner
from detectors.model import Skipped
from scanner.connectors import connect

HEAD = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {bent: {url: files}}
flows:
"""
FLOW = """  - {{id: {id}, entity: a, recipient: {{name: HQ}}, purpose: crm,
     fields: ["bent/{table}/{column}"]}}
"""


def mobiles_of(made):
    """The mobiles in a file; none where rows may be linked by a number of the member, too."""
    if any(re.fullmatch(r"A\d{5}", cell) for cell in made.contents):
        return set()
    return {cell for cell in made.contents if len(cell) == 11 and cell.isdigit()}


def flows_of(folder):
    """(table, column that holds most mobiles, how many are missing from it) of every file."""
    source = connect(str(folder))
    for info in source.tables():
        if not isinstance(info, Skipped):
            names = [c.name for c in info.columns]
            batches = list(source.read(info.ref, names, {}))
            yield info, {name: {cell for b in batches for cell in b.column(i).to_pylist() if cell}
                         for i, name in enumerate(names)}


@pytest.mark.parametrize("make", [text, document, workbook])
def test_no_count_of_persons_is_certain_and_wrong(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "files").mkdir()
    persons = {}
    for seed in range(200):
        made = make(random.Random(f"flows {seed}"))
        mobiles = mobiles_of(made)
        if 12 <= len(mobiles) <= (made.rows or 0) and len(persons) < 12:
            (tmp_path / f"files/t{seed}.{made.file.rpartition('.')[2]}").write_bytes(made.body)
            persons[f"t{seed}"] = mobiles
    config = HEAD
    for info, cells in flows_of(tmp_path / "files"):
        mobiles = persons.get(file := info.ref.schema or info.ref.name, set())
        column = max(cells, key=lambda name: len(cells[name] & mobiles))
        if len(cells[column] & mobiles) > 6 and not set(column) & set('"\\{}/*[]'):
            table = f"{info.ref.schema}/{info.ref.name}".lstrip("/")
            config += FLOW.format(id=file, table=table, column=column)
    (tmp_path / "chujing.yaml").write_text(config, encoding="utf-8")
    report = scanner.scan("chujing.yaml")

    counts = {flow.flow.id: flow.individuals for flow in report.flows}
    certain = {id: count for id, count in counts.items() if count.low == count.high}
    wrong = {id: (count, len(persons[id])) for id, count in certain.items() if count.low != len(persons[id])}
    assert wrong == {}
    assert len(certain) >= 3 and len(report.flows) >= 5
