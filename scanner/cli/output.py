"""What commands print: lines on stdout and on stderr, warnings, and reports."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.redaction import redact, redact_text

if TYPE_CHECKING:
    from reports.model import Report
    from reports.wording.summary import Lead
    from scanner.workspace import Workspace


def say(text: str) -> None:
    """Print one line to stdout.

    On a terminal its end stands under its beginning, elsewhere it stays one line.

    Names come from sources: what would steer a terminal is left out, what turns or hides text is made
    visible.
    """
    from reports.cells import shown
    from reports.text_width import wrap_item

    text = shown(redact_text(text))
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    for line in wrap_item(text, max(40, shutil.get_terminal_size((80, 24)).columns)):
        typer.echo(line)


def talk(text: str) -> None:
    """Print one line to stderr."""
    from reports.cells import shown

    typer.echo(shown(redact_text(text)), err=True)


def without_secrets_of(words: Sequence[str], text: str) -> str:
    """Return a text in which URLs are redacted, those among `words` also with blanks or read as a path."""
    for word in words:
        if (shown := redact(word)) != word:
            text = text.replace(word, shown).replace(str(Path(word)), shown)
    return redact_text(text)


def warn(text: str, lang: str) -> None:
    """Print to stderr what went wrong but lets the work go on."""
    from reports.messages.render import render

    talk(f"chujing: {render(text, lang)}")


def screen_width(elsewhere: int) -> int:
    """Return the columns to print to: between 60 and 140 on a terminal. elsewhere: where stdout is none."""
    if not sys.stdout.isatty():
        return elsewhere
    return max(60, min(shutil.get_terminal_size((elsewhere, 24)).columns, 140))


def note_no_flow(report: Report, allow: str | None, lang: str) -> None:
    """Say that nothing is known to stay within --allow where no flow was decided."""
    from reports.messages.render import render

    if allow is not None and not report.flows:
        message = Msg(
            "no flow is described, so nothing is known to stay within --allow: "
            "describe flows in chujing.yaml"
        )
        talk(render(message, lang))


def note_unreviewed(columns: int, lang: str) -> None:
    """Say how many columns --require-reviews waits for, if any."""
    from reports.messages.render import render

    if columns:
        message = Msg("--require-reviews: {n:,} columns with personal information have no review", n=columns)
        talk(render(message, lang))


def save_report(report: Report, paths: list[Path] | None, lang: str, quiet: bool = False) -> None:
    """Write a report to every path, in the format its suffix names, and say so. lang: of spreadsheets.

    Raise ConfigError, before any is written, where one names a file that the report is of.
    """
    from reports.formats import save

    check_formats(paths, [source.url for source in report.sources])
    for path in paths or []:
        for file in save(report, path, lang):
            if not quiet:
                talk(f"-> {file}")


def check_formats(paths: list[Path] | None, inputs: Sequence[str] = ()) -> None:
    """Raise ConfigError for a URL, a suffix that names no format, or a file that is read, before any work.

    inputs: paths and URLs of what is read, which no report may overwrite.
    """
    from reports.files import check_local
    from reports.formats import writer

    for path in paths or []:
        check_local(path)
        writer(path)
        for source in inputs:
            if _is_file(source, path):
                raise ConfigError(
                    Msg("the report would overwrite what is scanned"),
                    where=str(path), hint=Msg("give -o another name"),
                )


def _is_file(url: str, path: Path) -> bool:
    """Return whether a path or URL names the file at a path, by whatever way."""
    from scanner.connectors.urls import scheme_of

    scheme = scheme_of(url)
    name = url if not scheme else url.partition(":///")[2].partition("?")[0]
    try:
        return bool(name) and path.is_file() and path.samefile(name)
    except (OSError, ValueError):
        return False


def print_summary(
    report: Report, lang: str, news: Sequence[str] = (), *, lead: Lead = "on"
) -> None:
    """Print a report on one screen to stdout.

    news: what differs from the scan before. lead: see `summary_lines`.
    """
    from reports.cells import shown
    from reports.wording.summary import summary_lines

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    lines = [shown(line) for line in news]
    for line, style in summary_lines(report, lang, screen_width(100), lines, lead=lead):
        bold, _, ink = style.partition(" ")
        typer.echo(typer.style(line, fg=ink or None, bold=bool(bold)) if colour and style else line)


def lead_of(workspace: Workspace) -> Lead:
    """Return which commands lead on from a scan of a folder."""
    return "on" if workspace.config_name else "init"


def print_report(report: Report, lang: str, *, is_part: bool = False) -> None:
    """Print a report, or a part of one, to stdout, in colour on a terminal."""
    from reports.formats import terminal

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    text = terminal.render(report, lang, width=screen_width(100), colour=colour, is_part=is_part)
    typer.echo(text.lstrip("\n"))
