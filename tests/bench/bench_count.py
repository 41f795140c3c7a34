"""Counting persons against DuckDB's COUNT(DISTINCT), in CPU seconds of one thread,
the same files and the same run.

`bench_count.py [--rows 50000000] [--folder FOLDER] [--csv]`: half as many persons as rows, each twice, keys
shuffled. Each measurement runs in a process of its own; printed are CPU seconds, the ratio, the peak memory,
the most that waited on disk, and what was counted.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

CHUNK = 2_000_000
MEMORY = 1 << 30                              # bytes, as by default
KEYS = {"one": ["id"], "two": ["id", "phone"]}
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])


def numbers(who):
    """(resident IDs, mobile numbers) of persons by ordinal, each one to one."""
    day = np.datetime64("1950-01-01") + (who % 20_000).astype("timedelta64[D]")
    text = day.astype("datetime64[D]").astype(str)
    parts = np.char.replace(text, "-", "")
    rest = who // 20_000
    area = 110_101 + (rest // 1_000) % 16
    body = np.char.add(np.char.add(area.astype(str), parts), np.char.zfill((rest % 1_000).astype(str), 3))
    digits = np.frombuffer("".join(body.tolist()).encode(), np.uint8).reshape(-1, 17) - 48
    check = np.array(list("10X98765432"))[(digits.astype(np.int64) @ WEIGHTS) % 11]
    phone = np.char.add("1", (3_000_000_000 + (who * 2_654_435_761) % 6_999_999_937).astype(str))
    return np.char.add(body, check), phone


def write(folder, rows, csv):
    """The table as Parquet (and CSV); persons appear twice, in an order of their own."""
    draw = np.random.default_rng(7)
    half = rows // 2
    sinks = None
    for _ in range(2):
        order = draw.permutation(half)
        for start in range(0, half, CHUNK):
            ids, phones = numbers(order[start : start + CHUNK].astype(np.int64))
            table = pa.table({"id": pa.array(ids), "phone": pa.array(phones)})
            if sinks is None:
                sinks = [pq.ParquetWriter(folder / "p.parquet", table.schema)] + (
                    [pc.CSVWriter(folder / "p.csv", table.schema)] if csv else []
                )
            for s in sinks:
                s.write_table(table)
    for s in sinks:
        s.close()


def ours(path, keys):
    """Persons by the interval, streaming the file."""
    from detectors.model import ColumnId, TableRef
    from mappings.histogram import count_tally
    from mappings.individuals import PersonCounter
    from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan
    from mappings.unit_runs import UnitMemory
    from scanner.connectors import connect

    connector = connect(str(path), name="bench")
    info = next(iter(connector.tables()))
    labels = {"id": "resident_id", "phone": "phone_mobile"}
    plan = RowPlan(
        tuple(ExportedColumn(k, ColumnId(f"bench/p/{k}"), "no") for k in keys),
        tuple(KeyColumn(k, labels[k], labels[k]) for k in keys),
    )
    memory = UnitMemory(MEMORY)
    counter = PersonCounter(b"k" * 32, date(2026, 1, 1), plan.exported, memory)
    on_disk, write = [0], memory.write

    def watched(*words):
        run = write(*words)
        on_disk.append(sum(each.stat().st_size for each in run.path.parent.iterdir()) >> 20)
        return run

    memory.write = watched
    for batch in connector.read(TableRef(info.ref.name), plan.columns, {}):
        counter.add(plan, {n: batch.column(i) for i, n in enumerate(batch.schema.names)})
    found = count_tally(counter.tally()).individuals
    return [found.low, found.best, found.high], max(on_disk)


def duckdb(path, keys):
    """COUNT(DISTINCT key) of each key in one query."""
    import duckdb

    db = duckdb.connect(config={"threads": 1})
    read = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    more = "" if path.suffix == ".parquet" else ", all_varchar = true"
    return list(
        db.execute(
            f"SELECT {', '.join(f'COUNT(DISTINCT {k})' for k in keys)} FROM {read}('{path}'{more})"
        ).fetchone()
    ), 0


def alone(who, path, keys):
    """One measurement in this process."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    start = time.process_time()
    counted, disk = {"ours": ours, "duckdb": duckdb}[who](path, keys)
    print(
        json.dumps(
            {
                "cpu_s": round(time.process_time() - start, 1),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "disk_mb": disk,
                "counted": counted,
            }
        )
    )


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=50_000_000)
    words.add_argument("--folder", type=Path)
    words.add_argument("--csv", action="store_true")
    words.add_argument("--alone", nargs=3)
    words.add_argument("--write", action="store_true")
    told = words.parse_args()
    if told.alone:
        who, path, keys = told.alone
        alone(who, Path(path), keys.split(","))
        return
    if told.write:
        write(told.folder, told.rows, told.csv)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = told.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "p.parquet").exists():
            # in a process of its own, for what it takes counts as memory of those it starts
            words = ["--write", "--rows", str(told.rows), "--folder", str(folder)]
            subprocess.run([sys.executable, __file__, *words, *["--csv"] * told.csv], check=True)
        for path in [p for p in (folder / "p.parquet", folder / "p.csv") if p.exists()]:
            for name, keys in KEYS.items():
                said = {}
                for who in ("duckdb", "ours"):
                    out = subprocess.run(
                        [sys.executable, __file__, "--alone", who, str(path), ",".join(keys)],
                        check=True,
                        capture_output=True,
                        text=True,
                        env={**os.environ, "OMP_NUM_THREADS": "1"},
                    )
                    said[who] = json.loads(out.stdout.splitlines()[-1])
                print(
                    json.dumps(
                        {
                            "file": path.suffix[1:],
                            "keys": name,
                            "rows": told.rows,
                            **said,
                            "ratio": round(said["ours"]["cpu_s"] / max(said["duckdb"]["cpu_s"], 0.01), 2),
                        }
                    ),
                    flush=True,
                )


if __name__ == "__main__":
    main()
