"""`chujing check`: is chujing.yaml in order?"""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language


def check(
    config: ConfigFile = None,
    schema: Annotated[bool, typer.Option(help="Print the JSON Schema of chujing.yaml.")] = False,
    lang: Lang = None,
) -> None:
    """Check chujing.yaml without connecting to anything.

    Example: chujing check -c chujing.yaml
    """
    if schema:
        _print_schema()
        return
    from reports.messages.words import t
    from scanner.workspace import open_workspace

    reader, settings = language(lang), open_workspace(config).config
    words = t(
        "cli.checked", reader, file=settings.file, sources=len(settings.sources), flows=len(settings.flows)
    )
    typer.echo(words)


def _print_schema() -> None:
    import json

    from scanner.config.model import SHAPE
    from scanner.config.yaml_lines import json_schema

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | json_schema(SHAPE)
    typer.echo(json.dumps(schema, ensure_ascii=False, indent=2))


COMMANDS = (Command("check", check, place=30, panel="setup"),)
