"""`chujing flows`: the flows as a spreadsheet, 出境场景登记表, into chujing.yaml and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language
from scanner.cli.output import say, talk
from scanner.files import check_new

if TYPE_CHECKING:
    from mappings.model import Flow
    from reports.model import Report
    from scanner.setup.suggest import Suggestion
    from scanner.sheets.flow_register import RegisterIntake
    from scanner.workspace import Workspace

group = typer.Typer(
    help="Flows: list them, and keep them in a spreadsheet (出境场景登记表).\n\n"
         "Example: chujing flows template flows.xlsx"
)
RegisterFile = Annotated[Path, typer.Argument(help="XLSX file.")]


@group.callback(invoke_without_command=True)
def bare(context: typer.Context, config: ConfigFile = None, lang: Lang = None) -> None:
    """List the flows of chujing.yaml: entity, recipient, purpose, mode, status.

    Example: chujing flows
    """
    if context.invoked_subcommand is None:
        list_flows(config, lang)


@group.command("list")
def list_flows(config: ConfigFile = None, lang: Lang = None) -> None:
    """List the flows of chujing.yaml: entity, recipient, purpose, mode, status.

    Example: chujing flows list
    """
    from reports.messages.words import t
    from scanner.config.model import FILE, flows_in

    reader = language(lang)
    flows = flows_in(config or Path(FILE))
    for flow in flows:
        say(_flow_line(flow, reader))
    if not flows:
        talk(t("cli.no_flows", reader))


@group.command("show")
def show_flow(
    flow: Annotated[str, typer.Argument(help="Id of a flow.")], config: ConfigFile = None, lang: Lang = None
) -> None:
    """One flow of chujing.yaml: who to whom, what for, its columns, and what is stated about it.

    Example: chujing flows show crm-hq
    """
    from scanner.config.answer_words import shown_value
    from scanner.config.model import FILE, flows_in
    from scanner.records.answers import require_flow

    reader, file = language(lang), config or Path(FILE)
    flows = {f.id: f for f in flows_in(file)}
    shown = flows[require_flow(flow, flows, str(file))]
    say(_flow_line(shown, reader))
    for exported in (*shown.fields, *filter(None, (shown.view, shown.sql))):
        say(f"  {exported}")
    for fact, value in sorted(shown.facts.items()):
        say(f"  {fact} = {shown_value(value, reader)}")


def _flow_line(flow: Flow, lang: str) -> str:
    from reports.messages.words import t
    from reports.wording.titles import purpose_words, recipient_words

    recipient = recipient_words(flow.recipient, lang)
    purpose, mode = flow.purpose, str(flow.mode)
    if lang == "zh":
        purpose, mode = purpose_words(flow.purpose, lang), t(f"mode.{flow.mode}", lang)
    status = t(f"cli.flow.{flow.status}", lang)
    declared = f"  {t('cli.flow.declared', lang)}" if flow.declared else ""
    return f"{flow.id}  {flow.entity} → {recipient}  {purpose}  {mode}  {status}{declared}"


@group.command("template")
def write_template(file: RegisterFile, lang: Lang = None) -> None:
    """Write an empty sheet to fill, one row a flow, with lists to choose from and a page of help.

    Example: chujing flows template flows.xlsx
    """
    from scanner.sheets import flow_register

    language(lang)
    _check_new(file)
    flow_register.write(file)
    talk(f"-> {file}")


@group.command("export")
def export_flows(file: RegisterFile, config: ConfigFile = None, lang: Lang = None) -> None:
    """Write the flows of chujing.yaml into a sheet.

    Example: chujing flows export flows.xlsx
    """
    from reports.messages.words import t
    from scanner.config.model import FILE, flows_in
    from scanner.sheets import flow_register

    reader = language(lang)
    _check_new(file)
    flows = flows_in(config or Path(FILE))
    flow_register.write(file, flows)
    talk(f"-> {file}{t('cli.flows', reader, n=len(flows))}")


def _check_new(file: Path) -> None:
    """Raise ConfigError for a file that exists: a person may have filled it."""
    check_new(file, Msg("choose another name"))


@group.command("import")
def import_flows(file: RegisterFile, config: ConfigFile = None, lang: Lang = None) -> None:
    """Read a filled sheet into chujing.yaml; every cell at fault is named with its remedy, and then nothing
    is written. A cell in a source that chujing.yaml has not is named, and the exit status is 3.

    Example: chujing flows import flows.xlsx
    """
    from reports.messages.words import join_list, t
    from scanner.config.model import FILE
    from scanner.records import audit
    from scanner.sheets import flow_register_merge

    reader = language(lang)
    path = config or Path(FILE)
    intake = _read_register(file, path, reader)
    merged = flow_register_merge.merge_into_file(path, intake)
    audit.append_act(path.parent, "flows import", f"{file.name}: {merged.flows} flows")
    talk(f"-> {path}{t('cli.flows', reader, n=merged.flows)}")
    if merged.unlisted_flows:
        talk(t("cli.kept", reader, names=join_list(merged.unlisted_flows, "names", reader)))
    if merged.backup is not None:
        talk(t("cli.backup", reader, file=merged.backup))
    raise typer.Exit(3 if intake.without_source else 0)


def _read_register(file: Path, config: Path, lang: str) -> RegisterIntake:
    """Read a sheet and print its doubtful names and faults.

    Raise ConfigError when there is a fault or no flow.
    """
    from reports.messages.render import render_parts
    from scanner.config.model import flows_in
    from scanner.sheets import flow_register

    flows = flows_in(config) if config.exists() else ()
    sources, column_ids = _configured_sources(config)
    names = flow_register.RegisteredNames(
        entities=[f.entity for f in flows],
        recipients=[f.recipient.name for f in flows],
        flows_by_query=[f.id for f in flows if f.sql],
        sources=sources,
        columns=column_ids,
    )
    intake = flow_register.read(file, names)
    for fault in (*intake.warnings, *intake.faults, *intake.without_source):
        talk(render_parts(fault.cell, fault.what, fault.remedy, lang))
    if intake.faults:
        raise ConfigError(
            Msg("{n} cells are at fault; nothing was written", n=len(intake.faults)),
            where=str(file),
            hint=Msg("mend them and import again"),
        )
    if not intake.flows:
        raise ConfigError(
            Msg("no row is filled"), where=str(file), hint=Msg("one row a flow, below the heads")
        )
    return intake


def _configured_sources(config: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a configuration's sources, and the ids of the columns of its last scan."""
    from scanner.config.model import source_names
    from scanner.state import store

    names = source_names(config) if config.exists() else ()
    if store.last_entry(config.parent, config.name) is None:
        return names, ()
    report = store.last(config.parent, config.name)
    return names, tuple(column.id for table in report.tables for column in table.columns)


