"""Free texts that steer a path: what they name is heard in every spelling, what they put off is refused."""

from datetime import date
from itertools import product

import pytest
from imported_lists import imported

from detectors.errors import RulesError
from mappings.countries import same_recipient
from mappings.counts import declared_count
from mappings.deadlines import Filing
from mappings.decide import decide
from mappings.filed_basis import filings_of
from mappings.model import Declared, Estimate, Facts, Flow, FlowCount, FlowInput, Recipient
from mappings.names import party_name
from mappings.rules import in_force
from mappings.zone_matching import judge_scenario
from mappings.zones import load_zone, parse_zone, zone_names

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
COMPANY = {"ciio": "no", "important_data": "none"}
TEXTS = [name for name, about in RULES.raw["facts"].items() if about["values"] in (["text"], ["act"])]
PUT_OFF = ("待定", "？", "?", "...", "TBD", "文号待补", "正在办理", "暂无文号")
NO_ACT = ("yes", "是", "有", "已参照", "ok", "1", "市政府")
ACTS = ("津自贸发〔2026〕1号", "《天津参照执行通告》", "公告2026年第1号", "Notice no. 3", "none", "unknown")


def decided(persons, values, day=DAY, **about):
    declared = Declared(persons, 0, "lin", DAY, "list", minors=about.pop("minors", 0))
    count = declared_count(declared, "declared")
    return decide(Facts("a", day, (FlowInput("f", count, **about),), COMPANY | values), RULES).entity


@pytest.mark.parametrize("fact", TEXTS)
def test_a_text_that_is_put_off_is_refused(fact):
    for text in PUT_OFF:
        with pytest.raises(RulesError, match=fact):
            RULES.check_fact(fact, text)
    RULES.check_fact(fact, "unknown")


def test_an_act_is_named_by_its_title_or_number():
    for text in NO_ACT:
        with pytest.raises(RulesError, match="list_adopted_by"):
            RULES.check_fact("list_adopted_by", text)
    for text in ACTS:
        RULES.check_fact("list_adopted_by", text)


def spellings(name):
    """A sector in the ways in which people write it."""
    return (
        (name, name.upper(), f"{name} industry", f"Health, {name}") if name.isascii()
        else (name, f"新型{name}", f"{name}制造", f"医药、{name}", f"{name}（含零部件）")
    )


@pytest.mark.parametrize("line", RULES.raw["sector_lines"].values(), ids=lambda line: line["id"])
def test_a_line_of_a_sector_is_read_wherever_its_name_stands(line):
    for name in (line["id"], *line["names"]):
        for sector in spellings(name):
            asked = [question.fact for question in decided(150_000, {"sector": sector}).questions]
            assert line["reading"] in asked, sector
    for other in ("health care", "automation", "零售", "medicare"):
        assert decided(150_000, {"sector": other}).certain, other


FORMS = (("Inc", "Inc.", "INC", "Incorporated"), ("Ltd", "Ltd.", "Limited"), ("Corp", "Corporation"))


@pytest.mark.parametrize("forms", FORMS, ids=lambda forms: forms[0])
def test_spellings_of_one_recipient_are_one(forms):
    ways = ("HQ {}", "HQ, {}", "hq  {}", "ＨＱ {}", "HQ {}\u200b")
    written = [way.format(form) for way, form in product(ways, forms)]

    assert len({same_recipient(name, "US") for name in written}) == 1
    for other in ("HQ One {}", "H2 {}"):
        assert party_name(other.format(forms[0])) != party_name(written[0])
    assert len({same_recipient(f"HQ {form}", "US") for form, *_ in FORMS}) == len(FORMS)


ZONE = {
    "zone_in_scope": "yes", "list_complete": "yes", "sector_listed": "yes", "scenario_listed": "yes",
    "entry_matched": "no", "filed": "yes",
}
EXCLUDING = {"tianjin_2024", "beijing_2024", "shanghai_2024", "shanghai_2025"}


def by_list(name, values, day):
    facts = ZONE | {"zone": load_zone(name).zone, "ftz_list": imported(name)} | values
    return decided(3_000_000, facts, day, claim="ftz")


@pytest.mark.parametrize("name", zone_names())
def test_a_list_shows_its_force_for_no_day_after_it_was_last_seen(name):
    later = by_list(name, {}, date(2027, 6, 1))

    assert later.possible != ("exempt_ftz",)
    if not load_zone(name).until:
        assert "list_in_force" in [question.fact for question in later.questions]
        assert by_list(name, {"list_in_force": "yes"}, date(2027, 6, 1)).possible == ("exempt_ftz",)


