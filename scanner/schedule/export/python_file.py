"""What the Python files for schedulers have in common: their heads, and the command of an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import ScheduleExport, shell_words
from scanner.schedule.runner import scan_command

WHY_NO_RETRY = (
    "    # 3: something could not be read; 4: a flow needs more than --allow. "
    "Neither is mended by trying again at once."
)


def render_python(
    head: str, export: ScheduleExport, entry_lines: Callable[[ScheduleEntry, str], Iterable[str]]
) -> str:
    """Return a Python file. entry_lines: gives the lines of an entry that runs a command."""
    lines = head.split("\n")
    if export.secrets:
        lines += [f"# the worker's environment must hold {', '.join(export.secrets)}", ""]
    for entry in export.entries:
        lines += entry_lines(entry, _shell_command(entry, str(export.config)))
    return "\n".join(lines)


def _shell_command(entry: ScheduleEntry, config: str) -> str:
    wait = f"sleep $((RANDOM % {entry.jitter + 1})); " if entry.jitter else ""
    return f"{wait}chujing {shell_words(scan_command(entry, config))}"
