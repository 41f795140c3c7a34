"""Nothing detectors and connectors write is left in English on a Chinese page: the sources of every note are walked."""

import re
import string
from datetime import date
from pathlib import Path

import pytest
from english_notes import notes

from detectors.registry import value_detectors
from mappings.rules import in_force
from reports.messages.sayings import EVIDENCE, REASONS, REMEDIES, SAMPLES, SURE, told
from reports.messages.words import against_words, all_words, drawn_words, note, purpose_words, unread

NOTES = notes()
# a blank holds the text itself: the notes below say what it is
WITHIN = {"{} ({})", "{} {} ({})", "{} {}", "resolution in time: {}"}
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("template", sorted(set(NOTES) - WITHIN))
def test_no_known_note_is_left_in_english(template):
    text = template.replace("{}", "7")

    assert CHINESE.search(told(text, "zh")) and told(text, "zh") != text, NOTES[template]


SENTENCES = {
    "phone numbers by value": ("手机号码 mobile number (sparse)", "手机号码（稀疏）", "mobile number (sparse)"),
    "a title in both": ("SIM 卡号 ICCID ICCID of a SIM card", "SIM 卡号 ICCID", "ICCID of a SIM card"),
    "a detector that is not here": ("会员卡号 member_card (too few to tell)", "会员卡号 member_card（不同取值过少，难以判断）", None),
    "a title within": ("手机号码 inside longer text", "较长文本中的手机号码", "mobile number inside longer text"),
    "a conflict": ("conflict: the values look like payment card number", "矛盾：值像是银行卡号", None),
    "running text": ("names of persons in running text (shipped)", "行文中的人名（shipped）", None),
    "time": ("resolution in time: about 3 hours", "时间分辨率：约 3 小时", None),
    "a table": ("the table looks like: order", "所在的表像是订单表", None),
    "lineage": ("taken from crm/a/b: c, hashed, still personal information", "取自 crm/a/b: c 并散列，仍属个人信息", None),
    "a factor": ("factor energy (Annex G j): the table speaks of 电站, mw; coordinates to 5 decimals",
                 "能源（疑似重要数据）（附录G J）：表中出现 电站, mw；坐标精确到小数点后 5 位", None),
    "a threshold": ("threshold E-1: >= 10,000,000 power users: important; >= 100,000,000: core; GUIDE (NEA) [secondary]",
                    "门槛 E-1：用电用户 1000 万户以上为重要，1 亿户以上为核心；GUIDE (NEA)［二手来源］", None),
    "what to ask": ("stop and ask first: 是否公开", "先停止处理并询问：是否公开", None),
    "a place first": ("crm/a b.csv: none of 3 members: permission denied", "crm/a b.csv：3 张分表均未读取：没有权限", None),
    "two at once": ("crm/a.csv: binary, not text; the other files are read", "crm/a.csv：是二进制，不是文本；其他文件已读取", None),
    "with a remedy": ('hr/x: no column "crm/a" was found. Did you mean "crm/b"?', "hr/x：没有找到字段“crm/a”。是否为“crm/b”？", None),
    "silenced": ("hotline (lin, until 2027-01-01)", "hotline（lin，至 2027-01-01）", None),
    "a person's words": ("王敏 said so", "王敏 said so", None),
    "a file's name": ("客户 data.csv: something new", "客户 data.csv: something new", None),
    "braces": ("the name says {0}", "字段名含“{0}”", None),
    "nothing": ("", "", None),
}


@pytest.mark.parametrize("case", SENTENCES.values(), ids=SENTENCES)
def test_sentences(case):
    text, zh, en = case

    assert told(text, "zh") == zh
    assert told(text, "en") == (text if en is None else en)


@pytest.mark.parametrize("text", ["threshold a: b; c [d] " * 500, ": " * 5_000, '"a" of the query; ' * 600, "(a, until b) " * 800,
                                  "x" * 9_000 + ". scan again"])
def test_a_hostile_text_is_read_as_it_stands(text):
    assert told(text, "zh") in (text, text.replace(". scan again", "。重新扫描"))


