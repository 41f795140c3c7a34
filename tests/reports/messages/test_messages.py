"""The catalogue of messages is complete and compiled; messages survive a file and a pickle."""

import ast
import copy
import pickle
from datetime import date
from functools import cache

import polib
import pytest

from detectors.errors import ConfigError, nearest
from detectors.message import Msg, Word
from detectors.model import Evidence, Skipped
from reports.messages import build
from reports.messages.catalogue import id_of
from reports.messages.render import render, render_error
from reports.messages.stored import from_record, to_record
from reports.serial import build as from_json
from reports.serial import dump

CATALOGUE = build.open_catalogue()
used_templates = cache(build.used_templates)


def test_every_message_of_the_sources_has_an_id_and_chinese():
    written = {(e.msgid, e.msgid_plural): e for e in CATALOGUE}
    lacking = {x: place for x, place in used_templates().items() if x not in written}
    no_chinese = [
        e.msgid for e in CATALOGUE if not (e.msgstr or all(e.msgstr_plural.values()) and e.msgstr_plural)
    ]

    assert (lacking, no_chinese) == ({}, []), (
        "run `make messages`, then write the Chinese in reports/messages/zh.po"
    )


def test_no_entry_of_the_catalogue_is_there_for_nothing():
    used = {template for template, _ in used_templates()}
    unused = [e.msgid for e in CATALOGUE if e.msgid not in used and "from" not in build.comments(e)]

    assert unused == [], "remove it; if version 0.1.0 wrote it to files: `# from: version 0.1.0`"


def test_the_entries_are_in_order():
    assert build.faults(CATALOGUE) == []


ENTRY = {"msgid": "{n} rows of {name}", "msgstr": "{name} 的 {n} 行", "tcomment": "id: rows-of"}
BROKEN = {
    "no id": ({"tcomment": "since: 0.2.0"}, 'no "# id: words-of-it" above it'),
    "no word as an id": ({"tcomment": "id: Rows of"}, 'no "# id: words-of-it" above it'),
    "another's id": ({"tcomment": "id: scan-again"}, "its id stands twice"),
    "another's template": ({"msgid": "scan again"}, "it stands twice"),
    "fuzzy": ({"flags": ["fuzzy"]}, "it is marked as fuzzy or obsolete, so nobody would read it in Chinese"),
    "obsolete": ({"obsolete": True}, "it is marked as fuzzy or obsolete, so nobody would read it in Chinese"),
    "another blank": ({"msgstr": "{nom} 的 {n} 行"}, "its Chinese has other blanks"),
    "a blank less": ({"msgstr": "{n} 行"}, "its Chinese has other blanks"),
    "a number without its format": ({"msgid": "{n:,} rows of {name}"}, "its Chinese has other blanks"),
    "in the plural": (
        {"msgstr": "", "msgid_plural": "{n} rows of {name}", "msgstr_plural": {0: "{n} 行"}},
        "its Chinese has other blanks",
    ),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_named_and_nothing_is_written(monkeypatch, capsys, case):
    change, fault = case
    entry = polib.POEntry(**ENTRY | change)
    catalogue = polib.POFile()
    catalogue += [polib.POEntry(msgid="scan again", msgstr="重新扫描", tcomment="id: scan-again"), entry]
    monkeypatch.setattr(build, "open_catalogue", lambda: catalogue)

    assert build.main() == 1
    assert f'{fault}: "{entry.msgid}"' in capsys.readouterr().err


def test_what_is_compiled_is_fresh():
    binary, names = build.compiled(CATALOGUE)

    assert (build.HERE / "zh.mo").read_bytes() == binary, "run `make messages`"
    assert (build.HERE / "ids.json").read_text(encoding="utf-8") == names, "run `make messages`"


def test_every_word_has_both_languages_and_stands_in_its_room():
    from reports.messages.words import COMMON_ROOM, _room, all_words, rooms

    misplaced = [
        k
        for r in rooms()
        for k in _room(r)
        if (k.split(".")[0] if "." in k and k.split(".")[0] in rooms() else COMMON_ROOM) != r
    ]

    assert misplaced == [] and len(all_words()) == sum(len(_room(r)) for r in rooms())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('a: {zh: "x", en: "y"}\na: {zh: "x", en: "y"}', 'x.yaml:2: "a" stands twice'),
        ('a: {zh: "x"}', 'x.yaml:1: "en" is missing'),
        ('a: {zh: "x", en: "y", fr: "z"}', 'x.yaml:1: unknown key "fr"'),
    ],
)
def test_words_are_read_strictly(tmp_path, monkeypatch, text, fault):
    from detectors.errors import RulesError
    from reports.messages import words

    (tmp_path / "words").mkdir()
    (tmp_path / "words/x.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(words.resources, "files", lambda package: tmp_path)
    with pytest.raises(RulesError) as e:
        words._room.__wrapped__("x")

    assert str(e.value).endswith(fault)


TOLD_BY = {
    "ConfigError": (0,),
    "SourceError": (0,),
    "RulesError": (0,),
    "StateError": (0,),
    "ChujingError": (0,),
    "Stopped": (0,),
    "Skipped": (1, 2),
    "CellFault": (1, 2),
    "Refused": (2,),
    "Evidence": (1,),
    "Inherited": (1,),
}


def test_what_people_read_is_a_message_where_it_is_made():
    plain = []
    for package in build.PACKAGES:
        for file in sorted((build.ROOT / package).rglob("*.py")):
            for call in (
                n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)
            ):
                places = TOLD_BY.get(getattr(call.func, "id", ""), ())
                told = [call.args[i] for i in places if i < len(call.args)] + [
                    k.value for k in call.keywords if k.arg == "hint" and places
                ]
                plain += [
                    f"{file.relative_to(build.ROOT)}:{x.lineno}"
                    for x in told
                    if isinstance(x, ast.JoinedStr | ast.BinOp) or isinstance(x, ast.Constant) and x.value
                ]

    assert plain == [], 'write Msg("…{name}…", name=…)'


