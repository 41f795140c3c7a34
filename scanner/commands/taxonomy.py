"""`chujing taxonomy`: further taxonomies, shipped ones and the company's own, beside the national one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError
from scanner.commands import Lang, language, talk

app = typer.Typer(help="Taxonomies: list them, or bring the company's own.\n\nExample: chujing taxonomy import classes.xlsx")


@app.callback(invoke_without_command=True)
def taxonomies(context: typer.Context) -> None:
    """List the taxonomies that ship, with their grades and what they cover.

    Example: chujing taxonomy
    """
    if context.invoked_subcommand is not None:
        return
    from detectors.labels import labels
    from mappings.data import names
    from mappings.grading import load_grading
    from mappings.taxonomy import load_taxonomy

    base = load_taxonomy()
    for name in names("taxonomies"):
        if name == base.id:
            typer.echo(f"{name}  {' < '.join(base.grades)}  {len(base.entries)} of {len(labels())} labels  (always there)")
            continue
        found = load_grading(name)
        typer.echo(f"{name}  {' < '.join(found.grades)}  {len(found.labels)} of {len(labels())} labels  {found.title}")


@app.command("import")
def taxonomy_import(
    file: Annotated[Path, typer.Argument(help="XLSX with the heads 一级, 二级, 三级, 分级 and perhaps 说明.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="YAML file to write.")] = Path("company.yaml"),
    sheet: Annotated[str, typer.Option(help="Sheet to read; default: the first that has the heads.")] = "",
    lang: Lang = None,
) -> None:
    """Read the company's classes and grades, put our labels into them by name, and list what a person has to settle.

    Example: chujing taxonomy import classes.xlsx -o company.yaml
    """
    import yaml

    from detectors.labels import labels
    from mappings.company import from_xlsx
    from mappings.grading import load_grading

    if output.exists():
        raise ConfigError("already there", where=str(output), hint="choose another name with -o")
    found = from_xlsx(file, sheet)
    speak = language(lang)
    titles = {x: i.zh if speak == "zh" else i.en for x, i in labels().items()}
    for label, (c, how) in found.chosen.items():
        others = "".join(f"  or {'/'.join(o.levels)} ({o.grade})" for o in found.doubtful.get(label, ()))
        typer.echo(f"{label} {titles[label]}  ->  {'/'.join(c.levels)}  {c.grade}  [{how}]{others}")
    for label in found.unmapped:
        typer.echo(f"{label} {titles[label]}  ->  -")
    for c in found.unused:
        talk(f"no label of ours: row {c.row}, {'/'.join(c.levels)} ({c.grade})")
    head = f"# From {file.name}. Grades stand from least to most severe: check their order, and the labels below.\n"
    left = "".join(f"# not mapped: {label}  {titles[label]}\n" for label in found.unmapped)
    output.write_text(head + yaml.safe_dump(dict(found.raw), allow_unicode=True, sort_keys=False, width=140) + left, encoding="utf-8")
    load_grading(str(output))
    talk(f"-> {output}: {len(found.chosen)} labels in {len(found.classes)} classes, {len(found.unmapped)} not mapped, "
         f"{len(found.doubtful)} with more than one class; then in chujing.yaml: taxonomies: [{output.name}]")
