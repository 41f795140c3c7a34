"""`chujing baseline`: what was filed, so that every scan says what is not as it was filed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError, StateError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_day, read_configuration, required_configuration
from scanner.cli.output import say, talk

group = typer.Typer(help="What was filed, and what is not as it was filed.\n\nExample: chujing baseline show")


@group.callback(invoke_without_command=True)
def baseline(context: typer.Context) -> None:
    """Import what was filed; show what is not as it was filed.

    Example: chujing baseline show
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@group.command("import")
def baseline_import(
    file: Annotated[Path | None, typer.Argument(help="Filed data-item table, XLSX or DOCX; or give --items.")] = None,
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

    Example: chujing baseline import filed.docx --flow crm-hq --kind assessment --persons 12000 --valid-until 2029-01-31 --by 王敏
    """
    from reports.messages.words import t
    from scanner.records import answers, audit, filings
    from scanner.state import store

    speak = language(lang)
    settings = required_configuration(config)
    if not flow or not by:
        raise ConfigError(
            Msg("--flow and --by are needed"),
            hint=Msg("chujing baseline import filed.xlsx --flow crm-hq --by 王敏"),
        )
    about = {f.id: f for f in settings.flows}[answers.require_flow(flow, (f.id for f in settings.flows), settings.file)]
    base = Path(settings.file).parent
    try:
        known = [str(c) for f in store.last(base).flows for c in f.columns]
    except StateError:
        known = list(about.fields)
    if (file is None) == (not items):
        raise ConfigError(Msg("give a file or --items, one of them"))
    found = (
        filings.read_items(file, known) if file is not None
        else [{"name": x.strip()} for x in items.replace("；", ";").split(";") if x.strip()]
    )
    entry = filings.filing_entry(
        id or f"{kind}-{flow}",
        kind,
        about,
        found,
        by,
        parse_day(on) if on else date.today(),
        persons=persons,
        sensitive=sensitive,
        retention_days=retention_days,
        valid_until=parse_day(valid_until) if valid_until else None,
    )
    talk(f"-> {filings.record_filing(base, entry)}{t('cli.items', speak, n=len(found))}")
    audit.append_act(base, "baseline import", str(entry["id"]), by)


@group.command("show")
def show(config: ConfigFile = None, lang: Lang = None) -> None:
    """What is not as it was filed, by the last scan: with clause and action.

    Example: chujing baseline show
    """
    from reports.formats.terminal import difference_words
    from reports.messages.words import t
    from scanner.review import redecide

    report = redecide.now(base_folder(config), read_configuration(config, required=False))
    speak = language(lang)
    found = [(f, d) for f in report.flows for d in f.filed]
    if not found:
        typer.echo(t("filed.same", speak))
    for f, d in found:
        say(f"{f.flow.id}{'：' if speak == 'zh' else ': '}{difference_words(d, speak)}")


COMMANDS = (Command("baseline", group, place=240),)
