"""--lang zh and --lang en hold for everything that is printed: words of commands, errors,
and errors outside of a command.
"""

import ast
import re
import sys
from itertools import pairwise

import places
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from reports.messages.render import render
from reports.text_width import break_text, width_of
from scanner import job
from scanner.cli import app as cli
from scanner.cli.app import app
from scanner.cli.options import language_of_arguments
from scanner.cli.output import say, talk
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.gather.progress import ProgressState, line
from scanner.setup.doctor import examine_installation

SCANNER = places.ROOT / "scanner"
CHINESE = re.compile("[\u4e00-\u9fff]")


def texts(call: ast.Call) -> list[str]:
    """The literal parts of what a call prints,
    without those that choose a word by its key or stand beside their Chinese.
    """
    keys = {
        id(a)
        for n in ast.walk(call)
        if isinstance(n, ast.Call)
        and getattr(n.func, "id", "") == "t"
        or isinstance(n, ast.Dict)
        and [getattr(k, "value", "") for k in n.keys] == ["zh", "en"]
        for a in ast.walk(n)
    }
    return [
        n.value
        for n in ast.walk(call)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in keys
    ]


def test_no_command_prints_a_phrase_of_one_language():
    calls = [
        (f.name, n)
        for f in sorted((SCANNER / "cli").glob("*.py"))
        for n in ast.walk(ast.parse(f.read_text(encoding="utf-8")))
        if isinstance(n, ast.Call)
        and getattr(n.func, "id", getattr(n.func, "attr", "")) in ("echo", "say", "talk")
    ]
    phrases = [
        (name, text) for name, n in calls for text in texts(n) if re.search("[A-Za-z]{2,} [A-Za-z]{2,}", text)
    ]

    assert len(calls) > 60
    assert phrases == [], "the words of both languages belong into reports/messages/words/cli.yaml"


def commands(group: typer.main.Typer, path: str = "chujing") -> list[tuple[str, set[str]]]:
    """(command, its options) of the whole tree."""

    def under(command: object, path: str) -> list[tuple[str, set[str]]]:
        own = [(path, {o for p in command.params for o in p.opts})]  # type: ignore[attr-defined]
        return own + [
            x for name, c in getattr(command, "commands", {}).items() for x in under(c, f"{path} {name}")
        ]

    return under(typer.main.get_command(group), path)


def test_every_command_has_lang():
    found = commands(app)
    groups = {path for path, _ in found if any(other.startswith(f"{path} ") for other, _ in found)}
    only_help = {
        "chujing ledger",
        "chujing baseline",
        "chujing filing",
        "chujing dossier",
        "chujing fields",
        "chujing schedule",
        "chujing review",
    }

    assert [path for path, options in found if "--lang" not in options] == [
        p for p, _ in found if p in only_help
    ]
    assert only_help < groups and len(found) > 60


@pytest.mark.parametrize(
    ("arguments", "env", "lang"),
    [
        (["check", "--lang", "zh"], "en", "zh"),
        (["check", "--lang=en"], "zh", "en"),
        (["check", "--lang", "fr"], "zh", "zh"),
        (["check", "--lang"], "zh", "zh"),
        (["--lang", "en", "--lang", "zh"], "en", "zh"),
        ([], "zh_CN.UTF-8", "zh"),
        ([], "C", "en"),
    ],
)
def test_the_language_outside_a_command(monkeypatch, arguments, env, lang):
    monkeypatch.setenv("CHUJING_LANG", env)

    assert language_of_arguments(arguments) == lang


