"""Who created or changed a record is told to no catalog, unless asked or accepted by a person."""

from dataclasses import replace

import findings
import pytest

from reports.catalogs import catalogs, find
from reports.catalogs.picking import Selection

MEMBER = "crm/public/member"
SUGGESTED = Selection(suggested=True, possible=True)
OPERATORS = ("creator", "updater", "create_by")


def operator(name, verdict=""):
    """A column whose finding is an operator's."""
    column = findings.column(MEMBER, name, "user_account", verdict=verdict)
    (assessed,) = column.findings
    return replace(column, findings=(replace(assessed, finding=replace(assessed.finding, tier="audit")),))


def told(catalog, columns, selection):
    """What a catalog is told of a table of these columns, beside a mobile number."""
    made = findings.report(findings.table(MEMBER, findings.column(MEMBER, "mobile"), *columns))
    return [*find(catalog).payloads(made, selection)]


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("catalog", catalogs())
def test_an_operator_is_told_of_only_where_it_is_asked_for_or_accepted(catalog, name):
    silent = told(catalog, [replace(operator(name), findings=())], SUGGESTED)

    assert silent
    assert told(catalog, [operator(name)], SUGGESTED) == silent
    assert told(catalog, [operator(name)], replace(SUGGESTED, operators=True)) != silent
    assert told(catalog, [operator(name, "accept")], SUGGESTED) != silent
