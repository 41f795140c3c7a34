"""`chujing explain` and `chujing evaluate`: why findings and paths are as they are, and how good they are."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language
from scanner.cli.output import say
from scanner.cli.run_memory import note_changes

if TYPE_CHECKING:
    from detectors.model import TableId
    from reports.model import Report


def explain(
    id: Annotated[str, typer.Argument(help="Column or flow id, or its unambiguous end, e.g. member/mobile.")],
    report: Annotated[
        str | None,
        typer.Option(
            help="report.json or the start of a run's id; default: the last scan, with today's reviews."
        ),
    ] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Say why a column has its label and what people decided about it, or why a flow has its path.

    Example: chujing explain member/mobile
    """
    from scanner.review import explain as explanations
    from scanner.state import store
    from scanner.workspace import open_workspace

    reader = language(lang)

    def whole(outline: Report) -> Collection[TableId]:
        return explanations.tables_to_explain(outline, id)

    if report is not None:
        shown, reviews = store.read_named(report, base_folder(config), whole=whole), None
    else:
        workspace = open_workspace(config, required=False)
        shown, reviews = explanations.current_scan(workspace, whole, id)
        note_changes(workspace, reader)
    for line in explanations.explain(shown, id, reader, reviews).splitlines():
        say(line)


def evaluate(
    report: Annotated[str, typer.Argument(help="report.json of a scan, or the start of a run's id.")],
    gold: Annotated[Path, typer.Argument(help="CSV: system,table,column,pi,pi_type,tier,sensitive,...")],
    lang: Lang = None,
) -> None:
    """Measure findings against your own labels: precision, recall, F1, by label, hard negatives, calibration.

    Example: chujing evaluate report.json gold.csv
    """
    from scanner.review.evaluate import evaluate_report
    from scanner.state import store

    for line in evaluate_report(store.read_named(report, Path()), gold, language(lang)):
        say(line)


COMMANDS = (
    Command("explain", explain, place=40, panel="look"),
    Command("evaluate", evaluate, place=50, panel="look"),
)
