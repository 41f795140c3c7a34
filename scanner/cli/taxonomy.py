"""`chujing taxonomy`: further taxonomies, shipped ones and the company's own, beside the national one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import say, talk
from scanner.files import replace_file

if TYPE_CHECKING:
    from mappings.company import CompanyClass

SHOWN = 3                                     # classes named beside a label that has none
group = typer.Typer(help="Taxonomies: list them, or bring the company's own.\n\nExample: chujing taxonomy import classes.xlsx")


@group.callback(invoke_without_command=True)
def taxonomies(context: typer.Context, lang: Lang = None) -> None:
    """List the taxonomies that ship, with their grades and what they cover.

    Example: chujing taxonomy
    """
    if context.invoked_subcommand is not None:
        return
    from detectors.labels import labels
    from mappings.data import shipped_names
    from mappings.grading import load_grading
    from mappings.taxonomy import load_taxonomy
    from reports.messages.words import t

    speak = language(lang)
    base = load_taxonomy()
    for name in shipped_names("taxonomies"):
        if name == base.id:
            grades = " < ".join(t(f"grade.{g}", speak) if speak == "zh" else g for g in base.grades)
            say(f"{name}  {grades}  {t('cli.labels', speak, n=len(base.entries), of=len(labels()))}  {t('cli.always', speak)}")
            continue
        found = load_grading(name)
        say(f"{name}  {' < '.join(found.grades)}  {t('cli.labels', speak, n=len(found.labels), of=len(labels()))}  {found.title}")


@group.command("import")
def taxonomy_import(
    file: Annotated[Path, typer.Argument(help="XLSX with the heads 一级, 二级, 三级, 分级 and perhaps 说明.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="YAML file to write.")] = Path("company.yaml"),
    sheet: Annotated[str, typer.Option(help="Sheet to read; default: the first that has the heads.")] = "",
    name: Annotated[str, typer.Option(help="What reports call it; default: the line above the heads, or the sheet's name.")] = "",
    lang: Lang = None,
) -> None:
    """Read the company's classes and grades, put our labels into them by name, and list what a person has to settle.

    Example: chujing taxonomy import classes.xlsx -o company.yaml
    """
    import yaml

    from detectors.labels import labels
    from mappings.company import read_company_xlsx
    from mappings.grading import load_grading
    from reports.messages.words import t

    if output.exists():
        raise ConfigError(Msg("already there"), where=str(output), hint=Msg("choose another name with -o"))
    found = read_company_xlsx(file, sheet, name)
    speak = language(lang)
    titles = {x: i.zh if speak == "zh" else i.en for x, i in labels().items()}
    for label, (c, how) in found.chosen.items():
        others = "".join(f"  {t('taxonomy.or', speak)} {_class(o)}" for o in found.doubtful.get(label, ()))
        say(f"{label} {titles[label]}  ->  {_class(c)}  [{t('taxonomy.by.' + how, speak)}]{others}")
    for label in found.unmapped:
        near = found.perhaps.get(label, ())
        maybe = f"  ({t('taxonomy.perhaps', speak, classes='; '.join(map(_class, near[:SHOWN])))})" if near else ""
        say(f"{label} {titles[label]}  ->  -{maybe}")
    for c in found.unused:
        say(f"-  ->  {_class(c)}  {t('taxonomy.unused', speak, row=c.row)}")
    head = f"# From {file.name}. Grades stand from least to most severe: check their order, and the labels below.\n"
    left = "".join(f"# not mapped: {label}  {titles[label]}\n" for label in found.unmapped)
    left += "".join(f"# no label of ours: row {c.row}  {_class(c)}\n" for c in found.unused)
    replace_file(output, head + yaml.safe_dump(dict(found.raw), allow_unicode=True, sort_keys=False, width=140) + left)
    load_grading(str(output))
    talk(t("taxonomy.written", speak, output=output, title=found.raw["title"], labels=len(found.chosen), of=len(titles),
           classes=len(found.classes), empty=len(found.unused), doubtful=len(found.doubtful), name=output.name))


def _class(c: CompanyClass) -> str:
    """`客户数据/联系方式 (3级)`."""
    return f"{'/'.join(c.levels)} ({c.grade})"


COMMANDS = (Command("taxonomy", group, place=320),)
