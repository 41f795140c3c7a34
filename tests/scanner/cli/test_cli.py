"""The command line: light to load, helpful when wrong, honest in its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from scanner.cli.app import app

HEAVY = (
    "pandas",
    "pyarrow",
    "numpy",
    "spacy",
    "presidio_analyzer",
    "sqlalchemy",
    "alembic",
    "openpyxl",
    "sqlglot",
    "jinja2",
)


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


@pytest.mark.system
def test_help_loads_no_heavy_module():
    code = (
        "import sys\nsys.argv = ['chujing', '--help']\nfrom scanner.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip().splitlines()[-1] == "[]"


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
