"""What the pages tell people to type works, in the order in which they tell it."""

import ast
import json
import re
import shlex

import places
from typer.testing import CliRunner

from scanner.cli.app import app

DOCS = places.ROOT / "reports" / "docs"
EMPTY_BRACKETS = re.compile(r"(?<!\w)\(\)|（）")


def commands(page):
    """The command lines of a page's console blocks, without remarks, in order."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line, comments=True) for line in lines]


def test_the_tour_can_be_walked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i, (program, *arguments) in enumerate(commands(DOCS / "en" / "tour.md")):
        if program == "cd":
            monkeypatch.chdir(arguments[0])
            continue
        assert program == "chujing"
        result = CliRunner().invoke(app, ["--lang", ("en", "zh")[i % 2], *arguments], standalone_mode=False)

        assert (result.exception, result.exit_code) == (None, 0), (arguments, result.output[-300:])
        assert result.output.strip()
        assert not EMPTY_BRACKETS.search(result.output), arguments


def test_the_chinese_tour_is_the_same_walk():
    english, chinese = (commands(DOCS / language / "tour.md") for language in ("en", "zh"))

    assert [c[:2] for c in english] == [c[:2] for c in chinese]


def test_every_cell_of_the_notebook_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((DOCS / "en" / "notebook.ipynb").read_text(encoding="utf-8"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        *statements, last = ast.parse("".join(cell["source"])).body
        exec(compile(ast.Module(statements, []), cell["id"], "exec"), names)
        if not isinstance(last, ast.Expr):
            exec(compile(ast.Module([last], []), cell["id"], "exec"), names)
            continue
        value = eval(compile(ast.Expression(last.value), cell["id"], "eval"), names)
        assert value is None or value._repr_html_()
        assert cell["outputs"] == []          # a notebook of ours holds no outputs

    assert (tmp_path / "report.html").exists()
