"""Counting in parts: however rows are split, scattered and gathered, the tally is that of the whole."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.checksums import iso7064_mod11_2
from detectors.model import ColumnId
from mappings.individuals import PersonCounter
from mappings.keyless import PartCollector, PartialCount
from mappings.person_records import Units
from mappings.row_columns import ExportedColumn, KeyColumn, OpenSubjects, RowPlan
from mappings.unit_piles import Pile

KEY = b"k" * 32
DAY = date(2026, 11, 1)


def number(i):
    body = f"110105{1990 + i % 30}0101{i:03d}"
    return body + iso7064_mod11_2(body)


ROW = st.tuples(
    st.sampled_from([None, *(number(i) for i in range(4)), "110105199001010000"]),
    st.sampled_from([None, "13711112222", "13711113333", "13800138000", "13711112222/13711114444"]),
    st.sampled_from([None, "林一", "陈二", "王三", "林一、陈二"]),
    st.sampled_from([None, "1990-01-01", "2020-02-02"]),
    st.sampled_from([None, "器1", "器2"]),
    st.sampled_from([None, "13911112222", "13911113333"]),
)
COLUMNS = ("id", "mobile", "name", "born", "device", "kin")
MEMBER = RowPlan(
    tuple(
        ExportedColumn(c, ColumnId(f"t/{c}"), s, "kin" if c == "kin" else "")
        for c, s in zip(COLUMNS, ("depends", "no", "no", "no", "yes", "no"), strict=True)
    ),
    (
        KeyColumn("id", "resident_id", "resident_id"),
        KeyColumn("mobile", "phone_mobile", "phone_mobile"),
        KeyColumn("kin", "phone_mobile", "phone_mobile", "kin"),
    ),
    {"": "name"},
    {"": ("born", "birth_date")},
    {"": "device"},
)
ORDERS = RowPlan(
    (ExportedColumn("kin", ColumnId("o/kin"), "yes"),), (KeyColumn("kin", "phone_mobile", "phone_mobile"),)
)
OPEN = replace(  # whose the second number of a row is, is open
    MEMBER,
    exported=tuple(replace(e, role="") for e in MEMBER.exported),
    keys=tuple(replace(k, role="") for k in MEMBER.keys),
    open_subjects=OpenSubjects(
        (ColumnId("t/mobile"), ColumnId("t/kin")), (("mobile", "kin", "phone_mobile"),), MEMBER
    ),
)
FIELDS = (*MEMBER.exported, *ORDERS.exported)


def columns(rows):
    return {c: pa.array([r[i] for r in rows], pa.string()) for i, c in enumerate(COLUMNS)}


def in_parts(counter, plan, pieces, buckets, reading=""):
    """The pieces counted apart, scattered over buckets that fold for themselves, gathered and merged."""
    folded = [PartCollector() for _ in range(buckets)]
    for split, batches in enumerate(pieces):
        done = 0
        for batch in batches:
            worker = PersonCounter(KEY, DAY, FIELDS)
            worker.add(plan, columns(batch), reading)
            for bucket, piece in worker.part(split, done).split_by_key(buckets).items():
                folded[bucket].add(piece)
            done += len(batch)
    whole = PartCollector()
    for g in reversed(folded):  # in whatever order they come
        whole.add(g.part())
    counter.merge(whole.part())


@settings(max_examples=80, deadline=None)
@given(members=st.lists(ROW, max_size=24), orders=st.lists(ROW, max_size=8), data=st.data())
def test_parts_of_any_split_count_as_the_whole(members, orders, data):
    whole = PersonCounter(KEY, DAY, FIELDS)
    parted = PersonCounter(KEY, DAY, FIELDS)
    for plan, rows in ((data.draw(st.sampled_from([MEMBER, OPEN])), members), (ORDERS, orders)):
        whole.add(plan, columns(rows))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
        pieces = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
        halves = [[p[: len(p) // 2], p[len(p) // 2 :]] for p in pieces]
        in_parts(parted, plan, halves, data.draw(st.integers(1, 3)))

    assert parted.tally() == whole.tally()


def keys_alone(mobile=None, kin=None):
    return (None, mobile, None, None, None, kin)


@settings(max_examples=20, deadline=None)
@given(first=st.lists(ROW, max_size=12), second=st.lists(ROW, max_size=12))
@example(                                     # the same two numbers in a cell of either group
    first=[keys_alone(kin="13911113333")] * 3 + [keys_alone("13711112222/13711114444")],
    second=[keys_alone("13711112222/13711114444", "13911113333")],
)
def test_merged_counters_are_absorbed_as_whole_ones_are(first, second):
    def group(counted):
        everybody = PersonCounter(KEY, DAY)
        for rows in (first, second):
            everybody.absorb(counted(rows))
        return everybody.tally()

    def at_once(rows):
        counter = PersonCounter(KEY, DAY, FIELDS)
        counter.add(MEMBER, columns(rows))
        return counter

    def apart(rows):
        counter = PersonCounter(KEY, DAY, FIELDS)
        in_parts(counter, MEMBER, [[r] for r in (rows[:5], rows[5:])], 2)
        return counter

    assert group(apart) == group(at_once)


def test_rows_without_a_key_are_one_in_two_flows_of_one_reading():
    rows = [(None, None, None, None, None, None if i % 3 else "13911112222") for i in range(9)]
    rows = [(*row[:3], "1990-01-01", *row[4:]) for row in rows]
    everybody = PersonCounter(KEY, DAY)
    for cut in (4, 4):
        counter = PersonCounter(KEY, DAY, FIELDS)
        in_parts(counter, MEMBER, [[rows[:cut]], [rows[cut:]]], 2, "t")
        everybody.absorb(counter)

    assert everybody.tally().rows_without_key == 9


def test_persons_for_the_ledger_are_the_same():
    rows = [(number(i % 7), f"1371111{i % 5:04d}", "林一", None, None, None) for i in range(40)]
    whole, parted = PersonCounter(KEY, DAY, FIELDS), PersonCounter(KEY, DAY, FIELDS)
    whole.add(MEMBER, columns(rows))
    in_parts(parted, MEMBER, [[rows[:13]], [rows[13:]]], 3)

    one, other = whole.persons(), parted.persons()

    assert {k: v.tolist() for k, v in one.hashes.items()} == {k: v.tolist() for k, v in other.hashes.items()}
    assert one.keyless == other.keyless


def test_what_can_fold_meets_in_one_bucket():
    rows = [(number(i % 9), None, None, None, None, None) for i in range(90)]
    met = [Pile() for _ in range(4)]
    for split in range(3):
        worker = PersonCounter(KEY, DAY, FIELDS)
        worker.add(MEMBER, columns(rows[split * 30 : split * 30 + 30]))
        for bucket, piece in worker.part(split).split_by_key(4).items():
            for u in piece.piles.values():
                met[bucket].add(u)

    assert sum(len(p.units()) for p in met if p.pending) == 9


def test_kinds_of_keys_in_another_order_are_the_same_kinds():
    kinds = ("resident_id", "resident_id"), ("email", "email")
    gathering = PartCollector()
    for order in (kinds, kinds[::-1]):
        keys = np.array([[1 + kinds.index(kind) for kind in order]], np.uint64)
        units = Units(keys, None, np.ones(1, np.uint64), np.zeros(1, np.int64))
        gathering.add(PartialCount(order, {(0, 1): units}))
    part = gathering.part()

    assert part.kinds == kinds
    assert [u.keys.tolist() for u in part.piles.values()] == [[[1, 2]]]


def test_a_part_holds_no_value():
    worker = PersonCounter(KEY, DAY, FIELDS)
    worker.add(MEMBER, columns([(number(1), "13711112222", "林一", "1990-01-01", None, None)]))

    assert all(
        a.dtype in (np.uint64, np.int64)
        for u in worker.part(0).piles.values()
        for a in (u.keys, u.name, u.bits, u.first_row)
    )
