"""Countries in either language are one country; what is none is named, not guessed."""

import pytest

from mappings.countries import country_code, same_recipient

NAMES = {
    "德国": "DE", "Germany": "DE", "de": "DE", "美国": "US", "USA": "US", "香港": "HK", "Hong Kong": "HK",
    "澳门特别行政区": "MO", "台湾地区": "TW", "内地": "CN", "中华人民共和国": "CN", "": "", "火星": "",
    "Atlantis": "",
}


@pytest.mark.parametrize(("name", "code"), NAMES.items())
def test_a_country_has_one_code(name, code):
    assert country_code(name) == code


def test_two_spellings_of_a_recipient_are_one():
    assert same_recipient("Hualan Holding SE", "德国") == same_recipient("hualan  holding se", "DE")
    assert same_recipient("Hualan Holding SE", "DE") != same_recipient("Hualan Holding SE", "US")
