"""`chujing facts`: the open facts in order of effect, the known ones with who said so, and `set` to answer one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_day, read_configuration, required_configuration
from scanner.cli.output import say, talk

group = typer.Typer(help="Facts: the open ones in order of effect, the known ones with author and date.\n\nExample: chujing facts")


@group.callback(invoke_without_command=True)
def facts(context: typer.Context, config: ConfigFile = None, lang: Lang = None) -> None:
    """List facts: open ones first, in order of effect, then known ones with who answered, when, and how one knows.

    Example: chujing facts -c chujing.yaml
    """
    if context.invoked_subcommand is not None:
        return
    from scanner.review.answer import listed

    base = base_folder(config)
    for line in listed(read_configuration(config, required=False), base, language(lang)):
        say(line)


@group.command("set")
def facts_set(
    answers: Annotated[list[str], typer.Argument(help="fact=value, e.g. ciio=no; several may be given.")],
    by: Annotated[str, typer.Option(help="Who answers.")],
    how: Annotated[str, typer.Option(help="How one knows, e.g. no notice received.")] = "",
    flow: Annotated[str, typer.Option(help="For this flow alone.")] = "",
    entity: Annotated[str, typer.Option(help="For this legal entity alone.")] = "",
    on: Annotated[str | None, typer.Option(help="Day of the answer; default today.")] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Record answers to open facts with author and date; the file beside chujing.yaml is only ever added to.

    Example: chujing facts set ciio=no --by 王敏 --how "no notice received"
    """
    from scanner.review.answer import answer_facts

    settings = required_configuration(config)
    said = parse_day(on) if on else date.today()
    if flow and entity:
        raise ConfigError(Msg("give --flow or --entity, not both"))
    path = answer_facts(settings, answers, by, how, flow, entity, said)
    talk(f"-> {path}")
    typer.echo({"zh": "下一步：chujing decide", "en": "next: chujing decide"}[language(lang)])


COMMANDS = (Command("facts", group, place=280),)
