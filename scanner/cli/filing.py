"""`chujing filing` and `chujing dossier`: papers pre-filled from the last scan, and a folder for counsel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, parse_day
from scanner.cli.output import say, talk
from scanner.cli.run_memory import note_changes

if TYPE_CHECKING:
    from reports.model import Report
    from scanner.workspace import Workspace

filings = typer.Typer(
    no_args_is_help=True,
    help="Papers pre-filled from the last scan.\n\nExample: chujing filing write papers/",
)
dossiers = typer.Typer(
    no_args_is_help=True, help="One folder for counsel.\n\nExample: chujing dossier write dossier/"
)
PapersDay = Annotated[
    str | None, typer.Option("--as-of", help="Judge the age of the figures as on this day; default today.")
]
Folder = Annotated[Path, typer.Argument(help="Folder.")]


def _decide_anew(config: Path | None, lang: str | None) -> tuple[Workspace, Report]:
    """Return the workspace, and its last scan as it is decided today."""
    from scanner.review import redecide
    from scanner.workspace import open_workspace

    workspace = open_workspace(config, required=False)
    report = redecide.decide_today(workspace)
    note_changes(workspace, language(lang))
    return workspace, report


def _say_papers_of_people(folder: Path, lang: str) -> None:
    """Say which papers of a folder were kept because people wrote into them."""
    from reports.messages.words import t
    from scanner.deliver import dossier

    for file in dossier.changed_papers(folder):
        talk(t("cli.kept_paper", lang, file=file))


def _say_refusals(report: Report, lang: str, flows: Sequence[str] = ()) -> None:
    """Say of each flow, by default of all, that no paper was written for, why."""
    from reports.filings.scenario import refusals
    from reports.messages.render import render

    for line in refusals(report, flows):
        say(render(line, lang))


@filings.command("write")
def write_papers(
    folder: Folder,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="self_assessment, pia, pia_exempt or contract; default what a path calls for."),
    ] = None,
    flow: Annotated[list[str] | None, typer.Option(help="Flows to file; default all a path binds.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Write the self-assessment report, the impact assessment, appendix 1 of the contract and the item
    tables, pre-filled. Papers that people wrote into are kept as they are.

    What a person must write is marked; examples are invented; similar scenarios of several entities stand
    together, their counts apart.

    Example: chujing filing write papers/ --kind pia --kind contract
    """
    from reports.filings.pack import choice_of
    from reports.filings.papers import PAPERS
    from reports.messages.words import t
    from scanner.deliver import dossier, dossier_check
    from scanner.records import answers, audit

    reader, kinds = language(lang), kind or list(PAPERS)
    for name in kinds:
        if name not in PAPERS:
            raise ConfigError(
                Msg('no kind of paper "{name}"', name=name),
                hint=nearest(name, PAPERS) or Msg("one of: {names}", names=tuple(PAPERS)),
            )
    workspace, report = _decide_anew(config, lang)
    for id in flow or ():
        answers.require_flow(id, (f.flow.id for f in report.flows), Msg("the last scan"))
    choice = choice_of(workspace.config.fact_provenance)
    order = dossier.PaperOrder(tuple(kinds), tuple(flow or ()), choice=choice)
    files = list(dossier.write_papers(report, folder, order))
    for file in files:
        talk(f"-> {file}")
    _say_papers_of_people(folder, reader)
    _say_refusals(report, reader, flow or ())
    talk(t("cli.to_write", reader, n=dossier_check.count_blanks(folder)))
    names = ", ".join(Path(file).name for file in files)
    audit.append_act(workspace.folder, "filing write", f"{names} -> {folder}", scan=report.run.id)


