"""The zone an exporter is registered in is one that there is; what names none or several is refused."""

import pytest

from detectors.errors import RulesError
from mappings.rules import load_ruleset
from mappings.trade_zones import _zones, zones_named
from mappings.yaml_files import load_yaml
from mappings.zones import FOLDER, load_zone, parse_zone, zone_names

RULES = load_ruleset()
WAYS = ("{}", "中国（{}）自由贸易试验区", "{}自贸区", "the {} pilot zone", "{}自由贸易港")
NOWHERE = ("火星自贸区", "Mars FTZ", "月球", "德国", "香港", "自贸区", "the zone")


@pytest.mark.parametrize("way", WAYS)
def test_every_zone_is_one_by_every_name_of_it(way):
    for name, zone in _zones().items():
        text = way.format(name)
        assert zones_named(text) == (zone,), text
        RULES.check_fact("zone", text)


@pytest.mark.parametrize("text", NOWHERE)
def test_what_is_no_zone_of_china_is_refused_and_never_guessed(text):
    with pytest.raises(RulesError) as refused:
        RULES.check_fact("zone", text)

    assert text in str(refused.value.what) and "no province or free-trade zone" in str(refused.value.hint)


@pytest.mark.parametrize("joint", ["和", "、", " and ", "及", "，", "/", "与"])
def test_two_zones_are_refused_however_they_are_joined(joint):
    with pytest.raises(RulesError) as refused:
        RULES.check_fact("zone", f"上海{joint}天津自贸区")

    assert "2 zones" in str(refused.value.hint)


@pytest.mark.parametrize("text", ["none", "无", "不适用", "unknown"])
def test_no_zone_and_not_known_may_be_said(text):
    RULES.check_fact("zone", text)


def test_every_list_that_ships_is_of_one_zone():
    assert all(len(zones_named(load_zone(name).zone)) == 1 for name in zone_names())


@pytest.mark.parametrize("key", ["zone", "title", "source"])
@pytest.mark.parametrize("value", [float("nan"), 2024, ["x"], {"a": 1}, True])
def test_a_list_whose_words_are_no_text_is_refused(key, value):
    raw, where = load_yaml(FOLDER, zone_names()[0], "ZoneListKeys")

    with pytest.raises(RulesError, match=key):
        parse_zone({**raw, key: value}, where)


@pytest.mark.parametrize("key", ["sectors", "whole_scenarios"])
def test_words_of_a_list_that_are_numbers_are_read_as_text(key):
    raw, where = load_yaml(FOLDER, zone_names()[0], "ZoneListKeys")
    entries = [{**raw["entries"][0], "scenario": 7, "industry": 7}]
    book = parse_zone({**raw, "whole_scenarios": [], key: [7], "entries": entries, "complete": "no"}, where)

    assert getattr(book, key) == ("7",)
