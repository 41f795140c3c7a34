"""What `chujing scan` and the commands after it say of the runs that are remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from detectors.message import Msg, Text
from scanner.cli.output import warn

if TYPE_CHECKING:
    from reports.model import Report
    from scanner.state.run_entry import RunEntry
    from scanner.state.store import Remembered
    from scanner.workspace import Workspace

UNINTERESTING = ("output", "quiet", "lang", "json_lines", "log")


def typed_command(context: typer.Context) -> str:
    """Return the command and the options that were typed, without secrets and what is somebody's."""
    from detectors.masking import mask_people
    from detectors.redaction import redact

    def shown(word: object) -> str:
        return mask_people(redact(str(word)))

    words = [context.info_name or ""]
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        source = context.get_parameter_source(name)
        if name in UNINTERESTING or source is None or source.name != "COMMANDLINE":
            continue
        values = value if isinstance(value, list | tuple) else [value]
        if parameter.param_type_name == "argument":
            words += map(shown, values)
        elif isinstance(value, bool):
            words.append((parameter.opts if value else parameter.secondary_opts)[0])
        else:
            words += [shown(word) for v in values for word in (max(parameter.opts, key=len), v)]
    return " ".join(words)


def remember(report: Report, workspace: Workspace, command: str, status: int) -> Remembered:
    """Store a scan as a run of its folder."""
    from scanner.records.scan_settings import settings_digests
    from scanner.state import store
    from scanner.state.run_entry import RunOrigin

    name = workspace.config_name
    settings = settings_digests(workspace.config) if name else {}
    return store.remember(report, workspace.folder, RunOrigin(name, command, settings), status)


def is_aside(workspace: Workspace) -> bool:
    """Return whether what is scanned is a URL beside a configuration that has nothing to do with it."""
    from scanner.state.run_entry import config_of

    return not workspace.config_name and bool(config_of(workspace.folder))


def print_outcome(report: Report, workspace: Workspace, remembered: Remembered, lang: str) -> None:
    """Print to stderr, in one line, where the last scan stays another one than this."""
    from scanner.state.run_entry import config_of

    if is_aside(workspace):
        warn(_aside(report.run.id, config_of(workspace.folder)), lang)
    elif remembered.fault and remembered.last is not None and remembered.last.id != report.run.id:
        why, last = _why(remembered), remembered.last
        words = Msg("{why}: the last scan stays {id} ({day})", why=why, id=last.id, day=last.started[:10])
        warn(words, lang)


def _aside(id: str, config: str) -> Msg:
    return Msg(
        "the last scan stays that of {file}: this one is run {id}, "
        "used by decide, explain and push only where it is named",
        file=config, id=id,
    )


def _why(remembered: Remembered) -> Text:
    return {
        "": "",
        "interrupted": Msg("interrupted"),
        "unread": Msg("nothing could be read"),
        "lost": Msg("{names} could not be read", names=tuple(remembered.lost)),
    }[remembered.fault]


def note_changes(workspace: Workspace, lang: str) -> None:
    """Print to stderr what is newer than the last scan and not in it: a failed run, a changed file."""
    from scanner.records.scan_settings import changed_settings
    from scanner.state import database, store
    from scanner.state.run_entry import last_of

    if not database.state_exists(workspace.folder):
        return
    entries = store.runs(workspace.folder)
    last = last_of(entries, workspace.config_name)
    if last is None:
        return
    if (failed := _failed_since(entries, last, workspace.config_name)) is not None:
        day = last.started[:10]
        words = Msg("run {id} failed or was interrupted: this is the scan of {day}", id=failed.id, day=day)
        warn(words, lang)
    changed = changed_settings(workspace.config, last.origin.settings) if workspace.config_name else ()
    if changed:
        words = Msg(
            "{file} has changed since the scan of {day} ({parts}): chujing scan applies it",
            file=workspace.config_name, day=last.started[:10], parts=changed,
        )
        warn(words, lang)


def _failed_since(entries: list[RunEntry], last: RunEntry, config: str) -> RunEntry | None:
    """Return the newest run of a configuration after the last scan, which therefore was no good one."""
    newer = entries[: entries.index(last)]
    return next((entry for entry in newer if entry.is_of(config) and not entry.is_good), None)
