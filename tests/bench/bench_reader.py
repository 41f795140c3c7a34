"""What the reader process costs: bench_reader.py [--rounds 5] [--before CHECKOUT] [--keep FOLDER] [CASE ...].

CPU seconds of `chujing scan`, and of reading all rows of a source, children included: medians of rounds that
take turns between chujing's own process (CHUJING_READER=own), the reader process and, where it is given,
another checkout, e.g. one from before there were readers. keep: where inputs are kept for the next time.
Code is compiled in a round that is not counted, as it is once where chujing is installed.
"""

import argparse
import gzip
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
import pyarrow.csv
import pyarrow.parquet as pq

HOME = Path(__file__).parents[2]
ROWS = 1_000_000
SMALL_FILES, SMALL_ROWS = 1_000, 20


def _table(rows):
    rng = random.Random(7)
    return pa.table({
        "id": range(rows),
        "phone": [f"1{rng.randrange(3, 10)}{rng.randrange(10**9):09}" for _ in range(rows)],
        "city": [rng.choice(("上海", "杭州", "成都")) for _ in range(rows)],
        "amount": [rng.random() * 1e4 for _ in range(rows)],
        "note": [f"n{rng.randrange(10**6)}" for _ in range(rows)],
    })


def _csv(folder, rows=ROWS):
    pyarrow.csv.write_csv(_table(rows), folder / "a.csv")


def _csv_gz(folder):
    _csv(folder)
    (folder / "a.csv.gz").write_bytes(gzip.compress((folder / "a.csv").read_bytes(), 6))
    (folder / "a.csv").unlink()


def _parquet(folder, rows=ROWS):
    pq.write_table(_table(rows), folder / "a.parquet")


def _jsonl(folder):
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in _table(ROWS).to_pylist())
    (folder / "a.jsonl").write_text("".join(lines), encoding="utf-8")


def _xlsx(folder, rows=ROWS):
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("people")
    table = _table(rows)
    sheet.append(table.column_names)
    for batch in table.to_batches(10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append(row)
    book.save(folder / "a.xlsx")


def _small_files(folder):
    table = _table(SMALL_FILES * SMALL_ROWS)
    for i in range(SMALL_FILES):
        pyarrow.csv.write_csv(table.slice(i * SMALL_ROWS, SMALL_ROWS), folder / f"t{i}.csv")


INPUTS = {
    "CSV": _csv, "CSV packed by gzip": _csv_gz, "XLSX": _xlsx, "JSONL": _jsonl, "Parquet": _parquet,
    "1,000 small files": _small_files,
    "XLSX of 5,000 rows": lambda folder: _xlsx(folder, 5_000),
    "one small CSV": lambda folder: _csv(folder, 50),
    "one small Parquet": lambda folder: _parquet(folder, 50),
}
SCAN = [sys.executable, "-W", "ignore", "-m", "scanner.cli", "scan"]
READ = [sys.executable, "-W", "ignore", "-c", """
import sys
from detectors.model import TableInfo
from scanner.config.sources import Source
from scanner.gather.listing import connect
try:
    from scanner.connectors.host.connector import readers_for
except ImportError:
    from contextlib import nullcontext as readers_for
rows = 0
with readers_for([sys.argv[1]]):
    source = connect(Source("s", sys.argv[1]))
    for info in list(source.tables()):
        rows += sum(b.num_rows for b in source.read(info.ref, [c.name for c in info.columns], {}))
    source.close()
assert rows
"""]
CASES = {
    f"{verb} {name}": (command, name) for verb, command in (("scan", SCAN), ("read", READ)) for name in INPUTS
}


def _cpu_seconds(command, folder, checkout, switch, compiled):
    with tempfile.TemporaryDirectory() as home:
        environ = {
            **os.environ, "CHUJING_READER": switch, "CHUJING_KEY_FILE": f"{home}/key", "HOME": home,
            "PYTHONPATH": str(checkout), "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": "",
        }
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, str(folder)], env=environ, cwd=home, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _input(kept, name):
    """Return a folder with an input, written if it is not there yet."""
    folder = kept / name.replace(",", "").replace(" ", "_")
    if not folder.exists():
        folder.mkdir()
        INPUTS[name](folder)
    return folder


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--before", type=Path)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("cases", nargs="*", metavar="CASE", help=f"one of {', '.join(CASES)}")
    args = asked.parse_args()
    ways = {"before": (args.before, "")} if args.before else {}
    ways |= {"own process": (HOME, "own"), "reader": (HOME, "")}
    with tempfile.TemporaryDirectory() as temporary:
        for name in args.cases or CASES:
            command, content = CASES[name]
            folder = _input(args.keep or Path(temporary), content)
            seconds = {way: [] for way in ways}
            for _ in range(1 + args.rounds):
                for way, how in ways.items():
                    seconds[way].append(_cpu_seconds(command, folder, *how, Path(temporary) / "compiled"))
            medians = {way: statistics.median(measured[1:]) for way, measured in seconds.items()}
            ratios = [f"{medians['reader'] / medians[way]:.2f} x {way}" for way in ways if way != "reader"]
            shown = ", ".join(f"{way} {median:.2f} s" for way, median in medians.items())
            print(f"{name}: {shown}; a reader costs {', '.join(ratios)}", flush=True)


if __name__ == "__main__":
    main()
