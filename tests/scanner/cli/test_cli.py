"""The command line: light to load, helpful when wrong, honest in its exit status."""

import ast
import gc
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import places
import pytest
import typer
from typer.testing import CliRunner

from detectors.errors import ConfigError
from scanner import cli
from scanner.cli.app import _app_for, app
from scanner.records import answers
from scanner.setup.doctor import examine_installation, extras

ROOT = places.ROOT

HEAVY = (
    "pandas",
    "pyarrow",
    "numpy",
    "duckdb",
    "spacy",
    "pydantic",
    "presidio_analyzer",
    "sqlalchemy",
    "alembic",
    "openpyxl",
    "sqlglot",
    "jinja2",
    "pydantic",
    "requests",
    "rich",
)
AT_TOP = {                                    # of the standard library alone
    "detectors.errors",
    "detectors.message",
    "detectors.redaction",
    "scanner.files",
    "scanner.state.version",
}


def every(command, path=()):
    """Every command and group of commands, as words typed."""
    for name, inner in getattr(command, "commands", {}).items():
        yield (*path, name)
        yield from every(inner, (*path, name))


COMMANDS = [" ".join(c) for c in every(typer.main.get_command(app))]


def chujing(*args, cwd=None, **env):
    return subprocess.run(
        [sys.executable, "-m", "scanner", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "CHUJING_LANG": "en", **env},
        timeout=600,
    )


def modules_after(*arguments, cwd=None, **env):
    """The heavy modules that a command loads in a fresh process."""
    code = (
        f"import sys\nsys.argv = ['chujing', *{arguments!r}]\nfrom scanner.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('\\n', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=cwd, env=environment
    )
    return ast.literal_eval(done.stdout.strip().splitlines()[-1].strip()), done.stdout


@pytest.mark.system
def test_help_completion_and_runs_load_no_heavy_module(tmp_path):
    complete = {"_CHUJING_COMPLETE": "complete_bash", "COMP_WORDS": "chujing fac", "COMP_CWORD": "1"}
    (tmp_path / "m.csv").write_text("a\n1\n", encoding="utf-8")
    assert chujing("scan", "m.csv", cwd=tmp_path, PYTHONPATH=str(ROOT)).returncode == 0

    assert modules_after("--help")[0] == []
    completed, printed = modules_after(**complete)
    assert completed == [] and "facts" in printed
    listed, printed = modules_after("runs", cwd=tmp_path)
    assert listed == [] and "scan m.csv" in printed


# what only reading, counting and states in a database need
NOT_TO_ANSWER = {"numpy", "pandas", "pyarrow", "spacy", "pydantic", "sqlalchemy", "alembic"}


@pytest.mark.system
def test_an_answer_from_the_state_loads_nothing_that_reads_or_counts(tmp_path):
    rows = "".join(f"1371234{n:04d},x{n}@example.com\n" for n in range(40))
    (tmp_path / "m.csv").write_text("mobile,email\n" + rows, encoding="utf-8")
    for _ in range(2):
        assert chujing("scan", "m.csv", cwd=tmp_path, PYTHONPATH=str(ROOT)).returncode == 0
    for words in (
        "runs", "find 手机 sensitive=no", "show m/m/mobile", "show m/m", "explain mobile", "review todo",
        "review status", "decide", "diff previous last", "digest --since 7d",
    ):
        loaded, printed = modules_after(*words.split(), cwd=tmp_path)
        assert not NOT_TO_ANSWER & set(loaded), words
        assert "mobile" in printed or words in ("runs", "review status", "diff previous last"), words


