"""`chujing diff`, `runs` and `purge`: what earlier scans said, what changed since, and forgetting it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_day
from scanner.cli.output import say, talk

if TYPE_CHECKING:
    from reports.model import Report


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

    from reports.messages.words import t
    from scanner.review.diff import compare
    from scanner.review.diff_lines import difference_line

    folder = base_folder(config)
    differences = compare(_report(before, folder), _report(after, folder))
    reader = language(lang)
    for difference in differences:
        if json_lines:
            typer.echo(json.dumps(dataclasses.asdict(difference), ensure_ascii=False))
        else:
            say(difference_line(difference, reader))
    if not differences:
        talk(t("diff.none", reader))


def _report(word: str, folder: Path) -> Report:
    """The report of a file, or of a run in the state of a folder."""
    from scanner.state import store

    path = Path(word)
    return store.read(path) if path.suffix == ".json" or path.exists() else store.find(folder, word)


def runs(config: ConfigFile = None, lang: Lang = None) -> None:
    """Runs that are remembered, the newest first.

    Example: chujing runs
    """
    from reports.messages.words import t
    from scanner.state import store

    reader, remembered = language(lang), store.runs(base_folder(config))
    for id, started, as_of in remembered:
        typer.echo(f"{id}  {started[:19]}Z  {as_of}")
    if not remembered:
        talk(t("cli.no_runs", reader))


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
    Command("diff", diff, place=100),
    Command("runs", runs, place=120),
    Command("purge", purge, place=130),
)
