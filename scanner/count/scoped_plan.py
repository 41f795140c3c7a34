"""Row plans of tables in which a number may be somebody's within a tenant, a branch, a state alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from detectors.columns.key_scopes import KeyScope, ScopeKind, key_scope
from detectors.columns.subjects import OPERATOR
from detectors.model import ColumnId, TableInfo
from mappings.person_keys import ACCOUNT_KEYS
from mappings.row_columns import KeyColumn, OpenSubjects, RowPlan
from mappings.scoped_keys import narrowed_keys
from scanner.count.column_meanings import OWN, SCOPE, ColumnMeanings

_DOCUMENTS = frozenset({"passport", "other_id_document"})
_KINDS: tuple[tuple[frozenset[str], tuple[ScopeKind, ...]], ...] = (
    (ACCOUNT_KEYS, ("systems", "shops")), (frozenset({"phone_mobile"}), ("areas",)),
    (_DOCUMENTS, ("documents",)),
)


def with_scopes(
    plan: RowPlan, info: TableInfo, ids: Mapping[str, ColumnId], meanings: ColumnMeanings
) -> RowPlan:
    """Return the plan where it is open whether accounts and documents are one person's in all scopes.

    ids: of columns by name.
    """
    stated = meanings.subjects                # columns that somebody settled: a scope, or none
    telling = {*plan.telling, *plan.first_names.values()}
    for labels, kinds in _KINDS:
        scope = key_scope(info, telling, kinds)
        if scope is None and labels == ACCOUNT_KEYS:
            scope = _restarting_scope(info, ids, meanings)
        scoped = _scoped_keys(plan, info, labels, scope) if scope is not None else ()
        answer = stated.get(ids[scope.column]) if scope is not None else None
        if scope is None or not scoped or answer == OWN:
            continue
        apart = narrowed_keys(plan, scope.column, frozenset(key.column for key in scoped))
        if answer == SCOPE:
            plan = apart
            continue
        columns = (*dict.fromkeys(ids[key.column] for key in scoped), ids[scope.column])
        rest, is_staff = plan.open_subjects, any(key.label == "employee_no" for key in scoped)
        is_shared = scope.kind == "numberings" or scope.kind == "shops" and not is_staff
        subjects = OpenSubjects(
            columns, (), apart, rest=rest, scoped=scoped, shared=is_shared,
            unnamed=scope.kind == "numberings",
        )
        plan = replace(plan, open_subjects=subjects)
    return plan


def _restarting_scope(
    info: TableInfo, ids: Mapping[str, ColumnId], meanings: ColumnMeanings
) -> KeyScope | None:
    """A column without a word for it within which, as a sample says or somebody does, numbers begin anew."""
    for column in info.columns:
        column_id = ids[column.name]
        if meanings.subjects.get(column_id) == SCOPE or column_id in meanings.restarts:
            return KeyScope(column.name, "numberings")
    return None


def _scoped_keys(
    plan: RowPlan, info: TableInfo, labels: frozenset[str], scope: KeyScope
) -> tuple[KeyColumn, ...]:
    """Keys of some kinds that may be somebody's within a scope alone; not what identifies the rows."""
    primary = [c.name for c in info.columns if c.primary_key]
    roles = {e.role for e in plan.exported} - {OPERATOR}
    return tuple(
        replace(key, within=scope.column) for key in plan.keys
        if key.label in labels and key.sure and key.role in roles and [key.column] != primary
    )
