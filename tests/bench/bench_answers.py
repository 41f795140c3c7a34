"""Commands on a remembered scan at size: CPU seconds and peak memory of each, its start included.

`bench_answers.py [--columns 50000] [--tries 3] [--keep FOLDER]`. The state is made of a generated report
(tests/fakes/generated.py: 24 columns a table, seven of twelve with a finding), remembered twice; in the
second run one table in fifty has other findings. Figures are the least of the tries. Another version is
measured where PYTHONPATH names its folder.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from processes import PROGRAM, ROOT, least

COMMANDS = (
    "--version", "runs", "find label=email", "find 邮箱", "show COLUMN", "show TABLE",
    "show crm-hq", "explain COLUMN", "explain crm-hq", "review todo", "review status", "decide",
    "decide --what-if ciio=yes", "diff previous last", "digest --since 7d",
)
EVERY = 50                                    # tables, of which one differs in the second run


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--columns", type=int, default=50_000)
    asked.add_argument("--tries", type=int, default=3)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.make is not None:
        make_state(args.make, args.columns)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / ".chujing").exists():
            making = [PROGRAM[0], __file__, "--make", str(folder), "--columns", str(args.columns)]
            subprocess.run(making, check=True)
        size = (folder / ".chujing" / "state.db").stat().st_size / 2**20
        print(f"{args.columns:,} columns, two runs, state of {size:.1f} MiB")
        print(f"{'command':<28} {'CPU s':>6} {'MiB':>5}")
        for command in COMMANDS:
            seconds, peak, _ = least([*PROGRAM, *arguments(command)], folder, folder / "compiled", args.tries)
            print(f"{command:<28} {seconds:>6.2f} {peak:>5.0f}", flush=True)


def arguments(command):
    """The words of a command, with a column and a table of the state."""
    things = {"COLUMN": "sys04/app/member_70/mobile", "TABLE": "sys04/app/member_70"}
    return [things.get(word, word) for word in command.split()]


def make_state(folder, columns):
    """Remember a generated report twice, a day apart."""
    sys.path[:0] = [str(ROOT / "tests" / "fakes"), os.environ.get("PYTHONPATH") or str(ROOT)]
    from generated import report

    from scanner.state import store

    first = report(columns)
    now = datetime.now(UTC)
    for days, tables in ((9, first.tables), (1, tuple(map(changed, range(10**9), first.tables)))):
        started = (now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        run = replace(first.run, id=f"run-{days}", started=started, finished=started)
        store.remember(replace(first, run=run, tables=tables), folder)


def changed(place, table):
    """A table in which now and then a column has no finding any more."""
    if place % EVERY:
        return table
    return replace(table, columns=(replace(table.columns[0], findings=()), *table.columns[1:]))


if __name__ == "__main__":
    main()
