"""`make bench`: what is fast is measured, and the page of the docs is written from it, no figure by hand.

`bench.py [--only SECTION ...] [--tries 2] [--small]`. All figures of a page are of one run on one machine; a
ratio is to a baseline measured in the same run. `--small` is for trying the bench itself and writes no page.
"""

import argparse
import importlib.metadata
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from processes import PROGRAM, ROOT, as_installed, least, require_persons, require_tables, used

PAGE = ROOT / "reports" / "docs" / "en" / "speed.md"
BENCH = Path(__file__).parent


class Figure(NamedTuple):
    """A row of the table. baseline: what the ratio is to."""

    what: str
    seconds: float
    mebibytes: float | None = None
    baseline: str = ""
    ratio: str = ""


class Bench:
    """Where a run works, and how often it tries."""

    def __init__(self, folder, tries, small):
        self.folder, self.tries, self.small = folder, tries, small
        self.compiled = folder / "compiled"

    def place(self, name):
        """A new folder."""
        place = self.folder / name
        place.mkdir()
        return place

    def scan(self, url, place, tables=1):
        """What a first scan took, which remembers nothing of those before.

        SystemExit where it found another number of tables than there are: a smaller work is no faster one.
        """
        runs = []
        for _ in range(self.tries + 1):       # the first of all compiles modules
            for file in place.glob(".chujing/*"):
                file.unlink()
            runs.append(used([*PROGRAM, "scan", url, "--quiet"], place, self.compiled))
            require_tables(tables, place)
        return min(runs[1:])

    def source(self, kind, place, *size):
        """Make a file or database, and return what to scan: in a process of its own, as this one stays small.

        The memory of a process counts as that of every command it starts.
        """
        words = [sys.executable, BENCH / "generated_sources.py", kind, place, *size]
        subprocess.run([str(word) for word in words], check=True, env=as_installed(self.compiled))
        return f"sqlite:///{place}" if kind == "sqlite" else str(place)

    def lines(self, words):
        """The lines of JSON that another bench prints."""
        done = subprocess.run(
            [str(word) for word in words], capture_output=True, text=True, check=True,
            env=as_installed(self.compiled))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def python(self, code, *arguments):
        """What a few lines of Python take: a baseline."""
        return least([sys.executable, "-c", code, *arguments], self.folder, self.compiled, self.tries)


def detection(bench):
    """A million mixed cells, and remarks, against six regular expressions in a loop."""
    cells = 20_000 if bench.small else 1_000_000
    command = [sys.executable, BENCH / "bench_detect.py", str(cells)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=as_installed(bench.compiled))
    for line in map(json.loads, done.stdout.splitlines()):
        if "bare_cpu_s" in line:
            yield Figure(
                f"a CSV of {line['cells']:,} cells read and detected ({line['set']})", line["ours_cpu_s"],
                None, f"the bare read, {line['bare_cpu_s']:.2f} s", f"{line['ratio']:.1f} ×")
            continue
        yield Figure(
            f"detection of {line['cells']:,} cells ({line['set']})", line["ours_cpu_s"], None,
            "a loop of six patterns", f"{line['ratio']:.2f} × as fast",
        )


def starting(bench):
    """What every command costs before it does anything."""
    place = bench.place("start")
    yield Figure("`chujing --help`", *least([*PROGRAM, "--help"], place, bench.compiled, bench.tries)[:2])
    bench.tiny = bench.scan(bench.source("sqlite", place / "tiny.db", 1, 3, 100), place)
    yield Figure("scan of one table of 100 rows: start-up to the first finding", *bench.tiny[:2])


def answers(bench):
    """Commands on a remembered scan."""
    import bench_answers

    columns, place = 50_000, bench.place("answers")
    made = [sys.executable, BENCH / "bench_answers.py", "--make", place, "--columns", columns]
    subprocess.run([str(word) for word in made], check=True, env=as_installed(bench.compiled))
    for command in bench_answers.COMMANDS[1:]:
        words = [*PROGRAM, *bench_answers.arguments(command)]
        yield Figure(
            f"`{command}` on a state of {columns:,} columns",
            *least(words, place, bench.compiled, bench.tries)[:2])


ENDINGS = {"gb18030": "csv", "parquet": "parquet"}
READ_CSV = """import sys, pyarrow.csv as c
c.read_csv(sys.argv[1], read_options=c.ReadOptions(encoding="gb18030", use_threads=False))"""
READ_PARQUET = """import sys, pyarrow.parquet as p
for batch in p.ParquetFile(sys.argv[1]).iter_batches(use_threads=False): pass"""


