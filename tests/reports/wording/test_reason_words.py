"""What a reason rests on and what its rule says of it stand apart, wherever a reason is shown."""

import re
from dataclasses import replace
from html import unescape

import pytest
from filed_flows import DAY, company, flow

from mappings.model import FactValue
from mappings.rules import in_force
from reports.formats import html
from reports.messages.render import render
from reports.messages.words import t
from reports.wording.decision import reason_fact_words, reason_words
from reports.wording.flow import flow_lines

RULES = in_force(DAY)
FACTS = (FactValue("important_data", "notified"),)


@pytest.mark.parametrize("supposed", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("rule", RULES.raw["rules"])
def test_the_words_of_a_reason_do_not_run_together(rule, lang, supposed):
    reason = replace(RULES.reason(rule, FACTS), supposed=supposed)
    facts, words = reason_fact_words(reason, lang), render(reason.words, lang)
    own = flow("a", reason.path)
    own = replace(own, decision=replace(own.decision, because=(reason,)))
    apart = facts + t("list.clauses", lang) + words

    assert reason_words(reason, lang) == apart
    assert any(apart in line for line in flow_lines(own, RULES, lang))


def test_what_says_the_same_stands_once_and_nothing_is_set_before_nothing():
    reason = RULES.reason("important_notified", ())

    assert reason_words(reason, "en") == render(reason.words, "en")


def test_the_page_sets_them_apart_in_both_languages():
    reason = replace(RULES.reason("important_notified", FACTS), supposed=True)
    own = flow("a", reason.path)
    own = replace(own, decision=replace(own.decision, because=(reason,)))
    text = unescape(re.sub("<[^>]*>", "", html.page(company(own))))

    apart = "".join(t("list.clauses", lang) for lang in ("zh", "en"))
    assert apart + "".join(render(reason.words, lang) for lang in ("zh", "en")) in text
