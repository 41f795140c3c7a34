"""`chujing find` and `chujing show`: which columns hold what, and one thing in full."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language
from scanner.cli.output import check_formats, say, talk
from scanner.cli.run_memory import note_changes

if TYPE_CHECKING:
    from detectors.model import TableId
    from reports.model import Report
    from scanner.state.store import WholeTables

ReportOption = Annotated[
    str | None,
    typer.Option(
        help="report.json or the start of a run's id; default: the last scan, with today's reviews."
    ),
]


def find(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Words that must stand in a column's id, comment, label or category; tests such as "
                 "sensitive=yes table=crm/* flow=crm-hq owner=王敏 review=possible confidence>=0.8, "
                 "with != for what must not be. Nothing: every finding."
        ),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output", "-o",
            help="Write .csv, .xlsx, .md, .jsonl, .sarif, .html or .json; - for CSV to stdout; may be "
                 "repeated.",
        ),
    ] = None,
    show: Annotated[int, typer.Option(min=1, help="Lines of one label at most.")] = 12,
    report: ReportOption = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Find columns in the last scan by what they hold, where they are, whose they are and what was decided;
    equal columns are one line.

    Exit status 0 where something is found, 1 where nothing is.

    Example: chujing find 身份证
    Example: chujing find mobile sensitive=yes flow=crm-hq -o mobiles.xlsx
    Example: chujing find "review=possible" "table=crm/*"
    """
    from reports.messages.render import render
    from reports.messages.words import t
    from reports.query import check_conditions, matching_columns, nearest_words, parse_query
    from reports.wording.matches import match_lines, match_summary
    from scanner.state import store

    reader = language(lang)
    query = parse_query(words or [])
    files = [Path(file) for file in output or [] if file != "-"]
    check_formats(files)
    shown = _shown_report(report, config, reader, None if output else store.no_table)
    check_conditions(query.conditions, shown)
    hits = [*matching_columns(shown, query)]
    check_formats(files, [source.url for source in shown.sources])
    for file in (output or []) if hits else []:
        _write(shown, {hit.column.id for hit in hits}, file, reader)
    if not output:
        for line in match_lines(hits, reader, show):
            say(line)
    talk(match_summary(hits, shown, reader))
    if not hits:
        hint = nearest_words(query.words)
        talk(t("find.nothing", reader) + (f"  {render(hint, reader)}" if hint else ""))
        raise typer.Exit(1)


def show(
    id: Annotated[
        str,
        typer.Argument(
            help="Id of a column, table, source or flow, or its end; or an entity's name; default everything."
        ),
    ] = "",
    report: ReportOption = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Show one thing of the last scan in full: a column with its evidence, a table, a source, a flow with its
    path and questions, an entity with its year; without an id all of it.

    Example: chujing show crm/member/mobile
    Example: chujing show crm-hq
    """
    from scanner.cli.output import print_report
    from scanner.review.explain import explain
    from scanner.review.showing import part_named, tables_to_show

    def whole(outline: Report) -> Collection[TableId]:
        return tables_to_show(outline, id)

    reader = language(lang)
    shown = _shown_report(report, config, reader, whole if id else None, id)
    if not id:
        print_report(shown, reader)
        return
    part = part_named(shown, id)
    if part is not None:
        print_report(part, reader, is_part=True)
        return
    for line in explain(shown, id, reader).splitlines():
        say(line)


def _shown_report(
    report: str | None, config: Path | None, lang: str, whole: WholeTables | None, word: str = ""
) -> Report:
    """Return a report that is named, else the last scan as people have decided it.

    whole: which of its tables are read whole, given its outline; None: all. word: what is looked at.
    """
    from scanner.review.explain import current_scan
    from scanner.state import store
    from scanner.workspace import open_workspace

    if report is not None:
        return store.read_named(report, base_folder(config), whole=whole)
    workspace = open_workspace(config, required=False)
    shown, _ = current_scan(workspace, whole, word)
    note_changes(workspace, lang)
    return shown


def _write(report: Report, columns: set[str], output: str, lang: str) -> None:
    """Write the columns that were found, as a report of nothing else."""
    import sys

    from reports.formats import csv, save
    from reports.query import only_columns

    part = only_columns(report, columns)
    if output == "-":
        csv.write(part, sys.stdout)
        return
    for file in save(part, Path(output), lang):
        talk(f"-> {file}")


COMMANDS = (
    Command("find", find, place=35, panel="look"),
    Command("show", show, place=37, panel="look"),
)
