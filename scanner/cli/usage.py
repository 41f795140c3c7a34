"""What typer says of a wrong option, argument or command, in the language of the reader."""

from __future__ import annotations

from typing import Any

import typer

# typer's exception for wrong usage, the one above BadParameter: some versions do not export it
MISUSE: type[Any] = typer.BadParameter.__mro__[2]


def usage_error_text(error: Any, lang: str) -> str:
    """Return usage, where there is help, and what is wrong.

    "" where typer's own words are to be shown: English, and help.
    """
    from reports.messages.render import render

    sentence = error.format_message()
    context = getattr(error, "ctx", None)
    if lang != "zh" or (context is not None and sentence == context.get_help()):
        return ""
    lines = [f"chujing: {render(sentence, lang)}"]
    if context is not None:
        usage = context.get_usage().replace("Usage: ", "用法：", 1)
        lines = [usage, f"帮助：{context.command_path} {context.help_option_names[0]}", "", *lines]
    return "\n".join(lines)
