"""JSON of every layout: each record is read or named, and no value becomes the name of a column."""

import json
import random

import pytest
from bent_reading import read

from scanner.connectors import connect
from scanner.connectors.files import jsonl

FIRST, SECOND = ("林一", "13700000001"), ("林二", "13700000002")


def objects(n, **more):
    return [{"name": f"林{i}", "phone": f"1370000{i:04}", **more} for i in range(n)]


def table(path, body):
    """Return (columns, cells by column, losses by kind) of the only table of a file."""
    path.write_text(body, encoding="utf-8", errors="surrogatepass")
    source = connect(str(path))
    (info,) = source.tables()
    names = [c.name for c in info.columns]
    batches = list(source.read(info.ref, names, {}))
    cells = {n: [v for b in batches for v in b.column(i).to_pylist()] for i, n in enumerate(names)}
    return names, cells, {loss.kind: loss.n for loss in source.losses(info.ref)}


LAYOUTS = {
    "lines": "\n".join(map(json.dumps, objects(9))),
    "one array": json.dumps(objects(9)),
    "pretty array": json.dumps(objects(9), indent=2),
    "two arrays": json.dumps(objects(4)) + "\n" + json.dumps(objects(9)[4:]),
    "documents without line ends": "".join(map(json.dumps, objects(9))),
    "pretty objects": "\n".join(json.dumps(o, indent=2) for o in objects(9)),
    "objects with commas": ",\n".join(map(json.dumps, objects(9))),
    "record separators": "".join(f"\x1e{json.dumps(o)}\n" for o in objects(9)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_records_makes_no_difference(layout, tmp_path):
    names, cells, losses = table(tmp_path / "m.json", LAYOUTS[layout])
    assert names == ["name", "phone"]
    assert cells["phone"] == [o["phone"] for o in objects(9)] and losses == {}


@pytest.mark.parametrize("name", ["m.txt", "m.csv"])
def test_json_lines_are_known_by_their_content(name, tmp_path):
    names, cells, losses = table(tmp_path / name, LAYOUTS["lines"])
    assert names == ["name", "phone"] and len(cells["phone"]) == 9 and losses == {}


WRAPPERS = {
    "data": ({"code": 0, "data": objects(9)}, "data.phone"),
    "nested": ({"result": {"total": 9, "list": objects(9)}}, "result.list.phone"),
    "by unknown word": ({"会员": objects(9)}, "会员.phone"),
}


@pytest.mark.parametrize("kind", WRAPPERS)
@pytest.mark.parametrize("indent", [None, 1])
def test_each_record_in_a_wrapper_is_a_row(kind, indent, tmp_path):
    document, column = WRAPPERS[kind]
    names, cells, losses = table(tmp_path / "m.json", json.dumps(document, indent=indent))
    assert cells[column] == [o["phone"] for o in objects(9)] and losses == {}


def test_a_record_with_a_list_stays_a_record(tmp_path):
    names, cells, _ = table(tmp_path / "m.json", json.dumps({"id": 1, "name": "林一", "orders": objects(2)}))
    assert cells["id"] == ["1"] and "orders[].phone" in names


def test_a_wrapper_longer_than_a_chunk_is_read_entry_by_entry(tmp_path):
    document = {"code": 0, "rows": objects(9_000, note="x" * 150), "owner": "林一"}
    names, cells, losses = table(tmp_path / "m.json", json.dumps(document))
    assert [c for c in cells["rows.phone"] if c] == [o["phone"] for o in objects(9_000)]
    assert {"code", "owner"} <= set(names) and losses == {}


def test_a_key_that_first_appears_late_is_a_column(tmp_path):
    records = objects(3_000)
    records[2_600]["id_card"] = "11010519491231002X"
    names, cells, losses = table(tmp_path / "m.jsonl", "\n".join(map(json.dumps, records)))
    assert cells["id_card"][2_600] == "11010519491231002X" and losses == {}


def test_columns_of_a_part_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "DESCRIBED", 10)
    _, _, losses = table(tmp_path / "m.jsonl", "\n".join(map(json.dumps, objects(9))))
    assert losses == {"json_columns_from_part": 1}


ROWS = {
    "an array a line": "\n".join(json.dumps(row) for row in [["姓名", "手机号"], FIRST, SECOND]),
    "array of arrays": json.dumps([["姓名", "手机号"], FIRST, SECOND]),
}


@pytest.mark.parametrize("kind", ROWS)
def test_arrays_are_rows(kind, tmp_path):
    _, cells, losses = table(tmp_path / "m.json", ROWS[kind])
    assert cells == {"姓名": ["林一", "林二"], "手机号": ["13700000001", "13700000002"]} and losses == {}


TABLES = {
    "columns of an index": {"姓名": {"0": "林一", "1": "林二"}, "手机号": {"0": FIRST[1], "1": SECOND[1]}},
    "names beside rows": {"columns": ["姓名", "手机号"], "data": [FIRST, SECOND]},
    "lists": {"姓名": ["林一", "林二", "林三"], "手机号": [FIRST[1], SECOND[1], "13700000003"]},
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_as_programs_write_them(kind, tmp_path):
    _, cells, losses = table(tmp_path / "m.json", json.dumps(TABLES[kind]))
    assert cells["手机号"][:2] == [FIRST[1], SECOND[1]] and losses == {}


BESIDE = {
    "index": lambda rows: [*range(rows)],
    "标签": lambda rows: [f"a{i}" for i in range(rows)],
    "total": lambda rows: rows,
    "dtypes": lambda rows: ["text", "text"],
    "schema": lambda rows: {"version": "1.4"},
    "note": lambda rows: None,
}                                             # what programs write beside names and rows, by the rows


@pytest.mark.parametrize("seed", range(60))
def test_what_stands_beside_names_and_rows_makes_no_row(seed, tmp_path):
    draw = random.Random(seed)
    rows = [[f"林{i}", f"1370000{i:04}"] for i in range(draw.choice((2, 3, 9)))]
    beside = {key: BESIDE[key](len(rows)) for key in draw.sample([*BESIDE], draw.randint(1, 4))}
    entries = [("columns", ["姓名", "手机号"]), *beside.items(), ("data", rows)]
    if draw.random() < 0.3 and not {"index", "标签", "dtypes"} & {*beside}:     # as Google Sheets answers
        entries = [*beside.items(), ("values", [["姓名", "手机号"], *rows])]
    draw.shuffle(entries)
    names, cells, losses = table(tmp_path / "m.json", json.dumps(dict(entries)))
    assert cells["手机号"] == [mobile for _, mobile in rows] and losses == {}
    if "标签" in beside:
        assert cells["标签"] == beside["标签"]
    if "total" in beside:
        assert [c for c in cells["total"] if c] == [str(len(rows))]


def test_what_stands_before_an_object_in_its_line_is_told(tmp_path):
    body = "".join(f"2024-01-{i + 1:02} {json.dumps(o)}\n" for i, o in enumerate(objects(9)))
    names, cells, losses = table(tmp_path / "m.jsonl", body)
    assert names == ["name", "phone"] and len(cells["phone"]) == 9 and losses == {"json_faults": 9}


def test_arrays_without_headings_and_records_among_them(tmp_path):
    body = "\n".join(map(json.dumps, [FIRST, SECOND, {"phone": "13700000003"}]))
    _, cells, _ = table(tmp_path / "m.json", body)
    assert [v for v in cells["c01"] if v] == ["13700000001", "13700000002"]
    assert [v for v in cells["phone"] if v] == ["13700000003"]


def test_an_array_of_texts_is_one_column(tmp_path):
    names, cells, _ = table(tmp_path / "m.json", json.dumps([f"1370000{i:04}" for i in range(9)]))
    assert cells == {"c00": [f"1370000{i:04}" for i in range(9)]}


FAULTS = ['{"name": "林',
          '{"name": "x", "phone":', '{"name" "x"}', "]", '{"name": 12x}', "oops"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_line_costs_a_line(fault, tmp_path):
    good = list(map(json.dumps, objects(30)))
    source_file = tmp_path / "m.jsonl"
    names, cells, losses = table(source_file, "\n".join([*good[:19], fault, *good[19:]]))
    assert cells["phone"] == [o["phone"] for o in objects(30)]
    assert losses == {"json_faults": 1}
    source = connect(str(source_file))
    sample = source.sample(next(source.tables()).ref, names, 99, 1)
    assert "line 20" in str(sample.losses[0].message)


def test_a_faulty_element_costs_an_element(tmp_path):
    body = json.dumps(objects(9)).replace('"phone": "13700000004"', '"phone" 13700000004')
    _, cells, losses = table(tmp_path / "m.json", body)
    assert len(cells["phone"]) == 8 and losses == {"json_faults": 1}


def test_keys_that_stand_twice_are_all_read_and_told(tmp_path):
    body = '{"phone": "13700000001", "phone": "13700000002"}\n{"name": "a\\": b", "phone": "1"}'
    _, cells, losses = table(tmp_path / "m.jsonl", body)
    assert cells["phone"] == ["13700000001\n13700000002", "1"] and losses == {"json_keys_twice": 1}


def test_keys_and_values_with_halves_of_surrogate_pairs(tmp_path):
    body = '{"\\ud800": "\\udc01", "\\udbff.x": 1, "\\ud800x": {"\\udfff": "13700000001"}}\n' * 3
    names, cells, losses = table(tmp_path / "m.jsonl", body)
    assert len(names) == len(set(names)) == 3
    assert ["13700000001"] * 3 in cells.values() and losses == {}


MAPS = {
    "keyed by mobiles": {o["phone"]: {"name": o["name"]} for o in objects(9)},
    "of 40,000 keys": {f"u{i:05}": {"name": f"林{i}"} for i in range(40_000)},
    "keyed by names": {"张伟": {"name": "a"}, "李娜": {"name": "b"}, "王芳": {"name": "c"}},
    "of single values": {o["phone"]: o["name"] for o in objects(9)},
}


@pytest.mark.parametrize("kind", MAPS)
def test_an_object_keyed_by_values_is_a_map(kind, tmp_path):
    document = MAPS[kind]
    names, cells, losses = table(tmp_path / "m.json", json.dumps(document))
    assert names in (["{key}", "{value}.name"], ["{key}", "{value}"]) and losses == {}
    assert cells["{key}"] == list(document)


def test_keys_that_differ_from_record_to_record_are_a_map(tmp_path):
    body = "\n".join(json.dumps({"id": i, "seen": {f"u{i:05}x": f"1370000{i:04}"}}) for i in range(2_000))
    names, cells, _ = table(tmp_path / "m.jsonl", body)
    assert names == ["id", "seen.{key}", "seen.{value}"]
    assert cells["seen.{value}"] == [f"1370000{i:04}" for i in range(2_000)]


CLEAN = {
    "years": {"2023": 1, "2024": 2, "2025": 3},
    "months": {"2024-01": 1, "2024-02": 2},
    "one key": {"phone": "13700000001"},
    "roles": {"经办人": "林一", "申请人": "林二", "审批人": "林三"},
    "camel case": {"userName": "a", "createdAt": "b"},
    "addresses of words": {"@id": "a", "@type": "b", "http://schema.org/name": "c"},
    "dotted": {"user": {"name": "a", "contact": {"phone": "1"}}},
    "numbered": {"q1": 1, "q2": 2, "q3": 3},
    "parties": {"shipping": {"name": "a"}, "billing": {"name": "b"}},
}


@pytest.mark.parametrize("kind", CLEAN)
def test_clean_objects_keep_their_headings(kind, tmp_path):
    names, _, losses = table(tmp_path / "m.jsonl", "\n".join([json.dumps(CLEAN[kind])] * 3))
    plain = {"dotted": ["user.name", "user.contact.phone"], "parties": ["shipping.name", "billing.name"]}
    assert names == plain.get(kind, list(CLEAN[kind])) and losses == {}


def test_values_that_lie_very_deep_are_read(tmp_path):
    """Their depth is beyond what Python follows by calling itself; an array of arrays is one column."""
    deep = "[" * 900 + '"13700000001", ["13700000002"]' + "]" * 900
    (tmp_path / "m.json").write_text(f'[{{"id": 1, "x": {deep}}}, {{"id": 2, "x": []}}]', encoding="utf-8")
    source = connect(str(tmp_path))
    (info,) = source.tables()
    (batch,) = source.sample(info.ref, ["id", "x"], 10, 1).batches
    assert batch.to_pylist()[0] == {"id": "1", "x": "13700000001\n13700000002"}


@pytest.mark.parametrize("levels", [500, 900, 2_000, 50_000])
def test_a_record_of_thousands_of_levels_is_read(levels, tmp_path):
    deep = '{"name": "' + FIRST[0] + '", "deep": ' + '{"x":' * levels + '1' + "}" * levels + "}"
    _, cells, losses = table(tmp_path / "a.jsonl", f"{deep}\n" + json.dumps({"name": SECOND[0]}) + "\n")

    assert {FIRST[0], SECOND[0]} <= set(cells["name"]) and losses == {}


def test_a_key_of_endless_length_is_a_value(tmp_path):
    (tmp_path / "m.jsonl").write_text(f'{{"id": 1, "{"k" * 100_000}": 7}}\n' * 3, encoding="utf-8")
    (info,) = connect(str(tmp_path)).tables()
    assert [c.name for c in info.columns] == ["id", "{key}", "{value}"]


def test_forty_thousand_keys_are_a_map(tmp_path):
    keys = ", ".join(f'"k{i}": {i}' for i in range(40_000))
    (tmp_path / "m.json").write_text(f"{{{keys}}}", encoding="utf-8")
    source = connect(str(tmp_path))
    (info,) = source.tables()
    assert [c.name for c in info.columns] == ["{key}", "{value}"]
    assert source.sample(info.ref, ["{key}"], 10, 1).drawn.rows_total == 40_000


def test_half_a_character_in_a_key_is_named_and_its_values_read(tmp_path):
    text = '[{"\\ud800k": "13700000001"}, {"\\ud800k": "\\udc00"}]'
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    source = connect(str(tmp_path))
    (info,) = source.tables()
    (name,) = (c.name for c in info.columns)
    (batch,) = source.sample(info.ref, [name], 10, 1).batches
    assert name.encode() and batch.to_pylist()[0] == {name: "13700000001"}


@pytest.mark.parametrize("keys", [
    ("billing", "shipping"), ("sender", "receiver"), ("father", "mother", "guardian"),
])
def test_roles_of_one_object_name_columns(keys, tmp_path):
    inner = {"name": "Ann", "city": "York"}
    (tmp_path / "a.json").write_text(json.dumps(dict.fromkeys(keys, inner)), encoding="utf-8")

    assert read(tmp_path / "a.json").columns == [tuple(f"{key}.{name}" for key in keys for name in inner)]


@pytest.mark.parametrize("keys", [("lisi", "wangwu"), ("bill", "mark"), ("u1001", "u1002")])
def test_accounts_of_one_object_name_no_column(keys, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({k: {"city": "York"} for k in keys}), encoding="utf-8")

    assert read(tmp_path / "a.json").columns == [("{key}", "{value}.city")]


def test_zeros_over_the_end_of_a_line_are_said(tmp_path):
    lines = "".join(json.dumps({"id": i, "mobile": f"1370000{i:04}"}) + "\n" for i in range(60)).encode()
    at = lines.index(b"\n", 1_000) - 30
    (tmp_path / "a.jsonl").write_bytes(lines[:at] + bytes(64) + lines[at + 64:])
    reading = read(tmp_path / "a.jsonl")

    assert not reading.is_exact and reading.losses
