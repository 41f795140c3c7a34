"""Names of recipients: spellings are one, other words are another, and of legal forms a person is asked."""

import random
from datetime import date

import pytest
from filed_flows import company, flow

from mappings.baseline import FiledScenario
from mappings.company_forms import company_core, may_be_one_company
from mappings.decision import Circumstances
from mappings.names import party_name
from mappings.recipients import SAME_AS
from mappings.rules import in_force
from reports.filings.papers import PAPERS
from scanner.count.decided_report import decide_report

DAY = date(2026, 11, 2)
KNOWN = {"ciio": "no", "important_data": "none", "readings": "strict"}
STEMS = ("Nordlicht", "Beta Data", "Müller", "北光", "Kowloon Trading", "Smith and Sons", "A1")
FORMS = (
    "", "GmbH", "AG", "Ltd", "Ltd.", "Limited", "Inc.", "S.A.", "S.A. de C.V.", "B.V.", "Co., Ltd.", "LLC",
    "Pte. Ltd.", "SE", "A/S", "Sp. z o.o.", "S.r.l.", "有限公司", "股份有限公司", "株式会社",
)
OTHER_WORDS = ("Holding", "Europe", "International", "2", "Group")


def named(stem, form):
    return f"{stem}{form}" if form and form[0] > "\u2e80" else f"{stem} {form}".strip()


def spelled(name, draw):
    """The same name in another case, width or spacing, with other marks."""
    ways = (
        str.upper, str.lower, lambda text: text.replace(" ", "  "), lambda text: f" {text} ",
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" < c <= "~" else c for c in text),
    )
    return draw.choice(ways)(name)


def made(one, other, facts=None, filed=(), countries=("DE", "DE")):
    flows = (
        flow("f", recipient=one, persons=150_000, status="planned", facts=facts or {}, country=countries[0]),
        flow("g", recipient=other, persons=150_000, status="planned", purpose="marketing",
             country=countries[1]),
    )
    return decide_report(company(*flows), Circumstances(in_force(DAY), DAY, KNOWN, filed=filed))


def recipients(report):
    """How many recipients the plan and the papers have; both say the same."""
    [year] = report.exporter
    [contracts] = [len(o.for_recipients) for o in year.plan.options if o.path == "standard_contract"]
    assert len(PAPERS["contract"].packs(report)) == contracts
    return contracts


def asked(report):
    return [question for question in report.questions if question.fact == SAME_AS]


@pytest.mark.parametrize("seed", range(40))
def test_a_spelling_is_the_same_recipient_and_nothing_is_asked(seed):
    draw = random.Random(seed)
    name = named(draw.choice(STEMS), draw.choice(FORMS))
    report = made(name, spelled(name, draw))

    assert recipients(report) == 1 and not asked(report)


@pytest.mark.parametrize("seed", range(40))
def test_of_names_that_differ_in_the_form_a_person_is_asked_and_nothing_is_merged(seed):
    draw = random.Random(seed)
    stem, (one, other) = draw.choice(STEMS), draw.sample(FORMS, 2)
    names = named(stem, one), spelled(named(stem, other), draw)
    if party_name(names[0]) == party_name(names[1]):
        return                                # Ltd, Ltd. and Limited
    report = made(*names)

    assert recipients(report) == 2
    [question] = asked(report)
    [same] = [answer for answer in question.leads_to if answer != "none"]
    [open_flow] = [f for f in report.flows if f.flow.id == question.scope]
    assert any(note.code == "recipient" for note in open_flow.not_ready)
    # told of the flow that is asked about, whichever that is
    swapped = names if question.scope == "f" else names[::-1]
    for answer, n in ((same, 1), ("none", 2), ("无", 2)):
        settled = made(*swapped, {SAME_AS: answer})
        assert recipients(settled) == n and not asked(settled)
        assert not any(note.code == "recipient" for f in settled.flows for note in f.not_ready)


@pytest.mark.parametrize("seed", range(40))
def test_other_words_and_other_countries_are_other_recipients_and_nothing_is_asked(seed):
    draw = random.Random(seed)
    stem, form = draw.choice(STEMS), draw.choice(FORMS)
    other = named(f"{stem} {draw.choice(OTHER_WORDS)}", draw.choice(FORMS))

    for report in (
        made(named(stem, form), other),
        made(named(stem, "GmbH"), named(stem, "AG"), countries=("DE", "AT")),
    ):
        assert recipients(report) == 2 and not asked(report)


@pytest.mark.parametrize("answer", ["Another SE", "unknown", "北光有限公司"])
def test_an_answer_that_names_no_recipient_of_the_question_settles_nothing(answer):
    report = made("Beta", "Beta GmbH", {SAME_AS: answer})

    assert recipients(report) == 2 and len(asked(report)) == 1


def test_a_filing_under_another_form_is_to_be_looked_at_and_no_new_recipient():
    filed = FiledScenario(
        "c1", "contract", "远山商贸有限公司", "Nordlicht", "crm", (), 200_000, 0, flow="f",
    )
    report = made("Nordlicht SE", "Other AG", filed=(filed,))
    codes = {difference.code: difference.action for f in report.flows for difference in f.filed}

    assert "new_recipient" not in {d.code for d in report.flows[0].filed}
    assert codes["recipient_form"] == "ask_counsel"


def test_a_name_that_is_a_form_alone_stays_a_name():
    assert company_core("GmbH") and not may_be_one_company("GmbH", "AG")
