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
    from scanner import config as configuration
    from scanner import intake

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
    done = intake.into(path, found)
    talk(f"-> {path} ({done.flows} flows)")
    if done.kept:
        talk(f"kept, though the sheet does not name them: {', '.join(done.kept)}")
    if done.backup is not None:
        talk(f"comments among the flows were replaced; the file as it was: {done.backup}")
