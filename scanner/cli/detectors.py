"""`chujing detectors`: list the value detectors; test your own, or bring those of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import say, talk
from scanner.files import check_new, write_atomically

group = typer.Typer(
    no_args_is_help=False, help="Value detectors: list them, or test your own.\n\nExample: chujing detectors"
)


@group.callback(invoke_without_command=True)
def bare(context: typer.Context, lang: Lang = None) -> None:
    """List the value detectors: what they find, how often chance would agree, and the standard behind them.

    Example: chujing detectors
    """
    if context.invoked_subcommand is None:
        list_detectors(lang)


@group.command("list")
def list_detectors(lang: Lang = None) -> None:
    """List the value detectors: what they find, how often chance would agree, and the standard behind them.

    Example: chujing detectors list
    """
    from detectors.registry import value_detectors
    from reports.messages.words import t
    from reports.text_width import pad

    reader = language(lang)
    for d in value_detectors():
        title = pad(d.title if reader == "zh" else d.title_en, 30)
        name, label, chance = f"{d.name:<28}", f"{d.label:<20}", f"{d.chance:<8.4g}"
        say(t("cli.detector", reader, name=name, label=label, title=title, chance=chance, source=d.source))


@group.command("show")
def show_detector(
    name: Annotated[str, typer.Argument(help="As chujing detectors lists it.")], lang: Lang = None
) -> None:
    """One value detector: its label, its standard, and invented values that it finds and leaves.

    Example: chujing detectors show cn_mobile
    """
    from detectors.registry import value_detectors
    from reports.messages.words import t

    reader, by_name = language(lang), {d.name: d for d in value_detectors()}
    if name not in by_name:
        hint = nearest(name, by_name) or Msg("see chujing detectors list")
        raise ConfigError(Msg('no detector "{name}"', name=name), hint=hint)
    d = by_name[name]
    say(f"{d.name}  {d.label}  {d.title if reader == 'zh' else d.title_en}  {d.source}")
    for key, values in (("cli.finds", d.examples), ("cli.leaves", d.counterexamples)):
        for value in values:
            say(f"  {t(key, reader)}{value}")


@group.command("test")
def test_detectors(
    file: Annotated[Path, typer.Argument(help="YAML file with your own detectors.")], lang: Lang = None,
) -> None:
    """Run the examples of your own detectors; exit status 2 when one is at fault.

    Example: chujing detectors test detectors.yaml
    """
    from detectors.custom import load
    from reports.messages.words import t

    reader = language(lang)
    for c in load(file):
        d = c.detector
        counts = {"found": len(d.examples), "left": len(d.counterexamples), "names": len(c.names)}
        say(t("cli.tested", reader, name=d.name, **counts))


@group.command("import")
def import_detectors(
    file: Annotated[
        Path,
        typer.Argument(help="Presidio recognisers, or OpenMetadata tags with recognisers (YAML or JSON)."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="YAML file to write.")] = Path(
        "detectors.yaml"
    ),
    label: Annotated[list[str] | None, typer.Option("--label", help="ENTITY=label; may be repeated.")] = None,
    lang: Lang = None,
) -> None:
    """Turn others' pattern and word-list recognisers into detectors of your own; what cannot be carried over
    is named.

    Example: chujing detectors import recognizers.yaml --label LOYALTY_ID=user_id -o detectors.yaml
    """
    import yaml

    from detectors.custom import load
    from detectors.importers import convert
    from reports.messages.render import render
    from reports.messages.words import t

    reader = language(lang)
    label_of_entity = dict(part.partition("=")[::2] for part in label or ())
    check_new(output, Msg("choose another name with -o"))
    imported = convert(file, label_of_entity)
    for line in imported.omitted:
        talk(t("cli.left_out", reader, what=render(line, reader)))
    if not imported.detectors:
        raise ConfigError(Msg("nothing could be carried over"), where=str(file))
    entries = {"detectors": list(imported.detectors)}
    write_atomically(output, yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), "team")
    load(output)
    talk(t("cli.imported", reader, file=output, n=len(imported.detectors), left=len(imported.omitted)))
    talk(t("cli.add_examples", reader, file=output))


COMMANDS = (Command("detectors", group, place=210, panel="setup"),)
