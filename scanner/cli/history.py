"""`chujing diff`, `runs` and `purge`: what earlier scans said, what changed since, and forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_day
from scanner.cli.output import say, talk

if TYPE_CHECKING:
    from scanner.state.run_entry import RunEntry


def diff(
    before: Annotated[
        str, typer.Argument(help="report.json, the start of a run's id, or previous.")
    ] = "previous",
    after: Annotated[str, typer.Argument(help="report.json, the start of a run's id, or last.")] = "last",
    config: ConfigFile = None,
    json_lines: Annotated[bool, typer.Option("--json-lines", help="One JSON object a change.")] = False,
    lang: Lang = None,
) -> None:
    """Findings, grades, persons and paths that changed between two scans, each with what it comes from.

    Example: chujing diff previous last
    Example: chujing diff october.json november.json
    """
    import dataclasses
    import json

    from reports.cells import escape_json
    from reports.messages.words import t
    from scanner.review.diff import compare_scans
    from scanner.review.diff_lines import difference_line
    from scanner.state import store

    folder, name = base_folder(config), config.name if config is not None else None
    reports = [store.read_named(word, folder, name, store.no_table) for word in (before, after)]
    differences = compare_scans(*reports)
    reader = language(lang)
    for difference in differences:
        if json_lines:
            typer.echo(escape_json(json.dumps(dataclasses.asdict(difference), ensure_ascii=False)))
        else:
            say(difference_line(difference, reader))
    if not differences:
        talk(t("diff.none", reader))


def runs(config: ConfigFile = None, lang: Lang = None) -> None:
    """Runs that are remembered, the newest first: id, start, day decided for, exit status, tables, columns
    with findings, source, command. An asterisk marks the last scan, a minus what failed or was interrupted.

    Example: chujing runs
    """
    from reports.messages.words import t
    from scanner.state import store
    from scanner.state.run_entry import config_of, last_of

    reader, folder = language(lang), base_folder(config)
    entries = store.runs(folder)
    last = last_of(entries, config.name if config is not None else config_of(folder))
    for entry in entries:
        say(_run_line(entry, "*" if entry is last else " " if entry.is_good else "-", reader))
    if not entries:
        talk(t("cli.no_runs", reader))


def _run_line(run: RunEntry, mark: str, lang: str) -> str:
    from reports.messages.words import t

    figures = {
        name: "-" if value is None else value
        for name, value in (("status", run.status), ("tables", run.tables), ("findings", run.findings))
    }
    names = " ".join(source.id for source in run.sources)
    source = f"{run.origin.config} [{names}]" if run.origin.config else " ".join(s.url for s in run.sources)
    moment = f"{run.started[:19]}Z  {run.as_of}"
    words = t("cli.run", lang, mark=mark, id=run.id, moment=moment, source=source, **figures)
    return f"{words}  {run.origin.command}".rstrip()


def purge(
    before: Annotated[str, typer.Option(help="First day that is kept, e.g. 2026-01-01.")],
    config: ConfigFile = None,
    ledger: Annotated[
        bool,
        typer.Option(
            "--ledger",
            help="Also the ledgers of earlier years: their sets of hashed persons and what they prove.",
        ),
    ] = False,
    lang: Lang = None,
) -> None:
    """Forget runs and table results older than a day.

    Example: chujing purge --before 2026-01-01
    """
    from reports.messages.words import join_list, t
    from reports.wording.figures import number
    from scanner.state import store

    reader = language(lang)
    purged = store.purge(base_folder(config), parse_day(before), ledger=ledger)
    words = [t(f"cli.gone.{kind}", reader, n=number(n)) for kind, n in purged.items()]
    talk(t("cli.forgotten", reader, what=join_list(words, "words", reader)))


COMMANDS = (
    Command("diff", diff, place=100, panel="look"),
    Command("runs", runs, place=120, panel="look"),
    Command("purge", purge, place=130, panel="setup"),
)
