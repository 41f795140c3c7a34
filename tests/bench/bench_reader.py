"""What the reader process costs: python tests/bench/bench_reader.py [ROUNDS] [CASE ...].

CPU seconds of `chujing scan`, and of reading all rows of a file, children included: medians of rounds that
take turns between the reader process and CHUJING_READER=own.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 300_000
SMALL_FILES = 300


def _table(rows):
    rng = random.Random(7)
    return pa.table({
        "id": range(rows),
        "phone": [f"1{rng.randrange(3, 10)}{rng.randrange(10**9):09}" for _ in range(rows)],
        "city": [rng.choice(("上海", "杭州", "成都")) for _ in range(rows)],
        "amount": [rng.random() * 1e4 for _ in range(rows)],
        "note": [f"n{rng.randrange(10**6)}" for _ in range(rows)],
    })


def _write_csv(table, place):
    import pyarrow.csv

    pyarrow.csv.write_csv(table, place)


def _write_jsonl(table, place):
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist())
    place.write_text("".join(lines), encoding="utf-8")


def _write_many(table, folder):
    for i in range(SMALL_FILES):
        _write_csv(table.slice(i * 20, 20), folder / f"t{i}.csv")


def _large_csv(folder):
    _write_csv(_table(ROWS), folder / "a.csv")


def _large_parquet(folder):
    pq.write_table(_table(ROWS), folder / "a.parquet")


def _large_jsonl(folder):
    _write_jsonl(_table(ROWS), folder / "a.jsonl")


SCAN = [sys.executable, "-m", "scanner.cli", "scan"]
READ = [sys.executable, "-c", """
import sys
from detectors.model import TableInfo
from scanner.config.sources import Source
from scanner.gather.listing import connect
source = connect(Source("s", sys.argv[1]))
for info in source.tables():
    assert sum(b.num_rows for b in source.read(info.ref, [c.name for c in info.columns], {}))
source.close()
"""]
CASES = {
    "scan one small CSV": (SCAN, lambda folder: _write_csv(_table(50), folder / "a.csv")),
    "scan one small Parquet": (SCAN, lambda folder: pq.write_table(_table(50), folder / "a.parquet")),
    "scan CSV": (SCAN, _large_csv),
    "scan Parquet": (SCAN, _large_parquet),
    "scan JSONL": (SCAN, _large_jsonl),
    "scan small files": (SCAN, lambda folder: _write_many(_table(SMALL_FILES * 20), folder)),
    "read CSV": (READ, _large_csv),
    "read Parquet": (READ, _large_parquet),
    "read JSONL": (READ, _large_jsonl),
}


def _cpu_seconds(command, folder, way):
    with tempfile.TemporaryDirectory() as home:
        environ = {
            **os.environ, "CHUJING_READER": way, "CHUJING_KEY_FILE": f"{home}/key", "HOME": home,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, str(folder)], env=environ, cwd=home, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(rounds="5", *names):
    for name in names or CASES:
        command, write = CASES[name]
        with tempfile.TemporaryDirectory() as place:
            write(Path(place))
            seconds = {"own": [], "": []}
            for _ in range(int(rounds)):
                for way, measured in seconds.items():
                    measured.append(_cpu_seconds(command, place, way))
        own, hosted = (statistics.median(s) for s in seconds.values())
        print(f"{name}: {own:.2f} s in chujing's process, {hosted:.2f} s with a reader: "
              f"{hosted - own:+.2f} s, {hosted / own:.2f} x", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
