"""`chujing baseline`: what was filed, so that every scan says what is not as it was filed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, parse_day
from scanner.cli.output import say, talk
from scanner.cli.run_memory import note_changes

if TYPE_CHECKING:
    from mappings.model import Flow
    from scanner.workspace import Workspace

group = typer.Typer(help="What was filed, and what is not as it was filed.\n\nExample: chujing baseline show")


@group.callback(invoke_without_command=True)
def baseline(context: typer.Context) -> None:
    """Import what was filed; show what is not as it was filed.

    Example: chujing baseline show
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@group.command("import")
def import_baseline(
    file: Annotated[
        Path | None, typer.Argument(help="Filed data-item table, XLSX or DOCX; or give --items.")
    ] = None,
    flow: Annotated[str, typer.Option(help="Flow it is about.")] = "",
    kind: Annotated[str, typer.Option(help="assessment, contract or certificate.")] = "contract",
    by: Annotated[str, typer.Option(help="Who enters it.")] = "",
    id: Annotated[str, typer.Option(help="Number of the filing; default kind and flow.")] = "",
    items: Annotated[str, typer.Option(help="Typed items, separated by semicolons, instead of a file.")] = "",
    persons: Annotated[int | None, typer.Option(min=0, help="Persons approved or filed.")] = None,
    sensitive: Annotated[int | None, typer.Option(min=0, help="Of these, with sensitive items.")] = None,
    retention_days: Annotated[int | None, typer.Option(min=0, help="Days kept abroad as filed.")] = None,
    valid_until: Annotated[str | None, typer.Option(help="Last day, e.g. 2029-01-31.")] = None,
    on: Annotated[str | None, typer.Option(help="Day of entry; default today.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Record what was filed for a flow; every scan and decision then compares with it.

    Example: chujing baseline import filed.docx --flow crm-hq --kind assessment --persons 12000 --valid-until
    2029-01-31 --by 王敏
    """
    from reports.messages.words import t
    from scanner.records import answers, audit, filings
    from scanner.sheets.filed_items import read_items
    from scanner.workspace import open_workspace

    reader = language(lang)
    workspace = open_workspace(config)
    settings = workspace.config
    if not flow or not by:
        raise ConfigError(
            Msg("--flow and --by are needed"),
            hint=Msg("chujing baseline import filed.xlsx --flow crm-hq --by 王敏"),
        )
    flows = {f.id: f for f in settings.flows}
    filed_flow = flows[answers.require_flow(flow, flows, settings.file)]
    columns = _columns(filed_flow, workspace)
    if (file is None) == (not items):
        raise ConfigError(Msg("give a file or --items, one of them"))
    if file is not None:
        entries = read_items(file, columns)
    else:
        entries = [{"name": name.strip()} for name in items.replace("；", ";").split(";") if name.strip()]
    filing = filings.NewFiling(
        id or f"{kind}-{flow}",
        kind,
        filed_flow,
        entries,
        by,
        parse_day(on) if on else date.today(),
        persons=persons,
        sensitive=sensitive,
        retention_days=retention_days,
        valid_until=parse_day(valid_until) if valid_until else None,
    )
    path = filings.record_filing(workspace.folder, filing.to_entry())
    talk(f"-> {path}{t('cli.items', reader, n=len(entries))}")
    audit.append_act(workspace.folder, "baseline import", filing.id, by)


def _columns(flow: Flow, workspace: Workspace) -> list[str]:
    """Columns that a filed item may name: of the flows of the last scan, else the fields of the flow."""
    from scanner.state import store

    if store.last_entry(workspace.folder, workspace.config_name) is None:
        return list(flow.fields)
    report = store.last(workspace.folder, workspace.config_name)
    return [str(c) for f in report.flows for c in f.columns]


@group.command("list")
def list_filed(config: ConfigFile = None, lang: Lang = None) -> None:
    """What was filed: number, kind, flow, items, persons, last day.

    Example: chujing baseline list
    """
    from reports.messages.words import t
    from scanner.workspace import open_workspace

    reader = language(lang)
    filed = open_workspace(config).past_filings
    for filing in filed:
        persons = "-" if filing.persons is None else f"{filing.persons:,}"
        until, items = filing.valid_until or "-", len(filing.items)
        kind = t(f"cli.filed.{filing.kind}", reader)
        values = {"id": filing.id, "kind": kind, "flow": filing.flow, "items": items, "until": until}
        say(t("cli.filed", reader, persons=persons, **values))
    if not filed:
        typer.echo(t("cli.nothing_filed", reader))


@group.command("show")
def show_baseline(config: ConfigFile = None, lang: Lang = None) -> None:
    """What is not as it was filed, by the last scan: with clause and action.

    Example: chujing baseline show
    """
    from reports.messages.words import t
    from reports.wording.flow import difference_words
    from scanner.review import redecide
    from scanner.workspace import open_workspace

    workspace, reader = open_workspace(config, required=False), language(lang)
    report = redecide.decide_today(workspace)
    note_changes(workspace, reader)
    differences = [(f, d) for f in report.flows for d in f.filed]
    if not differences:
        typer.echo(t("filed.same", reader))
    for f, difference in differences:
        say(f"{f.flow.id}{t('list.colon', reader)}{difference_words(difference, reader)}")


COMMANDS = (Command("baseline", group, place=240, panel="decide"),)
