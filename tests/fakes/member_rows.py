"""Rows of invented people and the plans by which counters read them, shared by tests of counters."""

from datetime import date

import pyarrow as pa
from hypothesis import strategies as st

from detectors.model import ColumnId
from mappings.row_columns import ExportedColumn, KeyColumn, OpenSubjects, RowPlan

KEY, DAY = b"k" * 32, date(2026, 11, 1)
ROW = st.tuples(
    st.sampled_from([None, "110105199001010015", "110105200001010011", "110105199001010000"]),
    st.sampled_from([None, "13711112222", "13711113333", "13711112222/13711114444"]),
    st.sampled_from([None, "林一", "陈二", "Lin Yi", "林*", "林一、陈二"]),
    st.sampled_from([None, "1990-01-01", "2020-02-02"]),
    st.sampled_from([None, "13911112222", "13911113333"]),
)
COLUMNS = ("id", "mobile", "name", "born", "kin")
MEMBER = RowPlan(
    tuple(
        ExportedColumn(c, ColumnId(f"t/{c}"), s, "kin" if c == "kin" else "")
        for c, s in zip(COLUMNS, ("depends", "no", "no", "yes", "no"), strict=True)
    ),
    (
        KeyColumn("id", "resident_id", "resident_id"),
        KeyColumn("mobile", "phone_mobile", "phone_mobile"),
        KeyColumn("kin", "phone_mobile", "phone_mobile", "kin"),
    ),
    {"": "name"},
    {"": ("born", "birth_date")},
)
ONE_KEY = RowPlan(
    (ExportedColumn("mobile", ColumnId("o/mobile"), "yes"),),
    (KeyColumn("mobile", "phone_mobile", "phone_mobile"),),
)
OPEN = RowPlan(  # whose the second number of a row is, is open
    tuple(ExportedColumn(e.column, e.id, e.sensitive) for e in MEMBER.exported),
    tuple(KeyColumn(k.column, k.label, k.scope) for k in MEMBER.keys),
    MEMBER.names,
    MEMBER.births,
    open_subjects=OpenSubjects(
        (ColumnId("t/mobile"), ColumnId("t/kin")), (("mobile", "kin", "phone_mobile"),), MEMBER
    ),
)
FIELDS = (*MEMBER.exported, *ONE_KEY.exported)


def batch(rows):
    """Return rows as the columns of a table."""
    return {c: pa.array([r[i] for r in rows], pa.string()) for i, c in enumerate(COLUMNS)}


def hashes(persons):
    """Return what a set of persons holds, to compare it."""
    same = {kind: sorted(map(tuple, pairs.tolist())) for kind, pairs in persons.same.items()}
    return {k: v.tolist() for k, v in persons.hashes.items()}, persons.keyless, persons.below, same
