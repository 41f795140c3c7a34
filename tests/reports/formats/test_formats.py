"""Reports: the same facts for people and programs; the schema is generated and checked in."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import places
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scanner
from detectors.errors import ConfigError, StateError
from detectors.model import Skipped
from mappings.model import Recipient
from reports.formats import formats, jsonl, writer
from reports.formats.html import page
from reports.formats.json import report_schema, to_json
from reports.formats.terminal import render
from reports.load import from_json, load
from reports.messages.words import all_words, t
from reports.model import Reviewed, possible, primary
from reports.text_width import width_of, wrap_item
from reports.wording.table import label_words
from scanner.gather.progress import ProgressState, line
from scanner.setup.demo import build_demo

SCHEMA = places.ROOT / "reports" / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    import os

    folder = tmp_path_factory.mktemp("reports")
    os.environ["CHUJING_KEY_FILE"] = str(folder / "k")
    build_demo(folder)
    return scanner.scan(str(folder / "chujing.yaml"), as_of=date(2026, 11, 1))


def test_the_schema_that_is_checked_in_is_the_model_s():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == report_schema(), "run: make docs"


def test_the_report_fits_its_schema(report):
    jsonschema.validate(json.loads(json.dumps(to_json(report))), report_schema())


def test_the_keys_programs_rely_on(report):
    body = to_json(report)
    column = next(c for table in body["tables"] for c in table["columns"] if c["id"] == "crm/member/mobile")
    finding, flow = column["findings"][0], body["flows"][1]

    assert {"schema_version", "run", "sources", "tables", "flows", "exporter", "skipped", "questions"} <= set(
        body
    )
    assert {
        "label",
        "detector",
        "kind",
        "tier",
        "primary",
        "category",
        "grade",
        "sensitive",
        "subject_key",
        "confidence",
        "evidence",
    } <= set(finding)
    assert {"from", "matched", "examined"} <= set(finding["evidence"][0])
    assert {"low", "best", "high", "method"} == set(flow["individuals"]) - {"note"}
    assert {"path", "possible", "certain", "because", "margin", "obligations", "questions"} <= set(
        flow["decision"]
    )
    assert {"clause", "confidence_of_source", "fact"} <= set(flow["decision"]["because"][0])


def test_a_newer_report_is_read_and_an_alien_one_is_refused(report, tmp_path):
    body = json.loads(json.dumps(to_json(report)))
    body["flows"][0]["something_new"] = {"a": 1}
    body["tables"][0]["status"] = "a_status_of_tomorrow"

    assert from_json(body).tables[0].status == "a_status_of_tomorrow"
    with pytest.raises(StateError, match="version"):
        from_json(body | {"schema_version": "9.0"})
    (tmp_path / "x.json").write_text("[1]")
    with pytest.raises(StateError, match="not a report"):
        load(tmp_path / "x.json")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_terminal_says_path_clause_and_number_first(report, lang):
    text = render(report, lang, width=100)
    path = t("path.security_assessment", lang)

    assert text.index(path) < text.index("第七条第一款第（二）项") < text.index("crm/member ")
    figure = "10,240 (10,239–10,240)"
    sensitive = {"zh": f"敏感个人信息涉及 {figure} 人", "en": f"sensitive persons: {figure}"}
    assert sensitive[lang] in re.sub(r"\s+", " ", text)
    assert "\x1b" not in text
    assert "\x1b[" in render(report, lang, width=100, colour=True)


def test_dropping_fields_that_leaves_the_path_as_it_is_says_so(report):
    [f] = [f for f in report.flows if f.flow.id == "marketing-sg"]
    same = replace(f, without_unnecessary=f.decision)

    assert "路径不变" not in render(report, "zh")
    assert "路径不变" in render(replace(report, flows=(same,)), "zh")


def test_no_line_of_the_terminal_is_too_wide(report):
    from wcwidth import wcswidth

    assert max(wcswidth(line) for line in render(report, "zh", width=80).splitlines()) <= 80


def decided(report, **said):
    """The report with every finding reviewed so."""

    def reviewed(c):
        found = primary(c)
        return (
            replace(c, reviewed=Reviewed("accept", found.finding.label, "lin", date(2026, 11, 1), "", **said))
            if found
            else c
        )

    return replace(
        report, tables=tuple(replace(x, columns=tuple(map(reviewed, x.columns))) for x in report.tables)
    )


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("said", "mark"), [({}, "+"), ({"stale": "values"}, "!")])
def test_label_and_confidence_are_whole_beside_the_mark_of_a_review(report, width, lang, said, mark):
    text = render(decided(report, **said), lang, width=width)
    lines = [line.split() for line in text.splitlines()]

    for x in report.tables:
        for c in x.columns:
            if (p := primary(c)) is not None:
                words = [
                    mark,
                    c.name,
                    *label_words(p, lang).split(),
                    *t(f"sensitive.{p.sensitive}", lang).split(),
                ]
                words.append(f"{p.finding.confidence:.2f}")
                assert any(line[: len(words)] == words for line in lines), words
    n = sum(primary(c) is not None for x in report.tables for c in x.columns)
    assert t("marks.accepted" if mark == "+" else "marks.stale", lang, n=n) in text


def test_where_nobody_decided_no_line_speaks_of_reviews(report):
    assert "reviews:" not in render(report, "en", width=80)


def test_narrow_screens_lose_evidence_before_anything_else(report):
    text = render(decided(report), "en", width=60)

    assert re.search(r"\+ 身份证号 +resident identity number +depends +0\.99$", text, re.M)


NAME = st.text(
    st.sampled_from("客户姓名身份证号码收货地址abcXYZ_09 （）·\u202e\u200b\x1b\t👩\u0301ｱ"),
    min_size=1,
    max_size=80,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(NAME, min_size=6, max_size=6),
    width=st.integers(60, 120),
    lang=st.sampled_from(["zh", "en"]),
)
def test_no_line_is_too_wide_and_nothing_moves_the_cursor_whatever_names_are(report, names, width, lang):
    from wcwidth import wcswidth

    column, table, id, comment, recipient, owner = names
    first = report.tables[0]
    columns = tuple(replace(c, name=column + str(i), comment=comment) for i, c in enumerate(first.columns))
    flows = tuple(
        replace(f, flow=replace(f.flow, id=id, recipient=Recipient(recipient)), unresolved=(table,))
        for f in report.flows
    )
    hostile = replace(
        report,
        tables=(replace(first, id=table, columns=columns, owner=owner), *report.tables[1:]),
        flows=flows,
        exporter=tuple(replace(e, entity=recipient) for e in report.exporter),
        skipped=(Skipped(table, id, comment),),
    )
    lines = render(hostile, lang, width=width).splitlines()

    assert not set("".join(lines)) & set("\x1b\u202e\u200b\t")
    assert max(wcswidth(line) for line in lines) <= width


def test_lines_for_programs_hold_one_object_each(report):
    out = io.StringIO()
    jsonl.write(report, out)
    made = [json.loads(line) for line in out.getvalue().splitlines()]

    kinds = {"finding", "possible", "flow", "run"}
    assert {m["type"] for m in made} == kinds and made[-1]["type"] == "run"
    assert all(m["settled_by"] for m in made if m["type"] == "possible")
    assert sum(m["type"] == "possible" for m in made) == sum(
        bool(possible(c)) for x in report.tables for c in x.columns
    )
    assert sum(m["type"] == "finding" for m in made) == sum(
        bool(primary(c)) for x in report.tables for c in x.columns
    )
    assert next(m for m in made if m.get("flow") == "crm-hq")["path"] == "security_assessment"


@pytest.mark.parametrize("width", [10, 40, 79])
def test_progress_never_fills_the_line(width):
    assert width_of(line(ProgressState(3, 10, 2.5, 3_700), "crm/客户资料表" * 20, width)) <= width
    assert "1:01:40 left" in line(ProgressState(3, 10, 2.5, 3_700), "crm", 79)


@given(
    text=st.text(st.sampled_from("路径 is 待确认，abc_def/"), max_size=200),
    prefix=st.sampled_from(["", "    ", "├─ ", "│  └─ "]),
    width=st.integers(24, 80),
)
def test_lines_of_a_tree_are_cut_to_the_width_and_lose_no_word(text, prefix, width):
    lines = wrap_item(prefix + text.strip(), width)

    assert all(width_of(x) <= width for x in lines)
    assert re.sub(r"[\s│├└─]", "", "".join(lines)) == re.sub(r"\s", "", text)


def test_the_words_exist_in_both_languages():
    assert all(len(pair) == 2 and (pair[0] != "") == (pair[1] != "") for pair in all_words().values())
    assert not any(bad in pair[0] for pair in all_words().values() for bad in ("违规", "合规通过", "✓", "✔"))


def test_unknown_formats_name_the_known_ones():
    assert {"json", "html"} <= set(formats())
    with pytest.raises(ConfigError, match="htm") as e:
        writer(Path("x.htm"))
    assert "html" in e.value.hint


def test_the_page_is_self_contained_and_the_same_twice(report):
    text = page(report)

    assert text == page(report)
    assert "http://" not in text
    assert "https://" not in text
    assert "src=" not in text