@pytest.fixture
def in_chinese(monkeypatch, tmp_path):
    """An empty folder and an environment that asks for Chinese."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_LANG", "zh")
    return monkeypatch


@pytest.mark.parametrize(
    ("command", "status", "sentence"),
    [
        ("check -c none.yaml --lang zh", 2, "none.yaml：没有这个文件。可用 chujing init 生成"),
        ("check -c none.yaml --lang en", 2, "none.yaml: no such file. chujing init writes one"),
        ("check --lang fr", 2, "未知的语言“fr”。写作 --lang zh 或 --lang en"),
        ("rules cn-2042", 2, "没有规则集“cn-2042”。是否为“cn-2024”？"),
        ("scan none.csv", 3, ""),
    ],
)
def test_errors_are_said_in_the_language_asked_for(in_chinese, capsys, command, status, sentence):
    in_chinese.setattr(sys, "argv", ["chujing", *command.split()])
    with pytest.raises(SystemExit) as e:
        cli.main()
    printed = capsys.readouterr()

    assert e.value.code == status
    assert printed.err.strip() == f"chujing: {sentence}" if sentence else "没有这个文件" in printed.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "--row", "3"], "没有选项 --row（相近：--allow, --record, --rows）"),
        (["scan", "--nope"], "没有选项 --nope"),
        (["reveiw"], "没有命令“reveiw”。是否为“review”？"),
        (["nosuch"], "没有命令“nosuch”"),
        (["rules", "a", "b"], "多余的参数：b"),
        (["review", "reject", "x", "--by", "a"], "缺少选项 --why"),
        (["filing", "write"], "缺少参数“folder”"),
        (["scan", "x", "--rows"], "选项 --rows 须有值"),
        (["check", "--schema=3"], "选项 --schema 不带值"),
        (["scan", "x", "--rows", "abc"], "“--rows”的值无效："),
        (["scan", "x", "--rows", "0"], "“--rows”的值无效："),
        (["scan", "x", "--log", "xml"], "“--log”的值无效："),
    ],
)
def test_wrong_usage_is_named_in_chinese(monkeypatch, capsys, arguments, said):
    monkeypatch.setenv("CHUJING_LANG", "zh")
    monkeypatch.setattr(sys, "argv", ["chujing", *arguments])
    with pytest.raises(SystemExit) as e:
        cli.main()
    told = capsys.readouterr().err

    assert e.value.code == 2 and f"chujing: {said}" in told
    assert not re.search("Error|Invalid|Missing|Input|Try", told)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_and_english_usage_stay_as_they_are(monkeypatch, capsys, lang):
    monkeypatch.setenv("CHUJING_LANG", lang)
    for arguments, status, said in (
        (["review"], 0, "Commands:"),
        (["--version"], 0, "chujing "),
        (["zones", "-h"], 0, "Usage:"),
    ):
        monkeypatch.setattr(sys, "argv", ["chujing", *arguments])
        with pytest.raises(SystemExit) as e:
            cli.main()
        told = capsys.readouterr()
        assert e.value.code == status and said in told.out + told.err
    monkeypatch.setattr(sys, "argv", ["chujing", "scan", "--nope", "--lang", "en"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "Error: No such option: --nope" in capsys.readouterr().err


def test_an_internal_error_is_said_in_both_languages_and_without_its_message(monkeypatch, capsys):
    def broken_app(standalone_mode: bool) -> None:
        raise ValueError("13912345678")

    monkeypatch.setattr(cli, "app", broken_app)
    for lang, words in (
        ("zh", "内部错误：test_languages.py:"),
        ("en", "internal error, ValueError at test_languages.py:"),
    ):
        monkeypatch.setattr(sys, "argv", ["chujing", "--lang", lang])
        with pytest.raises(SystemExit) as e:
            cli.main()
        told = capsys.readouterr().err
        assert e.value.code == 1 and words in told and "ValueError" in told and "139" not in told


def test_an_interrupt_is_said(monkeypatch, capsys):
    def interrupted(*_: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("CHUJING_LANG", "zh")
    monkeypatch.setattr("mappings.rules.load_ruleset", interrupted)
    monkeypatch.setattr(sys, "argv", ["chujing", "rules", "cn-2024"])
    with pytest.raises(SystemExit) as e:
        cli.main()

    assert e.value.code == 130 and capsys.readouterr().err == "chujing: 已中断\n"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("command", "english", "chinese"),
    [
        pytest.param(["doctor"], "package scanner is chujing's own", "正常  包 scanner 属于 chujing",
                     marks=pytest.mark.system),
        (["detectors"], "payment card number", "随机通过率"),
        (["rules"], "security_assessment", "申报数据出境安全评估"),
        (
            ["zones"],
            "partial  absorbed_into_beijing_2025  [secondary]",
            "不完整  已并入 beijing_2025  [二手来源]",
        ),
        (["zones", "show", "beijing_2024"], "sensitive_personal_information", "敏感个人信息"),
        (["taxonomy"], "labels  (always there)", "个类别  （始终适用）"),
        (["models"], "yours lie in", "自行添加的模型"),
    ],
)
def test_lists_speak_both_languages(command, english, chinese):
    en, zh = run(*command, "--lang", "en"), run(*command, "--lang", "zh")

    assert english in en and english not in zh and chinese in zh and chinese not in en


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ('"maybe" is no value of sensitive', "“maybe”不是 sensitive 的取值"),
        ("not YAML: expected ',' or ']', but got '{'", "名称含 { } 时须加引号"),
        ("not YAML: expected ',' or ']', but got '<stream end>'", "文件末尾"),
        ("an entry of this list is a mapping (key: value)", "列表的每一条"),
    ],
)
def test_errors_that_people_meet_are_whole_in_chinese(english, chinese):
    assert chinese in render(english, "zh")


def test_faults_of_a_sheet_and_what_was_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "-> flows.xlsx" in run("flows", "template", "flows.xlsx", "--lang", "zh")
    from openpyxl import load_workbook

    book = load_workbook("flows.xlsx")
    book["出境场景登记表"].cell(4, 1, "crm hq")
    book.save("flows.xlsx")
    result = CliRunner().invoke(app, ["flows", "import", "flows.xlsx", "--lang", "zh"])

    assert "出境场景登记表!A4：“crm hq”不能作编号。只用字母、数字、- 和 _，例如 crm-hq" in result.output
    assert "出境场景登记表!B4：“数据处理者”为空。法人名称，与营业执照一致" in result.output


def test_what_a_dry_run_would_read(tmp_path):
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")
    config = Config(sources=(Source("d", str(tmp_path / "a.csv")), Source("e", str(tmp_path / "none.csv"))))
    zh, en = ("\n".join(job.dry_run(config, rows=10, seed=1, lang=lang)) for lang in ("zh", "en"))

    assert (
        "d/a  1 个字段" in zh
        and "水塘抽样 10 行，种子 1" in zh
        and "e  未检测：" in zh
        and "没有这个文件" in zh
    )
    assert (
        "d/a  1 column" in en
        and "reservoir of 10 rows, seed 1" in en
        and "e  skipped: " in en
        and not CHINESE.search(en)
    )


@pytest.mark.system
def test_progress_and_the_doctor():
    state = ProgressState(3, 10, 0.5, 75)

    assert "剩余 1:15" in line(state, "crm", 60, "zh") and "1:15 left" in line(state, "crm", 60)
    lines = examine_installation()
    assert all(ok is True or CHINESE.search(text) or "pip install" in text for ok, text in lines)


PARTS = [
    "个人信息",
    "3 个",
    "可能敏感 1,234 个：",
    "（2025 年",
    "居民身份证号码、",
    "crm/a",
    " ",
    "12.5 GiB",
    "40% 人",
    "2人",
]


@given(st.lists(st.sampled_from(PARTS), max_size=30), st.integers(16, 60))
def test_no_line_ends_between_a_number_and_the_word_it_counts(parts, width):
    text = "".join(parts)
    lines = break_text(text, width)

    assert all(width_of(x) <= width for x in lines) and re.sub(r"\s", "", "".join(lines)) == re.sub(
        r"\s", "", text
    )
    ends = [
        (a, b)
        for a, b in pairwise(lines)
        if re.search("[0-9]%?$", a) and CHINESE.match(b) or re.match("[，。、：）]", b)
    ]
    assert ends == []


def test_names_from_a_source_neither_steer_the_terminal_nor_turn_the_text(capsys):
    say("crm/member/\x1b[31mmobile\u202e")
    talk("a\x1b]0;title\x07b")
    out = capsys.readouterr()

    assert out.out == "crm/member/⟨U+001B⟩[31mmobile⟨U+202E⟩\n"
    assert out.err == "a⟨U+001B⟩]0;title⟨U+0007⟩b\n"
