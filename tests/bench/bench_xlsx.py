"""The inventory as XLSX at size: seconds, memory, files and bytes of writing it,
and of reading the reviewers' answers back.

`bench_xlsx.py [--columns 50000] [--systems 20] [--lang zh] [--read] [--keep FOLDER]`. Above 1,000,000 columns
it is an index with a file for each system. Memory is that of the writer alone: the peak above what the report
itself takes.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "fakes"), str(Path(__file__).parents[2])]
from generated import report  # noqa: E402

from reports.formats import xlsx  # noqa: E402
from scanner.sheets import inventory_reviews  # noqa: E402


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--columns", type=int, default=50_000)
    asked.add_argument("--systems", type=int, default=20)
    asked.add_argument("--lang", choices=("zh", "en"), default="zh")
    asked.add_argument("--read", action="store_true")
    asked.add_argument("--keep", type=Path)
    args = asked.parse_args()
    made = report(args.columns, args.systems)
    with tempfile.TemporaryDirectory() as folder:
        path = (args.keep or Path(folder)) / "inventory.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        before, start = _peak(), time.perf_counter()
        files = xlsx.save(made, path, args.lang)
        seconds = time.perf_counter() - start
        sizes = sorted(f.stat().st_size / 2**20 for f in files)
        print(
            f"{args.columns:,} columns: {seconds:.1f} s, {_peak() - before:.0f} MiB above the report's "
            f"{before:.0f} MiB"
        )
        print(f"{len(files)} files, {sizes[0]:.2f} to {sizes[-1]:.2f} MiB, all {sum(sizes):.0f} MiB")
        if args.read:
            before, start = _peak(), time.perf_counter()
            found = [inventory_reviews.read(f, made, date(2026, 11, 20)) for f in (files[1:] or files)]
            seconds = time.perf_counter() - start
            print(
                f"read back: {seconds:.1f} s, {_peak() - before:.0f} MiB more, "
                f"{sum(f.unchanged for f in found):,} answers as recorded, "
                f"{sum(len(f.reviews) for f in found)} new, {sum(len(f.faults) for f in found)} at fault"
            )


def _peak():
    """Most memory used so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
