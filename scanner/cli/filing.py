"""`chujing filing` and `chujing dossier`: papers pre-filled from the last scan, and one folder for counsel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, read_configuration
from scanner.cli.output import say, talk

if TYPE_CHECKING:
    from reports.model import Report

filing = typer.Typer(no_args_is_help=True, help="Papers pre-filled from the last scan.\n\nExample: chujing filing write papers/")
dossier = typer.Typer(no_args_is_help=True, help="One folder for counsel.\n\nExample: chujing dossier write dossier/")
Folder = Annotated[Path, typer.Argument(help="Folder.")]


def _now(config: Path | None) -> tuple[Report, Path]:
    from scanner.review import redecide

    return redecide.now(base_folder(config), read_configuration(config, required=False)), base_folder(config)


@filing.command("write")
def filing_write(
    folder: Folder,
    kind: Annotated[list[str] | None, typer.Option(help="self_assessment, pia or contract; default all three.")] = None,
    flow: Annotated[list[str] | None, typer.Option(help="Flows to file; default all that leave.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Write the self-assessment report, the impact assessment, appendix 1 of the contract and the item tables, pre-filled.

    What a person must write is marked; examples are invented; similar scenarios of several entities stand together, their counts apart.

    Example: chujing filing write papers/ --kind pia --kind contract
    """
    from reports.filings.papers import PAPERS
    from reports.messages.words import t
    from scanner.deliver import dossier as made
    from scanner.records import answers, audit

    speak, kinds = language(lang), kind or list(PAPERS)
    for k in kinds:
        if k not in PAPERS:
            raise ConfigError(
                Msg('no kind of paper "{name}"', name=k),
                hint=nearest(k, PAPERS) or Msg("one of: {names}", names=tuple(PAPERS)),
            )
    report, base = _now(config)
    for f in flow or ():
        answers.require_flow(f, (x.flow.id for x in report.flows), Msg("the last scan"))
    for file in made.papers(report, folder, kinds, flow or ()):
        talk(f"-> {file}")
    talk(t("cli.to_write", speak, n=made.left(folder)))
    audit.append_act(base, "filing write", f"{', '.join(kinds)} -> {folder}", scan=report.run.id)


@filing.command("renew")
def filing_renew(
    folder: Folder,
    filed: Annotated[str, typer.Option(help="Number of what was filed; default all.")] = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Write the papers anew from what was filed, with everything marked that is not as it was filed.

    Example: chujing filing renew papers/ --filed assessment-crm-hq
    """
    from reports.filings.papers import PAPERS
    from scanner.deliver import dossier as made
    from scanner.records import audit
    from scanner.records.filings import read

    language(lang)
    report, base = _now(config)
    known = {f.id: f for f in read(base)}
    if not known:
        raise ConfigError(
            Msg("nothing filed is recorded"), where=str(base), hint=Msg("chujing baseline import first")
        )
    if filed and filed not in known:
        raise ConfigError(
            Msg('nothing was filed as "{name}"', name=filed),
            hint=nearest(filed, known) or Msg("known: {names}", names=tuple(known)),
        )
    about = [known[filed]] if filed else list(known.values())
    flows = [f.flow.id for f in report.flows if any(x.flow == f.flow.id for x in about)]
    kinds = ["self_assessment"] if {x.kind for x in about} == {"assessment"} else list(PAPERS)
    for file in made.papers(report, folder, kinds, flows, renewal=True):
        talk(f"-> {file}")
    audit.append_act(base, "filing renew", f"{filed or 'all'} -> {folder}", scan=report.run.id)


@dossier.command("write")
def dossier_write(folder: Folder, config: ConfigFile = None, lang: Lang = None) -> None:
    """Decision in both languages, facts with author and date, questions, sources, annexes, papers, checklist and hashes.

    Example: chujing dossier write dossier/
    """
    from reports.messages.words import t
    from scanner.deliver import dossier as made
    from scanner.records import answers, audit

    speak = language(lang)
    report, base = _now(config)
    for file in made.write(report, read_configuration(config, required=False), answers.read(base), folder):
        talk(f"-> {file}")
    talk(t("cli.to_write", speak, n=made.left(folder)))
    audit.append_act(base, "dossier write", str(folder), scan=report.run.id)


@dossier.command("check")
def dossier_check(folder: Folder, config: ConfigFile = None, lang: Lang = None) -> None:
    """Compare the papers of a folder, as people left them, with the state; exit status 3 when they differ.

    Example: chujing dossier check dossier/
    """
    from reports.messages.render import render
    from reports.messages.words import t
    from scanner.deliver import dossier as made

    speak = language(lang)
    report, _ = _now(config)
    found = made.check(report, folder)
    for line in found:
        say(render(line, speak))
    if found:
        raise typer.Exit(3)
    typer.echo(t("dossier.same", speak))


COMMANDS = (Command("filing", filing, place=250), Command("dossier", dossier, place=260))