@group.command("suggest")
def suggest(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="SQL, DAG and configuration text: files or folders.")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Write the candidates into an intake sheet, to be filled, merged or deleted by a person."
        ),
    ] = None,
    text_only: Annotated[bool, typer.Option("--text-only", help="Do not connect to the sources.")] = False,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Where data may already leave: candidates with evidence, from databases, logs, lineage and text.
    Decisions are for people.

    Hosts, regions and networks that are abroad stand under `abroad:` in chujing.yaml.

    Example: chujing flows suggest dags/ etl/ --sheet candidates.xlsx
    """
    from reports.messages.words import t
    from reports.wording.reading import unread_words
    from scanner.setup import suggest as candidates
    from scanner.sheets import flow_register
    from scanner.workspace import open_workspace

    reader = language(lang)
    workspace = open_workspace(config)
    entities = workspace.config.entities
    suggestions, skipped = candidates.suggest(
        workspace.config, _last_report(workspace), paths or (), read=not text_only
    )
    rejected = set(workspace.answers.rejected)
    open_ones = [s for s in suggestions if s.id not in rejected]
    for suggestion in open_ones:
        _print_suggestion(suggestion, reader)
    for s in skipped:
        talk(f"{s.id}{t('list.colon', reader)}{unread_words(s.reason, s.hint, reader)}")
    talk(t("cli.candidates", reader, n=len(open_ones), rejected=len(suggestions) - len(open_ones)))
    if sheet is not None:
        _check_new(sheet)
        entity = entities[0] if len(entities) == 1 else ""
        flow_register.write(sheet, [candidates.as_flow(s, entity) for s in open_ones])
        talk(t("cli.fill_sheet", reader, file=sheet))
    raise typer.Exit(3 if skipped else 0)


def _last_report(workspace: Workspace) -> Report | None:
    from scanner.state import store

    if store.last_entry(workspace.folder, workspace.config_name) is None:
        return None
    return store.last(workspace.folder, workspace.config_name)


def _print_suggestion(suggestion: Suggestion, lang: str) -> None:
    from reports.messages.render import render
    from reports.messages.words import t

    mode = t(f"mode.{suggestion.mode}", lang) if lang == "zh" else suggestion.mode
    place, reason = t(f"cli.place.{suggestion.kind}", lang), t(f"cli.abroad.{suggestion.why}", lang)
    say(f"{suggestion.id}  {place}  {suggestion.target}  [{reason}]  {mode}")
    for evidence in suggestion.evidence:
        say(f"    {render(evidence, lang)}")


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
    from scanner.records import answers, audit
    from scanner.workspace import open_workspace

    language(lang)
    folder = open_workspace(config).folder
    entry = {"suggestion": suggestion, "why": why, "by": by, "on": date.today()}
    talk(f"-> {answers.append(folder, [entry])}")
    audit.append_act(folder, "flows reject", suggestion, by)


COMMANDS = (Command("flows", group, place=270, panel="decide"),)
