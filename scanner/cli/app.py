"""The command line. Findings on stdout, talk on stderr, exit status written down and kept.

Nothing heavy is imported here: every command imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ChujingError, ConfigError, SourceError
from detectors.message import Msg
from reports.messages.cli_words import CLI
from scanner.cli.baseline import app as baseline_app
from scanner.cli.digest import digest
from scanner.cli.facts import app as facts_app
from scanner.cli.fields import app as fields_app
from scanner.cli.filing import dossier as dossier_app
from scanner.cli.filing import filing as filing_app
from scanner.cli.flows import app as flows_app
from scanner.cli.history import diff, purge, runs
from scanner.cli.options import (
    AsOf,
    ConfigFile,
    Lang,
    base_folder,
    language,
    language_of_arguments,
    parse_day,
    parse_seconds,
    required_configuration,
    say,
    sheet_language,
    source_from_url,
    talk,
    warn,
)
from scanner.cli.options import read_configuration as _config
from scanner.cli.plan import plan
from scanner.cli.push import push
from scanner.cli.review import app as review_app
from scanner.cli.schedule import app as schedule_app
from scanner.cli.taxonomy import app as taxonomy_app
from scanner.cli.usage import MISUSE, usage_error_text
from scanner.cli.zones import app as zones_app
from scanner.state.version import VERSION

if TYPE_CHECKING:
    from mappings.model import Flow
    from reports.model import Report
    from scanner.config.model import Config
    from scanner.spark import Engine

EXIT = """

Exit status: 0 done, 1 internal error, 2 wrong usage or configuration, 3 something unread,
4 a flow needs more than --allow, 5 both 3 and 4, 130 interrupted.
"""

app = typer.Typer(
    name="chujing", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
    help="出境: find personal information and candidate important data, count people, and support the export decision.\n\n"
         "A machine proposes; people and authorities decide. Try: chujing demo",
)

Outputs = Annotated[list[Path] | None, typer.Option("--output", "-o", help="Write .json, .html or .xlsx; may be repeated.")]
Allow = Annotated[
    Literal["exempt", "contract", "assessment"] | None,
    typer.Option(help="Exit with 4 when a flow appears to need more than this."),
]


@app.command()
def scan(
    url: Annotated[str | None, typer.Argument(help="Where the data is: postgresql://reader@db/hr, folder/, *.csv.")] = None,
    config: ConfigFile = None,
    dictionary: Annotated[Path | None, typer.Option(help="Data dictionary (CSV, XLSX, JSON) laid over the source.")] = None,
    output: Outputs = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows to draw from each table.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 7,
    as_of: AsOf = None,
    profile: Annotated[str | None, typer.Option(help="gbt-45574-2025 or gbt-35273-2020 (stricter).")] = None,
    values: Annotated[bool, typer.Option("--values/--metadata-only", help="Read sample rows, or names and comments only.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print tables, the exact SQL and estimated bytes; read no data.")] = False,
    allow: Allow = None,
    detectors_file: Annotated[Path | None, typer.Option("--detectors", help="YAML file with your own detectors.")] = None,
    password_env: Annotated[str | None, typer.Option(help="Environment variable holding the password of URL.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Link every row, whether or not a legal line needs it.")] = False,
    budget: Annotated[str | None, typer.Option(help="Time for reading and counting, e.g. 10m, 2h; the rest is for the next run.")] = None,
    gentle: Annotated[bool, typer.Option("--gentle", help="One connection to a source at a time, and a pause after every table.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that examine samples.")] = 1,
    record: Annotated[bool, typer.Option("--record", help="Put the persons of active flows into the year's ledger.")] = False,
    period: Annotated[str | None, typer.Option(help="Month to record, e.g. 2026-11; default the month of --as-of.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read every table again; by default unchanged ones are carried over.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Read this source only; of the others the last findings stand. May be repeated.")
    ] = None,
    log: Annotated[Literal["text", "json"] | None, typer.Option(help="Log lines on stderr: text or json.")] = None,
    metrics: Annotated[Path | None, typer.Option(help="Write a Prometheus textfile here.")] = None,
    engine: Annotated[Literal["local", "spark"], typer.Option(help="Where tables are read: here, or on a Spark cluster.")] = "local",
    master: Annotated[str, typer.Option(help="Spark master: spark://host:7077, yarn, local-cluster[2,1,1024] or local[2].")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress; with -o nothing on the screen but errors.")] = False,
    json_lines: Annotated[bool, typer.Option("--json-lines", help="One JSON object a finding, flow and skipped thing on stdout.")] = False,
    lang: Lang = None,
) -> None:
    from scanner import job
    from scanner.config.model import Config
    from scanner.records import reviews

    speak = language(lang)
    if url is not None and config is not None:
        raise ConfigError(Msg("give a URL or --config, not both"))
    settings = _config(config) if url is None else Config(
        sources=(source_from_url(url, dictionary, password_env),), reviews=reviews.read(base_folder(config)))
    assert settings is not None
    if detectors_file is not None:
        settings = replace(settings, detectors=detectors_file)
    if dry_run:
        for line in job.dry_run(settings, rows=rows, seed=seed, lang=speak):
            typer.echo(line)
        return
    from reports.model import waits
    from scanner.gather.carry_over import open_results
    from scanner.gather.progress import Progress
    from scanner.state import store

    progress = Progress(quiet=quiet or log is not None, lang=speak)
    base = base_folder(config)
    _check_source_names(only or [], settings)
    with _cluster(engine, master) as cluster, open_results(base, full=full, only=only or ()) as results:
        before = store.last(base) if settings.webhook and store.runs(base) else None
        report = job.scan(
            settings, rows=rows, seed=seed, as_of=parse_day(as_of), values=values, profile=profile, progress=progress,
            record=_month(period, parse_day(as_of)) if record else "", exact=exact, budget=parse_seconds(budget), results=results,
            gentle=gentle, jobs=jobs, engine=cluster,
        )
        progress.done()
        _deliver(report, output, speak, base, remember=True, quiet=quiet, json_lines=json_lines, sheets=sheet_language(lang))
        if not report.run.interrupted:
            results.finish(left=any(waits(x) or x.why.startswith("changed_") for x in report.tables))
    raise typer.Exit(_announce(report, before, job.exit_status(report, allow), settings, metrics, log, speak))


scan.__doc__ = f"""Scan a source, or everything in chujing.yaml, and print what was found and what it means.

