"""A sample of a catalogue table reads a few splits of it, and those no further than it needs."""

import pytest

from scanner.config.sources import Source
from scanner.connectors.protocol import ExaminationTask
from scanner.spark import Engine, pruning, sizes

FILES, ROWS = 60, 30_000


@pytest.fixture
def warehouse(spark_session, monkeypatch):
    """A database with tables large enough to be sampled, and views of them."""
    monkeypatch.setattr(sizes, "LIGHT_BYTES", 10)
    monkeypatch.setattr(pruning, "WINDOW", 100)
    spark_session.sql("DROP DATABASE IF EXISTS big CASCADE")
    spark_session.sql("CREATE DATABASE big")
    people = spark_session.range(0, ROWS, 1, FILES).selectExpr(
        "id AS no",
        "format_string('137%08d', id) AS mobile",
        "named_struct('mail', concat('u', id, '@corp.cn')) AS contact",
        "id DIV 10000 AS part",
    )
    people.write.saveAsTable("big.files")
    people.write.partitionBy("part").saveAsTable("big.parts")
    for form in ("csv", "json", "orc"):
        people.drop("contact").coalesce(1).write.format(form).saveAsTable(f"big.one_{form}")
    for name, query in {
        "few": "SELECT * FROM big.files WHERE no >= 29950",
        "late": "SELECT no, mobile FROM big.parts WHERE part = 2",
        "none": "SELECT no, mobile FROM big.parts WHERE part = 9",
        "grouped": "SELECT part, max(mobile) AS mobile FROM big.files GROUP BY part",
    }.items():
        spark_session.sql(f"CREATE VIEW big.{name} AS {query}")
    yield spark_session
    spark_session.sql("DROP DATABASE big CASCADE")


def records_read(session):
    """Rows that the readers of all stages so far have given, as Spark's status store tells."""
    context = session.sparkContext._jsc.sc()
    context.listenerBus().waitUntilEmpty()
    gateway = session.sparkContext._gateway
    quantiles = gateway.new_array(gateway.jvm.double, 0)
    stages = context.statusStore().stageList(None, False, False, quantiles, None)
    return sum(stages.apply(i).inputRecords() for i in range(stages.size()))


def examined(session, name, rows=300, seed=7):
    """Return the labels of columns, how rows were drawn, and how many were read for it."""
    with Engine(session=session) as engine:
        connector = engine.connect(Source("s", "spark:big"))
        (info,) = (i for i in connector.tables() if i.ref.name == name)
        before = records_read(session)
        look, drawn, _ = connector.examine(ExaminationTask(f"s/{name}", info), rows, seed)
        return look, drawn, records_read(session) - before


def test_of_many_files_a_few_are_read(warehouse):
    look, drawn, records = examined(warehouse, "files")

    assert (drawn.rows, drawn.rows_total) == (300, None)
    assert str(drawn.method) == f"random rows from the beginning of 3 of {FILES} splits"
    assert records <= 3 * ROWS / FILES
    assert (look, drawn) == examined(warehouse, "files")[:2]
    assert examined(warehouse, "files", seed=8)[1].rows == 300


@pytest.mark.parametrize("name", ["one_csv", "one_json"])
def test_one_file_is_read_no_further_than_needed(warehouse, name):
    _, drawn, records = examined(warehouse, name)

    assert (drawn.rows, drawn.rows_total) == (300, None)
    assert records < ROWS / 20


@pytest.mark.parametrize("empty", [0, 2], ids=["alone", "beside empty ones"])
def test_one_split_may_hold_more_rows_than_the_sample(tmp_path, spark_session, empty):
    (tmp_path / "t").mkdir()
    (tmp_path / "t/part-0.csv").write_text("no,mobile\n" + "".join(f"{i},137{i:08d}\n" for i in range(5_000)))
    for i in range(empty):
        (tmp_path / f"t/part-{i + 1}.csv").write_text("no,mobile\n")
    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("s", str(tmp_path / "t")))
        (info,) = connector.tables()
        _, drawn, _ = connector.examine(ExaminationTask("s/t", info), 300, 7)

    assert (drawn.rows, drawn.rows_total) == (300, 5_000)


def test_what_is_found_is_what_all_rows_tell(warehouse, monkeypatch):
    found = {name: examined(warehouse, name)[0] for name in ("files", "parts", "one_orc")}
    monkeypatch.setattr(pruning, "is_divisible", lambda frame: False)

    for name, look in found.items():
        whole, drawn, records = examined(warehouse, name)
        assert (drawn.rows_total, records) == (ROWS, ROWS)
        assert labels(look) == labels(whole)
        assert labels(look)["mobile"] == ["phone_mobile"]


def labels(look):
    return {c.name: [f.finding.label for f in c.findings] for c in look.columns}


def test_where_few_splits_hold_rows_more_are_read(warehouse):
    _, drawn, _ = examined(warehouse, "few")

    assert (str(drawn.method), drawn.rows, drawn.rows_total) == ("all rows", 50, 50)


@pytest.mark.parametrize(
    ("name", "rows"), [("late", 300), ("none", 0), ("grouped", 3)], ids=["partition", "nothing", "aggregate"]
)
def test_views(warehouse, name, rows):
    _, drawn, records = examined(warehouse, name)

    assert drawn.rows == rows
    assert records < ROWS / 3 or name == "grouped"


@pytest.mark.parametrize("splits", [1, 2, 3, 60, 1_000, 80_001])
@pytest.mark.parametrize("seed", [0, 7])
def test_splits_are_spread_over_the_table(splits, seed):
    number = pruning.first_number(splits)
    chosen = pruning.choose_splits(splits, number, seed)

    assert chosen == sorted(set(chosen)) and len(chosen) == number
    assert chosen[0] == 0 and chosen[-1] < splits
    assert all(b - a <= 2 * -(-splits // number) for a, b in zip(chosen, [*chosen[1:], splits], strict=True))
    assert chosen == pruning.choose_splits(splits, number, seed)
    assert pruning.choose_splits(splits, splits, seed) == list(range(splits))


def test_other_seeds_choose_other_splits():
    assert len({tuple(pruning.choose_splits(1_000, 32, seed)) for seed in range(20)}) == 20
