"""Facts that somebody states: every duty of a flow stands in the full text, and no contract with oneself."""

from datetime import date
from itertools import product

import pytest

from reports.formats import terminal
from reports.wording.duties import duty_words
from scanner.review.redecide import WhatIf, decide_stated

DAY = date(2026, 11, 2)
FACTS = """facts: {{ciio: no, important_data: {data}, already_filed: {filed}, seated_abroad: {abroad}}}
flows:
- {{id: crm, recipient: HQ, country: DE, individuals: {persons}, sensitive: 0}}
- {{id: shop, recipient: HQ, country: FR, individuals: {persons}, sensitive: 0, status: active}}
"""
ANSWERS = list(product(("none", "candidate"), ("none", "certificate"), ("yes", "no"), (0, 1_200_000)))


def written(folder, data, filed, abroad, persons):
    file = folder / "facts.yaml"
    text = FACTS.format(data=data, filed=filed, abroad=abroad, persons=persons)
    file.write_text(text.replace("no,", "'no',").replace("no}", "'no'}"), encoding="utf-8")
    return decide_stated(file, WhatIf(), DAY)


@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_every_duty_stands_in_the_full_text(answers, tmp_path):
    report = written(tmp_path, *answers)
    text = "".join(terminal.render(report, "en").split())

    for flow in report.flows:
        for duty in (*flow.decision.obligations, *flow.duties):
            assert "".join(duty_words(duty, "en").split()) in text
    plans = [option.path for entity in report.exporter if entity.plan for option in entity.plan.options]
    assert not (answers[2] == "yes" and "standard_contract" in plans)


def test_an_answer_about_what_was_filed_changes_the_text(tmp_path):
    texts = {
        terminal.render(written(tmp_path, "none", filed, "no", 1_200_000), "en")
        for filed in ("none", "certificate", "assessment")
    }

    assert len(texts) == 3
