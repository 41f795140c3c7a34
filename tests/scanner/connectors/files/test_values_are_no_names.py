"""Where names of tables and columns are taken from, a value of somebody's becomes none."""

import itertools
import logging
import zipfile

import canary_names
import openpyxl
import pytest

from detectors.errors import ChujingError
from detectors.model import Skipped
from scanner.connectors import connect


def spoken(path):
    """What a reader says of a file: names, comments, losses and reasons; and how many tables it reads."""
    texts, n = [], 0
    source = connect(str(path))
    for info in source.tables():
        if isinstance(info, Skipped):
            texts.append(str(info))
            continue
        texts += [str(info.ref), str(info.comment)]
        texts += [f"{c.parts} {c.name} {c.comment}" for c in info.columns]
        try:
            sample = source.sample(info.ref, [c.name for c in info.columns], 1_000, 1)
        except ChujingError as e:
            texts.append(str(e))
            continue
        n += 1
        texts += [str(sample.losses), *(str(batch.schema) for batch in sample.batches)]
    return "\n".join(texts), n


@pytest.mark.parametrize("value", canary_names.VALUES, ids=["mobile", "mail", "resident"])
def test_no_value_becomes_a_name(tmp_path, caplog, value):
    caplog.set_level(logging.DEBUG)
    leaks, n = [], 0
    for i, (place, make) in enumerate(canary_names.PLACES.items()):
        name, content = make(value)
        folder = tmp_path / f"p{i:02}"
        folder.mkdir()
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        text, tables = spoken(folder / name)
        n += tables
        leaks += [place] if value in text else []

    assert leaks == []
    assert value not in caplog.text
    assert len(canary_names.PLACES) >= 40 and n >= 40


PEOPLE = ("王小明", "张建国", "欧阳明月", "李娜", "John Smith", "Zhang_Wei")
AS_NAMED = ("{}.csv", "{}简历.csv", "工资-{}.csv", "{}_身份证.xlsx", "2024年{}体检报告.csv", "员工/{}/a.csv",
            "{}/a.csv", "{}.pdf", "{}.zip")


def test_a_person_whose_name_a_file_has_is_in_no_name(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    for i, (person, form) in enumerate(itertools.product(PEOPLE, AS_NAMED)):
        file = tmp_path / f"p{i:02}" / form.format(person)
        file.parent.mkdir(parents=True)
        if file.suffix == ".xlsx":
            book = openpyxl.Workbook()
            book.active.title = person
            book.active.append(["a", "b"])
            book.active.append([1, 2])
            book.create_sheet(f"{person}2024").append(["x", 1])
            book.save(file)
        elif file.suffix == ".zip":
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(f"{person}.csv", "a,b\n1,2\n")
                archive.writestr(f"{person}.rar", b"Rar!\x1a\x07\x00")
        else:
            file.write_text("a,b\n1,2\n", encoding="utf-8")
        text, _ = spoken(tmp_path / f"p{i:02}")
        others = str(connect(str(tmp_path / f"p{i:02}")).other_files())
        assert person not in text + others, form
    assert not any(person in caplog.text for person in PEOPLE)


@pytest.mark.parametrize("name", [
    "唐山", "订单明细", "高校名单", "曾用名", "First Name", "施工合同", "客户资料", "周一", "Sales Report",
])
def test_a_name_of_nobody_stays(tmp_path, name):
    (tmp_path / f"{name}.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert [info.ref.name for info in connect(str(tmp_path)).tables()] == [name]


ROWS = {"a text in quotes": '{i},"林七Hidden{i}",{i}.5\n', "all in quotes": '"{i}","林七Hidden{i}","{i}.5"\n',
        "a text first": '"林七Hidden{i}",{i},"x{i}"\n'}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize(
    "headings", ["id,name,amount\n", '"id","name","amount"\n'], ids=["plain", "in quotes"])
def test_a_changed_byte_behind_the_headings_makes_no_value_a_name(tmp_path, headings, row):
    text = headings + "".join(row.format(i=i) for i in range(8))
    end, leaks = len(headings), []
    places = range(end - 4, end + 4)
    for at, new, gone in itertools.product(places, ("", "x", '"', " ", ";", 'H22C"'), (0, 1)):
        (tmp_path / "m.csv").write_text(text[:at] + new + text[at + gone:])
        for info in connect(str(tmp_path / "m.csv")).tables():
            leaks += [(at, new, gone) for c in info.columns if "Hidden" in c.name]

    assert leaks == []
