"""Sentences of version 0.1.0, of plug-ins and of libraries are read back and shown in Chinese."""

import string

import pytest

from detectors.errors import ChujingError, ConfigError, nearest
from detectors.message import Note
from detectors.registry import value_detectors
from reports.messages.legacy import NOTES, read_note, recognise
from reports.messages.render import render, render_error
from reports.wording.reading import sampling_words, unread_words

ERRORS = {
    "a key": (
        ConfigError('unknown key "sorces"', where="chujing.yaml:3", hint=nearest("sorces", ["sources"])),
        "chujing.yaml:3：未知的键“sorces”。是否为“sources”？",
    ),
    "no hint": (ConfigError("the file is empty", where="a.yaml"), "a.yaml：文件为空"),
    "no place": (
        ConfigError('"soon" is no date', hint="write it as 2026-01-31"),
        "“soon”不是日期。日期写作 2026-01-31",
    ),
    "a place in words": (
        ConfigError('no flow "x"', where="the last scan", hint="known: a, b"),
        "上次扫描：没有场景“x”。已知：a, b",
    ),
    "of YAML": (
        ConfigError("not YAML: mapping values are not allowed here", where="a.yaml:2"),
        "a.yaml:2：不是有效的 YAML：此处不能写“键: 值”，请检查缩进和冒号",
    ),
    "within": (
        ConfigError(
            'the sheet does not fit chujing.yaml: "fields" must be a list', where="c", hint="fields: [..]"
        ),
        "c：登记表与 chujing.yaml 不符：“fields”须为列表。写作 fields: [..]",
    ),
    "a kind": (
        ConfigError('no column "mobil" was found', hint='Did you mean "mobile"?'),
        "没有找到字段“mobil”。是否为“mobile”？",
    ),
    "a part of a time": (
        ConfigError('"61" is no minute', hint="0 to 59, *, a-b, */n or a list"),
        "“61”不是分钟。可写 0 至 59、*、a-b、*/n 或列表",
    ),
    "braces": (
        ConfigError("no address", hint="--url, or catalogs: {atlas: {url: ...}} in chujing.yaml"),
        "没有地址。用 --url，或在 chujing.yaml 中写 catalogs: {atlas: {url: …}}",
    ),
    "values as typed": (
        ConfigError('unknown key "{name} 王"', where="王.yaml:1"),
        "王.yaml:1：未知的键“{name} 王”",
    ),
    "one more way": (
        ConfigError(
            'flow "a" names "crm/x", which the last scan did not see',
            hint='Did you mean "crm/y"? or scan again',
        ),
        "场景“a”中的“crm/x”不在上次扫描结果中。是否为“crm/y”？或重新扫描",
    ),
    "not known": (ConfigError("something new", where="x", hint="do this"), "x：something new。do this"),
}


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS)
def test_errors(case):
    error, zh = case

    assert render_error(error, "zh") == zh and render_error(error, "en") == error.line()


SENTENCES = {
    "phone numbers by value": (
        "手机号码 mobile number (sparse)",
        "手机号码（稀疏）",
        "mobile number (sparse)",
    ),
    "a title in both": ("SIM 卡号 ICCID ICCID of a SIM card", "SIM 卡号 ICCID", "ICCID of a SIM card"),
    "a detector that is not here": (
        "会员卡号 member_card (too few to tell)",
        "会员卡号 member_card（不同取值过少，难以判断）",
        None,
    ),
    "a title within": (
        "手机号码 inside longer text",
        "较长文本中的手机号码",
        "mobile number inside longer text",
    ),
    "a conflict": ("conflict: the values look like payment card number", "矛盾：值像是银行卡号", None),
    "running text": ("names of persons in running text (shipped)", "行文中的人名（shipped）", None),
    "time": ("resolution in time: about 3 hours", "时间分辨率：约 3 小时", None),
    "a table": ("the table looks like: order", "所在的表像是订单表", None),
    "lineage": (
        "taken from crm/a/b: c, hashed, still personal information",
        "取自 crm/a/b: c 并散列，仍属个人信息",
        None,
    ),
    "a factor": (
        "factor energy (Annex G j): the table speaks of 电站, mw; coordinates to 5 decimals",
        "能源（疑似重要数据）（附录G J）：表中出现 电站, mw；坐标精确到小数点后 5 位",
        None,
    ),
    "a threshold": (
        "threshold E-1: >= 10,000,000 power users: important; >= 100,000,000: core; GUIDE (NEA) [secondary]",
        "门槛 E-1：用电用户 1000 万户以上为重要，1 亿户以上为核心；GUIDE (NEA)［二手来源］",
        None,
    ),
    "what to ask": ("stop and ask first: 是否公开", "先停止处理并询问：是否公开", None),
    "a place first": (
        "crm/a b.csv: none of 3 members: permission denied",
        "crm/a b.csv：3 张分表均未读取：没有权限",
        None,
    ),
    "two at once": (
        "crm/a.csv: binary, not text; the other files are read",
        "crm/a.csv：是二进制，不是文本；其他文件已读取",
        None,
    ),
    "with a remedy": (
        'hr/x: no column "crm/a" was found. Did you mean "crm/b"?',
        "hr/x：没有找到字段“crm/a”。是否为“crm/b”？",
        None,
    ),
    "silenced": ("hotline (lin, until 2027-01-01)", "hotline（lin，至 2027-01-01）", None),
    "a person's words": ("王敏 said so", "王敏 said so", None),
    "a file's name": ("客户 data.csv: something new", "客户 data.csv: something new", None),
    "braces": ("the name says {0}", "字段名含“{0}”", None),
    "nothing": ("", "", None),
}


