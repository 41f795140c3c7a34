"""Words that pages, sheets and decisions ask for are there, in both languages."""

import re
from datetime import date

import places
import pytest

from mappings.readiness import OTHER_ACTS
from mappings.rules import in_force
from reports.messages.words import all_words, t
from reports.wording.titles import purpose_words

FOLDER = places.ROOT / "reports"
PACKAGES = ("detectors", "mappings", "reports", "scanner")
ASKED = {
    "js": r"""word\('([a-z_.0-9]+)'|line\('([a-z_.]+)'""",
    "html": r"""\bt\('([a-z_.0-9]+)'[,)]|data-say="([a-z_.]+)"|zh\('([a-z_.]+)'|\('[a-z]+', '([a-z_.]+)'\)""",
    "py": r"""\b(?:t|heading|plural|say|talk|tell)\(\s*"([a-z_.0-9]+)"[,)]""",
}


@pytest.mark.parametrize("kind", ASKED)
def test_every_word_a_page_or_a_sheet_asks_for_is_there(kind):
    folders = [FOLDER / "templates"] if kind != "py" else [places.ROOT / package for package in PACKAGES]
    files = [file for folder in folders for file in sorted(folder.rglob(f"*.{kind}"))]
    asked = {
        key
        for f in files
        for m in re.finditer(ASKED[kind], f.read_text(encoding="utf-8"))
        for key in m.groups()
        if key
    }
    lacking = {
        k
        for k in asked
        if k not in all_words() and not (k.endswith(".") and any(w.startswith(k) for w in all_words()))
    }

    assert len(asked) > 20 and lacking == set()


def test_both_languages_of_a_word_have_the_same_blanks():
    """The English words for one, under `key.1`, need not show the number."""
    may_lack = {key: {"n"} if key.endswith(".1") else set() for key in all_words()}

    pairs = {key: (blanks(zh), blanks(en)) for key, (zh, en) in all_words().items()}

    assert [key for key, (zh, en) in pairs.items() if not zh - may_lack[key] <= en <= zh] == []


def blanks(text):
    return set(re.findall(r"\{([^{}|]*)(?:\|[^{}]*)?\}", text))


def test_english_that_counts_has_words_for_one():
    """A number before a plural noun is followed by both forms, or the key has words of its own for one."""
    nouns = "columns|tables|flows|sources|runs|reviews|entries|nights|members|decisions|places|suggestions"
    plain = re.compile(rf"\{{(\w+)\}} (?:more )?(?:{nouns})\b")
    words = {key: en for key, (_, en) in all_words().items() if not key.startswith("page.")}
    lacking = [
        key for key, en in words.items()
        if plain.search(en) and f"{key}.1" not in words and " of {" not in en
    ]
    assert lacking == ["review.unsaid.clash"]      # of several by its nature
    both = {key: en for key, en in words.items() if "|" in en and "{" in en}
    assert len(both) > 30
    for key, en in both.items():
        names = dict.fromkeys(blanks(en), "1")
        assert "|" not in t(key, "en", **names) and t(key, "en", **names) != t(
            key, "en", **dict.fromkeys(names, "2")
        ).replace("2", "1"), key


def test_every_fact_a_decision_may_rest_on_has_a_word():
    from reports.messages.legacy import parse_facts
    from reports.messages.words import pair_of
    from reports.wording.facts import fact_title, fact_words

    asked = [f for day in (date(2023, 1, 1), date(2026, 11, 1)) for f in in_force(day).raw["facts"].items()]
    kinds = {"act", "date", "number", "text", "zone"}
    values = {str(v) for _, f in asked for v in f.get("values", ())} - kinds
    titles = {*(n for n, _ in asked), *in_force(date(2026, 11, 1)).raw["readings"], *OTHER_ACTS}
    assert [n for n in sorted(titles) if fact_title(n, "zh") == n or fact_title(n, "en") == ""] == []
    assert [v for v in values if pair_of(f"fact.value.{v}") is None] == []
    assert fact_words(parse_facts("individuals=0"), "zh") == "自然人 0 人"
    assert (
        fact_words(parse_facts("list=beijing-2024, retail: columns"), "zh")
        == "适用清单：beijing-2024, retail: columns"
    )
    both = parse_facts("mode=transfer, sensitive_individuals=unbounded (a)")
    assert fact_words(both, "zh") == "方式：传输至境外；敏感个人信息涉及 无上限 人 (a)"


def test_purposes_have_their_titles():
    assert [purpose_words("hr_management", x) for x in ("zh", "en")] == [
        "跨境人力资源管理",
        "Cross-border human-resources management",
    ]
    assert [purpose_words(x, "zh") for x in ("我们的目的", "none_such", "/etc/passwd")] == [
        "我们的目的",
        "none_such",
        "/etc/passwd",
    ]
