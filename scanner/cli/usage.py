"""What the library of the command line says of a wrong option, argument or command, in the language of the reader."""

from __future__ import annotations

from typing import Any

import typer

# the library's exception for wrong usage and the one above it, by the public name of a child: some versions keep them to themselves
MISUSE: type[Any] = typer.BadParameter.__mro__[2]


def usage_error_text(error: Any, lang: str) -> str:
    """Usage, where there is help, and what is wrong; empty where the library's own words are to be shown: in English, and help."""
    from reports.messages.refusals.lines import refused

    said = error.format_message()
    context = getattr(error, "ctx", None)
    if lang != "zh" or context is not None and said == context.get_help():
        return ""
    lines = [f"chujing: {refused(said, lang)}"]
    if context is not None:
        usage = context.get_usage().replace("Usage: ", "用法：", 1)
        lines = [usage, f"帮助：{context.command_path} {context.help_option_names[0]}", "", *lines]
    return "\n".join(lines)
