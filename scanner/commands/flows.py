"""`chujing flows`: the flows as a spreadsheet, 出境场景登记表, into chujing.yaml and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError
from scanner.commands import ConfigFile, talk

app = typer.Typer(help="Flows: list them, and keep them in a spreadsheet (出境场景登记表).\n\nExample: chujing flows template flows.xlsx")
Sheet = Annotated[Path, typer.Argument(help="XLSX file.")]


@app.callback(invoke_without_command=True)
def flows(context: typer.Context, config: ConfigFile = None) -> None:
    """List the flows of chujing.yaml: entity, recipient, purpose, mode, status.

    Example: chujing flows
    """
    if context.invoked_subcommand is not None:
        return
    from scanner import config as configuration

    for f in configuration.flows_in(config or Path(configuration.FILE)):
        to = f"{f.recipient.name} {f.recipient.country}".strip()
        typer.echo(f"{f.id}  {f.entity} → {to}  {f.purpose}  {f.mode}  {f.status}{'  declared' if f.declared else ''}")


@app.command("template")
def template(file: Sheet) -> None:
    """Write an empty sheet to fill, one row a flow, with lists to choose from and a page of help.

    Example: chujing flows template flows.xlsx
    """
    from scanner import intake

    if file.exists():
        raise ConfigError("already there", where=str(file), hint="choose another name")
    intake.write(file)
    talk(f"-> {file}")


@app.command("export")
def export(file: Sheet, config: ConfigFile = None) -> None:
    """Write the flows of chujing.yaml into a sheet.

    Example: chujing flows export flows.xlsx
    """
    from scanner import config as configuration
    from scanner import intake

    if file.exists():
        raise ConfigError("already there", where=str(file), hint="choose another name")
    found = configuration.flows_in(config or Path(configuration.FILE))
    intake.write(file, found)
    talk(f"-> {file} ({len(found)} flows)")


@app.command("import")
def flows_import(file: Sheet, config: ConfigFile = None) -> None:
    """Read a filled sheet into chujing.yaml; every cell at fault is named with its remedy, and then nothing is written.

    Example: chujing flows import flows.xlsx
    """
    from scanner import audit, intake, register
    from scanner import config as configuration

    path = config or Path(configuration.FILE)
    before = configuration.flows_in(path) if path.exists() else ()
    found = intake.read(file, {"entity": [f.entity for f in before], "recipient": [f.recipient.name for f in before],
                               "query": [f.id for f in before if f.sql]})
    for w in found.warnings:
        talk(w.line())
    if found.faults:
        for fault in found.faults:
            talk(fault.line())
        raise ConfigError(
            f"{len(found.faults)} cells are at fault; nothing was written", where=str(file), hint="mend them and import again"
        )
    if not found.flows:
        raise ConfigError("no row is filled", where=str(file), hint="one row a flow, below the heads")
    done = register.into(path, found)
    audit.note(path.parent, "flows import", f"{file.name}: {done.flows} flows")
    talk(f"-> {path} ({done.flows} flows)")
    if done.kept:
        talk(f"kept, though the sheet does not name them: {', '.join(done.kept)}")
    if done.backup is not None:
        talk(f"comments among the flows were replaced; the file as it was: {done.backup}")


@app.command("suggest")
def suggest(
    paths: Annotated[list[Path] | None, typer.Argument(help="SQL, DAG and configuration text: files or folders.")] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Write the candidates into an intake sheet, to be filled, merged or deleted by a person.")
    ] = None,
    text_only: Annotated[bool, typer.Option("--text-only", help="Do not connect to the sources.")] = False,
    config: ConfigFile = None,
) -> None:
    """Where data may already leave: candidates with evidence, from databases, logs, lineage and text. Decisions are for people.

    Hosts, regions and networks that are abroad stand under `abroad:` in chujing.yaml.

    Example: chujing flows suggest dags/ etl/ --sheet candidates.xlsx
    """
    from detectors.errors import StateError
    from scanner import answers, intake, store
    from scanner import suggest as candidates
    from scanner.commands import required

    settings = required(config)
    base = Path(settings.file).parent
    try:
        report = store.last(base)
    except StateError:
        report = None
    found, skipped = candidates.suggest(settings, report, paths or (), read=not text_only)
    turned_down = set(answers.read(base).rejected)
    kept = [s for s in found if s.id not in turned_down]
    for s in kept:
        typer.echo(f"{s.id}  {s.kind}  {s.target}  [{s.why}]  {s.mode}")
        for e in s.evidence:
            typer.echo(f"    {e}")
    for x in skipped:
        talk(f"{x.id}: {x.reason}. {x.hint}")
    talk(f"{len(kept)} candidates, {len(found) - len(kept)} turned down earlier; a person decides")
    if sheet is not None:
        if sheet.exists():
            raise ConfigError("already there", where=str(sheet), hint="choose another name")
        intake.write(sheet, [candidates.as_flow(s, settings.entities[0] if len(settings.entities) == 1 else "") for s in kept])
        talk(f"-> {sheet}: fill purpose, recipient and country, or delete the row; then chujing flows import {sheet}")
    raise typer.Exit(3 if skipped else 0)


@app.command("reject")
def reject(
    suggestion: Annotated[str, typer.Argument(help="Id of a candidate, e.g. sug-1a2b3c4d.")],
    by: Annotated[str, typer.Option(help="Who turns it down.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    config: ConfigFile = None,
) -> None:
    """Turn a candidate down; it is not suggested again.

    Example: chujing flows reject sug-1a2b3c4d --why "test bucket, no data of persons" --by 王敏
    """
    from datetime import date

    from scanner import answers, audit
    from scanner.commands import required

    base = Path(required(config).file).parent
    talk(f"-> {answers.append(base, [{'suggestion': suggestion, 'why': why, 'by': by, 'on': date.today()}])}")
    audit.note(base, "flows reject", suggestion, by)
