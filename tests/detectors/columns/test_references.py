"""What the other tables of a source say of a column; topics; positions. All tables are invented."""

import random

import pytest

from detectors.columns.movers import moves
from detectors.columns.references import NO_LINKS, ReferenceGraph
from detectors.columns.topics import table_topic
from detectors.model import ColumnInfo, ForeignKey, TableInfo, TableRef


def table(name, *columns, comment="", keys=()):
    """columns: `name type comment`, the last two of which may be missing; the first of `id` is the key."""
    infos = []
    for column in columns:
        name_of, kind, text = (*column.split(" ", 2), "", "")[:3]
        infos.append(ColumnInfo(name_of, kind, text, primary_key=name_of == "id"))
    return TableInfo(TableRef(name), tuple(infos), comment, foreign_keys=keys)


PLUMBER = table(
    "fx_plumber", "id bigint", "mobile char 手机号", "id_card char 身份证号", "full_name char 姓名",
    "supervisor int", comment="水管工信息表",
)
JOB = table("fx_repair_job", "id bigint", "plumber_id bigint 水管工id", "fitters text 指定水管工",
            "head_plumber bigint 上级水管工编号", "tool_id bigint", "plumber_kind char")
PHOTO = table("fx_repair_photo", "id bigint", "repair_job_id bigint", "url char")
TOOL = table("fx_tool", "id bigint", "tool_name char", "price decimal")
ALL = (PLUMBER, JOB, PHOTO, TOOL)


def test_columns_point_at_persons_by_name_comment_plural_and_role():
    links = ReferenceGraph(ALL).links(JOB).columns
    assert {name: link.subject for name, link in links.items()} == {
        "plumber_id": "person", "fitters": "person", "head_plumber": "person", "tool_id": "",
    }
    assert links["fitters"].several and not links["plumber_id"].several
    own = ReferenceGraph(ALL).links(PLUMBER).columns
    assert own["supervisor"].itself and own["supervisor"].subject == "person"


def test_a_row_of_attributes_that_firms_have_too_is_less_than_a_person():
    account = table("account", "id bigint", "contact_name char", "phone char", "email char")
    bill = table("bill", "id bigint", "account_id bigint")
    links = ReferenceGraph((account, bill)).links(bill)
    assert "account_id" in links.columns and links.points_at("account_id") != "person"


def test_a_declared_key_needs_no_name():
    keys = (ForeignKey(("f7",), TableRef("fx_plumber"), ("id",)),)
    bill = table("fx_bill", "id bigint", "f7 bigint", keys=keys)
    link = ReferenceGraph((*ALL, bill)).links(bill).columns["f7"]
    assert (link.subject, link.how) == ("person", "declared")


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_tables_changes_nothing(seed):
    shuffled = random.Random(seed).sample(ALL, len(ALL))
    assert [ReferenceGraph(shuffled).links(t) for t in ALL] == [ReferenceGraph(ALL).links(t) for t in ALL]


def test_a_number_never_holds_the_key_of_a_table_whose_keys_are_texts():
    patient = table("patient", "id varchar(36)", "real_name char", "mobile char")
    visit = table("visit", "id bigint", "patient_id int", "note text")
    assert ReferenceGraph((patient, visit)).links(visit).columns == {}


def test_a_table_of_another_source_has_no_links():
    assert ReferenceGraph((PLUMBER,)).links(JOB) == NO_LINKS


@pytest.mark.parametrize(("name", "comment", "columns", "topic"), [
    ("ward_round", "住院查房记录", ["wound_desc char 伤口描述", "pain_grade int 疼痛"], "medical_dossier"),
    ("credit_check", "征信查询", ["car_loan_cnt int 车贷笔数", "late_12m int 近一年逾期次数"], "credit_file"),
    ("staff", "", ["title char", "supervisor int", "post char 岗位"], "hr_file"),
    ("vacancy", "招聘需求", ["gender char 性别要求", "salary_low int 薪资下限"], "vacancy"),
    ("sys_dict", "字典", ["label char", "value char", "sort int"], "dictionary"),
    ("bike_point", "单车实时位置", ["vin char", "lat double", "lng double", "speed int"], "fleet"),
    ("x1", "", ["c1 char", "c2 char"], ""),
])
def test_the_topic_of_a_table(name, comment, columns, topic):
    assert table_topic(table(name, *columns, comment=comment)).name == topic


@pytest.mark.parametrize(("name", "columns", "movement"), [
    ("bike_point 单车实时位置", ["vin char 车架号", "lat double", "lng double"], "mover"),
    ("app_event", ["account char", "device_id char", "lat double", "lng double", "event char"], "mover"),
    ("rider_track", ["rider_id int", "longitude double", "latitude double", "report_time datetime"], "mover"),
    ("shop", ["shop_name char", "lat double", "lng double"], "fixed"),
    ("pump_station 泵站", ["经度 double", "纬度 double"], "fixed"),
    ("member", ["real_name char", "mobile char"], ""),
])
def test_positions_of_what_moves_and_of_what_stands(name, columns, movement):
    title, _, comment = name.partition(" ")
    assert moves(table(title, *columns, comment=comment)) == movement