def test_a_file_of_commands_loads_typer_and_the_standard_library_at_its_top():
    def loaded(node):
        if isinstance(node, ast.ImportFrom):
            return [node.module or ""]
        return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []

    foreign = {
        (file.name, module)
        for file in sorted((ROOT / "scanner" / "cli").glob("*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        for module in loaded(node)
        if module.split(".")[0] not in {*sys.stdlib_module_names, "typer"}
        and not module.startswith("scanner.cli")
        and module not in AT_TOP
    }

    assert foreign == set()


def described(command):
    """All that typer knows of a command and of those in it."""
    inner = {name: described(c) for name, c in getattr(command, "commands", {}).items()}
    return command.name, command.help, [(p.name, p.opts, p.help, p.hidden) for p in command.params], inner


def test_a_command_that_is_typed_is_made_alone_and_is_the_same():
    whole = typer.main.get_command(app).commands
    for name, command in whole.items():
        for words in ([name], ["--lang", "zh", name, "--help"], ["--lang=en", name, "x"]):
            alone = typer.main.get_command(_app_for(words)).commands
            assert {n: described(c) for n, c in alone.items()} == {name: described(command)}, words
    for words in ([], ["--help", "scan"], ["scna"], ["--lang", "scan"], ["-x", "scan"]):
        assert {*typer.main.get_command(_app_for(words)).commands} == {*whole}, words


@pytest.mark.system
def test_at_its_end_a_command_looks_for_no_garbage_and_loses_neither_output_nor_status(tmp_path):
    (tmp_path / "m.csv").write_text("mobile\n" + "13712345678\n" * 40, encoding="utf-8")
    code = (
        "import atexit, gc, sys\nfrom scanner import cli\nsys.argv = ['chujing', *sys.argv[1:]]\n"
        "atexit.register(lambda: print('frozen', gc.get_freeze_count() > 1_000))\ncli.{}()"
    )
    cases = ((["scan", "m.csv"], 0), (["find", "mobile"], 0), (["find", "no"], 1), (["find", "a=b"], 2))
    for words, status in cases:
        frozen, plain = (
            subprocess.run(
                [sys.executable, "-c", code.format(end), *words], capture_output=True, cwd=tmp_path,
                encoding="utf-8", timeout=600,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "CHUJING_LANG": "en"},
            )
            for end in ("main", "run")
        )
        assert frozen.returncode == plain.returncode == status
        assert frozen.stdout.endswith("frozen True\n") and plain.stdout.endswith("frozen False\n")
        if words[0] == "find":
            assert frozen.stdout == plain.stdout.replace("frozen False", "frozen True")
            assert frozen.stderr == plain.stderr != ""


def test_help_lists_commands_by_panel_in_both_languages(monkeypatch):
    for lang, panels in (
        ("en", ["Scan and look", "Decide and file", "Review", "Catalogs", "Set up"]),
        ("zh", ["扫描与查看", "判定与申报", "复核", "数据目录", "设置"]),
    ):
        monkeypatch.setenv("CHUJING_LANG", lang)
        monkeypatch.setattr(sys, "argv", ["chujing"])
        lines = CliRunner().invoke(app, []).output.splitlines()

        assert [line[:-1] for line in lines if line[:-1] in panels and line.endswith(":")] == panels
        assert "Further commands:" not in lines and "其他命令:" not in lines


GROUPS = [c for c in COMMANDS if any(other.startswith(f"{c} ") for other in COMMANDS)]


@pytest.mark.parametrize("group", GROUPS)
def test_a_bare_group_lists_what_it_holds(group, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chujing.yaml").write_text("version: 1\nsources: {a: {url: a.csv}}\n", encoding="utf-8")

    assert CliRunner().invoke(app, [group]).exit_code == 0


def test_every_group_that_has_things_lists_or_shows_them():
    without = {g for g in GROUPS if not {f"{g} list", f"{g} show"} & set(COMMANDS)}

    assert without == {"filing", "dossier"}   # they write papers


@pytest.mark.parametrize(
    "command",
    [
        ("zones", "list"),
        ("detectors", "show", "bank_card"),
        ("facts", "show", "important_data"),
        ("taxonomy", "show", "jrt-0197-2020"),
        pytest.param(("doctor",), marks=pytest.mark.system),
    ],
)
def test_lang_may_stand_before_the_command(command, monkeypatch):
    monkeypatch.setenv("CHUJING_LANG", "en")
    before = CliRunner().invoke(app, ["--lang", "zh", *command])
    within = CliRunner().invoke(app, [command[0], "--lang", "zh", *command[1:]])
    behind = CliRunner().invoke(app, [*command, "--lang", "zh"])

    assert before.exit_code == 0 and before.output == within.output == behind.output
    assert before.output != CliRunner().invoke(app, [*command]).output


def test_a_configuration_named_before_the_command_of_a_group_is_the_one_that_counts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.yaml").write_text(
        "version: 1\nsources: {a: {url: a.csv}}\nexporter: {id: b, facts: {ciio: no}}\n", encoding="utf-8"
    )

    assert "ciio = no" in CliRunner().invoke(app, ["facts", "-c", "b.yaml", "list"]).output


def test_what_the_screen_offers_is_an_answer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chujing.yaml").write_text("version: 1\nsources: {a: {url: a.csv}}\n", encoding="utf-8")
    shown = CliRunner().invoke(app, ["facts", "show", "important_data", "--lang", "zh"]).output
    offered = [line.strip() for line in shown.splitlines() if line.startswith("  important_data=")]
    for answer in (*offered, "ciio=否"):
        done = CliRunner().invoke(app, ["facts", "set", answer, "--by", "王敏"])
        assert done.exit_code == 0, (answer, done.exception)

    assert offered == ["important_data=无", "important_data=疑似", "important_data=已被告知"]
    assert [a.value for a in answers.read(tmp_path).facts] == ["none", "candidate", "notified", "no"]


@pytest.mark.system
def test_the_doctor_names_every_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert set(extras()) == set(project["optional-dependencies"])
    assert "psycopg" in extras()["postgresql"]


@pytest.mark.system
def test_the_doctor_names_the_command_that_mends_what_lacks(monkeypatch):
    monkeypatch.setattr("scanner.setup.doctor._installed_version", lambda package: None)
    lines = [str(line) for fine, line in examine_installation() if not fine]

    assert "mysql: pymysql (only for that): pip install 'chujing[mysql]'" in lines


def test_a_source_whose_extra_is_missing_is_skipped_and_the_others_are_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pymysql", None)
    (tmp_path / "a.csv").write_text("mobile\n13912345678\n", encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text(
        "version: 1\nsources: {shop: {url: 'mysql://reader@db/shop'}, a: {url: a.csv}}\n", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["scan", "-o", "r.json", "--lang", "en"])
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))

    assert done.exit_code == 3, done.exception
    assert [table["id"] for table in report["tables"]] == ["a/a"]
    assert [(s["id"], s["hint"]) for s in report["skipped"]] == [("shop", "pip install 'chujing[mysql]'")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    done = CliRunner().invoke(app, [*command.split(), "--help"])

    assert done.exit_code == 0
    assert "Example: chujing " in done.output


def test_there_are_as_many_commands_as_the_readme_knows():
    assert len(COMMANDS) > 40
    assert {
        "flows suggest",
        "baseline import",
        "filing renew",
        "dossier check",
        "facts set",
        "zones import",
        "deadlines",
    } <= set(COMMANDS)


WRONG = {
    "an unknown command": (["scn"], 2, "scan"),
    "an unknown option": (["scan", "--row", "5"], 2, "--rows"),
    "no configuration": (["scan"], 2, "chujing init"),
    "a date in the wrong form": (["decide", "--as-of", "1/2/2026"], 2, "2026-01-31"),
    "a report that is not there": (["explain", "x", "--report", "none.json"], 2, "none.json"),
    "a file that is not there": (["scan", "missing.csv"], 3, "missing.csv"),
    "a language nobody speaks": (["scan", "--lang", "fr", "x.csv"], 2, "--lang zh"),
    "no scan yet": (["decide"], 2, "chujing scan"),
}


@pytest.mark.parametrize(("args", "status", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_clear_line(tmp_path, args, status, words):
    done = chujing(*args, cwd=tmp_path, PYTHONPATH=str(Path.cwd()))

    assert done.returncode == status, done.stderr
    assert words in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


PEOPLE = "姓名,手机号\n" + "".join(f"林{i},1370000{i:04}\n" for i in range(30))


def _other_ways(file):
    """The path of a file, written in other ways."""
    link = file.with_name("link.csv")
    link.symlink_to(file)
    return [file.name, str(file), f"./{file.name}", f"../{file.parent.name}/{file.name}", link.name]


@pytest.mark.parametrize("words", [("scan", "{}"), ("decide",), ("find", "手机")])
def test_no_report_overwrites_what_is_scanned(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (file := tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert CliRunner().invoke(app, ["scan", file.name, "-q"]).exit_code == 0
    for way in _other_ways(file):
        args = [word.format(file.name) for word in words]
        outcome = CliRunner().invoke(app, [*args, "-o", way, "--lang", "en"])
        assert "would overwrite what is scanned" in str(outcome.exception), way
        assert file.read_text(encoding="utf-8") == PEOPLE
    args = [word.format(file.name) for word in words]
    for _ in range(2):                        # a report may be written again
        assert CliRunner().invoke(app, [*args, "-o", "found.csv"]).exit_code == 0
    assert file.read_text(encoding="utf-8") == PEOPLE


def test_find_writes_every_file_that_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    CliRunner().invoke(app, ["scan", "people.csv", "-q"])
    outcome = CliRunner().invoke(app, ["find", "手机", "-o", "a.csv", "-o", "b.md", "-o", "-"])
    assert outcome.exit_code == 0 and "people/手机号" in outcome.stdout
    assert all("people/手机号" in (tmp_path / name).read_text(encoding="utf-8") for name in ("a.csv", "b.md"))


def test_an_empty_argument_is_no_source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    outcome = CliRunner().invoke(app, ["scan", "", "--lang", "en"])
    assert isinstance(outcome.exception, ConfigError) and "nothing to scan" in str(outcome.exception)


def test_lines_for_programs_are_all_there_is_on_stdout_and_quiet_leaves_it_empty(tmp_path):
    (tmp_path / "member.csv").write_text(
        "name,mobile\n" + "".join(f"张三,139{i:08d}\n" for i in range(50)), encoding="utf-8"
    )
    lines = chujing("scan", "member.csv", "--json-lines", cwd=tmp_path)
    quiet = chujing("scan", "member.csv", "-q", "-o", "r.jsonl", cwd=tmp_path)

    assert lines.returncode == quiet.returncode == 0
    assert {json.loads(x)["type"] for x in lines.stdout.splitlines()} == {"finding", "run"}
    assert (quiet.stdout, quiet.stderr) == ("", "")
    assert [json.loads(x)["type"] for x in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()][
        -1
    ] == "run"


NOTHING = ("version: 1\nsources: {}\n", "version: 1\nsources: {a: {url: none}}\n", "version: 1\n")


@pytest.mark.parametrize("config", NOTHING)
def test_a_scan_that_read_nothing_says_so_first_and_is_no_success(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none").mkdir()
    (tmp_path / "chujing.yaml").write_text(config, encoding="utf-8")
    result = CliRunner().invoke(app, ["scan", "--lang", "en"])

    assert result.exit_code == 3
    assert "NOTHING COULD BE READ" in result.stdout.splitlines()[0]


def test_a_scan_of_another_place_is_not_compared_with_the_one_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "crm.csv").write_text("mobile\n13712345678\n", encoding="utf-8")
    screens = [CliRunner().invoke(app, ["scan", name, "--lang", "en"]).stdout for name in ("a", "b", "a")]
    (tmp_path / "a" / "new.csv").write_text("email\nx@example.com\n", encoding="utf-8")
    screens.append(CliRunner().invoke(app, ["scan", "a", "--lang", "en"]).stdout)

    assert ["Since the scan before" in screen for screen in screens] == [False, False, False, True]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", ["flows", "flows list", "decide --explain", "facts", "facts list"])
def test_a_list_of_nothing_says_so_and_what_fills_it(command, lang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.csv").write_text("mobile\n13712345678\n", encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text("version: 1\nsources: {m: {url: m.csv}}\n", encoding="utf-8")
    assert CliRunner().invoke(app, ["scan", "-q"]).exit_code == 0
    result = CliRunner().invoke(app, [*command.split(), "--lang", lang])

    assert result.exit_code == 0
    assert "chujing facts set" in result.output or "chujing flows import" in result.output.splitlines()[-1]


@pytest.mark.parametrize(("words", "collects"), [
    ("find x", False), ("--lang zh show y", False), ("scan find", True), ("--version", True), ("", True),
    ("push --to dbt", True), ("review todo", False),
])
def test_only_commands_that_answer_and_end_spare_the_search_for_garbage(words, collects):
    try:
        cli._spare_collecting(words.split())
        assert gc.isenabled() is collects
    finally:
        gc.enable()
