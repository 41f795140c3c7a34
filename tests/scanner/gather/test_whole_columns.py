"""Columns whose every value is looked at: what a sample misses is found, and what was looked at is said."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import scanner
from detectors.errors import ConfigError, SourceError
from detectors.model import Drawn, TableInfo, TableRef
from reports.model import Density
from reports.wording.reading import sampling_words
from scanner.connectors.protocol import ExaminationTask, Sample
from scanner.gather.whole_columns import with_every_value

ROWS, FEW = 30_000, 12


@pytest.fixture
def notes(tmp_path):
    """A dozen telephone numbers among thirty thousand remarks, all at the end."""
    remarks = ["ok", "已发货", None] * (ROWS // 3)
    remarks[-FEW:] = [f"请打电话138{i:08d}" for i in range(FEW)]
    table = pa.table({"no": range(ROWS), "remark": remarks, "city": ["上海"] * ROWS})
    pq.write_table(table, tmp_path / "notes.parquet", row_group_size=ROWS // 60)
    return str(tmp_path)


def scan(notes, **options):
    return scanner.scan(notes, as_of=date(2026, 11, 1), rows=200, **options)


def test_what_a_sample_misses_is_found(notes):
    sample, whole = scan(notes).tables[0], scan(notes, whole=["notes/remark"]).tables[0]
    (remark,) = (c for c in whole.columns if c.name == "remark")
    (evidence,) = (e for a in remark.findings for e in a.finding.evidence if e.origin == "value")

    assert not any(c.findings for c in sample.columns)
    assert (evidence.matched, evidence.examined) == (FEW, remark.examined) == (FEW, remark.density.examined)
    assert remark.density == Density(ROWS, ROWS * 2 // 3 + FEW // 3, FEW, FEW)
    assert [c.density for c in whole.columns if c.name != "remark"] == [None, None]


def test_a_whole_look_is_said_as_such_and_a_sample_as_such(notes):
    sample, whole = scan(notes).tables[0], scan(notes, whole=["*/remark", "city"]).tables[0]

    assert "every value" not in sampling_words(sample.drawn.method, "en")
    assert sampling_words(whole.drawn.method, "en").endswith("; every value of remark, city")
    assert "检测全部取值" in sampling_words(whole.drawn.method, "zh")
    assert (whole.drawn.rows, whole.drawn.rows_total) == (200, ROWS)


def test_a_name_that_names_no_column_is_told(notes):
    for word in ("nothing", "*/nothing"):
        with pytest.raises(ConfigError, match="no column"):
            scan(notes, whole=[word])


def test_where_not_every_value_can_be_read_the_sample_stands_and_says_so():
    class Broken:
        def read(self, ref, columns, where):
            yield pa.RecordBatch.from_pydict({"remark": ["13812345678"]})
            raise SourceError("the connection broke")

    info = TableInfo(TableRef("notes"), ())
    sample = Sample((), Drawn("head", 0, None, 7))
    outcome = with_every_value(Broken(), ExaminationTask("s/notes", info, whole=("remark",)), sample)

    assert not outcome.every
    assert [(s.id, str(s.reason)) for s in outcome.skipped] == [
        ("s/notes", "not every value was read, a sample stands: the connection broke")]
