"""Commands measured as they run where chujing is installed: CPU seconds of all processes, peak memory."""

import os
import subprocess
import sys
from pathlib import Path

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


def used(command, folder, compiled):
    """(CPU seconds, peak MiB of the largest process) of one run of a command; SystemExit where it fails."""
    with subprocess.Popen(
        [str(word) for word in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=as_installed(compiled),
    ) as process:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in FINE:
        raise SystemExit(f"{command}: exit {process.returncode}\n{said.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def least(command, folder, compiled, tries):
    """The least CPU seconds of some runs, with their peak; one more comes first, which compiles modules."""
    runs = [used(command, folder, compiled) for _ in range(tries + 1)]
    return min(runs[1:])
