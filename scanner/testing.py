"""What every connector promises.

A new one subclasses `ConnectorContract` and supplies `source`, a fixture with the table below. The table is
called `member`: id 1 to 300, mobile `137000000NN` for id NN below 100 and null above, city `上海` for even
ids and `杭州` for odd.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from detectors.message import Msg
from detectors.model import Skipped, TableInfo

ROWS = 300


def member_rows() -> list[tuple[int, str | None, str]]:
    """Return the rows of the table `member`."""
    return [
        (i, f"137000000{i:02d}" if i < 100 else None, "上海" if i % 2 == 0 else "杭州")
        for i in range(1, ROWS + 1)
    ]


def rows_of(batches: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of record batches as tuples of text, nulls and blanks alike None."""
    rows = []
    for batch in batches:
        columns = [batch.column(i).to_pylist() for i in range(batch.num_columns)]
        rows += [
            tuple(None if cell is None or cell == "" else str(cell) for cell in row)
            for row in zip(*columns, strict=True)
        ]
    return rows


class ConnectorContract:
    """Tests for one connector; `source` is an open connector over the table `member`."""

    def info(self, source: Any) -> TableInfo:
        """Return the table under test."""
        tables = [t for t in source.tables() if not isinstance(t, Skipped) and t.ref.name == "member"]
        assert len(tables) == 1
        return tables[0]

    def test_it_lists_tables_and_columns_before_reading(self, source: Any) -> None:
        assert [c.name for c in self.info(source).columns] == ["id", "mobile", "city"]

    def test_it_reads_every_row(self, source: Any) -> None:
        ref = self.info(source).ref
        rows = rows_of(source.read(ref, ("id", "mobile", "city"), {}))
        expected = [tuple(None if cell is None else str(cell) for cell in row) for row in member_rows()]
        assert sorted(rows, key=lambda row: int(row[0])) == expected

    def test_where_is_applied_while_reading(self, source: Any) -> None:
        ref = self.info(source).ref
        rows = rows_of(source.read(ref, ("mobile",), {"city": {"eq": "上海"}, "mobile": {"is_null": False}}))
        assert len(rows) == sum(1 for _, m, c in member_rows() if c == "上海" and m)
        assert len(rows_of(source.read(ref, ("id",), {"city": {"in": ["杭州", "成都"]}}))) == ROWS // 2

    def test_the_same_seed_draws_the_same_rows(self, source: Any) -> None:
        ref = self.info(source).ref
        first, second = (source.sample(ref, ("id", "mobile"), 50, 7) for _ in range(2))
        assert rows_of(first.batches) == rows_of(second.batches)
        assert first.drawn == second.drawn

    def test_a_sample_says_how_it_was_drawn(self, source: Any) -> None:
        drawn = source.sample(self.info(source).ref, ("id",), 1_000, 7).drawn
        assert (drawn.method, drawn.rows, drawn.rows_total) == (Msg("all rows"), ROWS, ROWS)

    def test_a_small_sample_is_no_larger_than_asked(self, source: Any) -> None:
        sample = source.sample(self.info(source).ref, ("id",), 20, 7)
        assert 0 < len(rows_of(sample.batches)) == sample.drawn.rows <= 20

    def test_plan_reads_nothing_and_names_the_table(self, source: Any) -> None:
        assert "member" in source.plan(self.info(source).ref, ("id", "city"), 100, 7)

    def test_close_may_be_called_twice(self, source: Any) -> None:
        source.close()
        source.close()