Example: chujing scan postgresql://reader@db/hr --password-env HR_PW -o report.html
Example: chujing scan -c chujing.yaml -o report.json -o report.html{EXIT}"""
app.registered_commands[-1].help = scan.__doc__


@contextmanager
def _cluster(engine: str, master: str) -> Iterator[Engine | None]:
    """The engine of --engine spark, stopped afterwards; ConfigError when options contradict each other."""
    if engine == "local":
        if master:
            raise ConfigError(
                Msg("--master is for --engine spark"),
                hint=Msg("--engine spark --master {address}", address=master),
            )
        yield None
        return
    from scanner.spark import Engine

    with Engine(master) as cluster:
        yield cluster


def _check_source_names(only: list[str], settings: Config) -> None:
    """ConfigError for a source that is not configured."""
    from detectors.errors import nearest

    known = [s.id for s in settings.sources]
    for name in only:
        if name not in known:
            raise ConfigError(
                Msg('no source "{name}"', name=name),
                where=settings.file,
                hint=nearest(name, known) or Msg("known: {names}", names=tuple(known)),
            )


def _announce(
    report: Report, before: Report | None, status: int, settings: Config, metrics: Path | None, log: str | None, lang: str
) -> int:
    """Log lines, metrics and the summary of changes; 3 or 5 in place of 0 or 4 when the summary could not be delivered."""
    from scanner.deliver.telemetry import line, lines, send, summary, write_metrics
    from scanner.review.diff import compare

    if before is not None and (text := summary(compare(before, report), report, lang)) and (why := send(text, settings.webhook)):
        if log:
            talk(line("undelivered", {"run": report.run.id, "reason": why}, log))
        else:
            warn(why, lang)
        status = {0: 3, 4: 5}.get(status, status)
    if (path := metrics or settings.metrics) is not None:
        write_metrics(report, status, path)
    for told in lines(report, status, log) if log else ():
        talk(told)
    return status


def _month(period: str | None, on: date) -> str:
    """The month to record, checked; ConfigError when it is none, or not of the year of `on`."""
    from scanner.count.ledger import month_bounds

    told = period or f"{on:%Y-%m}"
    if month_bounds(told)[0].year != on.year:
        raise ConfigError(
            Msg("{month} is not in {year}", month=told, year=on.year),
            hint=Msg("a year's ledger has a key of its own: give --as-of a day of that year"),
        )
    return told


def _deliver(
    report: Report, output: list[Path] | None, lang: str, base: Path, *, remember: bool, quiet: bool = False, json_lines: bool = False,
    sheets: str = "zh",
) -> None:
    from reports.formats import save, terminal
    from scanner.state import store

    for path in output or []:
        for written in save(report, path, sheets):
            if not quiet:
                talk(f"-> {written}")
    if remember:
        store.remember(report, base)
    if json_lines:
        from reports.formats import jsonl

        jsonl.write(report, sys.stdout)
        return
    if quiet and output:
        return
    typer.echo(terminal.render(report, lang, width=_width(), colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ))


def _width() -> int:
    import shutil

    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 140)) if sys.stdout.isatty() else 100


@app.command()
def decide(
    report: Annotated[Path | None, typer.Argument(help="report.json; default: the last scan.")] = None,
    config: ConfigFile = None,
    facts: Annotated[Path | None, typer.Option(help="Decide from facts in a YAML file; no scan needed.")] = None,
    what_if: Annotated[str | None, typer.Option(help="Answers and changes to try, e.g. ciio=yes,drop=crm/member/id_no.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="The decision tree of each flow, and the smallest changes that lower it.")
    ] = False,
    output: Outputs = None,
    as_of: AsOf = None,
    allow: Allow = None,
    lang: Lang = None,
) -> None:
    """Support the export decision from the last scan or from stated facts, reading no data.

    Example: chujing decide --what-if ciio=yes,drop=crm/public/member/id_no
    Example: chujing decide --explain
    Example: chujing decide --facts facts.yaml --as-of 2023-06-30
    """
    from scanner import job
    from scanner.records import reviews
    from scanner.review import redecide
    from scanner.state import store

    speak = language(lang)
    tried = redecide.parsed(what_if or "")
    when = parse_day(as_of) if as_of else None
    base = base_folder(config)
    settings = None
    if facts is not None:
        result = redecide.from_facts(facts, tried, when)
    else:
        previous = store.read(report) if report is not None else store.last(base)
        settings = _config(config, required=False)
        result = redecide.again(previous, settings, tried, when, reviews.read(base))
    _deliver(result, output, speak, base, remember=False, sheets=sheet_language(lang))
    if explain:
        from scanner.review.explain import trees

        for line in trees(result, speak, settings.fact_provenance if settings is not None else {}):
            say(line)
    raise typer.Exit(job.exit_status(result, allow, unread=False))


@app.command()
def check(
    config: ConfigFile = None,
    schema: Annotated[bool, typer.Option(help="Print the JSON Schema of chujing.yaml.")] = False,
    lang: Lang = None,
) -> None:
    """Check chujing.yaml without connecting to anything.

    Example: chujing check -c chujing.yaml
    """
    from scanner.config.model import SHAPE
    from scanner.config.yaml_lines import json_schema

    if schema:
        import json

        typer.echo(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | json_schema(SHAPE),
                              ensure_ascii=False, indent=2))
        return
    from reports.messages.words import t

    speak, settings = language(lang), required_configuration(config)
    typer.echo(t("cli.checked", speak, file=settings.file, sources=len(settings.sources), flows=len(settings.flows)))


@app.command()
def explain(
    id: Annotated[str, typer.Argument(help="Column or flow id, or its unambiguous end, e.g. member/mobile.")],
    report: Annotated[Path | None, typer.Option(help="report.json; default: the last scan, with today's reviews.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Say why a column has its label and what people decided about it, or why a flow has its path.

    Example: chujing explain member/mobile
    """
    from scanner.review.explain import current
    from scanner.review.explain import explain as tell
    from scanner.state import store

    found, decided = (store.read(report), None) if report is not None else current(
        base_folder(config), _config(config, required=False), date.today())
    for line in tell(found, id, language(lang), decided).splitlines():
        say(line)


