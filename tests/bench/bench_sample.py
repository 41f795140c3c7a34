"""Random rows of one large table in a real PostgreSQL: how long, how much of the table is touched,
and from where the rows come.

.venv/bin/python tests/bench/bench_sample.py --rows 50000000
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import sqlalchemy as sa  # noqa: E402

import servers  # noqa: E402
from scanner.connectors import connect  # noqa: E402

PARTS = 20
COLUMNS = ("place", "mobile", "city")


def fill(server: servers.Server, rows: int) -> int:
    """A table in the order of its key, with a text key, an integer one, and some weight; its pages."""
    engine = sa.create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        c.exec_driver_sql(
            "CREATE UNLOGGED TABLE big AS SELECT g AS place, "
            "'1' || (3 + g %% 7) || lpad((g * 7919 %% 1000000000)::text, 9, '0') AS mobile, "
            "(ARRAY['上海','北京','广州','成都'])[1 + g %% 4] AS city FROM generate_series(1::bigint, "
            f"{rows}) g"
        )
        c.exec_driver_sql("ALTER TABLE big ADD PRIMARY KEY (place)")
        c.exec_driver_sql("VACUUM ANALYZE big")
        c.exec_driver_sql("GRANT USAGE ON SCHEMA public TO reader")
        c.exec_driver_sql("GRANT SELECT ON big TO reader")
        pages = int(c.exec_driver_sql("SELECT relpages FROM pg_class WHERE relname = 'big'").scalar_one())
    engine.dispose()
    return pages


def touched(c: sa.Connection, sql: str) -> tuple[float, int, int]:
    """(seconds, pages, rows scanned) of a statement as EXPLAIN ANALYZE tells."""
    plan = c.exec_driver_sql(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%")
    ).scalar_one()[0]
    seen: list[int] = []

    def walk(node: dict[str, object]) -> None:
        if "Relation Name" in node:
            seen.append(
                int(str(node["Actual Rows"])) * int(str(node["Actual Loops"]))
                + int(str(node.get("Rows Removed by Filter", 0)))
            )
        for inner in node.get("Plans", ()):  # type: ignore[attr-defined]
            walk(inner)

    walk(plan["Plan"])
    top = plan["Plan"]
    return plan["Execution Time"] / 1000, top["Shared Hit Blocks"] + top["Shared Read Blocks"], sum(seen)


def spread(places: Sequence[int], rows: int) -> tuple[float, int]:
    """(chi-square over equal parts of the table, parts without any row)."""
    counts = [0] * PARTS
    for p in places:
        counts[(p - 1) * PARTS // rows] += 1
    expected = len(places) / PARTS
    return sum((n - expected) ** 2 / expected for n in counts), counts.count(0)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--rows", type=int, default=50_000_000)
    ask.add_argument("--wanted", type=int, default=10_000)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as made, servers.postgresql(Path(made)) as server:
        if server is None:
            raise SystemExit("PostgreSQL is not installed")
        start = time.monotonic()
        pages = fill(server, given.rows)
        print(f"{given.rows:,} rows, {pages:,} pages, filled in {time.monotonic() - start:.0f} s", flush=True)
        source = connect(server.reader, password=server.password, timeout=3600)
        table = next(t for t in source.tables() if t.ref.name == "big")  # type: ignore[union-attr]
        engine = sa.create_engine(server.admin)
        ways = {
            "chujing": source.plan(table.ref, COLUMNS, given.wanted, 7),  # type: ignore[union-attr]
            "first rows": f"SELECT place, mobile, city FROM big LIMIT {given.wanted}",
            "ORDER BY random()": (
                f"SELECT place, mobile, city FROM big ORDER BY random() LIMIT {given.wanted}"
            ),
        }
        for name, sql in ways.items():
            with engine.connect() as c:
                c.exec_driver_sql("SET max_parallel_workers_per_gather = 0")
                seconds, blocks, rows = touched(c, sql)
                if name == "chujing":
                    begun = time.monotonic()
                    drawn = source.sample(table.ref, COLUMNS, given.wanted, 7)  # type: ignore[union-attr]
                    whole = time.monotonic() - begun
                    places = [p for b in drawn.batches for p in b.column(0).to_pylist()]
                    extra = f"  in all {whole:.2f} s, {json.dumps(drawn.drawn.method)}"
                else:
                    places, extra = [int(r[0]) for r in c.exec_driver_sql(sql)], ""
            chi, empty = spread(places, given.rows)
            print(
                f"{name:<18} {seconds:8.3f} s  {blocks:>9,} pages ({blocks / pages:7.2%})  {rows:>11,} "
                "rows touched  "
                f"{len(places):,} drawn  chi-square {chi:10.1f} ({PARTS - 1} degrees), "
                f"{empty} of {PARTS} parts empty{extra}",
                flush=True,
            )
        engine.dispose()


if __name__ == "__main__":
    main()
