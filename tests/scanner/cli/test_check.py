"""`chujing check`: everything wrong in a folder at once, no network, no secret; --connect tries sources."""

import json

import pytest
from typer.testing import CliRunner

from scanner.cli.app import app, main

pytestmark = pytest.mark.system

CONFIG = """version: 1
exporter: {id: acme, entities: [acme-cn], facts: {ciio: no}}
sources:
  crm: {url: crm.csv, password: {env: NOT_SET_ANYWHERE}}
  far: {url: "postgresql://reader@127.0.0.1:1/hr", timeout: 2}
detectors: detectors.yaml
owners: owners.csv
taxonomies: [company.yaml]
flows:
  - {id: hq, entity: acme-cn, recipient: {name: HQ}, purpose: own.yaml, fields: [member/name]}
"""
GOOD = {
    "chujing.yaml": CONFIG,
    "detectors.yaml": "detectors: [{name: a, label: email, pattern: 'x+', examples: [xx]}]\n",
    "owners.csv": "pattern,owner\ncrm/*,lin\n",
    "company.yaml": "id: c\ntitle: C\ngrades: [low, high]\nlabels: {email: {levels: [A], grade: low}}\n",
    "crm.csv": "name\n林一\n",
    "own.yaml": "id: own\ntitle: Own\nsource: s\nconfidence: recalled\ncomplete: no\n",
    "chujing-answers.yaml": "- {fact: ciio, value: 'no', by: lin, on: 2026-11-01}\n",
    "reviews.yaml": "- {verdict: reject, column: crm/a/b, by: lin, on: 2026-11-01, why: no}\n",
    "chujing-filed.yaml": "- {id: f, kind: contract, entity: acme-cn, recipient: HQ, purpose: crm,\n"
                          "   items: [{name: a}], by: lin, on: 2026-11-01}\n",
}
BAD = {
    "chujing.yaml": CONFIG.replace("purpose: own.yaml", "purpos: own.yaml"),
    "chujing-answers.yaml": "- {fact: ciio, value: maybe, by: lin, on: 2026-11-01}\n- {by: lin, on: today}\n",
    "reviews.yaml": "- {verdict: reject, column: crm/a/b, by: '', on: 2026-11-01}\n- {verdict: no}\n",
    "chujing-filed.yaml": "- {id: f, kind: contrct}\n",
    "owners.csv": "pattern,owner\nx\ny\n",
    "company.yaml": "id: c\ntitel: C\ngrades: low\nlabels: {}\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in GOOD.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_LANG", "en")
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, list(words))


def errors(monkeypatch, capsys, *words):
    """Exit status and the lines on stderr of a whole command line."""
    monkeypatch.setattr("sys.argv", ["chujing", *words])
    with pytest.raises(SystemExit) as e:
        main()
    return e.value.code, capsys.readouterr().err.splitlines()


def test_neither_network_nor_secrets_are_needed(folder):
    done = run("check")

    assert (done.exit_code, done.output) == (0, "chujing.yaml: 2 sources, 1 flow, in order\n")


def test_everything_wrong_in_every_file_is_named_at_once(folder, monkeypatch, capsys):
    for name, text in BAD.items():
        (folder / name).write_text(text, encoding="utf-8")

    status, lines = errors(monkeypatch, capsys, "check")

    assert status == 2
    assert [line.removeprefix("chujing: ").split(". ")[0] for line in lines] == [
        'chujing.yaml:10: unknown key "purpos"',
        'company.yaml:2: unknown key "titel"',
        'company.yaml:3: "grades" must be a list',
        "owners.csv:2: a row needs a pattern and an owner",
        "owners.csv:3: a row needs a pattern and an owner",
        'chujing-answers.yaml:1: "ciio" cannot be "maybe"',
        'chujing-answers.yaml:2: "on" must be a date such as 2026-01-31',
        'chujing-filed.yaml:1: "kind" cannot be "contrct"',
        *(f'chujing-filed.yaml:1: "{key}" is missing'
          for key in ("entity", "recipient", "purpose", "items", "by", "on")),
        'reviews.yaml:1: "why" is missing: a decision to reject has a reason',
        'reviews.yaml:1: "by" is empty',
        'reviews.yaml:2: "verdict" cannot be "no"',
        'reviews.yaml:2: "by" is missing',
        'reviews.yaml:2: "on" is missing',
    ]