def files(bench):
    """Files against the bare read of all that is in them."""
    place, n = bench.place("files"), 100 if bench.small else 1
    made = (
        ("GB18030 CSV", "gb18030", READ_CSV, 50, 500_000 // n),
        ("Parquet", "parquet", READ_PARQUET, 100, 1_000_000 // n),
        ("Parquet", "parquet", READ_PARQUET, 5_000 // n, 2_000),
    )
    for title, kind, code, columns, rows in made:
        file = bench.source(kind, place / f"{columns}.{ENDINGS[kind]}", columns, rows)
        bare, peak, _ = bench.python(code, file)
        seconds, own, read = bench.scan(file, place)
        after, opened = seconds - bench.tiny.seconds, read - bench.tiny.read
        size = Path(file).stat().st_size / 2**20
        yield Figure(
            f"scan of {title}, {columns:,} columns × {rows:,} rows; {opened:,.0f} of {size:,.0f} MiB read",
            seconds, own,
            f"bare read of all of it, {bare:.1f} s, {peak:,.0f} MiB", f"{after / bare:.2f} × after start-up",
        )


def databases(bench):
    """Databases: the first scan and the one after it, in which nothing changed."""
    place, tables = bench.place("databases"), 3 if bench.small else 30
    url = bench.source("sqlite", place / "many.db", tables, 30, 10_000)
    size = f"{tables} tables × 30 columns × 10,000 rows"
    yield Figure(f"first scan of SQLite, {size}", *bench.scan(url, place, tables)[:2])
    again = least([*PROGRAM, "scan", url, "--quiet"], place, bench.compiled, bench.tries)
    yield Figure("the same, unchanged", *again[:2])
    tables = 3 if bench.small else 100
    size = f"{tables} tables × 30 columns × 10,000 rows"
    words = [sys.executable, BENCH / "bench_warehouse.py", "--tables", str(tables), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=as_installed(bench.compiled))
    for line in map(json.loads, done.stdout.splitlines()):
        yield Figure(f"{line['scan']} scan of PostgreSQL, {size}", line["cpu_s"], line["mib"])


WRITE_XLSX = """import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from generated import report
from reports import cells
from reports.formats import xlsx
from reports.inventory import workbook
def by_openpyxl(sheet, rows, first):
    for row in rows:
        sheet.append([cells.cell(sheet, value) for value in row])
if sys.argv[3] == "theirs":
    workbook.append_rows = by_openpyxl
made = report(int(sys.argv[2]), 20)
start = time.process_time()
xlsx.save(made, Path("inventory.xlsx"))
print(time.process_time() - start)"""


def sheets(bench):
    """The inventory, against the same rows written by openpyxl."""
    columns = 1_000 if bench.small else 50_000

    def seconds(whose):
        words = [sys.executable, "-c", WRITE_XLSX, str(ROOT / "tests/fakes"), str(columns), whose]
        runs = [
            subprocess.run(words, capture_output=True, text=True, check=True, cwd=bench.folder,
                           env=as_installed(bench.compiled)).stdout
            for _ in range(bench.tries)
        ]
        return min(map(float, runs))

    ours, theirs = seconds("ours"), seconds("theirs")
    yield Figure(f"inventory (XLSX) of {columns:,} columns, written", ours, None,
                 f"the same rows by openpyxl, {theirs:.1f} s", f"{ours / theirs:.2f} ×")


def growth(bench):
    """How CPU grows with what is read, start-up taken off: 1 is as fast as the size does."""
    place, n = bench.place("growth"), 10 if bench.small else 1
    nothing, _, _ = bench.scan(bench.source("sqlite", place / "tiny.db", 1, 3, 100), place)
    axes = (
        ("rows of a CSV, 20 columns", lambda rows: 1, (100_000 // n, 800_000 // n),
         lambda rows: bench.source("gb18030", place / f"r{rows}.csv", 20, rows)),
        ("columns of a table in SQLite, 3,000 rows", lambda columns: 1, (200 // n, 1_600 // n),
         lambda columns: bench.source("sqlite", place / f"c{columns}.db", 1, columns, 3_000)),
        ("tables in SQLite, 20 columns × 5,000 rows", int, (10 // n + 1, 80 // n + 1),
         lambda tables: bench.source("sqlite", place / f"t{tables}.db", tables, 20, 5_000)),
    )
    for what, tables, sizes, make in axes:
        scans = [bench.scan(make(size), place, tables(size)) for size in sizes]
        seconds = [max(0.01, scan.seconds - nothing) for scan in scans]
        exponent = math.log(seconds[1] / seconds[0]) / math.log(sizes[1] / sizes[0])
        yield Figure(f"growth in {what}: {sizes[0]:,} to {sizes[1]:,}", seconds[1], None,
                     f"the smaller, {seconds[0]:.2f} s", f"exponent {exponent:.2f}")


def counting(bench):
    """Persons of a table by one key and by two, against DuckDB's COUNT(DISTINCT), and the year's ledger."""
    place, sizes = bench.place("counting"), (200_000, 400_000) if bench.small else (5_000_000, 20_000_000)
    seconds = {}
    for rows in sizes:
        words = [sys.executable, BENCH / "bench_count.py", "--rows", rows, "--folder", place / str(rows)]
        for line in bench.lines(words):
            ours, theirs = line["ours"], line["duckdb"]
            require_persons(rows, ours["counted"], theirs["counted"])
            seconds[line["keys"], rows] = ours["cpu_s"]
            yield Figure(
                f"persons of {rows:,} rows, {line['keys']} key{'s' * (line['keys'] != 'one')}, at most "
                f"{ours['disk_mb']:,} MB on disk", ours["cpu_s"], ours["peak_mb"],
                f"COUNT(DISTINCT) of DuckDB, {theirs['cpu_s']:.1f} s, {theirs['peak_mb']:,} MiB",
                f"{line['ratio']:.2f} ×")
    for keys in ("one", "two"):
        few, many = (max(seconds[keys, rows], 0.01) for rows in sizes)
        exponent = math.log(many / few) / math.log(sizes[1] / sizes[0])
        yield Figure(f"growth in rows that are counted, keys: {keys}", many, None,
                     f"the smaller, {few:.1f} s", f"exponent {exponent:.2f}")
    persons = ("--persons", "10000") if bench.small else ()
    line, *_ = bench.lines([sys.executable, BENCH / "bench_ledger.py", *persons])
    assert line["counted"] == line["truth"]
    yield Figure(f"exact union of {line['entries']} ledger entries, {line['counted']:,} persons",
                 line["union_cpu_s"], line["peak_mb"])


SECTIONS = {f.__name__: f for f in (detection, starting, answers, files, databases, sheets, growth, counting)}
NEEDED = "starting"                           # whose figure others take off


def page(figures):
    """The page of the docs."""
    versions = f"Python {platform.python_version()}, pyarrow {importlib.metadata.version('pyarrow')}"
    machine = (
        f"{os.cpu_count()} cores, {platform.machine()}, {versions}; {os.getloadavg()[2]:.1f} processes at "
        "work on it in the last quarter of an hour, ours too, which makes seconds longer and leaves ratios"
    )
    lines = [
        "# Speed", "",
        "This page is written by `make bench`: no figure is typed by hand, all are of one run on one machine "
        f"({machine}). Seconds are CPU seconds of all processes, start-up included unless it says otherwise, "
        "the least of several runs (of counting, of the ledger and of PostgreSQL one run); "
        "MiB the peak of the largest process. What else was measured, and when: "
        "[measured](measured.md).", "",
        "| what | CPU s | MiB | beside, in the same run | ratio |", "| --- | --- | --- | --- | --- |",
    ]
    for f in figures:
        memory = "" if f.mebibytes is None else f"{f.mebibytes:,.0f}"
        lines.append(f"| {f.what} | {f.seconds:.2f} | {memory} | {f.baseline} | {f.ratio} |")
    return "\n".join(lines) + "\n"


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", nargs="*", choices=SECTIONS, default=list(SECTIONS))
    asked.add_argument("--tries", type=int, default=2)
    asked.add_argument("--small", action="store_true")
    args = asked.parse_args()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), args.tries, args.small)
        for name, section in SECTIONS.items():
            if name in args.only or name == NEEDED:
                for figure in section(bench):
                    print(*figure, sep="  ", flush=True)
                    figures.append(figure)
    if not args.small and set(args.only) == set(SECTIONS):
        PAGE.write_text(page(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