@filings.command("renew")
def renew_papers(
    folder: Folder,
    filed: Annotated[str, typer.Option(help="Number of what was filed; default all.")] = "",
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Write the papers anew from what was filed, with everything marked that is not as it was filed.

    Example: chujing filing renew papers/ --filed assessment-crm-hq
    """
    from reports.filings.pack import choice_of
    from reports.filings.papers import PAPERS
    from scanner.deliver import dossier
    from scanner.records import audit
    from scanner.records.filings import read

    reader = language(lang)
    workspace, report = _decide_anew(config, lang)
    filings_by_id = {filing.id: filing for filing in read(workspace.folder)}
    if not filings_by_id:
        raise ConfigError(
            Msg("nothing filed is recorded"),
            where=str(workspace.folder),
            hint=Msg("chujing baseline import first"),
        )
    if filed and filed not in filings_by_id:
        raise ConfigError(
            Msg('nothing was filed as "{name}"', name=filed),
            hint=nearest(filed, filings_by_id) or Msg("known: {names}", names=tuple(filings_by_id)),
        )
    renewed = [filings_by_id[filed]] if filed else list(filings_by_id.values())
    flows = [f.flow.id for f in report.flows if any(filing.flow == f.flow.id for filing in renewed)]
    only_assessments = {filing.kind for filing in renewed} == {"assessment"}
    kinds = ["self_assessment"] if only_assessments else list(PAPERS)
    choice = choice_of(workspace.config.fact_provenance)
    order = dossier.PaperOrder(tuple(kinds), tuple(flows), renewal=True, choice=choice)
    for file in dossier.write_papers(report, folder, order):
        talk(f"-> {file}")
    _say_papers_of_people(folder, reader)
    audit.append_act(workspace.folder, "filing renew", f"{filed or 'all'} -> {folder}", scan=report.run.id)


@dossiers.command("write")
def write_dossier(folder: Folder, config: ConfigFile = None, lang: Lang = None) -> None:
    """Decision in both languages, facts with author and date, questions, sources, annexes, papers, checklist
    and hashes. Papers that people wrote into are kept as they are.

    Example: chujing dossier write dossier/
    """
    from reports.messages.words import t
    from scanner.deliver import dossier, dossier_check
    from scanner.records import audit

    reader = language(lang)
    workspace, report = _decide_anew(config, lang)
    for file in dossier.write_dossier(report, workspace, folder):
        talk(f"-> {file}")
    _say_papers_of_people(folder, reader)
    _say_refusals(report, reader)
    talk(t("cli.to_write", reader, n=dossier_check.count_blanks(folder)))
    audit.append_act(workspace.folder, "dossier write", str(folder), scan=report.run.id)


@dossiers.command("check")
def check_dossier(
    folder: Folder,
    ready: Annotated[
        bool,
        typer.Option("--ready", help="Exit status 3 also where a place is unwritten or a point is open."),
    ] = False,
    config: ConfigFile = None,
    as_of: PapersDay = None,
    lang: Lang = None,
) -> None:
    """Compare the papers of a folder, as people left them, with the state; exit status 3 when they differ.
    Where nothing differs, it says how many places are still for people to fill in, and what stands before
    the filing (exit status 0; with --ready 3).

    Example: chujing dossier check dossier/
    """
    from reports.messages.render import render
    from reports.messages.words import plural, t
    from scanner.deliver import dossier_check

    reader = language(lang)
    workspace, report = _decide_anew(config, lang)
    readiness = dossier_check.folder_readiness(report, folder, workspace, parse_day(as_of))
    differences = [o for o in readiness.obstacles if o.note.code == dossier_check.DIFFERS]
    for obstacle in differences or readiness.obstacles:
        say(render(obstacle.note, reader))
    for unread in dossier_check.unread_files(report, folder):
        say(render(unread, reader))
    if differences:
        raise typer.Exit(3)
    blanks = dossier_check.count_blanks(folder)
    outcome = "same" if readiness.is_ready else "open" if readiness.obstacles else "none"
    done = t(f"dossier.{outcome}", reader)
    typer.echo(plural("dossier.unfilled", blanks, reader) if blanks else done)
    if ready and not readiness.is_ready:
        raise typer.Exit(3)


COMMANDS = (
    Command("filing", filings, place=250, panel="decide"),
    Command("dossier", dossiers, place=260, panel="decide"),
)
