"""`chujing flows`: the flows as a spreadsheet, 出境场景登记表, into chujing.yaml and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language
from scanner.cli.output import say, talk

group = typer.Typer(help="Flows: list them, and keep them in a spreadsheet (出境场景登记表).\n\nExample: chujing flows template flows.xlsx")
RegisterFile = Annotated[Path, typer.Argument(help="XLSX file.")]


@group.callback(invoke_without_command=True)
def flows(context: typer.Context, config: ConfigFile = None, lang: Lang = None) -> None:
    """List the flows of chujing.yaml: entity, recipient, purpose, mode, status.

    Example: chujing flows
    """
    if context.invoked_subcommand is not None:
        return
    from reports.messages.words import t
    from reports.wording.titles import purpose_words
    from scanner.config import model as configuration

    speak = language(lang)
    for f in configuration.flows_in(config or Path(configuration.FILE)):
        to = f"{f.recipient.name} {f.recipient.country}".strip()
        about = (purpose_words(f.purpose, speak), t(f"mode.{f.mode}", speak)) if speak == "zh" else (f.purpose, f.mode)
        declared = f"  {t('cli.flow.declared', speak)}" if f.declared else ""
        say(f"{f.id}  {f.entity} → {to}  {'  '.join(about)}  {t(f'cli.flow.{f.status}', speak)}{declared}")


@group.command("template")
def template(file: RegisterFile, lang: Lang = None) -> None:
    """Write an empty sheet to fill, one row a flow, with lists to choose from and a page of help.

    Example: chujing flows template flows.xlsx
    """
    from scanner.sheets import flow_register

    language(lang)
    if file.exists():
        raise ConfigError(Msg("already there"), where=str(file), hint=Msg("choose another name"))
    flow_register.write(file)
    talk(f"-> {file}")


@group.command("export")
def export(file: RegisterFile, config: ConfigFile = None, lang: Lang = None) -> None:
    """Write the flows of chujing.yaml into a sheet.

    Example: chujing flows export flows.xlsx
    """
    from reports.messages.words import t
    from scanner.config import model as configuration
    from scanner.sheets import flow_register

    speak = language(lang)
    if file.exists():
        raise ConfigError(Msg("already there"), where=str(file), hint=Msg("choose another name"))
    found = configuration.flows_in(config or Path(configuration.FILE))
    flow_register.write(file, found)
    talk(f"-> {file}{t('cli.flows', speak, n=len(found))}")


@group.command("import")
def flows_import(file: RegisterFile, config: ConfigFile = None, lang: Lang = None) -> None:
    """Read a filled sheet into chujing.yaml; every cell at fault is named with its remedy, and then nothing is written.

    Example: chujing flows import flows.xlsx
    """
    from reports.messages.render import render_parts
    from reports.messages.words import t
    from scanner.config import model as configuration
    from scanner.records import audit
    from scanner.sheets import flow_register, flow_register_merge

    speak = language(lang)
    path = config or Path(configuration.FILE)
    before = configuration.flows_in(path) if path.exists() else ()
    found = flow_register.read(file, {"entity": [f.entity for f in before], "recipient": [f.recipient.name for f in before],
                               "query": [f.id for f in before if f.sql]})
    for f in (*found.warnings, *found.faults):
        talk(render_parts(f.cell, f.what, f.remedy, speak))
    if found.faults:
        raise ConfigError(
            Msg("{n} cells are at fault; nothing was written", n=len(found.faults)),
            where=str(file),
            hint=Msg("mend them and import again"),
        )
    if not found.flows:
        raise ConfigError(
            Msg("no row is filled"), where=str(file), hint=Msg("one row a flow, below the heads")
        )
    done = flow_register_merge.merge_into_file(path, found)
    audit.append_act(path.parent, "flows import", f"{file.name}: {done.flows} flows")
    talk(f"-> {path}{t('cli.flows', speak, n=done.flows)}")
    if done.unlisted_flows:
        talk(t("cli.kept", speak, names=", ".join(done.unlisted_flows)))
    if done.backup is not None:
        talk(t("cli.backup", speak, file=done.backup))


@group.command("suggest")
def suggest(
    paths: Annotated[list[Path] | None, typer.Argument(help="SQL, DAG and configuration text: files or folders.")] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Write the candidates into an intake sheet, to be filled, merged or deleted by a person.")
    ] = None,
    text_only: Annotated[bool, typer.Option("--text-only", help="Do not connect to the sources.")] = False,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Where data may already leave: candidates with evidence, from databases, logs, lineage and text. Decisions are for people.

    Hosts, regions and networks that are abroad stand under `abroad:` in chujing.yaml.

    Example: chujing flows suggest dags/ etl/ --sheet candidates.xlsx
    """
    from detectors.errors import StateError
    from reports.messages.render import render
    from reports.messages.words import t
    from reports.wording.reading import unread_words
    from scanner.cli.options import required_configuration
    from scanner.records import answers
    from scanner.setup import suggest as candidates
    from scanner.sheets import flow_register
    from scanner.state import store

    speak = language(lang)
    settings = required_configuration(config)
    base = Path(settings.file).parent
    try:
        report = store.last(base)
    except StateError:
        report = None
    found, skipped = candidates.suggest(settings, report, paths or (), read=not text_only)
    turned_down = set(answers.read(base).rejected)
    kept = [s for s in found if s.id not in turned_down]
    for s in kept:
        mode = t(f"mode.{s.mode}", speak) if speak == "zh" else s.mode
        say(f"{s.id}  {t(f'cli.place.{s.kind}', speak)}  {s.target}  [{t(f'cli.abroad.{s.why}', speak)}]  {mode}")
        for e in s.evidence:
            say(f"    {render(e, speak)}")
    for x in skipped:
        talk(f"{x.id}{'：' if speak == 'zh' else ': '}{unread_words(x.reason, x.hint, speak)}")
    talk(t("cli.candidates", speak, n=len(kept), rejected=len(found) - len(kept)))
    if sheet is not None:
        if sheet.exists():
            raise ConfigError(Msg("already there"), where=str(sheet), hint=Msg("choose another name"))
        flow_register.write(sheet, [candidates.as_flow(s, settings.entities[0] if len(settings.entities) == 1 else "") for s in kept])
        talk(t("cli.fill_sheet", speak, file=sheet))
    raise typer.Exit(3 if skipped else 0)


@group.command("reject")
def reject(
    suggestion: Annotated[str, typer.Argument(help="Id of a candidate, e.g. sug-1a2b3c4d.")],
    by: Annotated[str, typer.Option(help="Who turns it down.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Turn a candidate down; it is not suggested again.

    Example: chujing flows reject sug-1a2b3c4d --why "test bucket, no data of persons" --by 王敏
    """
    from datetime import date

    from scanner.cli.options import required_configuration
    from scanner.records import answers, audit

    language(lang)
    base = Path(required_configuration(config).file).parent
    talk(f"-> {answers.append(base, [{'suggestion': suggestion, 'why': why, 'by': by, 'on': date.today()}])}")
    audit.append_act(base, "flows reject", suggestion, by)


COMMANDS = (Command("flows", group, place=270),)
