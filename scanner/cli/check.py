"""`chujing check`: is chujing.yaml in order?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language

if TYPE_CHECKING:
    from scanner.config.model import Config
    from scanner.config.sources import Source


def check(
    config: ConfigFile = None,
    schema: Annotated[bool, typer.Option(help="Print the JSON Schema of chujing.yaml.")] = False,
    connect: Annotated[
        bool, typer.Option("--connect", help="Open every source and list a table; no row is read.")
    ] = False,
    lang: Lang = None,
) -> None:
    """Check chujing.yaml, the records beside it and the files it names: everything wrong, with file and line.
    Neither a source nor a password is needed but with --connect.

    Example: chujing check -c chujing.yaml
    Example: chujing check --connect

    Exit status: 0 in order, 2 something wrong in a file, 3 a source that cannot be opened.
    """
    if schema:
        _print_schema()
        return
    from reports.messages.words import t

    reader, settings = language(lang), _checked(config)
    words = t(
        "cli.checked", reader, file=settings.file, sources=len(settings.sources), flows=len(settings.flows)
    )
    typer.echo(words)
    if connect and not _try_sources(settings.sources, reader):
        raise typer.Exit(3)


def _checked(path: Path | None) -> Config:
    """Return a configuration; raise an error with everything that is wrong in it and in what it names."""
    from detectors.errors import Gathering
    from mappings.purpose import load_purpose
    from scanner.workspace import open_workspace

    settings = open_workspace(path).config
    problems = Gathering()
    if settings.detectors is not None:
        from detectors import custom

        with problems:
            custom.load(settings.detectors)
    for purpose in dict.fromkeys(flow.purpose for flow in settings.flows):
        with problems:
            load_purpose(purpose)
    problems.raise_all()
    return settings


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
