"""`scan --format github --require-reviews`: what a pull request is told, and when it may not be merged."""

import pytest
from typer.testing import CliRunner

from detectors.errors import ConfigError
from scanner.cli.app import app

SCHEMA = """
-- customers
CREATE TABLE member (
  id bigint PRIMARY KEY,
  mobile varchar(20),   -- 手机号
  `points` int,
  creator varchar(40)
);
ALTER TABLE staff ADD COLUMN id_card char(18), ADD COLUMN "grade" int;
ALTER TABLE product ADD (price numeric, weight numeric);
"""


def scan(*arguments):
    return CliRunner().invoke(app, ["scan", *arguments, "--quiet", "--lang", "en"])


@pytest.fixture
def schema(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "V7,a.sql"
    file.write_text(SCHEMA, encoding="utf-8")
    return file


def annotations(text):
    """(level, line, column) of each annotation."""
    parts = [line.split("::", 2)[1:] for line in text.splitlines() if line.startswith("::")]
    for command, message in parts:
        level, _, properties = command.partition(" ")
        values = dict(pair.split("=", 1) for pair in properties.split(","))
        assert values["file"] == "V7%2Ca.sql"
        yield level, int(values["line"]), message.split(":")[0].rsplit("/", 1)[-1]


def test_columns_without_a_review_are_named_beside_their_lines_and_stop_it(schema):
    done = scan(schema.name, "--format", "github", "--require-reviews")
    lines = SCHEMA.splitlines()
    named = [*annotations(done.stdout)]

    assert done.exit_code == 6, done.output
    waiting = sum(level == "error" for level, _, _ in named)
    assert f"--require-reviews: {waiting} columns" in done.stderr
    assert {(column, level) for level, _, column in named} >= {("mobile", "error"), ("id_card", "error")}
    assert ("creator", "error") not in {(column, level) for level, _, column in named}
    assert all(column in lines[line - 1] for _, line, column in named)


def test_what_a_person_decided_stops_nothing_until_a_new_column_comes(schema):
    assert scan(schema.name, "--require-reviews").exit_code == 6
    while open_columns := [
        column
        for level, _, column in annotations(scan(schema.name, "--format", "github").stdout)
        if level == "error"
    ]:
        decided = ["review", "accept", open_columns[0], "--by", "王敏", "--why", "read", "--lang", "en"]
        done = CliRunner().invoke(app, decided)
        assert done.exit_code == 0, done.output
    assert scan(schema.name, "--require-reviews").exit_code == 0

    schema.write_text(SCHEMA + "ALTER TABLE member ADD COLUMN email varchar(64);\n", encoding="utf-8")
    done = scan(schema.name, "--format", "github", "--require-reviews")
    assert done.exit_code == 6
    assert [column for level, _, column in annotations(done.stdout) if level == "error"] == ["email"]


def test_two_files_of_one_name_are_refused(schema):
    other = schema.parent / "other"
    other.mkdir()
    (other / schema.name).write_text(SCHEMA, encoding="utf-8")
    done = scan(schema.name, f"other/{schema.name}", "--require-reviews")

    assert isinstance(done.exception, ConfigError) and "two sources are called" in done.exception.line()
