"""`chujing schedule`: run scans at their times, or hand the times to the scheduler one has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, required_configuration
from scanner.cli.output import say, talk

if TYPE_CHECKING:
    from scanner.config.model import Config
    from scanner.schedule.runner import ScheduleEntry

group = typer.Typer(no_args_is_help=True, help="When scans run: `schedule:` in chujing.yaml.\n\nExample: chujing schedule show")


def _entries(config: Path | None) -> tuple[Config, tuple[ScheduleEntry, ...]]:
    settings = required_configuration(config)
    if not settings.schedule:
        raise ConfigError(Msg("there is no schedule:"), where=settings.file,
                          hint=Msg('e.g. schedule: {nightly: {cron: "30 2 * * *", timezone: Asia/Shanghai}}'))
    return settings, settings.schedule


@group.command()
def show(config: ConfigFile = None, lang: Lang = None) -> None:
    """The next three times of every entry.

    Example: chujing schedule show
    """
    from reports.messages.words import t
    from scanner.schedule.runner import next_times

    speak = language(lang)
    _, entries = _entries(config)
    for e in entries:
        times = ", ".join(f"{x:%Y-%m-%d %H:%M %Z}" for x in next_times(e, datetime.now().astimezone()))
        late = t("cli.late", speak, n=e.jitter) if e.jitter else ""
        sources = ", ".join(e.sources) or t("cli.all_sources", speak)
        say(t("cli.times", speak, id=e.id, cron=e.cron, sources=sources, late=late, times=times))


@group.command()
def run(
    config: ConfigFile = None,
    log: Annotated[Literal["text", "json"], typer.Option(help="Form of the log lines on stderr.")] = "text",
    lang: Lang = None,
) -> None:
    """Run scans at their times until stopped (Ctrl-C, SIGTERM); a run that was missed is made up for.

    Example: chujing schedule run -c /etc/chujing/chujing.yaml --log json
    """
    from scanner.deliver.telemetry import line
    from scanner.schedule.runner import serve
    from scanner.state import store

    language(lang)
    settings, entries = _entries(config)
    base = Path(settings.file).parent
    known = store.runs(base)[:1] if store.exists(base) else []
    last = datetime.fromisoformat(known[0][1]) if known else None

    def tell(event: str, about: Mapping[str, object]) -> None:
        talk(line(event, about, log))

    serve(entries, Path(settings.file), last, tell)


@group.command()
def export(
    to: Annotated[str, typer.Option("--to", help="cron, airflow or kubernetes.")],
    config: ConfigFile = None,
    image: Annotated[str, typer.Option(help="Container image, for kubernetes.")] = "",
    lang: Lang = None,
) -> None:
    """Print the schedule for cron, Airflow or Kubernetes: one-shot scans with stable exit codes.

    Example: chujing schedule export --to cron | crontab -
    """
    from scanner.schedule import runner

    language(lang)
    settings, entries = _entries(config)
    typer.echo(runner.export_schedule(entries, to, Path(settings.file).absolute(), settings.secrets, image), nl=False)


COMMANDS = (Command("schedule", group, place=300),)