def test_the_title_of_every_detector_is_said_in_one_language():
    found = {d.name: (told(f"{d.title} {d.title_en}", "zh"), told(f"{d.title} {d.title_en}", "en")) for d in value_detectors()}

    assert found == {d.name: (d.title, d.title_en) for d in value_detectors()}


def test_both_languages_have_the_same_blanks():
    written = {**EVIDENCE, **SAMPLES, **REASONS, **REMEDIES}
    blanks = {x: [{name for _, name, _, _ in string.Formatter().parse(y) if name} for y in (x, zh)] for x, zh in written.items()
              if not re.search(r"\{\w+: ", x)}

    assert [x for x, (a, b) in blanks.items() if a != b] == []
    assert set(SURE) == {"verified", "secondary", "recalled"} and all(all_words()[k][0] == v for k, v in SURE.items())


def test_words_around_notes():
    assert note("not_read|crm/member: permission denied", "zh") == "未能读取：crm/member：没有权限"
    assert note("step_failed|by_pushdown|time limit reached", "zh").endswith("未能完成：超过时间限制")
    assert drawn_words("SAMPLE BLOCK and all rows, 8 of 64 members", "zh") == "库内抽样（SAMPLE BLOCK）；全部行，64 张分表中的 8 张"
    assert unread("permission denied", "scan again later", "zh") == "没有权限。稍后重新扫描"
    assert note("keys|user_id, phone_mobile, odd|9", "zh") == "用于去重的键：用户标识、手机号码、odd；读取 9 行"
    assert [purpose_words("hr_management", x) for x in ("zh", "en")] == ["跨境人力资源管理", "Cross-border human-resources management"]
    assert [purpose_words(x, "zh") for x in ("我们的目的", "none_such", "/etc/passwd")] == ["我们的目的", "none_such", "/etc/passwd"]
    assert unread("permission denied", "", "en") == "permission denied"
    assert against_words("relabel email (王敏, 2026-01-31); accept (lin, 2026-02-01)", "zh") == (
        "改判 电子邮件地址 (王敏, 2026-01-31); 确认 (lin, 2026-02-01)")


FOLDER = Path(__file__).parents[2] / "reports"
ASKED = {
    "js": r"""word\('([a-z_.0-9]+)'|line\('([a-z_.]+)'""",
    "html": r"""\bt\('([a-z_.0-9]+)'[,)]|data-say="([a-z_.]+)"|zh\('([a-z_.]+)'|\('[a-z]+', '([a-z_.]+)'\)""",
    "py": r"""\b(?:t|say|said)\("([a-z_.0-9]+)"[,)]""",
}


@pytest.mark.parametrize("kind", ASKED)
def test_every_word_a_page_or_a_sheet_asks_for_is_there(kind):
    files = sorted((FOLDER / "templates").rglob(f"*.{kind}")) if kind != "py" else sorted(FOLDER.rglob("*.py"))
    asked = {key for f in files for m in re.finditer(ASKED[kind], f.read_text(encoding="utf-8")) for key in m.groups() if key}
    lacking = {k for k in asked if k not in all_words() and not (k.endswith(".") and any(w.startswith(k) for w in all_words()))}

    assert len(asked) > 20 and lacking == set()


def test_every_fact_a_decision_may_rest_on_has_a_word():
    from reports.wording.facts import FACTS, VALUES, fact_words

    asked = [f for day in (date(2023, 1, 1), date(2026, 11, 1)) for f in in_force(day).raw["facts"].items()]
    kinds = {"date", "number", "text"}
    assert {name for name, _ in asked} <= set(FACTS) and {str(v) for _, f in asked for v in f.get("values", ())} - kinds <= set(VALUES)
    assert fact_words("individuals=0", "zh") == "自然人 0 人"
    assert fact_words("list=beijing-2024, retail: columns", "zh") == "适用清单：beijing-2024, retail: columns"
    assert fact_words("mode=transfer, sensitive_individuals=unbounded (a)", "zh") == "方式：传输至境外；敏感个人信息涉及 无上限 人 (a)"
