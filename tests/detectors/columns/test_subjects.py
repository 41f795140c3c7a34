"""Whose the columns of a table are: parties by stems, roles and keys; every table is invented."""

import random
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.columns.subjects import row_subjects
from detectors.model import ColumnInfo, TableInfo, TableRef


def table(name, *columns, comment=""):
    """columns: `name` or `name comment`."""
    infos = (ColumnInfo(c.partition(" ")[0], "varchar(64)", c.partition(" ")[2]) for c in columns)
    return TableInfo(TableRef(name), tuple(infos), comment)


def roles(info, labels=None):
    """Role of each column, joined by blanks; `-` for the row's own."""
    return " ".join(owner.role or "-" for owner in row_subjects(info, labels).owners)


ROWS = {
    "two parties of a message": (
        table("message_log", "sender_mobile", "recipient_mobile"), "sender receiver",
    ),
    "two accounts of a message": (table("msg", "from_user_id", "to_user_id"), "from_user to_user"),
    "two parties without the row's own": (
        table("tenancy", "owner_name", "owner_id", "occupant_name", "occupant_id"),
        "owner owner occupant occupant",
    ),
    "two sides in Chinese": (
        table("t", "男方姓名", "男方身份证号", "女方姓名", "女方身份证号", "登记日期"),
        "男方 男方 女方 女方 -",
    ),
    "two guests by number": (
        table("stay", "guest1_name", "guest1_id_no", "guest2_name", "guest2_id_no", "room"),
        "guest guest guest2 guest2 -",
    ),
    "numbers after the attribute": (table("t", "name1", "mobile1", "name2", "mobile2"), "1 1 2 2"),
    "two telephones of one person": (table("t", "name", "mobile1", "mobile2"), "- - -"),
    "a stem that means nothing": (table("t", "name", "mobile", "xq_name", "xq_mobile"), "- - xq xq"),
    "a role named on one column": (
        table("orders", "consignee", "delivery_address", "tel"), "receiver receiver receiver",
    ),
    "somebody who handles, and a telephone": (table("t", "经办人", "手机"), "operator operator"),
    "whoever made a record, and when": (
        table("goods", "create_by", "create_time", "audit_by", "audit_date", "creator_mobile"),
        "operator - operator - operator"),
    "somebody who handles beside a person": (table("t", "real_name", "mobile", "经办人"), "- - operator"),
    "a return address": (
        table("shop_return_address", "consignee 收件人", "tel 电话", "address 详细地址", comment="退货地址"),
        "receiver receiver receiver",
    ),
    "a receiver with a telephone leaves the bare one": (
        table("orders", "user_id", "receiver_name", "receiver_phone", "mobile"), "- receiver receiver -",
    ),
    "a comment names the role of its stem": (
        table("orders", "c_name 收货人姓名", "c_tel 电话", "user_id"), "receiver receiver -",
    ),
    "a licence is no driver": (table("t", "name", "mobile", "driver_license_no"), "- - -"),
    "a family name is no relative": (table("t", "family_name", "given_name", "home_phone"), "- - -"),
    "words of the home": (table("t", "户主姓名", "户主身份证号", "家庭地址", "手机号"), "- - - -"),
    "the row's own contact": (table("member", "real_name", "contact_phone", "contact_address"), "- - -"),
    "somebody to be called": (
        table("member", "real_name", "mobile", "emergency_name", "emergency_phone"),
        "- - emergency_contact emergency_contact",
    ),
    "contacts of firms": (
        table("customers", "customer_id", "company_name", "contact_name", "phone"), "- - contact contact",
    ),
    "patient and doctor": (
        table("visit", "patient_id", "patient_name", "doctor_id", "doctor_name", "phone"),
        "- - doctor doctor -",
    ),
    "who follows whom": (table("follow", "user_id", "follow_user_id"), "- friend"),
    "an employee and the one above": (
        table("employee", "emp_no", "name", "mobile", "manager_id", "create_by"), "- - - superior operator",
    ),
    "whoever did something is not the row's own": (
        table("lead", "id", "first_name", "email", "created_by_id", "resolved_by", "used_by_email"),
        "- - - operator resolved_by used_by",
    ),
    "a column that groups and sorts": (table("member", "real_name", "group_by", "sort_by"), "- - -"),
    "the holder of the card is the row's own": (
        table("member", "real_name", "mobile", "cardholder_name", "bank_card_no", "f1 开户人"), "- - - - -",
    ),
    "a prefix of every column": (table("sys_user", "fd_name", "fd_mobile", "fd_email", "fd_sex"), "- - - -"),
    "the table's own role": (table("driver", "driver_name", "driver_phone", "city"), "- - -"),
    "somebody else in a table of drivers": (
        table("driver", "driver_name", "driver_phone", "owner_name", "owner_phone"), "- - owner owner",
    ),
}