@pytest.mark.parametrize("case", SENTENCES.values(), ids=SENTENCES)
def test_sentences(case):
    text, zh, en = case

    assert render(text, "zh") == zh
    assert render(text, "en") == (text if en is None else en)
    assert recognise(text) == text, "what programs read stays as it was written"


def test_a_text_of_several_parts_is_taken_apart():
    stopped = (
        "127.0.0.1:8080: no answer in time. "
        "nothing is lost: try again later; what a push has to deliver stays queued"
    )

    assert (
        render(stopped, "zh")
        == "127.0.0.1:8080：在时间限制内没有响应。没有丢失，请稍后重试；推送未送达的仍在排队"
    )
    assert render("crm/a: permission denied", "zh") == "crm/a：没有权限"
    assert render("crm/a: permission denied", "en") == "crm/a: permission denied"


def test_a_place_that_is_a_mere_name_is_not_parsed():
    assert render_error(ConfigError("the file is empty", where="a needs b"), "zh") == "a needs b：文件为空"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 9_000 + ". scan again",
        '"a" stands beside "b" ' * 400,
        ": " * 5_000,
        string.printable * 50,
        'no field to drop "' + ' "x' * 100_000 + "!",
        "threshold a: b; c [d] " * 500,
        '"a" of the query; ' * 600,
        "(a, until b) " * 800,
    ],
)
def test_a_hostile_text_is_read_as_it_stands(text):
    assert render(text, "zh").startswith(text[:20]) and render_error(ChujingError(text), "zh").startswith(
        text[:20]
    )


def test_the_title_of_every_detector_is_said_in_one_language():
    titles = {
        d.name: tuple(render(f"{d.title} {d.title_en}", lang) for lang in ("zh", "en"))
        for d in value_detectors()
    }

    assert titles == {d.name: (d.title, d.title_en) for d in value_detectors()}


OLD_NOTES = {
    "keyless|3|10": ("10 行中 3 行没有可用的键", "3 of 10 rows hold no usable key"),
    "not_read|crm/member: permission denied": (
        "未能读取：crm/member：没有权限",
        "not read: crm/member: permission denied",
    ),
    "step_failed|pushdown|time limit reached": (
        "库内步骤 pushdown 未能完成：超过时间限制",
        "the step pushdown in the database could not be done: time limit reached",
    ),
    "keys|user_id, phone_mobile, odd|9": (
        "用于去重的键：用户标识、手机号码、odd；读取 9 行",
        "keys used: user id, mobile number, odd; 9 rows read",
    ),
    "reading|按 A 理解|read as A": ("按 A 理解", "read as A"),
    "changed_blackout|06:00": ("停扫时段至 06:00，留待下次", "blackout until 06:00; left for the next run"),
    "budget|": ("本次时间已用完，留待下次", "the time was up; left for the next run"),
    "of a newer version|7": ("of a newer version|7", "of a newer version|7"),
    "declared|lin|2026-10-01": ("declared|lin|2026-10-01", "declared|lin|2026-10-01"),
}


@pytest.mark.parametrize("text", OLD_NOTES)
def test_notes(text):
    note = read_note(text)

    assert (render(note, "zh"), render(note, "en")) == OLD_NOTES[text]
    assert isinstance(note, Note) and note == text and note.code == text.partition("|")[0]


def test_every_note_that_is_read_back_is_in_the_catalogue():
    from reports.messages.catalogue import template_forms

    blanks = {code: template_forms(f"note.{code}")[0] for code in NOTES}

    assert [c for c, t in blanks.items() if not all("{" + n in t or n == "until" for n in NOTES[c])] == []


def test_how_a_sample_was_drawn():
    assert (
        sampling_words("SAMPLE BLOCK and all rows, 8 of 64 members", "zh")
        == "库内抽样（SAMPLE BLOCK）；全部行，64 张分表中的 8 张"
    )
    assert (
        sampling_words("SAMPLE BLOCK and all rows, 8 of 64 members", "en")
        == "SAMPLE BLOCK and all rows, 8 of 64 members"
    )


def test_what_was_not_read():
    assert unread_words("permission denied", "scan again later", "zh") == "没有权限。稍后重新扫描"
    assert unread_words("permission denied", "", "en") == "permission denied"


def test_what_others_decided():
    against = "relabel email (王敏, 2026-01-31); accept (lin, 2026-02-01)"

    assert render(against, "zh") == "改判 电子邮件地址（王敏，2026-01-31）；确认（lin，2026-02-01）"
    assert render(against, "en") == "relabel e-mail address (王敏, 2026-01-31); accept (lin, 2026-02-01)"
