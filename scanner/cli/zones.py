"""`chujing zones`: the free-trade-zone lists that are known, and bringing the official table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import say, talk
from scanner.files import check_new, write_atomically

group = typer.Typer(help="Free-trade-zone lists: list, show, template, import.\n\nExample: chujing zones")


def _words_in(lang: str) -> Callable[[str, str], str]:
    from reports.wording.law import law_words

    return lambda kind, word: law_words(kind, word, lang)


@group.callback(invoke_without_command=True)
def bare(context: typer.Context, lang: Lang = None) -> None:
    """The lists that ship: name, sectors, how many entries could be sourced. None of them is whole.

    Example: chujing zones
    """
    if context.invoked_subcommand is None:
        list_zones(lang)


@group.command("list")
def list_zones(lang: Lang = None) -> None:
    """The lists that ship: name, sectors, how many entries could be sourced. None of them is whole.

    Example: chujing zones list
    """
    from mappings.zones import load_zone, zone_names
    from reports.wording.law import zone_lines

    for name in zone_names():
        for line in zone_lines(load_zone(name), language(lang)):
            say(line)


@group.command("show")
def show_zone(
    name: Annotated[str, typer.Argument(help="Name of a list, or a YAML file.")], lang: Lang = None,
) -> None:
    """Every entry of a list with its band, path and source.

    Example: chujing zones show beijing_2024
    """
    from mappings.zones import load_zone
    from reports.wording.law import zone_lines

    reader = language(lang)
    words = _words_in(reader)
    zone = load_zone(name)
    for line in zone_lines(zone, reader):
        say(line)
    for e in zone.entries:
        below = f"{e.count_max:,}" if e.count_max else "∞"
        what = f"{e.industry} / {e.scenario} / {e.category}  {words('data', e.kind)}"
        say(f"  {what}  [{e.count_min:,}, {below})  {words('path', e.path)}  "
            f"{e.page} [{words('confidence', e.confidence)}]")


@group.command("template")
def write_template(
    file: Annotated[Path, typer.Argument(help="XLSX to write.")], lang: Lang = None,
) -> None:
    """Write an empty XLSX to fill from the official table.

    Example: chujing zones template list.xlsx
    """
    from mappings.zone_sheet import write_template

    language(lang)
    check_new(file, Msg("choose another name"))
    write_atomically(file, write_template, "team")
    talk(f"-> {file}")


@group.command("import")
def import_zone(
    file: Annotated[Path, typer.Argument(help="The filled template, or YAML.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="YAML file to write.")] = Path("zone.yaml"),
    lang: Lang = None,
) -> None:
    """Check a list and write it as YAML; name that file as `ftz_list` in the facts of a flow.

    Example: chujing zones import list.xlsx -o beijing.yaml
    """
    import yaml

    from mappings.yaml_files import load_yaml
    from mappings.zone_sheet import read_zone_xlsx
    from mappings.zones import FOLDER, parse_zone
    from reports.wording.law import zone_lines

    reader = language(lang)
    check_new(output, Msg("choose another name with -o"))
    raw = load_yaml(FOLDER, str(file))[0] if file.suffix in (".yaml", ".yml") else read_zone_xlsx(file)
    zone = parse_zone(raw, str(file))
    write_atomically(output, yaml.safe_dump(dict(raw), allow_unicode=True, sort_keys=False), "team")
    for line in zone_lines(zone, reader):
        say(line)
    talk(f"-> {output}")


COMMANDS = (Command("zones", group, place=330, panel="decide"),)
