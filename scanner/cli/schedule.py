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
from scanner.cli.options import ConfigFile, Lang, language
from scanner.cli.output import say, talk

if TYPE_CHECKING:
    from scanner.workspace import Workspace

group = typer.Typer(
    no_args_is_help=True,
    help="When scans run: `schedule:` in chujing.yaml.\n\nExample: chujing schedule show",
)


def _scheduled_workspace(config: Path | None) -> Workspace:
    """Return the workspace; raise ConfigError where it has no schedule."""
    from scanner.workspace import open_workspace

    workspace = open_workspace(config)
    if not workspace.config.schedule:
        raise ConfigError(
            Msg("there is no schedule:"),
            where=workspace.config.file,
            hint=Msg('e.g. schedule: {nightly: {cron: "30 2 * * *", timezone: Asia/Shanghai}}'),
        )
    return workspace


@group.command()
def show(config: ConfigFile = None, lang: Lang = None) -> None:
    """The next three times of every entry.

    Example: chujing schedule show
    """
    from reports.messages.words import join_list, t
    from scanner.schedule.trigger import next_times

    reader = language(lang)
    for entry in _scheduled_workspace(config).config.schedule:
        moments = next_times(entry, datetime.now().astimezone())
        times = join_list((f"{x:%Y-%m-%d %H:%M %Z}" for x in moments), "names", reader)
        late = t("cli.late", reader, n=entry.jitter) if entry.jitter else ""
        sources = join_list(entry.sources, "names", reader) or t("cli.all_sources", reader)
        say(t("cli.times", reader, id=entry.id, cron=entry.cron, sources=sources, late=late, times=times))


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
    from scanner.state import database, store

    language(lang)
    workspace = _scheduled_workspace(config)
    folder = workspace.folder
    runs = store.runs(folder) if database.state_exists(folder) else []
    newest = next((run for run in runs if run.is_of(workspace.config_name)), None)
    last = datetime.fromisoformat(newest.started) if newest is not None else None

    def log_event(event: str, values: Mapping[str, object]) -> None:
        talk(line(event, values, log))

    serve(workspace.config.schedule, Path(workspace.config.file), last, log_event)


@group.command()
def export(
    to: Annotated[
        str,
        typer.Option("--to", help="cron (this machine), cronie, airflow, kubernetes or dolphinscheduler."),
    ],
    config: ConfigFile = None,
    image: Annotated[str, typer.Option(help="Container image, for kubernetes.")] = "",
    lang: Lang = None,
) -> None:
    """Print the schedule for cron, Airflow, Kubernetes or DolphinScheduler: one-shot scans with stable exit
    codes.

    Example: chujing schedule export --to cron | crontab -
    """
    from scanner.schedule.export import ScheduleExport, export_schedule

    language(lang)
    settings = _scheduled_workspace(config).config
    file = Path(settings.file).absolute()
    typer.echo(
        export_schedule(to, ScheduleExport(settings.schedule, file, settings.secrets, image)), nl=False
    )


COMMANDS = (Command("schedule", group, place=300, panel="setup"),)
