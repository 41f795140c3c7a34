"""Generated files and databases of any size, for the benches.

`generated_sources.py KIND PATH COLUMNS ROWS`, of sqlite `PATH TABLES COLUMNS ROWS`.
"""

import random
import sqlite3
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from bench_warehouse import NAMES, table_names

CELLS = (                                     # in SQL, of the row `g`; in the order of NAMES
    "'1' || (3 + g % 7) || substr('000000000' || (g * 7919 % 1000000000), -9)",
    "'user' || g || '@example.com'", "(g * 37 % 90000) / 100.0",
    "date('2020-01-01', '+' || (g % 2000) || ' days')", "printf('%032x', g * 7919)",
    "CASE g % 4 WHEN 0 THEN '上海' WHEN 1 THEN '北京' WHEN 2 THEN '广州' ELSE '成都' END", "g * 17", "g % 5",
    "datetime('2024-01-01', '+' || g || ' minutes')", "'备注 ' || g",
)
TYPES = ("TEXT", "TEXT", "REAL", "DATE", "TEXT", "TEXT", "INTEGER", "INTEGER", "TIMESTAMP", "TEXT")
ROW_GROUP = 100_000                           # rows
DIFFERENT = 2_000                             # rows of a file that differ


def names(columns):
    """So many names of columns."""
    return [NAMES[i % 10] + (f"_{i // 10}" if i >= 10 else "") for i in range(columns)]


def sqlite(path, tables, columns, rows):
    """A database of tables with an integer key."""
    count = "WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < ?)"
    typed = ", ".join(f"{name} {TYPES[i % 10]}" for i, name in enumerate(names(columns - 1)))
    cells = ", ".join(CELLS[i % 10] for i in range(columns - 1))
    with sqlite3.connect(path) as c:
        for table in table_names(tables):
            c.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {typed})")
            c.execute(f"INSERT INTO {table} {count} SELECT g, {cells} FROM s", (rows,))
    c.close()


def rows_of_text(columns):
    """Some rows, as lists of text."""
    draw = random.Random(7)
    makers = (
        lambda: f"139{draw.randrange(10**8):08d}", lambda: f"u{draw.randrange(10**6)}@example.com",
        lambda: f"{draw.random() * 900:.2f}", lambda: f"2024-03-{draw.randrange(1, 29):02d}",
        lambda: f"{draw.randrange(16**16):016x}", lambda: draw.choice(("上海", "北京", "广州", "成都")),
        lambda: str(draw.randrange(10**6)), lambda: str(draw.randrange(5)),
        lambda: f"2024-01-01 10:{draw.randrange(60):02d}:00", lambda: f"备注 {draw.randrange(10**6)}",
    )
    return [[makers[i % 10]() for i in range(columns)] for _ in range(DIFFERENT)]


def gb18030(path, columns, rows):
    """A CSV in GB18030."""
    draw = random.Random(3)
    lines = [(",".join(row) + "\n").encode("gb18030") for row in rows_of_text(columns)]
    with path.open("wb") as file:
        file.write((",".join(names(columns)) + "\n").encode())
        for start in range(0, rows, 1_000):
            file.write(b"".join(draw.choices(lines, k=min(1_000, rows - start))))


def parquet(path, columns, rows):
    """A Parquet file of row groups as large as programs write them."""
    draw = random.Random(5)
    cells = list(zip(*rows_of_text(10), strict=True))
    places = [draw.randrange(DIFFERENT) for _ in range(rows)]
    ten = [pa.array([column[i] for i in places]) for column in cells]
    made = pa.table([ten[i % 10] for i in range(columns)], names=names(columns))
    pq.write_table(made, path, row_group_size=ROW_GROUP)


if __name__ == "__main__":
    kind, place, *size = sys.argv[1:]
    {"sqlite": sqlite, "gb18030": gb18030, "parquet": parquet}[kind](Path(place), *map(int, size))
