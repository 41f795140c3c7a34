"""`chujing deadlines`: dates that follow from what was filed."""

from __future__ import annotations

from scanner.cli.command import Command
from scanner.cli.options import AsOf, ConfigFile, Lang, language, parse_day
from scanner.cli.output import say


def deadlines(config: ConfigFile = None, as_of: AsOf = None, lang: Lang = None) -> None:
    """Dates that follow from what was filed: validity, extension, renewal, filing, reports; in working days
    with make-up days.

    Example: chujing deadlines --as-of 2027-04-20
    """
    from mappings.rules import in_force
    from reports.wording.deadlines import deadline_lines
    from scanner.workspace import open_workspace

    settings, day = open_workspace(config).config, parse_day(as_of)
    for line in deadline_lines(settings.filings, settings.facts, in_force(day), day, language(lang)):
        say(line)


COMMANDS = (Command("deadlines", deadlines, place=150, panel="decide"),)