@app.command()
def evaluate(
    report: Annotated[Path, typer.Argument(help="report.json of a scan.")],
    gold: Annotated[Path, typer.Argument(help="CSV: system,table,column,pi,pi_type,tier,sensitive,...")],
    lang: Lang = None,
) -> None:
    """Measure findings against your own labels: precision, recall, F1, by label, hard negatives, calibration.

    Example: chujing evaluate report.json gold.csv
    """
    from scanner.review.evaluate import evaluate_report
    from scanner.state import store

    for line in evaluate_report(store.read(report), gold, language(lang)):
        say(line)


@app.command()
def init(
    url: Annotated[str, typer.Argument(help="A source to look at, e.g. sqlite:///crm.db or exports/.")],
    config: Annotated[Path, typer.Option("--config", "-c", help="File to write.")] = Path("chujing.yaml"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: unanswered facts stay unknown.")] = False,
    lang: Lang = None,
) -> None:
    """Look at a source, ask at most eight company facts and write a commented chujing.yaml.

    Example: chujing init sqlite:///crm.db
    """
    from scanner.setup.init import write_config

    if config.exists():
        raise ConfigError(
            Msg("already there"), where=str(config), hint=Msg("choose another name with --config")
        )
    def ask(question: str) -> str:
        return str(typer.prompt(question, default="", show_default=False, err=True))

    for line in write_config(url, config, language(lang), None if yes or not sys.stdin.isatty() else ask):
        talk(line)


own = typer.Typer(no_args_is_help=False, help="Value detectors: list them, or test your own.\n\nExample: chujing detectors")
app.add_typer(own, name="detectors", invoke_without_command=True)


@own.callback(invoke_without_command=True)
def detectors(context: typer.Context, lang: Lang = None) -> None:
    """List the value detectors: what they find, how often chance would agree, and the standard behind them.

    Example: chujing detectors
    """
    if context.invoked_subcommand is not None:
        return
    from detectors.registry import value_detectors
    from reports.cells import padded
    from reports.messages.words import t

    speak = language(lang)
    for d in value_detectors():
        title = padded(d.title if speak == "zh" else d.title_en, 30)
        say(t("cli.detector", speak, name=f"{d.name:<28}", label=f"{d.label:<20}", title=title, chance=f"{d.chance:<8.4g}",
              source=d.source))


@own.command("test")
def detectors_test(
    file: Annotated[Path, typer.Argument(help="YAML file with your own detectors.")], lang: Lang = None,
) -> None:
    """Run the examples of your own detectors; exit status 2 when one is at fault.

    Example: chujing detectors test detectors.yaml
    """
    from detectors.custom import load
    from reports.messages.words import t

    speak = language(lang)
    for c in load(file):
        d = c.detector
        say(t("cli.tested", speak, name=d.name, found=len(d.examples), left=len(d.counterexamples), names=len(c.names)))


@own.command("import")
def detectors_import(
    file: Annotated[Path, typer.Argument(help="Presidio recognisers, or OpenMetadata tags with recognisers (YAML or JSON).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="YAML file to write.")] = Path("detectors.yaml"),
    label: Annotated[list[str] | None, typer.Option("--label", help="ENTITY=label; may be repeated.")] = None,
    lang: Lang = None,
) -> None:
    """Turn others' pattern and word-list recognisers into detectors of your own; what cannot be carried over is named.

    Example: chujing detectors import recognizers.yaml --label LOYALTY_ID=user_id -o detectors.yaml
    """
    import yaml

    from detectors.custom import load
    from detectors.importers import convert
    from reports.messages.refusals.lines import refused
    from reports.messages.words import t

    speak = language(lang)
    given = dict(part.partition("=")[::2] for part in label or ())
    if output.exists():
        raise ConfigError(Msg("already there"), where=str(output), hint=Msg("choose another name with -o"))
    imported = convert(file, given)
    for line in imported.omitted:
        talk(t("cli.left_out", speak, what=refused(line, speak)))
    if not imported.detectors:
        raise ConfigError(Msg("nothing could be carried over"), where=str(file))
    output.write_text(yaml.safe_dump({"detectors": list(imported.detectors)}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    load(output)
    talk(t("cli.imported", speak, file=output, n=len(imported.detectors), left=len(imported.omitted)))
    talk(t("cli.add_examples", speak, file=output))


brought = typer.Typer(no_args_is_help=False, help="Text models: list them, add or remove one.\n\nExample: chujing models")
app.add_typer(brought, name="models", invoke_without_command=True)


@brought.callback(invoke_without_command=True)
def models(context: typer.Context, lang: Lang = None) -> None:
    """List the text models: the one that ships, those you added, and which one reads Chinese and English.

    Example: chujing models
    """
    if context.invoked_subcommand is not None:
        return
    from detectors.language import crf
    from detectors.language.models import added_models, folder, model_name
    from reports.messages.words import t

    speak = language(lang)
    english = model_name("en")
    used = {model_name("zh"), english}
    for name in (crf.builtin_name(), *(p.name for p in added_models())):
        typer.echo(f"{'*' if name in used else ' '} {name}")
    talk(t("cli.models", speak, folder=folder()))
    if not english:
        talk(t("cli.no_english", speak))


@brought.command("add")
def models_add(
    path: Annotated[Path, typer.Argument(help="Folder of LAC's weights, or of a spaCy pipeline.")], lang: Lang = None,
) -> None:
    """Try a model and copy it to your models; it is used from then on.

    Example: chujing models add LAC-2.1.2/LAC/lac_model
    """
    from detectors.language.models import add
    from reports.messages.words import t

    speak = language(lang)
    talk(t("cli.model_added", speak, name=add(path)))


@brought.command("remove")
def models_remove(name: Annotated[str, typer.Argument(help="As chujing models lists it.")], lang: Lang = None) -> None:
    """Forget a model you added.

    Example: chujing models remove lac-2.1.2
    """
    from detectors.language.models import remove
    from reports.messages.words import t

    speak = language(lang)
    remove(name)
    talk(t("cli.model_removed", speak, name=name))


book = typer.Typer(no_args_is_help=True, help="年度出境台账: the persons exported since 1 January.\n\nExample: chujing ledger show")
app.add_typer(book, name="ledger")


@book.command("show")
def ledger_show(
    config: ConfigFile = None,
    year: Annotated[int | None, typer.Option(help="Default: this year.")] = None,
    lang: Lang = None,
) -> None:
    """List a year's entries and the distinct persons by entity and of the group; verify every seal.

    Example: chujing ledger show --year 2026
    """
    from scanner.cli.ledger_words import ledger_lines

    for line in ledger_lines(_config(config), year or date.today().year, language(lang)):
        say(line)


@book.command("record")
def ledger_record(
    flow: Annotated[str, typer.Argument(help="Id of an active flow.")],
    period: Annotated[str | None, typer.Option(help="Month, e.g. 2026-11; default the month of --as-of.")] = None,
    config: ConfigFile = None,
    as_of: AsOf = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Lang = None,
) -> None:
    """Read one flow's rows and put its persons into the ledger.

    Example: chujing ledger record crm-to-hq --period 2026-11
    """
    from reports.messages.words import note
    from scanner import job
    from scanner.gather.progress import Progress

    settings = _config(config)
    assert settings is not None
    mine = _require_flow(settings, flow)
    if mine.status != "active":
        raise ConfigError(
            f'flow "{flow}" is {mine.status}',
            where=settings.file,
            hint=Msg("only what really leaves is recorded: status: active"),
        )
    progress = Progress(quiet=quiet, lang=language(lang))
    report = job.scan(replace(settings, flows=(mine,)), as_of=parse_day(as_of), progress=progress, record=_month(period, parse_day(as_of)))
    progress.done()
    for f in report.flows:
        for text in f.count_notes:
            say(note(text, language(lang)))
    raise typer.Exit(job.exit_status(report, None))


@book.command("declare")
def ledger_declare(
    flow: Annotated[str, typer.Argument(help="Id of a flow.")],
    period: Annotated[str, typer.Option(help="Month or span in words, e.g. 2026-01.")],
    individuals: Annotated[int, typer.Option(min=0, help="Distinct persons.")],
    by: Annotated[str, typer.Option(help="Who states it.")],
    evidence: Annotated[str, typer.Option(help="What it rests on.")],
    sensitive: Annotated[int, typer.Option(min=0, help="Of these, with sensitive data.")] = 0,
    config: ConfigFile = None,
    as_of: AsOf = None,
    lang: Lang = None,
) -> None:
    """Enter persons exported before chujing was there, with author and evidence; shown as declared.

    Example: chujing ledger declare crm-to-hq --period 2026-01 --individuals 1200 --by 王敏 --evidence "SFTP log"
    """
    from reports.messages.words import t
    from scanner.cli.ledger_words import open_ledger
    from scanner.count.ledger import append, declared_entry

    settings = _config(config)
    assert settings is not None
    mine = _require_flow(settings, flow)
    base, key = open_ledger(settings, parse_day(as_of).year)
    number = append(base, key, parse_day(as_of).year, declared_entry(mine.entity, mine.id, period, individuals, sensitive, by, evidence))
    typer.echo(t("ledger.declared", language(lang), n=number))


def _require_flow(settings: Config, flow: str) -> Flow:
    from detectors.errors import nearest

    known = {f.id: f for f in settings.flows}
    if flow not in known:
        raise ConfigError(
            Msg('no flow "{name}"', name=flow),
            where=settings.file,
            hint=nearest(flow, known) or Msg("known: {names}", names=tuple(known)),
        )
    return known[flow]


@app.command()
def rules(name: Annotated[str, typer.Argument(help="Rule set.")] = "cn-2024", lang: Lang = None) -> None:
    """Show a rule set: every line and exemption with its clause and how sure we are of the source.

    Example: chujing rules cn-2024
    """
    from mappings.rules import load_ruleset
    from reports.wording.law import law_words

    speak = language(lang)
    for line in load_ruleset(name).text(speak, lambda kind, word: law_words(kind, word, speak)):
        say(line)


app.command()(plan)
app.command()(push)
app.command()(diff)
app.command()(digest)
app.command()(runs)
app.command()(purge)
app.add_typer(baseline_app, name="baseline", invoke_without_command=True)
app.add_typer(filing_app, name="filing")
app.add_typer(dossier_app, name="dossier")
app.add_typer(flows_app, name="flows", invoke_without_command=True)
app.add_typer(facts_app, name="facts", invoke_without_command=True)
app.add_typer(fields_app, name="fields")
app.add_typer(schedule_app, name="schedule")
app.add_typer(review_app, name="review")
app.add_typer(taxonomy_app, name="taxonomy", invoke_without_command=True)
app.add_typer(zones_app, name="zones", invoke_without_command=True)


@app.command()
def audit(config: ConfigFile = None, lang: Lang = None) -> None:
    """Who answered, justified, recorded and filed, when, and from which scan; every seal is verified.

    Example: chujing audit
    """
    from reports.messages.refusals.lines import refused
    from reports.messages.words import t
    from scanner.records.audit import read_acts

    speak = language(lang)
    for a in read_acts(base_folder(config)):
        say(f"{a.when}  {a.who}  {t('cli.act.' + a.what, speak)}  {refused(a.about, speak)}{'  [' + a.scan + ']' if a.scan else ''}")


@app.command()
def deadlines(config: ConfigFile = None, as_of: AsOf = None, lang: Lang = None) -> None:
    """Dates that follow from what was filed: validity, extension, renewal, filing, reports; in working days with make-up days.

    Example: chujing deadlines --as-of 2027-04-20
    """
    from scanner.cli.dates import deadline_lines

    for line in deadline_lines(required_configuration(config), parse_day(as_of), language(lang)):
        say(line)


@app.command()
def doctor(lang: Lang = None) -> None:
    """Say what is installed, what is missing, and the command that mends it.

    Example: chujing doctor
    """
    from reports.messages.refusals.lines import refused
    from reports.messages.words import t
    from scanner.setup.doctor import examine

    speak = language(lang)
    for ok, line in examine():
        say(t("cli.ok" if ok else "cli.lacks", speak) + refused(line, speak))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to write the invented company into.")] = Path("demo-output"),
    seed: Annotated[int, typer.Option(help="Seed of the invented people.")] = 7,
    lang: Lang = None,
) -> None:
    """Make an invented company and run the whole job on it: scan, count, decide, report.

    Example: chujing demo
    """
    from scanner import job
    from scanner.config.model import read
    from scanner.gather.carry_over import open_results
    from scanner.gather.progress import Progress
    from scanner.setup.demo import build_demo, next_steps

    speak = language(lang)
    talk({"zh": f"正在生成虚构企业的数据：{folder}/", "en": f"making an invented company in {folder}/"}[speak])
    build_demo(folder, seed=seed)
    progress = Progress(lang=speak)
    with open_results(folder) as results:
        report = job.scan(read(folder / "chujing.yaml"), as_of=date.today(), progress=progress, results=results)
        progress.done()
        _deliver(report, [folder / "report.json", folder / "report.html"], speak, folder, remember=True)
        results.finish()
    typer.echo({
        "zh": f"\n报告：{folder / 'report.html'}（浏览器打开）、{folder / 'report.json'}\n下一步：",
        "en": f"\nReports: {folder / 'report.html'} (open in a browser), {folder / 'report.json'}\nNext:",
    }[speak])
    for line in next_steps(folder, _called(folder), speak):
        typer.echo(f"  {line}")


def _called(folder: Path) -> str:
    """What to type in a folder for this program: its name where the shell finds it, else its path, as `make demo` calls it."""
    import shutil

    called = Path(sys.argv[0])
    found = called.name == "chujing" and called.exists() and shutil.which("chujing") is None
    return os.path.relpath(called, folder) if found else "chujing"


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"chujing {VERSION}")
        raise typer.Exit


def main() -> None:
    """Run the command line; every error becomes one clear line and an exit status."""
    try:
        if (status := app(standalone_mode=False) or 0) == 130:       # the library takes the keyboard's interrupt for itself
            raise KeyboardInterrupt
    except MISUSE as e:
        if words := usage_error_text(e, language_of_arguments(sys.argv[1:])):
            talk(words)
        else:
            e.show()
        raise SystemExit(e.exit_code) from None
    except typer.Abort:
        talk(f"chujing: {CLI['cli.interrupted'][language_of_arguments(sys.argv[1:]) == 'en']}")
        raise SystemExit(1) from None
    except ChujingError as e:
        from reports.messages.refusals.lines import line

        talk(f"chujing: {line(e, language_of_arguments(sys.argv[1:]))}")
        raise SystemExit(3 if isinstance(e, SourceError) else 2) from None
    except KeyboardInterrupt:
        talk(f"chujing: {CLI['cli.interrupted'][language_of_arguments(sys.argv[1:]) == 'en']}")
        raise SystemExit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as e:  # the message of a foreign error may hold values: only its kind and place are shown
        frames = traceback.extract_tb(e.__traceback__)
        last = frames[-1] if frames else None
        place = f"{Path(last.filename).name}:{last.lineno}" if last else "?"
        words = CLI["cli.internal"][language_of_arguments(sys.argv[1:]) == "en"]
        talk(f"chujing: {words.format(kind=type(e).__name__, place=place)}")
        raise SystemExit(1) from None
    raise SystemExit(status)


if __name__ == "__main__":
    main()