MESSAGES = {
    "nothing in it": (Msg("permission denied"), "permission denied", "没有权限"),
    "a name is not parsed": (
        Msg('unknown key "{name}"', name="{name} 王|x"),
        'unknown key "{name} 王|x"',
        "未知的键“{name} 王|x”",
    ),
    "a list": (Msg("known: {names}", names=("a", "b")), "known: a, b", "已知：a、b"),
    "a message in it": (
        Msg("{said}; the other files are read", said=Msg("binary, not text")),
        "binary, not text; the other files are read",
        "是二进制，不是文本；其他文件已读取",
    ),
    "words of both languages": (
        Msg("conflict: the values look like {thing}", thing=Word("bank_card", "银行卡号", "bank card")),
        "conflict: the values look like bank_card",
        "矛盾：值像是银行卡号",
    ),
    "braces": (
        Msg("token: {env: DATAHUB_TOKEN}"),
        "token: {env: DATAHUB_TOKEN}",
        "例如 token: {env: DATAHUB_TOKEN}",
    ),
    "not in the catalogue": (
        Msg("a plug-in's own {n:,}", n=1200),
        "a plug-in's own 1,200",
        "a plug-in's own 1,200",
    ),
    "a day": (
        Msg("no rule set is known for {day}", day=date(2026, 1, 31)),
        "no rule set is known for 2026-01-31",
        "没有适用于 2026-01-31 的规则集",
    ),
}


@pytest.mark.parametrize("case", MESSAGES.values(), ids=MESSAGES)
def test_a_message_reads_in_both_languages_and_survives_files(case):
    message, english, chinese = case

    assert message == english and render(message, "zh") == chinese
    for again in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message)):
        assert (again, again.template, again.values) == (message, message.template, message.values)
    if id_of(message.template):
        again = from_record(to_record(message))
        assert again == english and render(again, "zh") == chinese and to_record(again) == to_record(message)


def test_what_counts_has_a_sentence_for_one():
    two, one = (Msg.plural("{n} row of {name}", "{n:,} rows of {name}", n=n, name="a") for n in (2000, 1))

    assert (two, one) == ("2,000 rows of a", "1 row of a")
    assert [render(x, "zh") for x in (two, one)] == ["2,000 rows of a", "1 row of a"]
    assert render(pickle.loads(pickle.dumps(two)), "en") == "2,000 rows of a"


def test_a_blank_without_a_value_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        Msg("no {what}")


def test_a_message_is_frozen():
    with pytest.raises(AttributeError):
        Msg("scan again").template = "x"


def test_messages_stand_beside_their_sentences_in_a_report():
    skipped = Skipped("crm/a", Msg("cannot be read ({kind})", kind="OSError"), "do as a plug-in says")
    record = dump(skipped)

    assert record == {
        "id": "crm/a",
        "reason": "cannot be read (OSError)",
        "hint": "do as a plug-in says",
        "reason_message": {
            "id": id_of(skipped.reason.template),
            "text": "cannot be read (OSError)",
            "values": {"kind": "OSError"},
        },
    }
    assert (
        type(record["reason"]) is str
        and render(from_json(Skipped, record).reason, "zh") == "无法读取（OSError）"
    )
    assert dump(from_json(Skipped, record)) == record


def test_a_sentence_that_was_reworded_since_stays_as_it_was_written():
    record = to_record(Msg("permission denied")) | {"text": "you may not"}

    again = from_record(record)

    assert again == "you may not" and render(again, "zh") == "没有权限" and to_record(again) == record


@pytest.mark.parametrize("change", [{"id": "of-a-newer-version"}, {"values": {}}])
def test_a_record_that_is_not_understood_is_read_as_its_sentence(change):
    assert from_record(to_record(Msg("known: {names}", names=("a",))) | change) == "known: a"


def test_an_error_on_one_line():
    error = ConfigError(
        Msg('unknown key "{name}"', name="sorces"),
        where="chujing.yaml:3",
        hint=nearest("sorces", ["sources"]),
    )

    assert (str(error), error.line()) == (
        'chujing.yaml:3: unknown key "sorces"',
        'chujing.yaml:3: unknown key "sorces". Did you mean "sources"?',
    )
    assert render_error(error, "zh") == "chujing.yaml:3：未知的键“sorces”。是否为“sources”？"
    assert render(Evidence("name", Msg("the name says {word}", word="sj")).note, "zh") == "字段名含“sj”"
