"""The page of commands: what `chujing COMMAND --help` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.docs_build.markdown import block, page

WIDTH = 100                                   # columns of the help

INTRODUCTION = """\
What `--help` prints, command by command. `--help`, logs and JSON are English; everything else a command
prints is Chinese or English, see [first steps](../first_steps.md)."""


def commands_page(app: Any) -> str:
    """Return the page. app: the command line as a click group."""
    return page("Commands", INTRODUCTION, *_sections(app, app.context_class(app, info_name="chujing"), 2))


def _sections(command: Any, context: Any, depth: int) -> Iterator[str]:
    """Yield the heading and the help of a command, then those of the commands of its group."""
    context.terminal_width = WIDTH
    yield f"{'#' * min(depth, 4)} {context.command_path}"
    yield block(command.get_help(context))
    for name, part in getattr(command, "commands", {}).items():
        yield from _sections(part, part.context_class(part, info_name=name, parent=context), depth + 1)
