"""Keys that may be somebody's within a tenant, a branch, a state alone: the rows are asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mappings.account_scopes import hash_scope, tenant_scope
from mappings.name_forms import HAN, MASKED
from mappings.person_keys import GLOBAL_KEYS, hash_keys, hash_scopes
from mappings.row_columns import KeyColumn, OpenSubjects, RowPlan
from mappings.row_reading import Batch
from mappings.scope_evidence import ScopeEvidence

_U64 = np.uint64
_HAN, _MASKED = _U64(HAN), _U64(MASKED)


def ask_scopes(plan: RowPlan, subjects: OpenSubjects, batch: Batch, secret: bytes) -> list[ScopeEvidence]:
    """Return what the rows of a batch say of each key that may be somebody's within a scope alone."""
    answers = []
    for key in subjects.scoped:
        kind = key.label, hash_scope(key.scope)
        evidence = ScopeEvidence(
            shared=subjects.shared, unnamed=subjects.unnamed, kind=kind, is_short=key.hidden
        )
        own = hash_keys(batch[key.column], key.compared_as, "scoped", secret)[0]
        scope = hash_scopes(batch[key.within], secret)
        evidence.add_rows(batch[key.column], [own, scope, *_values_beside(plan, key, batch, secret)])
        answers.append(evidence)
    return answers


def _values_beside(plan: RowPlan, key: KeyColumn, batch: Batch, secret: bytes) -> list[np.ndarray]:
    """What says of whom a row is, a hash per row for each kind: names by script, contacts, documents."""
    columns = []
    if key.role in plan.names:
        name = hash_keys(batch[plan.names[key.role]], "person_name", "name", secret)[0]
        whole = np.where((name & _MASKED) == 0, name, _U64(0))
        is_han = (name & _HAN) != 0
        columns += [np.where(is_han, whole, _U64(0)), np.where(is_han, _U64(0), whole)]
    columns += [
        hash_keys(batch[other.column], other.compared_as, other.label, secret)[0] for other in plan.keys
        if other.role == key.role and other.column != key.column and other.sure
        and other.label in GLOBAL_KEYS
    ]
    return columns


def narrowed_keys(plan: RowPlan, scope: str, columns: frozenset[str]) -> RowPlan:
    """Return the plan where the keys of some columns are somebody's within another column alone."""
    keys = tuple(
        replace(key, within=scope, scope=tenant_scope(key.scope)) if key.column in columns else key
        for key in plan.keys
    )
    return replace(plan, keys=keys, open_subjects=_narrowed_subjects(plan.open_subjects, scope, columns))


def _narrowed_subjects(
    subjects: OpenSubjects | None, scope: str, columns: frozenset[str]
) -> OpenSubjects | None:
    if subjects is None:
        return None
    rest = _narrowed_subjects(subjects.rest, scope, columns)
    return replace(subjects, apart=narrowed_keys(subjects.apart, scope, columns), rest=rest)