@pytest.mark.parametrize(("info", "expected"), ROWS.values(), ids=ROWS)
def test_whose_the_columns_of_a_row_are(info, expected):
    assert roles(info) == expected


@pytest.mark.parametrize(("info", "kinds"), [
    (table("branch", "branch_name", "manager_name", "manager_mobile", "email"),
     ["thing", "person", "person", "organisation"]),
    (table("company", "name", "legal_person", "contact_name"), ["organisation", "person", "person"]),
    (table("customers", "customer_id", "company_name", "contact_name", "address"),
     ["organisation", "organisation", "person", "organisation"]),
    (table("member", "real_name", "mobile"), ["person", "person"]),
    (table("product", "product_name", "price"), ["thing", "thing"]),
], ids=lambda value: value.ref.name if isinstance(value, TableInfo) else "")
def test_what_a_column_is_about(info, kinds):
    assert [owner.kind for owner in row_subjects(info).owners] == kinds


def test_labels_that_somebody_knows_make_two_people_of_meaningless_columns():
    info = table("t", "qa_1x", "qa_2x", "qb_1x", "qb_2x")
    assert roles(info) == "- - - -"
    assert roles(info, ["person_name", "phone_mobile"] * 2) == "qa qa qb qb"


STEMS = st.text(string.ascii_lowercase, min_size=2, max_size=2).map(lambda text: f"q{text}x")
ATTRIBUTES = ("name", "mobile", "id_card_no", "email", "address")


@settings(max_examples=60, deadline=None)
@given(first=STEMS, second=STEMS, seed=st.integers(0, 10**6))
def test_another_meaningless_stem_for_a_stem_changes_nothing(first, second, seed):
    columns = [f"{{0}}_{a}" for a in ATTRIBUTES] + [f"{{1}}_{a}" for a in ATTRIBUTES] + ["user_id", "city"]
    random.Random(seed).shuffle(columns)
    chosen = columns[:random.Random(seed).randint(2, len(columns))]

    def parties(a, b):
        names = {a: "one", b: "other"}
        owners = row_subjects(table("t", *(c.format(a, b) for c in chosen))).owners
        return [names.get(owner.role, owner.role) for owner in owners]

    if first != second:
        assert parties(first, second) == parties("qzzx", "qyyx")


@settings(max_examples=60, deadline=None)
@given(which=st.sampled_from(sorted(ROWS)), seed=st.integers(0, 10**6))
def test_the_order_of_columns_changes_nothing(which, seed):
    info = ROWS[which][0]
    shuffled = list(info.columns)
    random.Random(seed).shuffle(shuffled)

    by_name = dict(zip(shuffled, row_subjects(replace(info, columns=tuple(shuffled))).owners, strict=True))

    assert [by_name[c] for c in info.columns] == list(row_subjects(info).owners)


@pytest.mark.parametrize("which", ROWS)
@pytest.mark.parametrize("column", ["is_deleted", "版本号", "tenant_code", "user_type", "driver_count"])
def test_an_unrelated_column_changes_nobodys_party(which, column):
    info = ROWS[which][0]
    wider = replace(info, columns=(*info.columns, ColumnInfo(column, "int")))

    assert roles(wider).split()[:-1] == roles(info).split()


@pytest.mark.parametrize("info", [
    table("", ""), table("t1", "c1", "c2"), table("t", *(f"c{i}" for i in range(2_000))),
    table("t", "mobile " + "手机号" * 3_000), table("混合", "Straße", "전화번호", "\u0000"),
    table("t", *(f"guest{i}_name" for i in range(50)), *(f"guest{i}_phone" for i in range(50))),
], ids=["nothing", "no names", "2,000 columns", "a long comment", "mixed languages", "50 people a row"])
def test_whatever_a_table_is_called_every_column_has_an_owner(info):
    assert len(row_subjects(info).owners) == len(info.columns)
