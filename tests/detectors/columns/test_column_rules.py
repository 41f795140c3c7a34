"""Every rule about names applies to a column of `tests/cases/column_rules.yaml`, has a reason,
and a factor that damps.
"""

import places
import pytest
import yaml

from detectors.columns.by_value import RULES
from detectors.columns.context import ColumnContext
from detectors.columns.dampers import DAMPERS, VETOES, NamedColumn
from detectors.columns.meanings import BARE_NAMES, FIXED
from detectors.model import ColumnInfo, TableInfo, TableRef
from detectors.names.matching import match_comment, match_name
from detectors.names.tables import table_subject

CASES = yaml.safe_load((places.CASES / "column_rules.yaml").read_text(encoding="utf-8"))
KINDS = {"meanings": (*FIXED, *BARE_NAMES), "vetoes": VETOES, "dampers": DAMPERS}


def context(case):
    column = ColumnInfo(*case["column"], primary_key=case.get("key", False))
    table = TableInfo(TableRef(case["table"]), (column,))
    return ColumnContext.of(table, column, table_subject(table))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, cases in CASES.items() for name in cases])
def test_a_rule_applies_to_its_case(kind, name):
    rule = next(rule for rule in KINDS[kind] if rule.name == name)
    where = context(CASES[kind][name])

    if kind == "meanings":
        assert rule.when(where)
    else:
        hit = match_comment(where.comment) or match_name(where.column.name)
        assert rule.applies(hit.label, NamedColumn(where, hit))


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_has_a_case_and_a_name_of_its_own(kind):
    assert [rule.name for rule in KINDS[kind]] == list(CASES[kind])


def test_rules_have_reasons_and_factors():
    assert all(rule.why for rule in (*VETOES, *DAMPERS, *RULES))
    assert all(0 < damper.factor < 1 for damper in DAMPERS)
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert RULES[-1].applies("any label", None)
