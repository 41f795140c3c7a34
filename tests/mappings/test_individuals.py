"""Natural persons: small tables whose true head-count is known, and laws that hold for any table."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.checksums import iso7064_mod11_2
from detectors.model import ColumnId
from mappings.histogram import count_tally
from mappings.individuals import PersonCounter
from mappings.key_forms import normalise
from mappings.model import Estimate
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan

KEY = b"k" * 32
DAY = date(2026, 11, 1)


def resident_id(i, born="19900101"):
    body = f"110105{born}{i:03d}"
    return body + iso7064_mod11_2(body)


def count(*tables, key=KEY, without=()):
    """Each table: {column: (label, sensitive, [values])}; keys are found by label, scope by label."""
    plans = []
    for n, table in enumerate(tables):
        exported, keys, names, births = [], [], {}, {}
        for name, (label, sensitive, _) in table.items():
            exported.append(ExportedColumn(name, ColumnId(f"t{n}/{name}"), sensitive))
            if label == "person_name":
                names[""] = name
            elif label in ("birth_date", "resident_id") and "" not in births:
                births[""] = (name, label)
            if label in ("resident_id", "passport", "phone_mobile", "email", "user_id", "employee_no"):
                keys.append(KeyColumn(name, label, label))
        plans.append(RowPlan(tuple(exported), tuple(keys), names, births))
    counter = PersonCounter(key, DAY, [e for p in plans for e in p.exported])
    for plan, table in zip(plans, tables, strict=True):
        counter.add(plan, {c: pa.array(v, pa.string()) for c, (_, _, v) in table.items()})
    return count_tally(counter.tally(), without)


A, B, C = (resident_id(i) for i in range(3))
CASES = {
    "the same ID written in two ways is one person": (
        [{"id": ("resident_id", "no", [A, A.lower() if A.endswith("X") else f" {A} "])}],
        (1, 1, 1),
    ),
    "fifteen digits are the same person as eighteen": (
        [{"id": ("resident_id", "no", ["110105491231002", "11010519491231002X"])}],
        (1, 1, 1),
    ),
    "a phone joins rows of two tables": (
        [
            {"p": ("phone_mobile", "no", ["13711112222", "13711113333"])},
            {"p": ("phone_mobile", "no", ["+86 137-1111-2222"])},
        ],
        (2, 2, 2),
    ),
    "two valid resident IDs never merge, whatever they share": (
        [{"id": ("resident_id", "no", [A, B]), "p": ("phone_mobile", "no", ["13711112222"] * 2)}],
        (2, 2, 2),
    ),
    "a shared phone under two names stays two people": (
        [{"n": ("person_name", "no", ["林一", "陈二"]), "p": ("phone_mobile", "no", ["13711112222"] * 2)}],
        (1, 2, 2),
    ),
    "two passports may be one person": (
        [
            {
                "d": ("passport", "no", ["E12345678", "E87654321"]),
                "p": ("phone_mobile", "no", ["13711112222"] * 2),
            }
        ],
        (1, 2, 2),
    ),
    "placeholders link nobody": (
        [{"id": ("user_id", "no", ["7", "8"]), "p": ("phone_mobile", "no", ["13800138000"] * 2)}],
        (2, 2, 2),
    ),
    "a phone in two systems merges the best guess only": (
        [{"id": ("user_id", "no", ["7", "8"]), "p": ("phone_mobile", "no", ["13711112222"] * 2)}],
        (1, 1, 2),
    ),
    "rows without a key are counted, and could all be one": (
        [{"a": ("gender", "no", ["男", "女", "男"])}],
        (1, 3, 3),
    ),
    "kinds of keys that never meet could be the same people": (
        [
            {"p": ("phone_mobile", "no", ["13711112222", "13711113333"])},
            {"e": ("email", "no", ["lin@corp.cn"])},
        ],
        (2, 3, 3),
    ),
    "blank rows send nobody abroad": ([{"p": ("phone_mobile", "no", [None, "", "13711112222"])}], (1, 1, 1)),
    "an empty table": ([{"p": ("phone_mobile", "no", [])}], (0, 0, 0)),
}


@pytest.mark.parametrize(("tables", "people"), CASES.values(), ids=CASES)
def test_people_are_counted(tables, people):
    found = count(*tables).individuals

    assert (found.low, found.best, found.high) == people


def test_sensitive_people_and_what_dropping_a_field_changes():
    table = {"id": ("resident_id", "depends", [A, B, C]), "diagnosis": ("health", "yes", ["x", None, "y"])}

    assert count(table).sensitive == Estimate.exactly(2)
    assert count(table).strict.sensitive == Estimate.exactly(
        3
    )  # where an ID number alone counts as sensitive
    assert count(table, without={"t0/diagnosis"}).sensitive.best == 0
    assert count(table, without={"t0/diagnosis"}).individuals.best == 3
    assert count(table, without={"t0/diagnosis", "t0/id"}).individuals.best == 0


def test_every_item_of_a_child_under_fourteen_is_sensitive():
    table = {"id": ("user_id", "no", ["1", "2"]), "born": ("birth_date", "no", ["2013-11-02", "2010-01-01"])}

    found = count(table)

    assert (found.minors.best, found.sensitive.best, found.individuals.best) == (1, 1, 2)


def test_a_value_under_many_names_is_cut_and_said():
    table = {
        "n": ("person_name", "no", [f"林{c}" for c in "一二三四五六七"]),
        "p": ("phone_mobile", "no", ["13711112222"] * 7),
    }

    found = count(table)

    assert found.individuals.best == 7
    assert "crowded|1|6" in found.notes


@pytest.mark.parametrize("other", ["person_name", "phone_mobile"])
@pytest.mark.parametrize("label", ["employee_no", "user_id"])
def test_an_account_that_everybody_has_tells_nobody_and_one_with_many_recipients_still_does(label, other):
    people = [f"137{i + 1:08d}" if other == "phone_mobile" else f"林{chr(0x4E00 + i)}" for i in range(300)]
    level = {"a": (label, "no", ["1001", "1002", "1003"] * 100), "p": (other, "no", people)}
    account = {"a": (label, "no", ["account-17"] * 40), "p": (other, "no", people[:40])}

    found = count(level)

    assert found.individuals.best == 300 and found.individuals.low > 3 and "crowded|3|6" in found.notes
    assert count(account).individuals.best == 1


def test_union_over_flows_counts_each_person_once():
    one, two = (
        PersonCounter(KEY, DAY, [ExportedColumn("p", ColumnId("a/p"), "no")]),
        PersonCounter(KEY, DAY, [ExportedColumn("p", ColumnId("b/p"), "yes")]),
    )
    for counter, column, sensitive, phones in (
        (one, "a/p", "no", range(1, 71)),
        (two, "b/p", "yes", range(31, 91)),
    ):
        plan = RowPlan(
            (ExportedColumn("p", ColumnId(column), sensitive),), (KeyColumn("p", "phone_mobile", "phone"),)
        )
        counter.add(plan, {"p": pa.array([f"137000000{i:02d}" for i in phones])})
    both = PersonCounter(KEY, DAY)
    both.absorb(one)
    both.absorb(two)

    found = count_tally(both.tally())

    assert (found.individuals.low, found.individuals.best, found.individuals.high) == (90, 90, 90)
    assert found.sensitive.best == 60
    assert found.ordinary.best == 70
    assert found.ordinary_only.best == 30


WHO = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 3), st.booleans()), max_size=40
)


def people(rows):
    return {
        "id": ("resident_id", "no", [resident_id(i) if has else None for i, _, _, has in rows]),
        "p": ("phone_mobile", "yes", [f"137123456{p:02d}" if p else None for _, p, _, _ in rows]),
        "n": ("person_name", "no", [("林一", "陈二", "周三", None)[n] for _, _, n, _ in rows]),
    }


@given(rows=WHO)
@settings(max_examples=100, deadline=None)
def test_the_interval_is_in_order_whatever_the_key(rows):
    found = count(people(rows))
    other = count(people(rows), key=b"z" * 32)

    assert found.individuals.low <= found.individuals.best <= found.individuals.high <= max(len(rows), 0)
    assert found == other
    assert len({i for i, _, _, has in rows if has}) <= max(
        found.individuals.low, 0
    )  # valid resident IDs never merge


@given(st.integers(0, 999), st.sampled_from(["", " ", "-", "+86", "0086", "86 "]))
def test_a_mobile_number_has_one_form(n, prefix):
    number = f"13712345{n:03d}"

    assert (
        normalise(
            "phone_mobile", prefix + number if prefix != "-" else f"{number[:3]}-{number[3:7]}-{number[7:]}"
        )
        == number
    )


def test_too_many_combinations_of_filled_fields_lose_nobody_and_no_sensitive_field():
    import random

    draw = random.Random(3)
    n = 9_000
    table = {"id": ("user_id", "no", [str(i + 1) for i in range(n)])}
    for j in range(16):
        table[f"f{j:02d}"] = (
            "other_pi",
            "yes" if j == 0 else "no",
            ["x" if draw.random() < 0.5 else None for _ in range(n)],
        )
    sick = sum(v is not None for v in table["f00"][2])

    found = count(table)

    assert (found.individuals.low, found.individuals.best, found.individuals.high) == (n, n, n)
    assert found.sensitive.best == sick
    assert "coarse|4096" in found.notes
