"""`chujing scan`: read the sources, count, decide, and print what was found."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ConfigError, StateError, nearest
from detectors.message import Msg
from scanner.cli import run_memory
from scanner.cli.command import Command
from scanner.cli.options import (
    Allow,
    AsOf,
    ConfigFile,
    Details,
    Lang,
    ReportFiles,
    base_folder,
    language,
    parse_bytes,
    parse_day,
    parse_month,
    parse_seconds,
    sheet_language,
    source_from_url,
)
from scanner.cli.output import (
    check_formats,
    lead_of,
    note_no_flow,
    note_unreviewed,
    print_report,
    print_summary,
    save_report,
    talk,
    warn,
)

if TYPE_CHECKING:
    from reports.model import Report
    from scanner.config.model import Config
    from scanner.config.run_options import RunSettings
    from scanner.gather.carry_over import ResultStore
    from scanner.spark import Engine
    from scanner.state.store import Remembered
    from scanner.workspace import Workspace

LogForm = Literal["text", "json"]


def scan(
    context: typer.Context,
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[URL]...", help="Where the data is: postgresql://reader@db/hr, folder/, *.csv, a.sql."
        ),
    ] = None,
    config: ConfigFile = None,
    dictionary: Annotated[
        Path | None, typer.Option(help="Data dictionary (CSV, XLSX, JSON) laid over the source.")
    ] = None,
    output: ReportFiles = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows to draw from each table.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 7,
    whole: Annotated[
        list[str] | None,
        typer.Option(
            "--whole", help="Look at every value of this column (id, its end, or */remark). May be repeated."
        ),
    ] = None,
    as_of: AsOf = None,
    profile: Annotated[str | None, typer.Option(help="gbt-45574-2025 or gbt-35273-2020 (stricter).")] = None,
    values: Annotated[
        bool, typer.Option("--values/--metadata-only", help="Read sample rows, or names and comments only.")
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print tables, the exact SQL and estimated bytes; read no data.")
    ] = False,
    allow: Allow = None,
    detectors_file: Annotated[
        Path | None, typer.Option("--detectors", help="YAML file with your own detectors.")
    ] = None,
    password_env: Annotated[
        str | None, typer.Option(help="Environment variable holding the password of URL.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Link every row, whether or not a legal line needs it.")
    ] = False,
    budget: Annotated[
        str | None,
        typer.Option(help="Time for reading and counting, e.g. 10m, 2h; the rest is for the next run."),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory for counting persons, e.g. 2GiB; the rest is on disk. Default 1GiB."),
    ] = None,
    gentle: Annotated[
        bool | None,
        typer.Option(
            "--gentle/--no-gentle",
            help="One connection to a source at a time, and a pause after every table.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that examine samples; default 1.")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Put the persons of active flows into the year's ledger.")
    ] = False,
    period: Annotated[
        str | None, typer.Option(help="Month to record, e.g. 2026-11; default the month of --as-of.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Read every table again; by default unchanged ones are carried over."),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", help="Read this source only; of the others the last findings stand. May be repeated."
        ),
    ] = None,
    log: Annotated[LogForm | None, typer.Option(help="Log lines on stderr: text or json.")] = None,
    metrics: Annotated[Path | None, typer.Option(help="Write a Prometheus textfile here.")] = None,
    engine: Annotated[
        Literal["local", "spark"] | None,
        typer.Option(help="Where tables are read: here (local, the default), or on a Spark cluster."),
    ] = None,
    master: Annotated[
        str,
        typer.Option(help="Spark master: spark://host:7077, yarn, k8s://https://host:6443 or local[2]."),
    ] = "",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress; with -o nothing on the screen but errors.")
    ] = False,
    json_lines: Annotated[
        bool,
        typer.Option("--json-lines", help="One JSON object a finding, flow and skipped thing on stdout."),
    ] = False,
    form: Annotated[
        Literal["text", "github"],
        typer.Option("--format", help="Of what is printed: github for annotations of a pull request."),
    ] = "text",
    require_reviews: Annotated[
        bool,
        typer.Option(
            "--require-reviews", help="Exit with 6 when a column with personal information has no review."
        ),
    ] = False,
    details: Details = False,
    lang: Lang = None,
) -> None:
    """Scan a source, or everything in chujing.yaml, and print what was found and what it means.

    Example: chujing scan postgresql://reader@db/hr --password-env HR_PW -o report.html
    Example: chujing scan -c chujing.yaml -o report.json -o report.html
    Example: chujing scan migrations/V7.sql --format github --require-reviews

    Jobs, gentle, engine, master, log and metrics may stand under `run:` in chujing.yaml; options come first.

    Exit status: 0 done, 1 internal error, 2 wrong usage or configuration, 3 something unread,
    4 a flow needs more than --allow, or none is described, 5 both 3 and 4, 6 a column needs a review,
    130 interrupted.
    """
    from scanner import job

    reader = language(lang)
    workspace = _workspace(urls or [], config, (dictionary, password_env), parse_day(as_of))
    if detectors_file is not None:
        workspace = replace(workspace, config=replace(workspace.config, detectors=detectors_file))
    settings = workspace.config
    settings.require_secrets()
    log = log or settings.run.log
    if dry_run:
        for line in job.dry_run(settings, rows=rows, seed=seed, lang=reader):
            typer.echo(line)
        return
    from scanner.config.run_options import USUAL_MEMORY, RunOptions
    from scanner.config.secret import reveal
    from scanner.connectors.host.connector import readers_for
    from scanner.connectors.host.launcher import do_without_pandas
    from scanner.gather.carry_over import open_results
    from scanner.gather.progress import Progress

    progress = Progress(quiet=quiet or log is not None, lang=reader)
    base = base_folder(config)
    _check_source_names(only or [], settings)
    inputs = [str(part) for source in settings.sources for part in (source.url, source.dictionary) if part]
    check_formats(output, inputs)
    with (
        readers_for((source.url for source in settings.sources), any(s.dictionary for s in settings.sources)),
        _cluster(engine, master, settings.run) as cluster,
        open_results(base, full=full, only=only or ()) as results,
    ):
        if cluster is None:
            do_without_pandas()
        else:
            cluster.watch = progress.note
        webhook = reveal(settings.webhook) or ""
        aside = run_memory.is_aside(workspace)
        has_news = not (aside or details or json_lines or quiet)
        before = _last_report(workspace) if webhook or has_news else None
        day = parse_day(as_of)
        month = parse_month(period, day) if record else ""
        options = RunOptions(
            rows, seed, day, values, profile, exact, parse_seconds(budget), gentle, jobs, month,
            parse_bytes(memory) or USUAL_MEMORY, tuple(whole or ()),
        )
        report = job.scan(workspace, options, progress=progress, results=results, engine=cluster)
        progress.done()
        status, command = job.exit_status(report, allow), run_memory.typed_command(context)
        waiting = _waiting(report) if require_reviews else 0
        if waiting and not status:
            status = 6
        remembered = _remember(report, workspace, results, command, status)
    note_no_flow(report, allow, reader)
    note_unreviewed(waiting, reader)
    _save(report, output, sheet_language(lang), quiet)
    if form == "github":
        _print_annotations(report, settings, reader)
    elif json_lines:
        _print_json_lines(report)
    elif details:
        print_report(report, reader)
    elif not (quiet and output):
        news = _news(_comparable(before, report, workspace), report, reader) if has_news else []
        print_summary(report, reader, news, lead="aside" if aside else lead_of(workspace))
    if isinstance(remembered, StateError):
        raise remembered
    if not quiet:
        run_memory.print_outcome(report, workspace, remembered, reader)
    if before is not None and webhook and not _announce_changes(before, report, webhook, log, reader):
        status = {0: 3, 4: 5}.get(status, status)
    _log_and_measure(report, status, metrics or settings.metrics, log)
    raise typer.Exit(status)


def _workspace(
    urls: Sequence[str], config: Path | None, reading: tuple[Path | None, str | None], day: date
) -> Workspace:
    """Return the folder to scan: that of chujing.yaml, or this one, with its reviews, for a URL.

    reading: dictionary and variable of the password, of a URL. day: of the decision.
    """
    from scanner.config.model import Config
    from scanner.records import reviews
    from scanner.workspace import Workspace, open_workspace

    if not urls:
        return open_workspace(config, day=day)
    if config is not None:
        raise ConfigError(Msg("give a URL or --config, not both"))
    if not all(url.strip() for url in urls):
        raise ConfigError(Msg("nothing to scan: the {kind} is empty", kind="URL"))
    sources = tuple(source_from_url(url, *reading) for url in urls)
    ids = [source.id for source in sources]
    if shared := next((id for id in ids if ids.count(id) > 1), None):
        raise ConfigError(
            Msg('two sources are called "{name}"', name=shared),
            hint=Msg("give them names under sources: in chujing.yaml"),
        )
    folder = base_folder(config)
    return Workspace(folder, Config(sources=sources), configured=True, reviews=reviews.read(folder))


def _last_report(workspace: Workspace) -> Report | None:
    """Return the last scan of a folder in outline; None where there is none."""
    from scanner.state import store

    entry = store.last_entry(workspace.folder, workspace.config_name)
    return None if entry is None else store.last(workspace.folder, workspace.config_name, store.no_table)


@contextmanager
def _cluster(engine: str | None, master: str, configured: RunSettings) -> Iterator[Engine | None]:
    """Yield the engine of --engine spark, or of the configuration, and stop it afterwards.

    Raise ConfigError when options contradict each other.
    """
    if (engine or configured.engine or "local") == "local":
        if master:
            raise ConfigError(
                Msg("--master is for --engine spark"),
                hint=Msg("--engine spark --master {address}", address=master),
            )
        yield None
        return
    from scanner.spark import Engine

    with Engine(master or configured.master) as cluster:
        yield cluster


def _check_source_names(names: list[str], settings: Config) -> None:
    """Raise ConfigError for a source that is not configured."""
    source_ids = [s.id for s in settings.sources]
    for name in names:
        if name not in source_ids:
            hint = nearest(name, source_ids) or Msg("known: {names}", names=tuple(source_ids))
            raise ConfigError(Msg('no source "{name}"', name=name), where=settings.file, hint=hint)


def _remember(
    report: Report, workspace: Workspace, results: ResultStore, command: str, status: int
) -> Remembered | StateError:
    """Remember a scan before it is delivered; return why it could not be: it is delivered all the same."""
    from reports import unread
    from reports.model import waits

    try:
        remembered = run_memory.remember(report, workspace, command, status)
    except StateError as e:
        return e
    if not report.run.interrupted:
        results.finish(
            postponed=any(waits(x) or x.why.code.startswith(unread.CHANGED) for x in report.tables),
            own=run_memory.is_aside(workspace),
        )
    return remembered


def _save(report: Report, output: list[Path] | None, lang: str, quiet: bool) -> None:
    """Write the reports; raise ConfigError, with how to write them later, when one cannot be written."""
    from reports.formats import formats

    try:
        save_report(report, output, lang, quiet)
    except ConfigError as e:
        suffix = Path(str(e.where)).suffix
        id, file = report.run.id, f"FILE{suffix if suffix[1:] in formats() else '.html'}"
        hint = Msg("the scan is remembered: chujing decide {id} -o {file} writes it", id=id, file=file)
        raise ConfigError(e.what, where=e.where, hint=hint) from None


def _print_json_lines(report: Report) -> None:
    from reports.formats import jsonl

    jsonl.write(report, sys.stdout)


def _waiting(report: Report) -> int:
    """Return how many columns with personal information nobody has decided about."""
    from reports.wording.annotations import unreviewed

    return sum(1 for _ in unreviewed(report))


def _print_annotations(report: Report, settings: Config, lang: str) -> None:
    from reports.wording.annotations import annotation_lines
    from scanner.review.file_places import file_places

    for line in annotation_lines(report, file_places(report, settings.sources), lang):
        typer.echo(line)


def _comparable(before: Report | None, report: Report, workspace: Workspace) -> Report | None:
    """Return the scan before as far as it is of the same sources; a URL that is typed may be another one."""
    from detectors.ids import source_of

    if before is None or workspace.config_name:
        return before
    urls = {source.id: source.url for source in report.sources}
    same = {source.id for source in before.sources if urls.get(source.id) == source.url}
    tables = tuple(table for table in before.tables if source_of(table.id) in same)
    return replace(before, tables=tables) if same else None


def _news(before: Report | None, report: Report, lang: str) -> list[str]:
    """Return what differs from the scan before, a line each: paths first, then findings."""
    from scanner.review.diff import compare_scans
    from scanner.review.diff_lines import difference_line

    if before is None:
        return []
    first = ("path", "finding", "sensitivity", "possible")
    differences = compare_scans(before, report)
    differences.sort(key=lambda d: first.index(d.what) if d.what in first else len(first))
    return [difference_line(d, lang) for d in differences]


def _announce_changes(before: Report, report: Report, webhook: str, log: LogForm | None, lang: str) -> bool:
    """Send what changed since the scan before, where anything did; return whether it was delivered."""
    from scanner.deliver.telemetry import line, send
    from scanner.review.diff import compare_scans
    from scanner.review.diff_lines import summary

    text = summary(compare_scans(before, report), report, lang)
    fault = send(text, webhook) if text else ""
    if fault and log:
        talk(line("undelivered", {"run": report.run.id, "reason": fault}, log))
    elif fault:
        warn(fault, lang)
    return not fault


def _log_and_measure(report: Report, status: int, metrics: Path | None, log: LogForm | None) -> None:
    from scanner.deliver.telemetry import lines, write_metrics

    if metrics is not None:
        write_metrics(report, status, metrics)
    for line in lines(report, status, log) if log else ():
        talk(line)


COMMANDS = (Command("scan", scan, place=10, panel="look"),)
