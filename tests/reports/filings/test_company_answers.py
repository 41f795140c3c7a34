"""What a company answers once holds in the papers of every flow, unless a flow says otherwise."""

import io
from dataclasses import replace
from datetime import date

import docx
import pytest
from filed_flows import company, flow

from mappings.decision import Circumstances
from mappings.model import UNKNOWN, Estimate, FlowCount
from mappings.rules import in_force
from reports.filings.document import save
from reports.filings.papers import PAPERS
from scanner.count.decided_report import decide_report

DAY = date(2026, 11, 2)
KNOWN = {"ciio": "no", "important_data": "none"}
BASES = ("consent", "contract", "hr", "statutory", "emergency", "")


def made(values, own=None, entity=False, **about):
    """A report of one flow; answers of the group, or of its entity alone."""
    several = flow("f", persons=150_000, status="planned", facts=own or {}, **about)
    strict = FlowCount(several.individuals, Estimate.exactly(1_234))
    several = replace(several, strict=strict, minors=UNKNOWN)
    report = replace(company(several), facts={})
    facts = {several.flow.entity: values} if entity else {"exporter": values}
    by = Circumstances(in_force(DAY), DAY, {} if entity else KNOWN | values,
                       {several.flow.entity: KNOWN | values} if entity else {})
    return replace(decide_report(report, by), facts=facts)


def texts(report, *kinds):
    found = []
    for kind in kinds:
        for pack in PAPERS[kind].packs(report).values():
            file = io.BytesIO()
            save(PAPERS[kind].make(pack), file)
            document = docx.Document(file)
            found += [p.text for p in document.paragraphs]
            found += [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join(found)


@pytest.mark.parametrize("entity", [False, True])
@pytest.mark.parametrize("basis", BASES)
def test_a_legal_basis_of_the_company_is_that_of_its_flows(basis, entity):
    of_company = texts(made({"legal_basis": basis} if basis else {}, entity=entity), "notice")
    of_flow = texts(made({}, {"legal_basis": basis} if basis else {}), "notice")

    assert of_company == of_flow
    assert ("尚未确认" in of_company) == (basis == "")


def test_the_answer_of_a_flow_comes_before_that_of_its_company():
    both = texts(made({"legal_basis": "consent"}, {"legal_basis": "contract"}), "notice")

    assert both == texts(made({}, {"legal_basis": "contract"}), "notice")


@pytest.mark.parametrize(("answer", "is_open"), [("no", False), ("yes", True), ("", True)])
def test_whoever_says_that_nobody_is_a_minor_is_not_asked_again(answer, is_open):
    report = made({"processes_minors": answer} if answer else {}, labels=("person_name",))
    text = texts(report, "pia", "notice")

    assert ("不能判断" in text) == is_open


@pytest.mark.parametrize("group", ["employee", "applicant"])
def test_of_staff_no_guardian_is_asked(group):
    assert "监护人" not in texts(made({}, subject_group=group), "notice")


@pytest.mark.parametrize(("chosen", "n"), [("strict", "1,234"), ("practice", "0")])
def test_a_reading_that_is_chosen_is_filed_though_no_path_turns_on_it(chosen, n):
    """150,000 ordinary persons need a contract either way: the number in it is that of the reading."""
    report = made({"readings": chosen, "processes_minors": "no"}, labels=("person_name", "resident_id"))
    text = texts(report, "contract")
    unchosen = texts(made({"processes_minors": "no"}, labels=("person_name", "resident_id")), "contract")

    assert f"其中敏感个人信息{n}" in text.replace(" ", "")
    assert "尚未查明" not in text and "尚未查明" in unchosen
