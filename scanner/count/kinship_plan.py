"""Row plans of tables in which a column says whose relative a row is: keys beside may be the holder's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from detectors.model import ColumnId
from mappings.kinship_keys import keys_of_holders
from mappings.row_columns import OpenSubjects, RowPlan
from scanner.count.column_meanings import OWN, RELATIVE


def with_kinship(
    plan: RowPlan, kinship: str, ids: Mapping[str, ColumnId], stated: Mapping[ColumnId, str]
) -> RowPlan:
    """Return the plan where it is open whether equal keys are one person's in the rows of relatives.

    kinship: the column that says whose relative a row is; empty for none. Where somebody else has a key or a
    name in each row, a contact for instance, it says how he is related.
    """
    keys = tuple(
        replace(k, kinship=kinship) for k in plan.keys if not k.role and not k.hidden and not k.in_text
    )
    roles = {key.role for key in plan.keys if not key.in_text} | set(plan.names)
    if not kinship or not keys or roles - {""} - plan.keyed_roles or stated.get(ids[kinship]) == OWN:
        return plan
    apart = keys_of_holders(plan, keys)
    if stated.get(ids[kinship]) == RELATIVE:
        return apart
    columns = (*dict.fromkeys(ids[key.column] for key in keys), ids[kinship])
    subjects = OpenSubjects(columns, (), apart, rest=plan.open_subjects, kinship=keys)
    return replace(plan, open_subjects=subjects)
