"""`scanner.scan` of what Python holds: frames of every kind, engines, lists; and the report one gets back."""

import random
import sqlite3
import traceback

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

import scanner
from detectors.errors import ConfigError
from reports.model import FINDING_COLUMNS, FLOW_COLUMNS, TABLE_COLUMNS

DRAW = random.Random(5)
MOBILES = [f"139{DRAW.randrange(10**8):08d}" for _ in range(60)]


def labels_of(report):
    rows = report.to_pandas()["findings"]
    return dict(rows[rows["primary"]][["name", "label"]].values)


@pytest.mark.parametrize("seed", range(6))
def test_a_column_is_found_however_pandas_holds_it(seed):
    draw = random.Random(seed)
    gaps = [None if draw.random() < 0.2 else m for m in MOBILES]
    ways = {
        "text": pd.Series(gaps, dtype=object),
        "string": pd.Series(gaps, dtype="string"),
        "float": pd.Series([np.nan if m is None else float(m) for m in gaps]),
        "integer": pd.Series([pd.NA if m is None else int(m) for m in gaps], dtype="Int64"),
        "category": pd.Series(gaps, dtype="category"),
        "bytes": pd.Series([m and m.encode() for m in gaps]),
        "mixed": pd.Series([int(m) if m and draw.random() < 0.5 else m for m in gaps], dtype=object),
        "lists": pd.Series([[m] if m else [] for m in gaps]),
        "records": pd.Series([{"x": m} for m in gaps]),
    }
    frame = pd.DataFrame({f"v_{name}": column for name, column in ways.items()})
    frame = frame[draw.sample(list(frame.columns), len(frame.columns))]
    labels = labels_of(scanner.scan(frame))
    for name in ways:
        assert any(n.startswith(f"v_{name}") and label == "phone_mobile" for n, label in labels.items()), name


def test_headings_twice_of_levels_and_indexes_are_columns():
    twice = pd.DataFrame([[m, m] for m in MOBILES], columns=["tel", "tel"])
    levels = pd.DataFrame([[m] for m in MOBILES], columns=pd.MultiIndex.from_tuples([("buyer", "tel")]))
    index = pd.DataFrame({"n": range(60)}, index=pd.Index(MOBILES, name="mobile"))
    nameless = pd.DataFrame({"n": range(60)}, index=MOBILES)

    assert len(labels_of(scanner.scan(twice))) == 2
    assert labels_of(scanner.scan(levels)) == {"buyer.tel": "phone_mobile"}
    assert labels_of(scanner.scan(index))["mobile"] == "phone_mobile"
    assert "phone_mobile" in labels_of(scanner.scan(nameless)).values()


def test_tables_of_pyarrow_by_name_and_a_list_of_everything(tmp_path):
    (tmp_path / "people.csv").write_text("mobile\n" + "\n".join(MOBILES), encoding="utf-8")
    tables = {"a": pa.table({"mobile": MOBILES}), "b": pd.DataFrame({"mobile": MOBILES})}
    report = scanner.scan([tables, str(tmp_path / "people.csv"), tmp_path / "people.csv", tables["a"]])

    assert [s.id for s in report.sources] == ["frames", "people", "people_2", "frame"]
    assert [t.id for t in report.tables] == [
        "frame/frame",
        "frames/a",
        "frames/b",
        "people/people",
        "people_2/people",
    ]
    assert all(t.rows.low == t.rows.high == 60 for t in report.tables)


def test_an_engine_is_read_over_connections_of_our_own_and_stays_as_it_was(tmp_path):
    for url in ("sqlite://", f"sqlite:///{tmp_path / 'crm.db'}"):
        engine = sa.create_engine(url)
        pd.DataFrame({"mobile": MOBILES}).to_sql("people", engine)
        assert labels_of(scanner.scan(engine)).get("mobile") == "phone_mobile"
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO people (mobile) VALUES ('x')"))
    assert sqlite3.connect(tmp_path / "crm.db").execute("SELECT count(*) FROM people").fetchone() == (61,)


def test_what_is_no_source_is_one_line_and_no_value_is_in_it():
    for thing in (5, None, b"x", {"a": 5}, [5], object()):
        with pytest.raises(ConfigError, match="nothing that can be scanned"):
            scanner.scan(thing)
    frame = pd.DataFrame({"mobile": MOBILES})
    for thing in (
        frame.groupby("mobile"),
        {"a": "people.csv"},
        {"a": frame, "b": MOBILES},
        {"a": np.zeros((2, 2))},
    ):
        with pytest.raises(ConfigError, match="nothing that can be scanned") as e:
            scanner.scan(thing)
        assert not any(mobile in str(e.value) for mobile in MOBILES)


@pytest.mark.parametrize("empty", ["", " ", [], (), {}, [[], ()], iter(()), [{}, []]])
def test_a_list_or_text_with_nothing_in_it_is_no_scan_of_nothing(empty):
    with pytest.raises(ConfigError, match="nothing to scan"):
        scanner.scan(empty)


@pytest.mark.parametrize("seed", range(8))
def test_columns_by_name_and_rows_by_names_are_one_table(seed):
    """However each column is given: as a DataFrame of the same columns."""
    draw = random.Random(seed)
    ways = (list, tuple, np.array, pd.Series, pa.array, lambda cells: pd.Series(cells).array, pd.Index)
    columns = {f"mobile_{i}": draw.choice(ways)(MOBILES) for i in range(draw.randrange(1, 5))}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    rows[0].pop("mobile_0")

    for thing in (columns, rows):
        report = scanner.scan(thing)
        assert labels_of(report) == dict.fromkeys(columns, "phone_mobile")
        assert [(t.id, t.rows.low) for t in report.tables] == [("frame/frame", len(MOBILES))]


