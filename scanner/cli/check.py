"""`chujing check`: is chujing.yaml in order?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language

if TYPE_CHECKING:
    from scanner.config.sources import Source
    from scanner.workspace import Workspace


def check(
    config: ConfigFile = None,
    schema: Annotated[bool, typer.Option(help="Print the JSON Schema of chujing.yaml.")] = False,
    connect: Annotated[
        bool, typer.Option("--connect", help="Open every source and list a table; no row is read.")
    ] = False,
    lang: Lang = None,
) -> None:
    """Check chujing.yaml, the records beside it and the files it names: everything wrong, with file and line.
    Neither a source nor a password is needed but with --connect. Of the last scan, flows that run without a
    valid basis are named.

    Example: chujing check -c chujing.yaml
    Example: chujing check --connect

    Exit status: 0 in order, 2 something wrong in a file, 3 a source that cannot be opened.
    """
    if schema:
        _print_schema()
        return
    from reports.messages.words import t

    reader, workspace = language(lang), _checked(config)
    settings = workspace.config
    words = t(
        "cli.checked", reader, file=settings.file, sources=len(settings.sources), flows=len(settings.flows)
    )
    typer.echo(words)
    _say_lacking_bases(workspace, reader)
    if connect and not _try_sources(settings.sources, reader):
        raise typer.Exit(3)


def _checked(path: Path | None) -> Workspace:
    """Return a workspace; raise an error with everything that is wrong in its configuration and in what that
    names.
    """
    from detectors.errors import Gathering
    from mappings.purpose import load_purpose
    from scanner.workspace import open_workspace

    workspace = open_workspace(path)
    settings, problems = workspace.config, Gathering()
    if settings.detectors is not None:
        from detectors import custom

        with problems:
            custom.load(settings.detectors)
    for purpose in dict.fromkeys(flow.purpose for flow in settings.flows):
        with problems:
            load_purpose(purpose)
    problems.raise_all()
    return workspace


def _say_lacking_bases(workspace: Workspace, lang: str) -> None:
    """Say what to do of each flow that runs without a valid basis, by the last scan as decided today."""
    from mappings.notes import NO_BASIS
    from reports.messages.render import render
    from reports.messages.words import t
    from scanner.cli.output import say
    from scanner.review import redecide
    from scanner.state import store

    if store.last_entry(workspace.folder, workspace.config_name) is None:
        return
    for flow in redecide.decide_today(workspace).flows:
        for note in flow.not_ready:
            if note.code == NO_BASIS.code:
                say(f"{flow.flow.id}{t('list.colon', lang)}{render(note, lang)}")


def _try_sources(sources: Sequence[Source], lang: str) -> bool:
    """Print of each source whether it can be read; return whether all can."""
    from reports.messages.words import t
    from reports.wording.reading import unread_words
    from scanner.cli.output import say
    from scanner.gather.trial import try_sources

    all_open = True
    for source, obstacle in try_sources(sources):
        if obstacle is None:
            say(t("cli.source_opens", lang, id=source.id))
            continue
        all_open = False
        say(f"{obstacle.id}{t('list.colon', lang)}{unread_words(obstacle.reason, obstacle.hint, lang)}")
    return all_open


def _print_schema() -> None:
    import json

    from scanner.config.model import config_schema

    typer.echo(json.dumps(config_schema(), ensure_ascii=False, indent=2))


COMMANDS = (Command("check", check, place=30, panel="setup"),)
