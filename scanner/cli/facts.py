"""`chujing facts`: open facts in order of effect, known ones with who said so, and `set` to answer one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, parse_day
from scanner.cli.output import say, talk
from scanner.cli.run_memory import note_changes

group = typer.Typer(
    help="Facts: the open ones in order of effect, the known ones with author and date.\n\n"
         "Example: chujing facts"
)


@group.callback(invoke_without_command=True)
def bare(context: typer.Context, config: ConfigFile = None, lang: Lang = None) -> None:
    """List facts: open ones first, in order of effect, then known ones with who answered, when, and how one
    knows.

    Example: chujing facts -c chujing.yaml
    """
    if context.invoked_subcommand is None:
        list_facts(config, lang)


@group.command("list")
def list_facts(config: ConfigFile = None, lang: Lang = None) -> None:
    """List facts: open ones first, in order of effect, then known ones with who answered, when, and how one
    knows.

    Example: chujing facts list -c chujing.yaml
    """
    from scanner.review.answer import fact_lines
    from scanner.workspace import open_workspace

    workspace, reader = open_workspace(config, required=False), language(lang)
    for line in fact_lines(workspace, reader):
        say(line)
    note_changes(workspace, reader)


@group.command("show")
def show_fact(
    fact: Annotated[str, typer.Argument(help="Name of a fact, e.g. ciio.")], lang: Lang = None
) -> None:
    """One fact: the question, the answers that may be given, and how one knows.

    Example: chujing facts show ciio
    """
    from mappings.rules import load_ruleset
    from reports.messages.render import render
    from reports.messages.words import t
    from scanner.config.answer_words import shown_value

    reader, rules = language(lang), load_ruleset()
    values = {**rules.raw["readings"], **rules.raw["facts"]}
    if fact not in values:
        hint = nearest(fact, values) or Msg("known: {names}", names=tuple(values))
        raise ConfigError(Msg('unknown fact "{name}"', name=fact), hint=hint)
    question = rules.question(fact, "", {})
    say(f"{fact}  {render(question.ask, reader)}")
    for value in map(str, values[fact]["values"]):
        say(f"  {fact}={shown_value(value, reader)}")
    say(f"  {t('question.how', reader)}{t('list.colon', reader)}{render(question.how, reader)}")


@group.command("set")
def set_facts(
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
    from reports.messages.words import t
    from scanner.review.answer import AnswerSource, answer_facts
    from scanner.workspace import open_workspace

    workspace = open_workspace(config)
    day = parse_day(on) if on else date.today()
    if flow and entity:
        raise ConfigError(Msg("give --flow or --entity, not both"))
    path = answer_facts(workspace, answers, AnswerSource(by, day, how), flow, entity)
    talk(f"-> {path}")
    typer.echo(t("cli.facts.next", language(lang)))


COMMANDS = (Command("facts", group, place=280, panel="decide"),)
