"""Commands measured as they run where chujing is installed: CPU seconds of all processes, peak memory."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "scanner"]
FINE = (0, 3, 4, 5)                           # exit statuses of a scan or an answer that ran to its end


def as_installed(folder):
    """The environment of a command whose modules are compiled once, as an installer does.

    folder: where the compiled modules go.
    """
    environment = {**os.environ, "CHUJING_STATE": "", "PYTHONPYCACHEPREFIX": str(folder)}
    environment.setdefault("PYTHONPATH", str(ROOT))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


class Used(NamedTuple):
    """What a command took. seconds: CPU of all processes. peak: MiB of the largest. read: MiB of files."""

    seconds: float
    peak: float
    read: float


def used(command, folder, compiled):
    """What one run of a command took; SystemExit where it fails."""
    with subprocess.Popen(
        [str(word) for word in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=as_installed(compiled),
    ) as process:
        said = process.stderr.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)     # it has ended, and can still be asked
        read = re.search(r"rchar: ([0-9]+)", Path(f"/proc/{process.pid}/io").read_text())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in FINE:
        raise SystemExit(f"{command}: exit {process.returncode}\n{said.decode()[-2000:]}")
    return Used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, int(read[1]) / 2**20)


def least(command, folder, compiled, tries):
    """What the least of some runs took; one more comes first, which compiles modules."""
    runs = [used(command, folder, compiled) for _ in range(tries + 1)]
    return min(runs[1:])


def require_tables(tables, folder):
    """SystemExit where the last scan of a folder is not of so many tables: a figure is of what it says."""
    state, rows = folder / ".chujing" / "state.db", []
    if state.exists():
        with sqlite3.connect(state) as c:
            rows = c.execute("SELECT tables FROM run ORDER BY started DESC, id DESC LIMIT 1").fetchall()
    if (scanned := rows[0][0] if rows else 0) != tables:
        raise SystemExit(f"{tables} tables were made, and {scanned} are in the report")


def require_persons(rows, ours, theirs):
    """Exit where two counts of a table, in which everybody stands twice, are not of its persons."""
    if {*ours, *theirs} != {rows // 2}:
        raise SystemExit(f"{rows // 2} persons were made; counted were {ours} here and {theirs} beside")
