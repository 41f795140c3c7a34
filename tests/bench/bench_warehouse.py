"""A generated warehouse in a real PostgreSQL: the first scan, the unchanged second one,
what was read and held.

.venv/bin/python tests/bench/bench_warehouse.py --tables 1000 --columns 30 --rows 10000
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import sqlalchemy as sa  # noqa: E402
from processes import require_tables  # noqa: E402

import servers  # noqa: E402

KINDS = (
    "'1' || (3 + g % 7) || lpad((g * 7919 % 1000000000)::text, 9, '0')",
    "'user' || g || '@example.com'",
    "(g * 37 % 90000)::numeric / 100",
    "date '2020-01-01' + (g % 2000)",
    "md5(g::text)",
    "(ARRAY['上海','北京','广州','成都'])[1 + g % 4]",
    "g * 17",
    "(g % 5)::int",
    "timestamp '2024-01-01' + g * interval '1 minute'",
    "'备注 ' || g",
)
NAMES = (
    "mobile",
    "email",
    "amount",
    "birthday",
    "token",
    "city",
    "quantity",
    "status",
    "created_at",
    "remark",
)
# tables whose names differ by a number are parts of one table: these differ by words
KINDS_OF_TABLE = (
    "customer", "orders", "invoice", "visit", "ticket", "shipment", "payment", "contract", "claim", "policy",
    "device", "review", "booking", "flight", "driver", "vehicle", "salary", "training", "exam", "course",
    "lecture", "patient", "recipe", "lesson", "meeting", "refund", "coupon", "carrier", "survey", "campaign",
)
PARTS_OF_COMPANY = (
    "north", "south", "east", "west", "retail", "online", "partner", "factory", "harbour", "airport",
    "museum", "garden", "school", "clinic", "market", "studio", "library", "theatre", "bakery", "depot",
    "office", "mobile", "travel", "sports", "energy", "water", "forest", "island", "valley", "bridge",
    "castle", "palace", "temple", "square", "avenue",
)
WATCH = sa.text("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'")
READ = sa.text("SELECT coalesce(sum(heap_blks_read + heap_blks_hit), 0) FROM pg_statio_user_tables")


def table_names(tables: int) -> list[str]:
    """So many names of tables, at most as many as there are pairs of words."""
    names = [f"{part}_{kind}" for part in PARTS_OF_COMPANY for kind in KINDS_OF_TABLE]
    if tables > len(names):
        raise SystemExit(f"at most {len(names)} tables")
    return names[:tables]


def fill(server: servers.Server, tables: int, columns: int, rows: int) -> None:
    made = ", ".join(
        f"{KINDS[i % 10]} AS {NAMES[i % 10]}{'_' + str(i // 10) if i >= 10 else ''}"
        for i in range(columns - 1)
    )
    engine = sa.create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        made = made.replace("%", "%%")
        first, *others = table_names(tables)
        c.exec_driver_sql(f"CREATE TABLE {first} AS SELECT g AS id, {made} FROM generate_series(1, {rows}) g")
        for name in others:
            c.exec_driver_sql(f"CREATE TABLE {name} AS TABLE {first}")
        c.exec_driver_sql("VACUUM ANALYZE")  # so that the server does not read the tables by itself meanwhile
        c.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    engine.dispose()


def watched(engine: sa.Engine, over: threading.Event, seen: list[int]) -> None:
    while not over.wait(0.2):
        with engine.connect() as c:
            seen.append(int(c.execute(WATCH).scalar_one()))


class Scanned(NamedTuple):
    """What a scan took."""

    wall_s: float
    cpu_s: float
    mib: float
    tables_mib: float
    connections: int
    status: int

    def __str__(self) -> str:
        return (
            f"{self.wall_s:8.1f} s wall  {self.cpu_s:8.1f} s CPU  {self.mib:6.0f} MiB peak  "
            f"{self.tables_mib:9.1f} MiB of tables read  at most {self.connections} connections  "
            f"exit {self.status}"
        )


def scan(server: servers.Server, folder: Path, tables: int) -> Scanned:
    engine = sa.create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        before = int(c.execute(READ).scalar_one())
    over, seen = threading.Event(), [0]
    watcher = threading.Thread(target=watched, args=(engine, over, seen))
    watcher.start()
    start = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "scanner", "scan", server.reader, "--password-env", "READER", "--quiet"],
        cwd=folder,
        env={**os.environ, "READER": server.password, "CHUJING_LANG": "en"},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    require_tables(tables, folder)
    seconds = time.monotonic() - start
    over.set()
    watcher.join()
    time.sleep(1.5)
    with engine.connect() as c:
        touched = (int(c.execute(READ).scalar_one()) - before) * 8192
    engine.dispose()
    return Scanned(
        seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, touched / 2**20, max(seen),
        os.waitstatus_to_exitcode(status),
    )


def peer(server: servers.Server, tables: int, rows: int, ours: str) -> None:
    """presidio-structured, its own recognisers, over the first rows of each table: it has no sampling,
    no state, and no second scan.
    """
    code = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
import pandas as pd, sqlalchemy as sa
from peers import engine, structured
named, source = structured(engine(False), "en"), sa.create_engine({server.admin!r})
start, wall = time.process_time(), time.monotonic()
for name in {table_names(tables)!r}:
    named(pd.read_sql(sa.text(f"SELECT * FROM {{name}} LIMIT {rows}"), source).astype(str))
print(f"{{time.monotonic() - wall:.1f}} {{time.process_time() - start:.1f}}")
"""
    done = subprocess.run([ours, "-c", code], capture_output=True, text=True, check=True)
    wall, cpu = (float(x) / tables for x in done.stdout.split()[-2:])
    print(
        (
            f"presidio-structured, {rows} first rows of {tables} tables: "
            f"{wall:.2f} s wall and {cpu:.2f} s CPU a table"
        ),
        flush=True,
    )


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--tables", type=int, default=100)
    ask.add_argument("--columns", type=int, default=30)
    ask.add_argument("--rows", type=int, default=10_000)
    ask.add_argument(
        "--peer",
        type=int,
        default=0,
        help="tables to give to presidio-structured, in the environment of make peers",
    )
    ask.add_argument("--json", action="store_true", help="one JSON object a scan")
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as made, servers.postgresql(Path(made)) as server:
        if server is None:
            raise SystemExit("PostgreSQL is not installed")
        work = Path(made) / "work"
        work.mkdir()
        fill(server, given.tables, given.columns, given.rows)
        engine = sa.create_engine(server.admin)
        with engine.connect() as c:
            size = int(c.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())
        engine.dispose()
        if given.json:
            for name in ("first", "unchanged"):
                print(json.dumps({"scan": name, **scan(server, work, given.tables)._asdict()}), flush=True)
            return
        print(
            (
                f"{given.tables} tables x {given.columns} columns x {given.rows} rows, "
                f"{size / 2**30:.2f} GiB on disk"
            ),
            flush=True,
        )
        print("first    ", scan(server, work, given.tables), flush=True)
        print("unchanged", scan(server, work, given.tables), flush=True)
        if given.peer:
            peer(
                server,
                given.peer,
                min(given.rows, 2_000),
                str(Path(__file__).parents[2] / ".venv-peers/bin/python"),
            )


if __name__ == "__main__":
    main()
