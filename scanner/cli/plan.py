"""`chujing plan`: look at the names of everything first, and say in which order to read values."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_seconds, read_configuration, source_from_url
from scanner.cli.output import screen_width, talk
from scanner.files import replace_file

if TYPE_CHECKING:
    from reports.reading_plan import ReadingPlan
    from scanner.config.model import Config
    from scanner.gather.carry_over import ResultStore
    from scanner.gather.sweep import SweepResult

EARLY = 300                                   # seconds after which a sweep that is not over shows what it has so far


def plan(
    url: Annotated[str | None, typer.Argument(help="Where the data is; default: every source of chujing.yaml.")] = None,
    config: ConfigFile = None,
    limit: Annotated[int, typer.Option(min=1, help="Tables to print; -o writes all.")] = 50,
    output: Annotated[list[Path] | None, typer.Option("--output", "-o", help="Write .csv or .json; may be repeated.")] = None,
    budget: Annotated[str | None, typer.Option(help="Time of one night, e.g. 2h: how many nights would it take?")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows the scan would draw from each table.")] = 2_000,
    password_env: Annotated[str | None, typer.Option(help="Environment variable holding the password of URL.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Lang = None,
) -> None:
    """Look at names, comments and statistics of every table, and list what to read first; no value is read.

    In a flow; likely sensitive; many persons; uncertain; the rest. What is as it was in the last sweep is not looked at again.
    Exit status: 0 done, 2 wrong usage or configuration, 3 something could not be listed, 130 interrupted (what was seen is listed).

    Example: chujing plan -c chujing.yaml --budget 2h -o plan.csv
    """
    from reports.messages.words import t
    from reports.wording.figures import number
    from reports.wording.reading import unread_words
    from reports.wording.reading_plan import PlanView, render
    from scanner.config.model import Config
    from scanner.gather.carry_over import open_results
    from scanner.gather.examiner_pool import use_detectors
    from scanner.gather.progress import Progress
    from scanner.gather.sweep import SweepScope, sweep

    if url is not None and config is not None:
        raise ConfigError(Msg("give a URL or --config, not both"))
    speak = language(lang)
    _writable(output or [])
    night = parse_seconds(budget)
    settings = read_configuration(config) if url is None else Config(sources=(source_from_url(url, None, password_env),))
    assert settings is not None
    use_detectors(settings.detectors)
    progress, started = Progress(quiet=quiet, lang=speak), time.monotonic()
    shown = False
    view = PlanView(screen_width(80), limit, budget or "", so_far=True)

    with open_results(base_folder(config)) as results:

        def early(_: SweepResult) -> None:
            nonlocal shown
            if not shown and time.monotonic() - started > EARLY:
                shown = True
                progress.done()
                typer.echo(render(_planned(settings, results, rows, night), speak, view))

        done = sweep(SweepScope(settings.sources, settings.profile, settings.detectors), results, progress, early)
        progress.done()
        talk(t("plan.swept", speak, tables=number(done.tables), seconds=f"{time.monotonic() - started:.1f}", looked=number(done.refreshed),
               gone=number(done.removed)))
        found = _planned(settings, results, rows, night)
    for path in output or []:
        _write(found, path)
    typer.echo(render(found, speak, replace(view, so_far=done.interrupted)))
    for s in done.skipped:
        talk(f"{s.id}  {unread_words(s.reason, s.hint, speak)}")
    raise typer.Exit(130 if done.interrupted else 3 if done.skipped else 0)


def _planned(settings: Config, results: ResultStore, rows: int, night: float | None) -> ReadingPlan:
    from scanner.gather.reading_plan import ReadingPace, make_plan
    from scanner.gather.summary_store import SummaryStore, last_readings

    read, pace = last_readings(results)
    swept = SummaryStore(results).summaries([s.id for s in settings.sources])
    return make_plan(swept, settings.flows, read, ReadingPace(rows, pace, night))


def _writable(paths: list[Path]) -> None:
    for path in paths:
        if path.suffix not in (".csv", ".json"):
            raise ConfigError(
                Msg('a plan is not written as "{name}"', name=path.suffix),
                where=str(path),
                hint=Msg("-o plan.csv or -o plan.json"),
            )


def _write(found: ReadingPlan, path: Path) -> None:
    from reports.reading_plan import to_csv, to_json

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, to_csv(found).encode("utf-8-sig") if path.suffix == ".csv" else to_json(found))
    talk(f"-> {path}")


COMMANDS = (Command("plan", plan, place=80),)