@pytest.mark.parametrize("name", [name for name in zone_names() if not load_zone(name).until])
def test_an_operator_is_outside_a_list_only_where_that_is_known(name):
    own = {"ciio": "yes", "list_in_force": "yes"}
    operator = by_list(name, own, DAY)

    if name in EXCLUDING:
        assert operator.possible == ("security_assessment",)
    else:
        assert operator.possible == ("exempt_ftz", "security_assessment")
        assert [question.fact for question in operator.questions] == ["list_reaches_ciio"]
        answers = [by_list(name, own | {"list_reaches_ciio": answer}, DAY).path for answer in ("yes", "no")]
        assert answers == ["exempt_ftz", "security_assessment"]


@pytest.mark.parametrize("persons", [1, 500, 99_999, 150_000, 3_000_000])
def test_children_left_blank_are_a_question_where_there_may_be_some(persons):
    """Whoever says that there are minors, or that nobody knows, states how many, be it 0."""
    silent = [decided(persons, {"processes_minors": answer}, minors=None) for answer in ("yes", "unknown")]
    stated = decided(persons, {"processes_minors": "yes"}, minors=0)
    denied = decided(persons, {"processes_minors": "no"}, minors=None)

    assert stated.certain and denied.certain and stated.path == denied.path
    for decision in silent:
        if stated.path != "security_assessment":
            assert [question.fact for question in decision.questions] == ["sensitive_persons"]
        assert stated.path in decision.possible


@pytest.mark.parametrize("notified_on", ["2026-01-01", "2026-03-02", "2026-03-03"])
@pytest.mark.parametrize("important", ["none", "candidate", "notified"])
def test_nothing_from_before_the_notice_is_a_basis_for_important_data(notified_on, important):
    filing = Filing("x", "assessment", "a", date(2026, 3, 2), flows=("f",))
    facts = {"important_data": important, "notified_on": notified_on}
    is_early = important == "notified" and notified_on > "2026-03-02"
    for own, company in ((facts, {}), ({}, facts), (facts, {"important_data": "none"})):
        flow = Flow("f", "a", Recipient("HQ", "US"), "crm", facts=own)
        assert bool(filings_of(flow, frozenset({"assessment"}), [filing], company)) is not is_early


def test_nobody_concludes_a_contract_with_himself():
    flow, kinds = Flow("f", "a", Recipient("HQ", "US"), "crm"), frozenset({"contract", "certificate"})
    filings = [Filing(kind, kind, "a", DAY, flows=("f",)) for kind in sorted(kinds)]
    for answer, expected in (("yes", ["certificate"]), ("no", sorted(kinds)), ("", sorted(kinds))):
        assert [f.kind for f in filings_of(flow, kinds, filings, {"seated_abroad": answer})] == expected


OWN_LIST = {
    "id": "own", "zone": "上海", "title": "清单", "version": "1", "issued": "2025-01-01", "complete": "yes",
    "source": "公告", "confidence": "verified", "sectors": ["零售"],
}
BANDS = (((100, 1_000),), ((100, 1_000), (5_000, 9_000)), ((100, None),), ((0, 50),))


@pytest.mark.parametrize("bands", BANDS, ids=str)
def test_only_fewer_persons_than_any_row_speaks_of_are_outside_a_list(bands):
    """A gap between rows or above them may be a row that nobody typed in."""
    rows = [
        {"industry": "零售", "scenario": "会员", "data_category": "会员", "description": "会员信息",
         "data_kind": "个人信息", "required_path": "安全评估", "source_page": "第1页", "count_min": low,
         "count_max": high}
        for low, high in bands
    ]
    scenario = parse_zone(OWN_LIST | {"entries": rows}, "own").scenario("会员")
    for persons in (1, 49, 50, 99, 100, 999, 1_000, 4_999, 5_000, 9_000, 3_000_000):
        count = FlowCount(Estimate.exactly(persons), Estimate.exactly(0))
        paths = [band.path for band in judge_scenario(scenario, count)]
        is_held = any(low <= persons and (high is None or persons < high) for low, high in bands)
        is_below = all(persons < low for low, _ in bands)
        assert paths == (["security_assessment"] if is_held else ["exempt_ftz"] if is_below else [])


@pytest.mark.parametrize("key", ["issued", "until"])
@pytest.mark.parametrize("day", ["2026年4月", "2026-04", "April", "20260401"])
def test_a_day_of_a_list_that_is_none_is_refused(key, day):
    with pytest.raises(RulesError, match=key):
        parse_zone(OWN_LIST | {"entries": [], key: day}, "own")