def test_the_files_it_names_are_checked_too(folder, monkeypatch, capsys):
    (folder / "other.yaml").write_text("id: own\ntitel: Own\ncomplete: maybe\n", encoding="utf-8")
    (folder / "chujing.yaml").write_text(CONFIG.replace("own.yaml", "other.yaml"), encoding="utf-8")
    (folder / "detectors.yaml").write_text(
        "detectors:\n- {name: a, label: emial, pattern: '(x'}\n- {name: b}\n- {name: c, label: email}\n",
        encoding="utf-8",
    )

    _, lines = errors(monkeypatch, capsys, "check")

    assert [line.removeprefix("chujing: ").split(". ")[0] for line in lines] == [
        'detectors.yaml:2: unknown label "emial"',
        'detectors.yaml:2: pattern "(x" is no RE2 expression',
        'detectors.yaml:3: "label" is missing',
        "detectors.yaml:3: nothing to look for",
        "detectors.yaml:4: nothing to look for",
        'other.yaml:2: unknown key "titel"',
        'other.yaml:3: "complete" must be yes or no',
    ]


def test_connect_tries_each_source(folder, monkeypatch):
    refused = run("check", "--connect")
    monkeypatch.setenv("NOT_SET_ANYWHERE", "pw")
    opened = run("check", "--connect")

    assert (refused.exit_code, opened.exit_code) == (3, 3)
    assert 'crm: ' in refused.output and '"NOT_SET_ANYWHERE" is not set' in refused.output
    assert "crm: can be read\nfar: " in opened.output


def test_a_scan_names_every_secret_that_is_missing(folder, monkeypatch, capsys):
    text = CONFIG.replace("timeout: 2", "password: {file: none.txt}")
    (folder / "chujing.yaml").write_text(text, encoding="utf-8")

    status, lines = errors(monkeypatch, capsys, "scan", "-q")

    assert status == 2
    assert [line.split(": ", 2)[2].split(". ")[0] for line in lines] == [
        'environment variable "NOT_SET_ANYWHERE" is not set', 'secret file "none.txt" cannot be read',
    ]


def test_the_schema_is_of_the_whole_file(folder):
    schema = json.loads(run("check", "--schema").output)

    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["properties"]["run"]["properties"]["jobs"]["minimum"] == 1
    assert schema["properties"]["sources"]["additionalProperties"]["required"] == ["url"]


RUN = """version: 1
sources: {m: {url: m.csv}}
run: {jobs: 2, gentle: yes, log: json, metrics: here.prom}
"""


def test_keys_of_run_hold_where_no_option_says_otherwise(folder, monkeypatch, capsys):
    from scanner import job

    seen = []
    scan = job.scan
    monkeypatch.setattr(job, "_reading", _noting(job._reading, seen))
    (folder / "m.csv").write_text("name,mobile\n林一,13700000001\n", encoding="utf-8")
    (folder / "chujing.yaml").write_text(RUN, encoding="utf-8")

    _, by_file = errors(monkeypatch, capsys, "scan", "-q")
    _, by_option = errors(
        monkeypatch, capsys, "scan", "--jobs", "1", "--no-gentle", "--log", "text", "--metrics", "b.prom",
        "--full",
    )

    assert scan is job.scan
    assert [(r.jobs, r.paces["m"].connections) for r in seen] == [(2, 1), (1, 2)]
    assert json.loads(by_file[-1])["event"] and not by_option[-1].startswith("{")
    assert (folder / "here.prom").exists() and (folder / "b.prom").exists()


def _noting(function, seen):
    def noted(*args):
        seen.append(function(*args))
        return seen[-1]

    return noted


def test_the_older_place_of_metrics_holds(folder):
    from scanner.config.model import read

    (folder / "chujing.yaml").write_text("version: 1\nnotify: {metrics: a.prom}\n", encoding="utf-8")
    assert read(folder / "chujing.yaml").metrics == folder / "a.prom"

    text = "version: 1\nnotify: {metrics: a.prom}\nrun: {metrics: b.prom, master: x}\n"
    (folder / "chujing.yaml").write_text(text, encoding="utf-8")
    done = run("check")
    assert [str(f.what) for f in done.exception.faults] == [
        '"master" is for engine: spark', '"metrics" stands here and under notify',
    ]


def test_an_engine_of_the_configuration_is_used_unless_an_option_says_otherwise(folder, monkeypatch):
    from scanner.cli.scan import _cluster
    from scanner.config.run_options import RunSettings

    configured = RunSettings(engine="spark", master="local[2]")
    with _cluster(None, "", configured) as engine:
        assert engine._master == "local[2]"
    with _cluster(None, "local[3]", configured) as engine:
        assert engine._master == "local[3]"
    with _cluster("local", "", configured) as engine:
        assert engine is None
