"""Values vote on whose a column is, both ways, without a cliff. Everybody here is invented."""

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.columns import detect
from detectors.columns.judge import FINDING_FROM, POSSIBLE
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef
from worlds import people

PEOPLE = list(people(random.Random(3), 60))


def cells(attribute, n=40):
    return [getattr(person, attribute) for person in PEOPLE[:n]]


def confidences(name, columns, comment=""):
    """Confidence of each column being the label found first, by column name; (0, "") for nothing.

    columns: `name comment` -> cells.
    """
    infos = {c: ColumnInfo(c.partition(" ")[0], "varchar(64)", c.partition(" ")[2]) for c in columns}
    info = TableInfo(TableRef(name), tuple(infos.values()), comment)
    samples = [ColumnSample(info.ref.column("s", infos[c].parts), info, infos[c], pa.array(columns[c]))
               for c in columns]
    best = {s.id: (0.0, "") for s in samples}
    for finding in detect(info, samples):
        if finding.kind == "personal_information":
            best[finding.column] = max(best[finding.column], (finding.confidence, str(finding.label)))
    return {s.column.name: best[s.id] for s in samples}


DOWN = {
    "firms": ("real_name", [f"远大{i}科技有限公司" for i in range(30)]),
    "codes for names": ("real_name", [f"A{i:03d}" for i in range(30)]),
    "amounts": ("mobile", [f"{i}.50" for i in range(30)]),
    "two amounts": ("mobile", ["99.00", "100.50"] * 20),
    "short codes": ("id_card", [f"K{i}" for i in range(30)]),
    "small numbers": ("mobile", [str(i * 50) for i in range(30)]),
    "flags": ("email", ["Y", "N"] * 20),
}


@pytest.mark.parametrize(("column", "values"), DOWN.values(), ids=DOWN)
def test_values_of_another_kind_bring_a_personal_name_down(column, values):
    beside = {"member_id": [str(i) for i in range(len(values))]}
    usual = {"real_name": "name", "mobile": "phone", "id_card": "id", "email": "email"}[column]
    right = confidences("member", beside | {column: cells(usual, len(values))})[column][0]

    assert right >= FINDING_FROM
    assert confidences("member", beside | {column: values})[column][0] < FINDING_FROM


@pytest.mark.parametrize(("comment", "values"), [
    ("性别", ["不限", "男", "女"] * 10), ("学历", ["本科", "大专", "不限", "硕士优先"] * 8),
])
def test_requirements_are_nobodys_attributes(comment, values):
    columns = {"id": [str(i) for i in range(len(values))], f"f1 {comment}": values}
    assert confidences("post_detail", columns)["f1"][0] < POSSIBLE


@pytest.mark.parametrize("table", ["t", "shop", "sys_dict", "p_dict", "goods_ext", "branch", "zz9"])
@pytest.mark.parametrize(("attribute", "label"), [("phone", "phone_mobile"), ("id", "resident_id")])
def test_valid_numbers_count_whatever_the_table_is_called(table, attribute, label):
    columns = {"id": [str(i) for i in range(40)], "c7": cells(attribute)}
    confidence, best = confidences(table, columns)["c7"]
    assert best == label and confidence >= FINDING_FROM


@pytest.mark.parametrize("table", ["t", "shop", "sys_dict", "goods_ext", "branch"])
def test_names_beside_numbers_of_persons_are_names_of_persons(table):
    columns = {"id": [str(i) for i in range(10)], "c6": cells("name", 10), "c7": cells("phone", 10)}
    confidence, label = confidences(table, columns)["c6"]
    assert label == "person_name" and confidence >= FINDING_FROM


def test_one_more_name_is_no_cliff():
    rows = [confidences("t", {"c2": cells("name", n)})["c2"][0] for n in range(8, 60)]
    steps = [b - a for a, b in zip(rows, rows[1:], strict=False)]
    assert max(steps) <= 0.12
    assert rows[0] >= POSSIBLE and rows[-1] >= FINDING_FROM


def test_people_in_an_organisations_table_are_its_contacts():
    columns = {
        "branch_name": [f"第{i}支行" for i in range(10)], "manager_name": cells("name", 10),
        "manager_mobile": cells("phone", 10), "frdb 法定代表人": cells("name", 10),
        "lxr 联系人": cells("name", 10),
    }
    best = confidences("branch", columns, "网点")
    assert best.pop("branch_name")[0] < FINDING_FROM
    assert all(confidence >= FINDING_FROM for confidence, _ in best.values())


def test_the_order_of_columns_changes_no_finding():
    columns = {"c6": cells("name", 10), "c7": cells("phone", 10), "c8": [str(i) for i in range(10)]}
    assert confidences("shop", columns) == confidences("shop", dict(reversed(columns.items())))


TELLING = {"id": [str(i) for i in range(40)], "real_name": cells("name"), "mobile": cells("phone"),
           "sort_order": [str(i % 7) for i in range(40)], "city": ["北京", "上海"] * 20}


@settings(deadline=None, max_examples=25)
@given(
    st.sets(st.sampled_from(sorted(TELLING)), min_size=1).map(sorted),
    st.sampled_from(["x", "zq", "c9", "f_1", "qwv"]), st.sampled_from(["0", "x", "-", "2024-01-01"]),
    st.integers(0, 5), st.sampled_from(["member", "t", "shop", "order_item"]),
)
def test_a_column_of_one_value_without_a_telling_name_changes_no_verdict(names, name, value, place, table):
    columns = {each: TELLING[each] for each in names}
    around = list(columns.items())
    around.insert(place, (name, [value] * 40))
    verdicts = confidences(table, dict(around))

    assert verdicts.pop(name)[0] < POSSIBLE
    assert verdicts == confidences(table, columns)


def test_one_number_of_a_person_in_every_row_is_still_seen():
    columns = {"id": [str(i) for i in range(40)], "c7": [PEOPLE[0].phone] * 40}
    assert confidences("t", columns)["c7"][0] >= POSSIBLE
