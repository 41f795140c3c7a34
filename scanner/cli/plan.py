"""`chujing plan`: look at the names of everything first, and say in which order to read values."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_seconds, source_from_url
from scanner.cli.output import screen_width, talk
from scanner.files import write_atomically

if TYPE_CHECKING:
    from reports.reading_plan import ReadingPlan
    from scanner.config.model import Config
    from scanner.gather.carry_over import ResultStore
    from scanner.gather.sweep import SweepResult

EARLY = 300  # seconds after which a sweep that is not over shows what it has so far


@dataclass(frozen=True, slots=True)
class _Planning:
    """What a plan is made from, and how it is printed. night: seconds of one night, as typed in `budget`."""

    config: Config
    results: ResultStore
    rows: int
    night: float | None
    budget: str
    limit: int
    lang: str

    def plan(self) -> ReadingPlan:
        """Return the plan by what the sweeps have shown until now."""
        from scanner.gather.reading_plan import ReadingPace, make_plan
        from scanner.gather.summary_store import SummaryStore, last_readings

        sources = [s.id for s in self.config.sources]
        readings, pace = last_readings(self.results)
        summaries = SummaryStore(self.results).summaries(sources)
        return make_plan(summaries, self.config.flows, readings, ReadingPace(self.rows, pace, self.night))

    def print(self, plan: ReadingPlan, so_far: bool) -> None:
        """Print a plan to stdout. so_far: there is more to look at."""
        from reports.wording.reading_plan import PlanView, render

        view = PlanView(screen_width(80), self.limit, self.budget, so_far)
        typer.echo(render(plan, self.lang, view))


def plan(
    url: Annotated[
        str | None, typer.Argument(help="Where the data is; default: every source of chujing.yaml.")
    ] = None,
    config: ConfigFile = None,
    limit: Annotated[int, typer.Option(min=1, help="Tables to print; -o writes all.")] = 50,
    output: Annotated[
        list[Path] | None, typer.Option("--output", "-o", help="Write .csv or .json; may be repeated.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Time of one night, e.g. 2h: how many nights would it take?")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows the scan would draw from each table.")] = 2_000,
    password_env: Annotated[
        str | None, typer.Option(help="Environment variable holding the password of URL.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Lang = None,
) -> None:
    """Look at names, comments and statistics of every table, and list what to read first; no value is read.

    In a flow; likely sensitive; many persons; uncertain; the rest. What is as it was in the last sweep is not
    looked at again.
    Exit status: 0 done, 2 wrong usage or configuration, 3 something could not be listed, 130 interrupted
    (what was seen is listed).

    Example: chujing plan -c chujing.yaml --budget 2h -o plan.csv
    """
    from reports.wording.reading import unread_words
    from scanner.gather.carry_over import open_results
    from scanner.gather.examiner_pool import use_detectors
    from scanner.gather.progress import Progress
    from scanner.gather.sweep import SweepScope, sweep
    from scanner.gather.unread_files import ignored_files

    if url is not None and config is not None:
        raise ConfigError(Msg("give a URL or --config, not both"))
    reader = language(lang)
    _check_formats(output or [])
    night = parse_seconds(budget)
    settings = _settings(url, config, password_env)
    use_detectors(settings.detectors)
    progress, started = Progress(quiet=quiet, lang=reader), time.monotonic()
    shown = False

    with open_results(base_folder(config)) as results:
        planning = _Planning(settings, results, rows, night, budget or "", limit, reader)

        def show_early(_: SweepResult) -> None:
            nonlocal shown
            if not shown and time.monotonic() - started > EARLY:
                shown = True
                progress.done()
                planning.print(planning.plan(), so_far=True)

        scope = SweepScope(settings.sources, settings.profile, settings.detectors)
        swept = sweep(scope, results, progress, show_early)
        progress.done()
        talk(_sweep_line(swept, time.monotonic() - started, reader))
        final = planning.plan()
    for path in output or []:
        _write(final, path)
    planning.print(final, so_far=swept.interrupted)
    ignored = ignored_files(swept.skipped, settings.ignore, date.today())
    unlisted = [skipped for skipped in swept.skipped if skipped.id not in ignored]
    for skipped in unlisted:
        talk(f"{skipped.id}  {unread_words(skipped.reason, skipped.hint, reader)}")
    raise typer.Exit(130 if swept.interrupted else 3 if unlisted else 0)


def _settings(url: str | None, config: Path | None, password_env: str | None) -> Config:
    """Return the configuration to look at: chujing.yaml, or a source given as a URL."""
    from scanner.config.model import Config
    from scanner.workspace import open_workspace

    if url is None:
        return open_workspace(config).config
    return Config(sources=(source_from_url(url, None, password_env),))


def _sweep_line(swept: SweepResult, seconds: float, lang: str) -> str:
    from reports.messages.words import t
    from reports.wording.figures import number

    tables, refreshed, removed = number(swept.tables), number(swept.refreshed), number(swept.removed)
    return t("plan.swept", lang, tables=tables, seconds=f"{seconds:.1f}", looked=refreshed, gone=removed)


def _check_formats(paths: list[Path]) -> None:
    """Raise ConfigError for a file that is neither CSV nor JSON."""
    for path in paths:
        if path.suffix not in (".csv", ".json"):
            raise ConfigError(
                Msg('a plan is not written as "{name}"', name=path.suffix),
                where=str(path),
                hint=Msg("-o plan.csv or -o plan.json"),
            )


def _write(plan: ReadingPlan, path: Path) -> None:
    from reports.reading_plan import to_csv, to_json

    write_atomically(path, to_csv(plan).encode("utf-8-sig") if path.suffix == ".csv" else to_json(plan))
    talk(f"-> {path}")


COMMANDS = (Command("plan", plan, place=80, panel="look"),)
