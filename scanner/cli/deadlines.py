"""`chujing deadlines`: dates that follow from what was filed."""

from __future__ import annotations

from scanner.cli.command import Command
from scanner.cli.options import AsOf, ConfigFile, Lang, language, parse_day
from scanner.cli.output import say


def deadlines(config: ConfigFile = None, as_of: AsOf = None, lang: Lang = None) -> None:
    """Dates that follow from what was filed and stated: validity, extension, renewal, filing, reports,
    notices, incidents; in working days with make-up days. The earliest start of planned flows is that of the
    last scan, decided today.

    Example: chujing deadlines --as-of 2027-04-20
    """
    from mappings.deadlines import list_deadlines, sort_deadlines
    from mappings.earliest_start import planned_starts
    from mappings.rules import in_force
    from reports.wording.deadlines import deadline_lines
    from scanner.review.redecide import decide_today
    from scanner.state import store
    from scanner.workspace import open_workspace

    day = parse_day(as_of)
    workspace = open_workspace(config, day=day)
    settings, rules = workspace.config, in_force(day)
    replay_day = day if as_of else None
    dates = list_deadlines(settings.filings, settings.facts, rules, day, settings.flows)
    if store.last_entry(workspace.folder, workspace.config_name) is not None:
        flows = decide_today(workspace, day=replay_day).flows
        dates = sort_deadlines((*dates, *planned_starts(flows, rules, day)))
    for line in deadline_lines(dates, settings.filings, rules, day, language(lang)):
        say(line)


COMMANDS = (Command("deadlines", deadlines, place=150, panel="decide"),)
