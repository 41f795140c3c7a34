"""Two contracts of which either is enough: named as alternatives, and no folder needs or holds both."""

import re
from datetime import date

import pytest
from filed_flows import company, flow

from mappings.decision import Circumstances
from mappings.model import ALTERNATIVES, Estimate
from mappings.rules import in_force
from reports.filings.papers import PAPERS
from reports.filings.scenario import is_bound
from reports.formats import html, terminal
from reports.wording.decision import path_names, path_words
from reports.wording.duties import duty_words
from scanner.count.decided_report import decide_report
from scanner.deliver.dossier import changed_papers, paper_files, write_papers
from scanner.deliver.dossier_check import check_dossier

DAY = date(2026, 11, 2)
KNOWN = {"ciio": "no", "important_data": "none", "readings": "strict"}
AREA = {"route": "gba", "recipient_outside_gba": "no"}
OF_AREA = "粤港澳大湾区标准合同.pdf"


def made(*flows, **facts):
    return decide_report(company(*flows), Circumstances(in_force(DAY), DAY, {**KNOWN, **facts}))


def of_area(id="hk", persons=150_000, **more):
    facts = {**AREA, **more.pop("facts", {})}
    described = {"recipient": "Kowloon Trading Ltd", "country": "HK", "status": "planned", **more}
    return flow(id, persons=persons, facts=facts, **described)


def said(report, folder):
    return [str(fault) for fault in check_dossier(report, folder)]


def of_contract(folder):
    stems = tuple(kind.stem for kind in PAPERS.values() if kind.mechanism == "contract")
    return [file for file in paper_files(folder) if file.name.startswith(stems)]


def test_both_are_named_as_either_of_two_and_nothing_of_one_alone_is_due():
    report = made(of_area())
    [only] = report.flows

    assert set(only.decision.possible) == ALTERNATIVES and only.decision.certain
    for lang, word in (("zh", "二者择一"), ("en", "either")):
        assert word in path_words(only.decision, lang)
        assert word in terminal.render(report, lang, 1_000)
        lines = [duty_words(duty, lang) for duty in only.decision.obligations]
        contracts = [line for line in lines if re.search("备案|contract", line)]
        assert contracts and all(word in line for line in contracts)
    assert "二者择一" in html.page(report)
    assert {d.path for d in only.decision.obligations if d.status == "either"} == ALTERNATIVES


@pytest.mark.parametrize("persons", [Estimate(80_000, 90_000, 120_000, "declared"), 150_000, 90_000])
def test_of_several_possible_paths_what_one_asks_for_is_due_if_it_is_that_one(persons):
    """The words of an open decision never say that something is due which one of its paths alone asks for."""
    for each in (of_area(persons=persons), flow("de", persons=persons, status="planned")):
        [only] = made(each).flows
        possible = only.decision.possible
        for duty in only.decision.obligations:
            assert (duty.status == "due") <= (len(possible) == 1), duty
            assert duty.path in ("", *possible)


def test_alternatives_are_one_name_among_other_paths():
    names = path_names(("exempt_art5_4", *sorted(ALTERNATIVES)), "en")

    assert names.count("|") == 1 and "either" in names


@pytest.mark.parametrize("chosen", ["gba", "national"])
def test_papers_follow_the_contract_that_was_chosen(chosen, tmp_path):
    report = made(of_area(facts={"chosen_contract": chosen}))
    [only] = report.flows
    write_papers(report, tmp_path)

    assert only.decision.certain and len(only.decision.possible) == 1
    assert bool(of_contract(tmp_path)) == (chosen == "national")
    assert is_bound(only, "impact")
    assert not [line for line in said(report, tmp_path) if "calls for it" in line]


def test_a_folder_holds_either_contract_and_not_both(tmp_path):
    report = made(of_area())
    write_papers(report, tmp_path)
    assert not [line for line in said(report, tmp_path) if "either" in line or "not here" in line]

    (tmp_path / OF_AREA).write_bytes(b"%PDF-")
    both = [line for line in said(report, tmp_path) if "either of the two" in line]
    assert len(both) == len(of_contract(tmp_path)) > 0

    for file in of_contract(tmp_path):
        file.unlink()
    assert not [line for line in said(report, tmp_path) if "either" in line or "not here" in line]
    (tmp_path / OF_AREA).unlink()
    assert len([line for line in said(report, tmp_path) if "not here" in line]) == len(both)


def test_a_contract_of_the_area_stands_for_no_recipient_outside_it_and_for_no_other(tmp_path):
    outside = flow("de", recipient="Nordlicht SE", persons=150_000, status="planned")
    report = made(of_area(), of_area("mo", recipient="Taipa Data Ltd", country="MO"), outside)
    write_papers(report, tmp_path)
    for file in of_contract(tmp_path):
        file.unlink()
    (tmp_path / "粤港澳大湾区标准合同 Kowloon Trading Ltd.pdf").write_bytes(b"%PDF-")

    missing = [line for line in said(report, tmp_path) if "not here" in line]
    assert not [line for line in missing if "Kowloon" in line]
    assert [line for line in missing if "Taipa" in line] and [line for line in missing if "Nordlicht" in line]
    assert changed_papers(tmp_path) == ()


def test_a_processor_abroad_has_no_contract_of_the_area_with_itself():
    [only] = made(of_area(), seated_abroad="yes").flows

    assert "gba_standard_contract" not in only.decision.possible

