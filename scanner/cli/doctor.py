"""`chujing doctor`: what is installed and what is missing."""

from __future__ import annotations

from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import say


def doctor(lang: Lang = None) -> None:
    """Say what is installed, what is missing, and the command that mends it.

    Example: chujing doctor
    """
    from reports.messages.render import render
    from reports.messages.words import t
    from scanner.setup.doctor import examine_installation

    reader = language(lang)
    for ok, line in examine_installation():
        say(t("cli.ok" if ok else "cli.lacks", reader) + render(line, reader))


COMMANDS = (Command("doctor", doctor, place=160, panel="setup"),)
