"""Head-counts that cannot hold together are refused wherever somebody may state them, each at its place."""

from datetime import date
from itertools import product

import pytest
from openpyxl import load_workbook

from detectors.errors import ConfigError
from mappings.model import Declared, Flow, Recipient
from mappings.rules import in_force
from scanner.config import model
from scanner.count.ledger import StatedPersons, declared_entry
from scanner.records import filings
from scanner.records.stated_facts import parse_stated_facts
from scanner.sheets import flow_register, register_columns

DAY = date(2026, 11, 2)
TRIPLES = list(product((0, 2, 5), repeat=3))  # persons, sensitive ones, those under 14
FILED = (
    "- {{id: n, kind: contract, entity: a, recipient: HQ, purpose: crm, items: [],"
    " persons: {}, sensitive: {}, by: lin, on: 2026-11-02}}\n"
)
CONFIG = (
    "version: 1\nexporter: {{id: g, entities: [a]}}\nflows:\n- {{id: f, entity: a, purpose: crm,"
    " recipient: {{name: HQ, country: DE}}, declared: {{individuals: {}, sensitive_individuals: {},"
    " minors: {}, by: lin, on: 2026-11-02, evidence: list}}}}\n"
)
FACTS = (
    "facts: {{}}\nflows:\n"
    "- {{id: f, recipient: HQ, purpose: crm, individuals: {}, sensitive: {}, minors: {}}}\n"
)


def holds(persons, sensitive, minors):
    return minors <= sensitive <= persons


def in_sheet(folder, persons, sensitive, minors):
    """Return the faults of a sheet whose flow declares these figures."""
    file = folder / f"{persons}-{sensitive}-{minors}.xlsx"
    declared = Declared(9, 9, "lin", DAY, "list", 9)
    flow_register.write(file, [Flow("f", "a", Recipient("HQ", "DE"), "crm", "transfer", declared=declared)])
    book = load_workbook(file)
    places = {c.key: i for i, c in enumerate(register_columns.columns(), 1)}
    figures = {"individuals": persons, "sensitive_individuals": sensitive, "minors": minors}
    for key, value in figures.items():
        cell = book[register_columns.SHEET].cell(register_columns.HEADER_ROW + 1, places[f"declared.{key}"])
        cell.value = value
    book.save(file)
    return [fault.line() for fault in flow_register.read(file).faults]


def is_refused(read, *arguments):
    """Is it refused, with a place, by a reading?"""
    try:
        read(*arguments)
    except ConfigError as e:
        assert all(":" in str(fault.where) for fault in e.faults), e
        return True
    return False


@pytest.mark.parametrize("figures", TRIPLES, ids=str)
def test_figures_are_taken_where_they_hold_together_and_nowhere_else(figures, tmp_path):
    (tmp_path / "chujing.yaml").write_text(CONFIG.format(*figures), encoding="utf-8")
    (tmp_path / filings.FILE).write_text(FILED.format(*figures[:2]), encoding="utf-8")
    faults = in_sheet(tmp_path, *figures)

    assert is_refused(model.read, tmp_path / "chujing.yaml") is not holds(*figures)
    assert is_refused(parse_stated_facts, FACTS.format(*figures), "f.yaml", in_force(DAY), {}, DAY) is not (
        holds(*figures)
    )
    assert is_refused(filings.read, tmp_path) is not (figures[1] <= figures[0])
    assert bool(faults) is not holds(*figures)
    assert all("!" in fault for fault in faults)


@pytest.mark.parametrize(("persons", "sensitive"), sorted({figures[:2] for figures in TRIPLES}))
def test_a_ledger_takes_no_more_sensitive_persons_than_persons(persons, sensitive):
    def declare():
        return declared_entry("a", "f", "2026-01", StatedPersons(persons, sensitive, "lin", "list"))

    if sensitive <= persons:
        assert declare().persons
    else:
        with pytest.raises(ConfigError):
            declare()


@pytest.mark.parametrize(("ordinary_only", "taken"), [(6, True), (5, False), (7, False)])
def test_sensitive_and_other_persons_add_up(ordinary_only, taken):
    text = FACTS.format(10, 4, 0)[:-2] + f", ordinary_only: {ordinary_only}}}\n"

    assert is_refused(parse_stated_facts, text, "f.yaml", in_force(DAY), {}, DAY) is not taken
