"""`chujing digest`: what happened since a day, for each owner."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language
from scanner.cli.output import say, talk
from scanner.cli.run_memory import note_changes
from scanner.files import write_atomically


def digest(
    since: Annotated[str, typer.Option(help="How far back: 12h, 7d, 2w.")] = "7d",
    owner: Annotated[str, typer.Option(help="Only what this person owns.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write .html or .txt; default: text on the screen.")
    ] = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """What is new, changed, gone stale, near a line, overdue and due soon, for each owner, from the scans
    that are remembered.

    Example: chujing digest --since 7d -o digest.html
    """
    from reports.wording.digest import digest_text
    from scanner.review import digest as review
    from scanner.workspace import open_workspace

    if output is not None and output.suffix.lower() not in (".html", ".txt"):
        raise ConfigError(
            Msg('no format "{name}"', name=output.suffix),
            where=str(output),
            hint=Msg("digest.html or digest.txt"),
        )
    workspace = open_workspace(config, required=False)
    reader = language(lang)
    changes = review.digest(workspace, review.parse_span(since), owner, datetime.now(UTC), reader)
    note_changes(workspace, reader)
    if output is None:
        for line in digest_text(changes).splitlines():
            say(line)
        return
    if output.suffix.lower() == ".html":
        from reports.page.digest import digest_page

        write_atomically(output, digest_page(changes))
    else:
        write_atomically(output, digest_text(changes))
    talk(f"-> {output} ({len(changes.items)})")


COMMANDS = (Command("digest", digest, place=110, panel="look"),)
