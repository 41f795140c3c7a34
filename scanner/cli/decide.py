"""`chujing decide`: the export decision anew, from the last scan or from stated facts; no data is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import (
    Allow,
    AsOf,
    ConfigFile,
    Details,
    Lang,
    ReportFiles,
    base_folder,
    language,
    parse_day,
    sheet_language,
)
from scanner.cli.output import lead_of, note_no_flow, print_report, print_summary, save_report, say
from scanner.cli.run_memory import note_changes

if TYPE_CHECKING:
    from reports.wording.summary import Lead


def decide(
    report: Annotated[
        str | None, typer.Argument(help="report.json or the start of a run's id; default: the last scan.")
    ] = None,
    config: ConfigFile = None,
    facts: Annotated[
        Path | None, typer.Option(help="Decide from facts in a YAML file; no scan needed.")
    ] = None,
    what_if: Annotated[
        str | None, typer.Option(help="Answers and changes to try, e.g. ciio=yes,drop=crm/member/id_no.")
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="The decision tree of each flow, and the smallest changes that lower it."
        ),
    ] = False,
    output: ReportFiles = None,
    as_of: AsOf = None,
    allow: Allow = None,
    details: Details = False,
    lang: Lang = None,
) -> None:
    """Support the export decision from the last scan or from stated facts, reading no data.

    Example: chujing decide --what-if ciio=yes,drop=crm/public/member/id_no
    Example: chujing decide --explain
    Example: chujing decide --facts facts.yaml --as-of 2023-06-30
    """
    from scanner.records.exit_status import exit_status
    from scanner.review import redecide
    from scanner.state import store
    from scanner.workspace import open_workspace

    reader = language(lang)
    changes = redecide.parse_what_if(what_if or "")
    day = parse_day(as_of) if as_of else None
    provenance: Mapping[str, Mapping[str, str]] = {}
    lead: Lead = "on"
    if facts is not None:
        decided = redecide.decide_stated(facts, changes, day)
    else:
        workspace = open_workspace(config, required=False, day=day)
        previous = store.read_named(
            report or "last", base_folder(config), workspace.config_name,
            whole=None if output or details else store.no_table,
        )
        if report is None:
            note_changes(workspace, reader)
        provenance, lead = workspace.config.fact_provenance, lead_of(workspace)
        decided = redecide.decide_again(previous, workspace, changes, day, workspace.reviews)
    save_report(decided, output, sheet_language(lang))
    if details:
        print_report(decided, reader)
    else:
        print_summary(decided, reader, lead=lead)
    if explain:
        from scanner.review.decision_tree import decision_trees

        for line in decision_trees(decided, reader, provenance):
            say(line)
    note_no_flow(decided, allow, reader)
    raise typer.Exit(exit_status(decided, allow, unread=False))


COMMANDS = (Command("decide", decide, place=20, panel="decide"),)
