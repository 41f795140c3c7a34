"""`find` and `show`: what a query names, how it is folded, what is written, and one thing in full."""

import csv
import io
import json
import random
import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from detectors.errors import ConfigError
from detectors.labels import labels
from mappings.names import _SPACE, _visible, bare_name, fold_name
from reports.formats import save
from reports.messages.words import t
from reports.model import standing, stands_or_possible
from reports.query import (
    JOINING,
    TESTED,
    FindingQuery,
    _bare_id,
    matching_columns,
    nearest_words,
    parse_conditions,
    parse_query,
    values_of,
)
from scanner.cli.app import app
from scanner.state import store

CONFIG = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {crm: {url: crm}}
flows: [{id: out, entity: a, recipient: {name: HQ}, purpose: crm, fields: [crm/people/mobile]}]
"""


def chujing(*arguments, status=0):
    done = CliRunner().invoke(app, [*arguments, "--lang", "en"])
    assert done.exit_code == status, (done.output, done.exception)
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Thirty equal tables beside one of people, scanned; a mobile number leaves."""
    place = tmp_path_factory.mktemp("found")
    (place / "crm").mkdir()
    draw = random.Random(3)
    for i in range(30):
        rows = "".join(f"{draw.randrange(900)},{draw.randrange(9)}\n" for _ in range(20))
        name = "abcdefghijklmnopqrstuvwxyzABCD"[i]
        (place / f"crm/log{name}.csv").write_text("user_id,level\n" + rows, encoding="utf-8")
    people = "".join(
        f"139{draw.randrange(10**8):08d},u{draw.randrange(10**6)}@mail.test-company.cn,x\n" for _ in range(40)
    )
    (place / "crm/people.csv").write_text("mobile,=email|*,|pipe\n" + people, encoding="utf-8")
    (place / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        chujing("scan", "--quiet")
        yield place


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def report(here):
    return store.last(here, "chujing.yaml")


def ids(report, *words):
    return {hit.column.id for hit in matching_columns(report, parse_query(words))}


def test_every_test_of_a_query_takes_what_its_values_say_and_its_negation_the_rest(report):
    every = [*matching_columns(report, FindingQuery())]
    for name in TESTED:
        for hit in every:
            for value in values_of(hit.table, hit.column, hit.assessed, hit.flows)[name]:
                relation = ">=" if name == "confidence" else "="
                if not value or " " in value:
                    continue
                other = "<" if name == "confidence" else "!="
                found = ids(report, f"{name}{relation}{value}")
                rest = ids(report, f"{name}{other}{value}")
                assert hit.column.id in found
                assert found | rest == {h.column.id for h in every} and not found & rest


def test_every_title_of_a_label_finds_the_columns_of_that_label(report):
    for table in report.tables:
        for column in table.columns:
            if (assessed := stands_or_possible(column)) is not None:
                info = labels()[assessed.finding.label]
                for word in (info.zh, info.en.upper(), str(info.label).replace("_", "-")):
                    assert column.id in ids(report, f'"{word}"')


def test_equal_columns_of_many_tables_are_one_line(here):
    said = chujing("find", "label=user_id").stdout.splitlines()

    assert len(said) == 2 and "user_id in 30 tables" in said[1]


def test_words_and_tests_in_both_languages_and_what_is_not_known(here):
    assert "crm/people/mobile" in chujing("find", "手机", "flow=out").stdout
    assert chujing("find", "phone").stdout == chujing("find", "mobile").stdout != ""
    assert "nothing found" in chujing("find", "nosuchthing", status=1).stderr
    assert "nearest" not in chujing("find", "mobile", "sensitive=是", status=1).stderr
    for wrong, hint in (
        ("lable=x", "label"), ("label=phone_mobil", "phone_mobile"), ("confidence>=high", "0.8"),
        ("table>=a", "table=a"), ("confidence=0.5", "confidence>=0.8"),
    ):
        fault = CliRunner().invoke(app, ["find", wrong, "--lang", "en"]).exception
        assert isinstance(fault, ConfigError) and hint in str(fault.hint), wrong


def test_what_is_found_is_written_in_every_format_and_nothing_runs_in_a_cell(here, tmp_path):
    wanted = ids(store.last(here, "chujing.yaml"), "table=crm/people")
    for suffix in ("csv", "md", "sarif", "jsonl", "xlsx", "html", "json"):
        chujing("find", "table=crm/people", "-o", str(tmp_path / f"x.{suffix}"))
    rows = [*csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text(encoding="utf-8")))]
    assert {row["column"] for row in rows} == wanted and len(rows) > 1
    assert [*csv.DictReader(io.StringIO(chujing("find", "table=crm/people", "-o", "-").stdout))] == rows
    lines = (tmp_path / "x.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(wanted) + 2 and len({line.replace(r"\|", "").count("|") for line in lines}) == 1
    run = json.loads((tmp_path / "x.sarif").read_text(encoding="utf-8"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert {r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for r in run["results"]} == wanted
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


def test_show_gives_each_thing_in_full_and_nothing_else(here):
    assert "crm/people/mobile" in chujing("show", "people/mobile").stdout
    flow = chujing("show", "out").stdout
    assert "HQ" in flow and "user_id" not in flow
    table = chujing("show", "people").stdout
    assert "mobile" in table and "user_id" not in table and "HQ" not in table and "no flows" not in table
    assert "out" in chujing("show", "a").stdout and "loga" in chujing("show", "crm").stdout
    assert '"people"' in str(CliRunner().invoke(app, ["show", "peple", "--lang", "en"]).exception.hint)


def test_a_rejected_column_is_found_only_where_reviews_are_asked_for(here):
    chujing("review", "reject", "people/mobile", "--by", "lin", "--why", "codes")
    chujing("find", "table=crm/people", "label=phone_mobile", status=1)
    assert "people/mobile" in chujing("find", "review=rejected").stdout


def test_a_report_of_nothing_is_written_and_read_in_every_format(report, tmp_path):
    from dataclasses import replace

    bare = replace(report, tables=(), flows=(), exporter=())
    for suffix in ("csv", "md", "sarif"):
        save(bare, tmp_path / f"x.{suffix}")
        assert (tmp_path / f"x.{suffix}").read_text(encoding="utf-8").strip()
    assert all(standing(c) != "" for t in report.tables for c in t.columns if stands_or_possible(c))


@pytest.mark.parametrize("name", ("tier", "kind", "sensitive", "grade", "review"))
def test_values_are_typed_as_the_screen_shows_them(here, name):
    report = store.last(here)
    for match in matching_columns(report, FindingQuery()):
        value = values_of(match.table, match.column, match.assessed)[name][0]
        key = "standing" if name == "review" else name
        for lang in ("zh", "en") if name in ("tier", "kind", "grade") else ("zh",):
            if words := t(f"{key}.{value}", lang):
                assert parse_conditions([f"{name}={words}"]) == {name: (value,)}, words


def test_undoing_one_column_of_a_pattern_names_the_review_that_decides_it(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "copy"))
    chujing("review", "reject", "crm/log*/user_id", "--by", "lin", "--why", "x")

    undo = ["review", "undo", "crm/loga/user_id", "--by", "lin"]

    hint = str(CliRunner().invoke(app, undo).exception.hint)
    id = re.search("r-[0-9a-f]{10}", hint)[0]

    assert hint.startswith(f"{id} decides it with others: chujing review undo {id}")
    chujing("review", "undo", id, "--by", "lin")
    assert CliRunner().invoke(app, undo).exception.hint == "see chujing review status"


def test_facts_before_a_scan_say_when_questions_come_and_answers_read_in_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chujing.yaml").write_text(CONFIG, encoding="utf-8")

    unscanned = CliRunner().invoke(app, ["facts", "list", "--lang", "zh"]).output

    assert unscanned.splitlines()[0].endswith("chujing scan -c chujing.yaml")
    assert "关键信息基础设施运营者（ciio） = 否" in unscanned and "（important_data） = 无" in unscanned
    assert "ciio = no" in chujing("facts", "list").output


@pytest.mark.parametrize("name", [*TESTED, "敏感"])
@pytest.mark.parametrize("colon", [":", "："])
def test_a_test_with_a_colon_is_told_how_it_is_written(name, colon):
    with pytest.raises(ConfigError, match="is no test") as refused:
        parse_query([f"{name}{colon}x"])
    assert f"{name}{'>=' if name == 'confidence' else '='}x" in str(refused.value.hint)
    assert parse_query([f'"{name}{colon}x"']).words   # in quotes it is a word


@pytest.mark.parametrize("joining", sorted(JOINING))
def test_words_between_two_labels_are_told_how_either_is_asked(here, report, joining):
    words = f"手机号 {joining} 邮箱"

    hint = chujing("find", words, status=1).output
    [example] = re.findall(r"means either: (.*)", hint)

    assert f'"{joining}" is one of them' in hint
    assert ids(report, example) == ids(report, "手机号") | ids(report, "邮箱") != set()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_a_column_is_found_by_any_part_of_its_folded_id(table, column, word):
    id = f"crm/{table}/{column}"

    assert _bare_id(id, f"crm/{table}") == _bare_id(id, "") == bare_name(id)
    assert fold_name(f"a{word}") == _SPACE.sub("", _visible(f"a{word}"))


@pytest.mark.parametrize("label", ["resident_id", "phone_mobile", "person_name", "bank_card"])
def test_the_nearest_label_is_offered_as_it_is_written(label):
    for cut in range(2, len(label) - 2):
        if label[cut] != "_":
            assert f'"{label}"' in str(nearest_words(parse_query([label[:cut] + label[cut + 1:]]).words)), cut
