"""A zone's list exempts on its own days and as a whole: never before it was issued, never in part."""

from datetime import date, timedelta

import pytest
from imported_lists import imported

from detectors.errors import ConfigError, RulesError
from mappings.decide import decide
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.rules import in_force
from mappings.zones import load_zone, parse_zone, zone_names
from reports.messages.render import render
from scanner.records.stated_facts import parse_stated_facts

YES = ("zone_in_scope", "list_in_force", "list_complete", "sector_listed", "scenario_listed", "filed")
COUNT = FlowCount(Estimate.exactly(300_000), Estimate.exactly(0))
DATED = [load_zone(name) for name in zone_names()]


def days_of(book):
    """Days about the first and the last of a list, and whether it exempts on each."""
    first, last = date.fromisoformat(book.issued), date.fromisoformat(book.until or "2030-12-31")
    one = timedelta(days=1)
    return {first - one: False, first: True, last: True, last + one: not book.until}


def decided(book, day, began="", sector="", **answers):
    facts = {**dict.fromkeys(YES, "yes"), "entry_matched": "no", "ftz_list": imported(book.id), **answers}
    facts = {name: answer for name, answer in facts.items() if answer}
    company = {"ciio": "no", "important_data": "none", "zone": book.zone}
    values = {**company, "readings": "strict", "sector": sector}
    part = FlowInput("f", COUNT, claim="ftz", facts=facts, began=began)
    return decide(Facts("a", day, (part,), values), in_force(day))


def assert_refused(text, day, word):
    """Facts are refused with one line in either language that names a word, and with a hint."""
    with pytest.raises(ConfigError) as caught:
        parse_stated_facts(text, "facts.yaml", in_force(day), {}, day)
    [fault] = caught.value.faults
    lines = [render(fault.what, lang) for lang in ("en", "zh")]
    assert all(word in line for line in lines) and lines[0] != lines[1] and fault.hint


@pytest.mark.parametrize("book", DATED, ids=lambda book: book.id)
def test_a_list_exempts_on_its_own_days_only_whatever_is_answered(book):
    for day, exempts in days_of(book).items():
        if day >= date(2024, 3, 22):
            possible = decided(book, day).flows["f"].possible
            assert ("exempt_ftz" in possible) is exempts, day
            assert (book.day_fault(day) is None) is exempts, day


@pytest.mark.parametrize("book", DATED, ids=lambda book: book.id)
def test_an_answer_against_the_dates_of_a_list_is_one_line_in_both_languages(book):
    for day, exempts in days_of(book).items():
        text = (
            "facts: {ciio: 'no', important_data: none}\nflows:\n- {id: f, recipient: HQ, country: DE,"
            f" individuals: 9, sensitive: 0, facts: {{ftz_list: {book.id}, list_in_force: 'yes'}}}}\n"
        )
        if exempts:
            assert parse_stated_facts(text, "facts.yaml", in_force(day), {}, day)
            continue
        assert_refused(text, day, book.id)


@pytest.mark.parametrize("book", DATED, ids=lambda book: book.id)
@pytest.mark.parametrize("began", ["", "before", "on", "last year", "the year before the list"])
@pytest.mark.parametrize("earlier", ["yes", "no", ""])
def test_what_left_before_the_list_this_year_counts(book, began, earlier):
    issued = date.fromisoformat(book.issued)
    if issued < date(2025, 1, 1):
        return
    since = {
        "before": issued - timedelta(days=1), "on": issued, "last year": issued.replace(year=issued.year - 1),
        "the year before the list": date.min,
    }.get(began)
    day = issued + timedelta(days=5)
    result = decided(book, day, "" if since is None else since.isoformat(), exempt_before_list=earlier)

    assert "exempt_ftz" in result.flows["f"].possible
    counts = since is not None and since < issued
    band = result.band.possible if result.band is not None else ()
    assert ("standard_contract_or_certification" in band) is (counts and earlier != "yes")
    assumed = result.flows["f"].extra["assumed"]
    assert ("exempt_before_list" in assumed) is (counts and not earlier)


