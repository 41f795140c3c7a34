"""No error is left in English under --lang zh: the sources of every error, fault and refusal are walked."""

import re
import string

import pytest
from english_errors import errors

from detectors.errors import ChujingError, ConfigError, nearest
from reports.messages.refusals.lines import PLACES, TABLES, line, refused

ERRORS = errors()
CHINESE = re.compile("[\u4e00-\u9fff]")
# a blank holds the text itself: it is translated where it is made
WITHIN = {t for t in ERRORS if not re.search("[A-Za-z\u4e00-\u9fff]", t.replace("{}", ""))}


@pytest.mark.parametrize("template", sorted(set(ERRORS) - WITHIN))
def test_no_error_is_left_in_english(template):
    text = template.replace("{}", "7")

    assert CHINESE.search(refused(text, "zh")) and refused(text, "zh") != text, ERRORS[template]


SENTENCES = {
    "a key": (ConfigError('unknown key "sorces"', where="chujing.yaml:3", hint=nearest("sorces", ["sources"])),
              "chujing.yaml:3：未知的键“sorces”。是否为“sources”？"),
    "no hint": (ConfigError("the file is empty", where="a.yaml"), "a.yaml：文件为空"),
    "no place": (ConfigError('"soon" is no date', hint="write it as 2026-01-31"), "“soon”不是日期。日期写作 2026-01-31"),
    "a place in words": (ConfigError('no flow "x"', where="the last scan", hint="known: a, b"), "上次扫描：没有场景“x”。已知：a, b"),
    "a detector's place": (ConfigError('"name" is missing', where="d.yaml: detector 2"), "d.yaml：第 2 个检测器：缺少“name”"),
    "of YAML": (ConfigError("not YAML: mapping values are not allowed here", where="a.yaml:2"),
                "a.yaml:2：不是有效的 YAML：此处不能写“键: 值”，请检查缩进和冒号"),
    "within": (ConfigError('the sheet does not fit chujing.yaml: "fields" must be a list', where="c", hint="fields: [..]"),
               "c：登记表与 chujing.yaml 不符：“fields”须为列表。写作 fields: [..]"),
    "a kind": (ConfigError('no column "mobil" was found', hint='Did you mean "mobile"?'), "没有找到字段“mobil”。是否为“mobile”？"),
    "a part of a time": (ConfigError('"61" is no minute', hint="0 to 59, *, a-b, */n or a list"),
                         "“61”不是分钟。可写 0 至 59、*、a-b、*/n 或列表"),
    "braces": (ConfigError("no address", hint="--url, or catalogs: {atlas: {url: ...}} in chujing.yaml"),
               "没有地址。用 --url，或在 chujing.yaml 中写 catalogs: {atlas: {url: …}}"),
    "values as typed": (ConfigError('unknown key "{name} 王"', where="王.yaml:1"), "王.yaml:1：未知的键“{name} 王”"),
    "one more way": (ConfigError('flow "a" names "crm/x", which the last scan did not see', hint='Did you mean "crm/y"? or scan again'),
                     "场景“a”中的“crm/x”不在上次扫描结果中。是否为“crm/y”？或重新扫描"),
    "not known": (ConfigError("something new", where="x", hint="do this"), "x：something new。do this"),
}


@pytest.mark.parametrize("case", SENTENCES.values(), ids=SENTENCES)
def test_sentences(case):
    error, zh = case

    assert line(error, "zh") == zh and line(error, "en") == error.line()


def test_a_text_of_several_parts_is_taken_apart():
    told = "127.0.0.1:8080: no answer in time. nothing is lost: try again later; what a push has to deliver stays queued"
    assert refused(told, "zh") == (
        "127.0.0.1:8080：在时间限制内没有响应。没有丢失，请稍后重试；推送未送达的仍在排队")
    assert refused("crm/a: permission denied", "zh") == "crm/a：没有权限"
    assert refused("crm/a: permission denied", "en") == "crm/a: permission denied"


def test_both_languages_have_the_same_blanks():
    written = {**PLACES, **{k: v for table in TABLES for k, v in table.items()}}
    blanks = {x: [set(re.findall(r"\{(\w+)\}", y)) for y in (x, zh)] for x, zh in written.items()}

    assert [x for x, (a, b) in blanks.items() if a != b] == []
    assert len(written) == len(PLACES) + sum(map(len, TABLES)), "a template stands in two tables"


@pytest.mark.parametrize("text", ["x" * 9_000 + ". scan again", '"a" stands beside "b" ' * 400, ": " * 5_000, string.printable * 50,
                                  'no field to drop "' + ' "x' * 100_000 + "!"])
def test_a_hostile_text_is_read_as_it_stands(text):
    assert refused(text, "zh").startswith(text[:20]) and line(ChujingError(text), "zh").startswith(text[:20])
