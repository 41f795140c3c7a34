"""`chujing rules`: a rule set, line by line."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import say


def rules(name: Annotated[str, typer.Argument(help="Rule set.")] = "cn-2024", lang: Lang = None) -> None:
    """Show a rule set: every line and exemption with its clause and how sure we are of the source.

    Example: chujing rules cn-2024
    """
    from mappings.rules import load_ruleset
    from reports.wording.law import ruleset_lines

    for line in ruleset_lines(load_ruleset(name), language(lang)):
        say(line)


COMMANDS = (Command("rules", rules, place=70, panel="decide"),)
