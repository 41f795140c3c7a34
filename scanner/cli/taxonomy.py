"""`chujing taxonomy`: further taxonomies, shipped ones and the company's own, beside the national one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import say, talk
from scanner.files import check_new, write_atomically

if TYPE_CHECKING:
    from detectors.model import Label
    from mappings.company import CompanyClass, CompanyTaxonomy

SHOWN = 3                                     # classes named beside a label that has none
group = typer.Typer(
    help="Taxonomies: list them, or bring the company's own.\n\nExample: chujing taxonomy import classes.xlsx"
)


@group.callback(invoke_without_command=True)
def bare(context: typer.Context, lang: Lang = None) -> None:
    """List the taxonomies that ship, with their grades and what they cover.

    Example: chujing taxonomy
    """
    if context.invoked_subcommand is None:
        list_taxonomies(lang)


@group.command("list")
def list_taxonomies(lang: Lang = None) -> None:
    """List the taxonomies that ship, with their grades and what they cover.

    Example: chujing taxonomy list
    """
    from detectors.labels import labels
    from mappings.grading import load_grading
    from mappings.taxonomy import load_taxonomy
    from mappings.yaml_files import shipped_names
    from reports.messages.words import t

    reader = language(lang)
    national = load_taxonomy()
    of = len(labels())
    for name in shipped_names("taxonomies"):
        if name == national.id:
            grades = [t(f"grade.{g}", reader) if reader == "zh" else g for g in national.grades]
            entries, title = len(national.entries), t("cli.always", reader)
        else:
            grading = load_grading(name)
            grades, entries, title = list(grading.grades), len(grading.labels), grading.title
        say(f"{name}  {' < '.join(grades)}  {t('cli.labels', reader, n=entries, of=of)}  {title}")


@group.command("show")
def show_taxonomy(
    name: Annotated[str, typer.Argument(help="Name of a further taxonomy that ships, or a YAML file.")],
    lang: Lang = None,
) -> None:
    """One further taxonomy: every label of ours with its class and grade there.

    Example: chujing taxonomy show jrt-0197-2020
    """
    from detectors.labels import labels
    from mappings.grading import load_grading

    reader, grading, about = language(lang), load_grading(name), labels()
    say(f"{grading.id}  {grading.title}  {' < '.join(grading.grades)}")
    for label, graded in grading.labels.items():
        title = about[label].zh if reader == "zh" else about[label].en
        say(f"  {label}  {title}  ->  {'/'.join(graded.levels)} ({graded.grade})")


@group.command("import")
def import_taxonomy(
    file: Annotated[
        Path, typer.Argument(help="XLSX with the heads 一级, 二级, 三级, 分级 and perhaps 说明.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="YAML file to write.")] = Path(
        "company.yaml"
    ),
    sheet: Annotated[str, typer.Option(help="Sheet to read; default: the first that has the heads.")] = "",
    name: Annotated[
        str,
        typer.Option(help="What reports call it; default: the line above the heads, or the sheet's name."),
    ] = "",
    lang: Lang = None,
) -> None:
    """Read the company's classes and grades, put our labels into them by name, and list what a person has to
    settle.

    Example: chujing taxonomy import classes.xlsx -o company.yaml
    """
    from detectors.labels import labels
    from mappings.company import read_company_xlsx
    from mappings.grading import load_grading
    from reports.messages.words import t

    check_new(output, Msg("choose another name with -o"))
    imported = read_company_xlsx(file, sheet, name)
    reader = language(lang)
    titles = {label: about.zh if reader == "zh" else about.en for label, about in labels().items()}
    for line in _assignment_lines(imported, titles, reader):
        say(line)
    write_atomically(output, _yaml_text(imported, titles, file.name), "team")
    load_grading(str(output))
    counts = {
        "labels": len(imported.chosen),
        "of": len(titles),
        "classes": len(imported.classes),
        "empty": len(imported.unused),
        "doubtful": len(imported.doubtful),
    }
    talk(
        t("taxonomy.written", reader, output=output, title=imported.raw["title"], name=output.name, **counts)
    )


def _assignment_lines(imported: CompanyTaxonomy, titles: Mapping[Label, str], lang: str) -> Iterator[str]:
    """Each label with the class it was put into and how, or with near ones; then classes without a label."""
    from reports.messages.words import t

    for label, (chosen, how) in imported.chosen.items():
        doubtful = imported.doubtful.get(label, ())
        others = "".join(f"  {t('taxonomy.or', lang)} {_class_words(c)}" for c in doubtful)
        method = t("taxonomy.by." + how, lang)
        yield f"{label} {titles[label]}  ->  {_class_words(chosen)}  [{method}]{others}"
    for label in imported.unmapped:
        near = "; ".join(map(_class_words, imported.perhaps.get(label, ())[:SHOWN]))
        maybe = f"  ({t('taxonomy.perhaps', lang, classes=near)})" if near else ""
        yield f"{label} {titles[label]}  ->  -{maybe}"
    for unused in imported.unused:
        yield f"-  ->  {_class_words(unused)}  {t('taxonomy.unused', lang, row=unused.row)}"


def _yaml_text(imported: CompanyTaxonomy, titles: Mapping[Label, str], file: str) -> str:
    """The taxonomy as YAML, with comments on what a person has to check."""
    import yaml

    head = (
        f"# From {file}. Grades stand from least to most severe: check their order, and the labels below.\n"
    )
    body = yaml.safe_dump(dict(imported.raw), allow_unicode=True, sort_keys=False, width=140)
    unmapped = "".join(f"# not mapped: {label}  {titles[label]}\n" for label in imported.unmapped)
    unused = "".join(f"# no label of ours: row {c.row}  {_class_words(c)}\n" for c in imported.unused)
    return head + body + unmapped + unused


def _class_words(company_class: CompanyClass) -> str:
    """`客户数据/联系方式 (3级)`."""
    return f"{'/'.join(company_class.levels)} ({company_class.grade})"


COMMANDS = (Command("taxonomy", group, place=320, panel="setup"),)