WHOLE = {
    "id": "own", "zone": "上海", "title": "清单", "version": "1", "issued": "2025-01-01", "complete": "yes",
    "source": "公告", "confidence": "verified", "sectors": ["零售"], "status": "in_force",
    "entries": [{
        "industry": "零售", "scenario": "会员", "data_category": "会员", "description": "会员信息",
        "data_kind": "个人信息", "required_path": "安全评估", "source_page": "第1页",
    }],
}
ENTRY = WHOLE["entries"][0]
BROKEN = {
    "no entry": {"entries": []},
    "a sector without an entry": {"sectors": ["零售", "医药"]},
    "another encoding": {"entries": [ENTRY | {"description": "零售".encode().decode("latin-1")}]},
    "signs that replace others": {"title": "清\ufffd\ufffd"},
    "question marks": {"entries": [ENTRY | {"scenario": "????"}]},
    "a code page": {"sectors": ["锟斤拷"]},
    "no source": {"source": "无"}, "hearsay": {"source": "网上"}, "a colleague": {"source": "同事转发"},
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_list_that_cannot_be_whole_is_refused_in_one_line(fault):
    with pytest.raises(RulesError) as caught:
        parse_zone(WHOLE | BROKEN[fault], "own.yaml")
    assert str(caught.value.what) and caught.value.hint

    assert parse_zone(WHOLE, "own.yaml").complete


@pytest.mark.parametrize("book", DATED, ids=lambda book: book.id)
def test_a_list_without_entries_exempts_nobody_until_it_is_imported(book):
    """Whoever says that the whole list was compared brings it: there is nothing here to compare with."""
    day = date.fromisoformat(book.issued) + timedelta(days=1)
    if day < date(2024, 3, 22):
        return
    for sector in ("", *book.sectors):
        without, whole = (
            decided(book, day, sector=sector, ftz_list=name) for name in (book.id, imported(book.id))
        )
        is_here = book.lists_sector(sector)
        asked = [question.fact for question in without.flows["f"].questions]
        assert whole.flows["f"].possible == ("exempt_ftz",)
        assert (without.flows["f"].possible == ("exempt_ftz",)) is is_here
        assert ("ftz_list" in asked) is not is_here


@pytest.mark.parametrize("ran", ["", "2026-01-05"])
@pytest.mark.parametrize("on", ["", "2026-03-02", "2026-06-01", "2026-06-02"])
@pytest.mark.parametrize("book", [None, *(book for book in DATED if book.is_in_force(date(2026, 6, 1)))])
def test_an_act_exempts_from_its_day_on_and_never_without_one(book, on, ran):
    """What left before that day, this year, counts all the same."""
    day = date(2026, 6, 1)
    name = imported(book.id) if book else None
    own = {"zone_in_scope": "no", "list_adopted_by": "文号一", "list_adopted_on": on, "ftz_list": name}
    result = decided(DATED[0], day, ran, **own)
    flow, band = result.flows["f"], result.band.possible if result.band is not None else ()

    if not on:
        assert set(flow.possible) == {"exempt_ftz", "standard_contract_or_certification"}
        assert [question.fact for question in flow.questions] == ["list_adopted_on"]
    else:
        is_own = book is not None and book.covers(DATED[0].zone)
        carries = ("" if book is None or is_own else book.issued) <= on <= day.isoformat()
        assert (flow.possible == ("exempt_ftz",)) is carries
        assert ("standard_contract_or_certification" in band) is (bool(ran) or not carries)


@pytest.mark.parametrize("in_scope", ["yes", "no"])
@pytest.mark.parametrize("book", DATED, ids=lambda book: book.id)
def test_an_act_carries_a_list_to_another_zone_from_its_own_day_on_whatever_is_answered(book, in_scope):
    """Nor does one that is older than the list; both are one line in facts files."""
    other = next(one for one in DATED if not book.covers(one.zone))
    issued = date.fromisoformat(book.issued)
    day = max(issued, date(2024, 3, 22)) + timedelta(days=10)
    days = {issued - timedelta(days=1): False, issued: True, day: True, day + timedelta(days=1): False}
    for on, carries in days.items():
        own = {"zone_in_scope": in_scope, "list_adopted_by": "文号一", "list_adopted_on": on.isoformat()}
        own |= {"list_in_force": "yes", "ftz_list": imported(book.id)}
        possible = decided(other, day, **own).flows["f"].possible
        assert (possible == ("exempt_ftz",)) is carries, on
        facts = ", ".join(f"{name}: '{value}'" for name, value in {**own, "ftz_list": book.id}.items())
        text = (
            f"facts: {{ciio: 'no', important_data: none, zone: '{other.zone}'}}\nflows:\n- {{id: f,"
            f" recipient: HQ, country: DE, individuals: 9, sensitive: 0, facts: {{{facts}}}}}\n"
        )
        if carries or (in_scope == "no" and on > day):      # an act to come, and nobody says that it reaches
            assert parse_stated_facts(text, "facts.yaml", in_force(day), {}, day)
            continue
        assert_refused(text, day, on.isoformat())


def test_what_is_in_part_only_may_lack_entries():
    assert not parse_zone(WHOLE | {"complete": "no", "entries": [], "sectors": ["医药"]}, "own.yaml").entries
