"""`chujing ledger`: 年度出境台账, the persons exported since 1 January."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import (
    AsOf,
    ConfigFile,
    Lang,
    language,
    parse_day,
    parse_month,
)
from scanner.cli.output import say

if TYPE_CHECKING:
    from mappings.model import Flow
    from scanner.config.model import Config

group = typer.Typer(
    no_args_is_help=True,
    help="年度出境台账: the persons exported since 1 January.\n\nExample: chujing ledger show",
)

STATUS = {"planned": Msg("planned"), "active": Msg("active"), "stopped": Msg("stopped")}


@group.command("show")
def show_ledger(
    config: ConfigFile = None,
    year: Annotated[int | None, typer.Option(help="Default: this year.")] = None,
    lang: Lang = None,
) -> None:
    """List a year's entries and the distinct persons by entity and of the group; verify every seal.

    Example: chujing ledger show --year 2026
    """
    from reports.wording.ledger import ledger_lines
    from scanner.count import ledger
    from scanner.workspace import open_workspace

    workspace = open_workspace(config)
    shown_year, reader = year or date.today().year, language(lang)
    key, _ = workspace.year_key(shown_year)
    entries = list(ledger.read_entries(workspace.folder, key, shown_year))
    seal = ledger.last_seal(workspace.folder, key, shown_year) if entries else ""
    for line in ledger_lines(entries, seal, shown_year, reader):
        say(line)


@group.command("record")
def record_in_ledger(
    flow: Annotated[str, typer.Argument(help="Id of an active flow.")],
    period: Annotated[
        str | None, typer.Option(help="Month, e.g. 2026-11; default the month of --as-of.")
    ] = None,
    config: ConfigFile = None,
    as_of: AsOf = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Lang = None,
) -> None:
    """Read one flow's rows and put its persons into the ledger.

    Example: chujing ledger record crm-to-hq --period 2026-11
    """
    from reports.messages.render import render
    from scanner import job
    from scanner.gather.progress import Progress
    from scanner.workspace import open_workspace

    workspace = open_workspace(config)
    settings = workspace.config
    recorded = _require_flow(settings, flow)
    if recorded.status != "active":
        raise ConfigError(
            Msg('flow "{id}" is {status}', id=flow, status=STATUS[recorded.status]),
            where=settings.file,
            hint=Msg("only what really leaves is recorded: status: active"),
        )
    progress = Progress(quiet=quiet, lang=language(lang))
    day = parse_day(as_of)
    month = parse_month(period, day)
    _check_ran(recorded, month, settings.file)
    workspace = replace(workspace, config=replace(settings, flows=(recorded,)))
    report = job.scan(workspace, as_of=day, record=month, progress=progress)
    progress.done()
    for f in report.flows:
        for text in f.count_notes:
            say(render(text, language(lang)))
    raise typer.Exit(job.exit_status(report, None))


@group.command("declare")
def declare_in_ledger(
    flow: Annotated[str, typer.Argument(help="Id of a flow.")],
    period: Annotated[str, typer.Option(help="Month or months, e.g. 2026-01..2026-10.")],
    individuals: Annotated[int, typer.Option(min=0, help="Distinct persons.")],
    sensitive: Annotated[int, typer.Option(min=0, help="Of these, with sensitive data; 0 for none.")],
    by: Annotated[str, typer.Option(help="Who states it.")],
    evidence: Annotated[str, typer.Option(help="What it rests on.")],
    config: ConfigFile = None,
    as_of: AsOf = None,
    lang: Lang = None,
) -> None:
    """Enter persons exported before chujing was there, with author and evidence; shown as declared.

    Example: chujing ledger declare crm-to-hq --period 2026-01 --individuals 1200 --sensitive 0 --by 王敏
    --evidence "SFTP log"
    """
    from mappings.ledger_cover import do_overlap
    from reports.messages.words import t
    from scanner.count.ledger import (
        StatedPersons,
        append_entry,
        check_period,
        declared_entry,
        read_entries,
    )
    from scanner.workspace import open_workspace

    workspace = open_workspace(config)
    declared = _require_flow(workspace.config, flow)
    day = parse_day(as_of)
    year = day.year
    check_period(period, day)
    _check_ran(declared, period, workspace.config.file)
    key, _ = workspace.year_key(year)
    earlier = [
        entry for entry in read_entries(workspace.folder, key, year)
        if entry.flow == declared.id and entry.how == "declared" and do_overlap(entry.period, period)
    ]
    stated = StatedPersons(individuals, sensitive, by, evidence)
    entry = declared_entry(declared.entity, declared.id, period, stated)
    number = append_entry(workspace.folder, key, year, entry)
    typer.echo(t("ledger.declared", language(lang), n=number))
    for entry in earlier:
        say(t("ledger.again", language(lang), n=entry.number, period=entry.period))


def _check_ran(flow: Flow, period: str, file: str) -> None:
    """Raise ConfigError for a period in which a flow did not run."""
    from mappings.ledger_cover import periods_outside

    if periods_outside(flow, (period,)):
        raise ConfigError(
            Msg('flow "{id}" did not run in all of {period}, by its dates', id=flow.id, period=period),
            where=file, hint=Msg("name the months it ran in, or mend since and until"),
        )


def _require_flow(settings: Config, flow: str) -> Flow:
    """Return a flow by its id; raise ConfigError with the nearest id when there is none."""
    flows = {f.id: f for f in settings.flows}
    if flow not in flows:
        hint = nearest(flow, flows) or Msg("known: {names}", names=tuple(flows))
        raise ConfigError(Msg('no flow "{name}"', name=flow), where=settings.file, hint=hint)
    return flows[flow]


COMMANDS = (Command("ledger", group, place=230, panel="decide"),)
