"""`chujing models`: the text models that read Chinese and English."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import talk

group = typer.Typer(
    no_args_is_help=False, help="Text models: list them, add or remove one.\n\nExample: chujing models"
)


@group.callback(invoke_without_command=True)
def bare(context: typer.Context, lang: Lang = None) -> None:
    """List the text models: the one that ships, those you added, and which one reads Chinese and English.

    Example: chujing models
    """
    if context.invoked_subcommand is None:
        list_models(lang)


@group.command("list")
def list_models(lang: Lang = None) -> None:
    """List the text models: the one that ships, those you added, and which one reads Chinese and English.

    Example: chujing models list
    """
    from detectors.language import crf
    from detectors.language.models import added_models, folder, model_name
    from reports.messages.words import t

    reader = language(lang)
    english = model_name("en")
    in_use = {model_name("zh"), english}
    for name in (crf.builtin_name(), *(p.name for p in added_models())):
        typer.echo(f"{'*' if name in in_use else ' '} {name}")
    talk(t("cli.models", reader, folder=folder()))
    if not english:
        talk(t("cli.no_english", reader))


@group.command("add")
def add_model(
    path: Annotated[Path, typer.Argument(help="Folder of LAC's weights, or of a spaCy pipeline.")],
    lang: Lang = None,
) -> None:
    """Try a model and copy it to your models; it is used from then on.

    Example: chujing models add LAC-2.1.2/LAC/lac_model
    """
    from detectors.language.models import add
    from reports.messages.words import t

    reader = language(lang)
    talk(t("cli.model_added", reader, name=add(path)))


@group.command("remove")
def remove_model(
    name: Annotated[str, typer.Argument(help="As chujing models lists it.")], lang: Lang = None,
) -> None:
    """Forget a model you added.

    Example: chujing models remove lac-2.1.2
    """
    from detectors.language.models import remove
    from reports.messages.words import t

    reader = language(lang)
    remove(name)
    talk(t("cli.model_removed", reader, name=name))


COMMANDS = (Command("models", group, place=220, panel="setup"),)
