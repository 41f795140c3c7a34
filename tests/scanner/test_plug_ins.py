"""Plug-ins of other packages, written for version 0.1.0: all four kinds work; one that fails is named."""

import importlib
import json
import sys
import warnings
from pathlib import Path

import pytest

from detectors import registry
from detectors.errors import ConfigError
from mappings.model import Question, law_text
from reports.catalogs.registry import find
from reports.formats import writer
from scanner.connectors import connect
from scanner.connectors.sql import SqlConnector

MODULES = {
    "old_detector": """
import re
from detectors.model import Label, ValueDetector
DETECTOR = ValueDetector(
    name="badge", label=Label("user_id"), title="胸卡号", title_en="badge", shape=re.compile("BX[0-9]{6}"),
    source="the company", exact=(8,), examples=("BX123456",), counterexamples=("BY123456",),
)
""",
    "old_connector": """
import pyarrow as pa
from detectors.model import ColumnInfo, Drawn, Skipped, TableInfo, TableRef
from scanner.connectors import Sample

class Memory:
    def tables(self):
        yield TableInfo(TableRef("member"), (ColumnInfo("a|b {n}"), ColumnInfo("mobile")))
        yield Skipped("secret", "locked | by {somebody}", "ask %s")

    def sample(self, ref, columns, rows, seed):
        starts = {"a|b {n}": "BX{:06}", "mobile": "137000{:05}"}
        batch = pa.RecordBatch.from_pydict({c: [starts[c].format(i) for i in range(200)] for c in columns})
        return Sample([batch], Drawn("the first | {rows}", 200, 200, seed))

    def plan(self, ref, columns, rows, seed):
        return "member"

    def close(self):
        pass

def connect(url):
    return Memory()
""",
    "old_format": """
from reports.model import Read, Report, StockDuty

def write(report, file):
    for table in report.tables:
        for column in table.columns:
            for a in column.findings:
                file.write(f"{column.id}: {a.finding.label} {[e.note for e in a.finding.evidence]}\\n")
    for skipped in report.skipped:
        file.write(f"{skipped.id}: {skipped.reason}. {skipped.hint}\\n")
""",
    "old_catalog": """
from reports.catalogs import Payload, Said, by_entity, pushed
from reports.catalogs.picking import Asked, picks

def payloads(report, asked):
    for place, some in picks(report, asked):
        for pick in some:
            yield Payload(pick.column.id, "tag", place.name, {"label": pick.found.finding.label})

def files(payloads):
    for p in payloads:
        yield f"{p.key.rsplit('/')[-1]}.txt", p.body["label"]
""",
    "too_old": "from scanner.pipelines import scan\n",
    "faulty": "1 / 0\n",
}
GROUPS = {
    "detectors": ("old_detector",),
    "connectors": ("old_connector", "faulty"),
    "formats": ("old_format", "faulty"),
    "catalogs": ("old_catalog", "too_old"),
}


@pytest.fixture
def plug_ins(tmp_path, monkeypatch):
    """Install a package with the entry points of GROUPS."""
    info = tmp_path / "site" / "company_plugs-1.0.dist-info"
    info.mkdir(parents=True)
    for name, code in MODULES.items():
        (info.parent / f"{name}.py").write_text(code, encoding="utf-8")
    lines = [
        f"[chujing.{group}]\n" + "".join(f"{n.replace('_', '-')} = {n}\n" for n in names)
        for group, names in GROUPS.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    metadata = "Metadata-Version: 2.1\nName: company-plugs\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    monkeypatch.syspath_prepend(str(info.parent))
    monkeypatch.chdir(tmp_path)
    registry.use(())
    yield info
    monkeypatch.undo()
    for name in MODULES:
        sys.modules.pop(name, None)           # else tests that walk modules read a file that is not theirs
    importlib.invalidate_caches()
    registry.use(())


def test_plug_ins_of_every_kind_work(plug_ins, tmp_path, capsys):
    import scanner
    from reports.formats import save
    from scanner.cli.app import app

    report = scanner.scan("old-connector://x")
    save(report, tmp_path / "r.json")
    save(report, tmp_path / "r.old-format")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", DeprecationWarning)
        app(["scan", "old-connector://x", "-o", "s.json"], standalone_mode=False)
        app(["push", "--to", "old-catalog", "--include", "suggested", "-o", "tags"], standalone_mode=False)

    lines = (tmp_path / "r.old-format").read_text(encoding="utf-8").splitlines()
    findings = ("x/member/a|b {n}: user_id", "x/member/mobile: phone_mobile")
    assert all(any(line.startswith(finding) for line in lines) for finding in findings)
    assert lines[-1] == "secret: locked | by {somebody}. ask %s"
    drawn = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["tables"][0]["drawn"]
    assert drawn["method"] == "the first | {rows}"
    tags = {p.name: p.read_text(encoding="utf-8") for p in (tmp_path / "tags").iterdir()}
    assert tags == {"a|b {n}.txt": "user_id", "mobile.txt": "phone_mobile"}
    assert "Pick.found is now Pick.assessed" in {str(w.message) for w in seen}


NOT_LOADED = {
    "connector": (lambda: connect("faulty://x"), "faulty", "ZeroDivisionError"),
    "format": (lambda: writer(Path("r.faulty")), "faulty", "ZeroDivisionError"),
    "catalog": (lambda: find("too-old"), "too-old", "ModuleNotFoundError: scanner.pipelines"),
}


@pytest.mark.parametrize("case", NOT_LOADED.values(), ids=NOT_LOADED)
def test_a_plug_in_that_cannot_be_imported_is_named(plug_ins, case):
    load, name, fault = case
    with pytest.raises(ConfigError) as e:
        load()

    assert str(e.value) == f"the plug-in {name} of company-plugs cannot be loaded ({fault})"


def test_a_detector_that_cannot_be_imported_is_named(plug_ins):
    (plug_ins / "entry_points.txt").write_text("[chujing.detectors]\nbad = too_old\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="the plug-in bad of company-plugs cannot be loaded"):
        registry.use(())
    (plug_ins / "entry_points.txt").unlink()


def test_texts_of_the_law_are_read_as_in_version_0_1_0():
    question = Question("ciio", law_text("是否", "whether"), law_text("问", "ask"), {})
    with pytest.warns(DeprecationWarning, match="^Question.ask_en is now Question.ask.en$"):
        english = question.ask_en

    assert (question.ask, english, question.how_en) == ("是否", "whether", "ask")


def test_a_database_is_opened_as_in_version_0_1_0():
    connector = SqlConnector("sqlite://", "crm", None, 60)

    assert list(connector.tables()) == []
    connector.close()
