"""`chujing init`: a first chujing.yaml."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import Lang, language, source_from_url
from scanner.cli.output import talk
from scanner.files import check_new


def init(
    url: Annotated[str, typer.Argument(help="A source to look at, e.g. sqlite:///crm.db or exports/.")],
    config: Annotated[Path, typer.Option("--config", "-c", help="File to write.")] = Path("chujing.yaml"),
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: unanswered facts stay unknown.")
    ] = False,
    password_env: Annotated[
        str | None,
        typer.Option(help="Environment variable holding the password of URL; its name is written."),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="Add the source to the file that is there; its other lines stay.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="What the source is called; default from its URL.")] = None,
    lang: Lang = None,
) -> None:
    """Look at a source, ask at most eight company facts and write a commented chujing.yaml.

    A password or token that stands in the URL is used for this look and never written. A further source is
    put into the same file with --add.

    Example: chujing init sqlite:///crm.db
    Example: chujing init postgresql://reader@db/hr --password-env HR_PW --add
    """
    from scanner.records import audit
    from scanner.setup.init import add_source, write_config

    if not add:
        check_new(config, Msg("--add puts a further source into it; --config names another file"))

    def ask(question: str) -> str:
        return str(typer.prompt(question, default="", show_default=False, err=True))

    source = source_from_url(url, None, password_env)
    source = replace(source, id=name) if name else source
    if add:
        if not config.exists():
            raise ConfigError(
                Msg("no such file"), where=str(config), hint=Msg("without --add it is written anew")
            )
        for line in add_source(source, config, language(lang), password_env or ""):
            talk(line)
        audit.append_act(config.parent, "init --add", source.id)
        return
    questions = None if yes or not sys.stdin.isatty() else ask
    for line in write_config(source, config, language(lang), questions, password_env or ""):
        talk(line)


COMMANDS = (Command("init", init, place=60, panel="setup"),)
