"""Keys beside a column that says whose relative each row is: the rows are asked whose they are."""

from __future__ import annotations

from dataclasses import replace

from detectors.columns.kinship import are_relatives
from mappings.pair_evidence import KinshipEvidence
from mappings.person_keys import IDENTITY_KEYS, hash_keys, hash_scopes
from mappings.row_columns import KeyColumn, OpenSubjects, RowPlan
from mappings.row_reading import Batch


def ask_kinship(
    plan: RowPlan, subjects: OpenSubjects, batch: Batch, secret: bytes
) -> list[KinshipEvidence]:
    """Return what the rows of a batch say of keys that may be the holder's."""
    born = plan.births.get("", ("", ""))[1] == "birth_date"
    is_named, answers = "" in plan.names or born, []
    for key in subjects.kinship:
        evidence = KinshipEvidence(named=is_named, of_identity=key.label in IDENTITY_KEYS)
        keys = hash_keys(batch[key.column], key.compared_as, "kinship", secret)[0]
        relations = hash_scopes(batch[key.kinship], secret)
        evidence.add_rows(keys, relations, are_relatives(batch[key.kinship]))
        answers.append(evidence)
    return answers


def keys_of_holders(plan: RowPlan, keys: tuple[KeyColumn, ...]) -> RowPlan:
    """Return the plan in which some keys are nobody's in the rows of relatives."""
    kinship = {key.column: key.kinship for key in keys}
    own = tuple(replace(k, kinship=kinship.get(k.column, k.kinship)) for k in plan.keys)
    subjects = plan.open_subjects
    if subjects is not None:
        rest = None if subjects.rest is None else keys_of_holders(
            replace(plan, open_subjects=subjects.rest), keys
        ).open_subjects
        subjects = replace(subjects, apart=keys_of_holders(subjects.apart, keys), rest=rest)
    return replace(plan, keys=own, open_subjects=subjects)