def test_columns_of_unequal_length_are_one_line_with_their_lengths():
    with pytest.raises(ConfigError, match="have 59 to 60 cells"):
        scanner.scan({"a": MOBILES, "b": pd.Series(MOBILES[1:])})


@pytest.mark.parametrize("seed", range(6))
def test_every_table_of_a_dict_is_there_whatever_its_key(seed):
    draw = random.Random(seed)
    keys = draw.sample([1, "1", ("1",), "a", ("a", "b"), "a.b", "", 2.5, "a/b"], draw.randrange(2, 9))
    report = scanner.scan({key: pd.DataFrame({"mobile": MOBILES}) for key in keys})

    assert len({t.id for t in report.tables}) == len(keys) and not report.skipped
    assert len(report.find("mobile")) == len(keys)


def test_a_table_of_spark_is_not_pulled_into_this_process():
    frame = type("DataFrame", (), {"__module__": "pyspark.sql.dataframe", "collect": lambda self: 1 / 0})()
    for thing in (frame, {"a": frame}):
        with pytest.raises(ConfigError, match="Spark|nothing that can be"):
            scanner.scan(thing)


@pytest.mark.parametrize("empty", [pd.DataFrame(), pd.DataFrame({"mobile": []}), pa.table({})])
def test_frames_of_the_report_have_their_columns_also_when_empty(empty):
    report = scanner.scan(empty)
    frames = report.to_pandas()

    assert [*frames["findings"].columns] == [*FINDING_COLUMNS]
    assert [*frames["flows"].columns] == [*FLOW_COLUMNS]
    assert [*frames["tables"].columns] == [*TABLE_COLUMNS] and len(frames["tables"]) == 1
    assert len(frames["flows"][frames["flows"]["certain"]]) == 0
    assert report.find().empty or set(report.find()["name"]) == {"mobile"}


def test_the_report_is_found_in_explained_saved_and_loaded_again(tmp_path):
    report = scanner.scan(pd.DataFrame({"mobile": MOBILES, "<b>note</b>": ["x"] * 60}))

    assert report.find("手机")["column"].tolist() == ["frame/frame/mobile"]
    with pytest.raises(ConfigError):
        report.find("lable=x")
    assert "手机号码" in report.explain("mobile", "zh")
    report.save(tmp_path / "r.json")
    again = scanner.load(tmp_path / "r.json")
    assert again == report and report == again and again.find("phone").equals(report.find("phone"))
    page = report._repr_html_()
    assert "手机号码" in page and "<b>note" not in page and not any(m in page + repr(report) for m in MOBILES)


def test_the_path_of_a_sqlite_database_is_its_url(tmp_path, monkeypatch):
    """As an argument, from Python and in chujing.yaml; a table that is called so stays a file."""
    from scanner.cli.options import source_from_url
    from scanner.config.model import read

    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.execute("CREATE TABLE member (mobile TEXT)")
        database.executemany("INSERT INTO member VALUES (?)", [(m,) for m in MOBILES])
    database.close()
    (tmp_path / "no.db").write_text("mobile\n1", encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text("version: 1\nsources: {crm: {url: crm.db}}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert labels_of(scanner.scan("crm.db")) == {"mobile": "phone_mobile"}
    assert labels_of(scanner.scan("chujing.yaml")) == {"mobile": "phone_mobile"}
    assert source_from_url("crm.db", None, None).url == "sqlite:///crm.db"
    assert read(tmp_path / "chujing.yaml").sources[0].url == f"sqlite:///{tmp_path}/crm.db"
    assert [source_from_url(name, None, None).url for name in ("no.db", "none.db", "*.db", ".")] == [
        "no.db",
        "none.db",
        "*.db",
        ".",
    ]


def test_a_connection_is_scanned_as_its_engine(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/crm.db")
    with engine.begin() as connection:
        pd.DataFrame({"mobile": MOBILES}).to_sql("member", connection, index=False)
        connection.commit()
        assert labels_of(scanner.scan(connection)) == {"mobile": "phone_mobile"}


def test_an_error_says_in_a_traceback_what_to_do():
    report = scanner.scan(pa.table({"mobile": MOBILES}))
    with pytest.raises(ConfigError) as error:
        report.find("labl=x")
    assert 'Did you mean "label"?' in "".join(traceback.format_exception(error.value))


def test_a_report_in_one_line_counts_one_and_says_what_was_not_read(tmp_path):
    assert repr(scanner.scan(pa.table({"mobile": MOBILES}))).endswith(": 1 table, 1 column with findings>")
    assert repr(scanner.scan(tmp_path / "none.csv")).endswith("0 columns with findings, 1 not read>")


@pytest.mark.parametrize("rows", [0, -1])
def test_no_row_to_draw_is_refused_and_never_a_scan_of_nothing(rows):
    with pytest.raises(ConfigError, match="at least one row"):
        scanner.scan({"mobile": ["13700000001"] * 9}, rows=rows)


def test_too_little_memory_to_count_in_is_refused():
    with pytest.raises(ConfigError, match="1 MiB of memory are too few"):
        scanner.scan({"mobile": ["13700000001"] * 9}, memory=1 << 20)
