"""Countries in either language are one country; what is none is named, not guessed."""

import json
from datetime import date

import pytest

from mappings.countries import country_code, same_recipient
from mappings.decide import decide
from mappings.rules import in_force
from scanner.records.stated_facts import parse_stated_facts

DAY = date(2026, 11, 2)

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


ONE = [
    ("HQ Inc", "HQ Inc.", "HQ, Inc.", "HQ Incorporated", "ＨＱ  ｉｎｃ", "HQ\u200b Inc", "H.Q. Inc"),
    ("Shark Data Ltd", "Shark Data Ltd.", "Shark Data Limited", "Shark-Data, Ltd", "SHARK DATA\u00a0LTD"),
    ("Wolf Co., Ltd.", "Wolf Company Limited", "Wolf Co Ltd"),
    ("远山 商贸有限公司", "远山商贸有限公司", "远山\u200b商贸有限公司"),
    ("AB Inc", "A.B. Inc."), ("A B Inc", "a  b inc."), ("HQ", "hq."), ("HQ Ltd", "HQ Limited"), ("Limited",),
    ("Inc Media", "inc. media"),
]


@pytest.mark.parametrize("group", range(len(ONE)))
def test_spellings_of_one_company_are_one_and_of_two_are_two(group):
    """Width, case, marks, unseen characters and the legal form do not matter; where words part does."""
    others = [name for i, names in enumerate(ONE) if i != group for name in names]
    assert len({same_recipient(name, "US") for name in ONE[group]}) == 1
    assert not {same_recipient(name, "US") for name in ONE[group]} & {
        same_recipient(name, "US") for name in others
    }


@pytest.mark.parametrize("written", ["CN", "中国大陆", "China", "内地", "HK", "台湾", "DE", ""])
def test_whether_data_leaves_is_asked_where_the_recipient_is_on_the_mainland(written):
    def decided(answer):
        own = {"leaves_mainland": answer} if answer else {}
        text = (
            "facts: {ciio: no, important_data: none}\nflows: [{id: f, recipient: A, "
            f"country: '{written}', ordinary: 5000000, sensitive: 0, facts: {json.dumps(own)}}}]"
        )
        [facts] = parse_stated_facts(text, "facts.yaml", in_force(DAY), {}, DAY).facts
        return decide(facts, in_force(DAY)).flows["f"]

    asked = [q.fact for q in decided("").questions]
    assert asked == (["leaves_mainland"] if country_code(written) == "CN" else [])
    assert decided("yes").path == "security_assessment"
    assert (decided("no").path == "not_export") == bool(asked)
