"""`chujing explain` and `chujing evaluate`: why findings and paths are as they are, and how good they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language
from scanner.cli.output import say


def explain(
    id: Annotated[str, typer.Argument(help="Column or flow id, or its unambiguous end, e.g. member/mobile.")],
    report: Annotated[
        Path | None, typer.Option(help="report.json; default: the last scan, with today's reviews.")
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

    if report is not None:
        shown, reviews = store.read(report), None
    else:
        shown, reviews = explanations.current_scan(open_workspace(config, required=False), date.today())
    for line in explanations.explain(shown, id, language(lang), reviews).splitlines():
        say(line)


def evaluate(
    report: Annotated[Path, typer.Argument(help="report.json of a scan.")],
    gold: Annotated[Path, typer.Argument(help="CSV: system,table,column,pi,pi_type,tier,sensitive,...")],
    lang: Lang = None,
) -> None:
    """Measure findings against your own labels: precision, recall, F1, by label, hard negatives, calibration.

    Example: chujing evaluate report.json gold.csv
    """
    from scanner.review.evaluate import evaluate_report
    from scanner.state import store

    for line in evaluate_report(store.read(report), gold, language(lang)):
        say(line)


COMMANDS = (Command("explain", explain, place=40), Command("evaluate", evaluate, place=50))
