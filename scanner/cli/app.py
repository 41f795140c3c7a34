"""The command line: findings on stdout, talk on stderr, an exit status that is written down and kept.

Nothing heavy is imported here: every command imports what it needs when it runs.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from detectors.errors import ChujingError, SourceError
from scanner.cli.command import Command, commands
from scanner.cli.group import Group
from scanner.cli.options import Lang, language, language_of_arguments
from scanner.cli.output import talk, without_secrets_of
from scanner.cli.usage import MISUSE, usage_error_text
from scanner.state.version import VERSION

MOST_FAULTS = 100                             # shown of one file; the rest is a number
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def _app_of(offered: Sequence[Command]) -> typer.Typer:
    """Return the command line with some commands."""
    line = typer.Typer(
        name="chujing",
        no_args_is_help=True,
        cls=Group,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="出境: find personal information and candidate important data, count people, "
             "and support the export decision.\n\n"
        "A machine proposes; people and authorities decide. Try: chujing demo",
    )
    for command in offered:
        if isinstance(command.runs, typer.Typer):
            line.add_typer(command.runs, name=command.name, cls=Group, rich_help_panel=command.panel or None)
        else:
            line.command(command.name, rich_help_panel=command.panel or None)(command.runs)
    line.callback(invoke_without_command=True)(_top)
    return line


def _app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line with the command that is typed alone; with all where none or another word is.

    typer makes the options of every command it is given, which takes as long as a small command does.
    """
    words = iter(arguments)
    for word in words:
        if word == "--lang":
            next(words, None)
        elif not word.startswith("--lang="):
            return _app_of([command for command in COMMANDS if command.name == word] or COMMANDS)
    return app


def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    lang: Lang = None,
) -> None:
    language(lang)
    if version:
        typer.echo(f"chujing {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


COMMANDS = commands()
app = _app_of(COMMANDS)


def main() -> None:
    """Run the command line; every error becomes one clear line and an exit status."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")     # for names it cannot show
    try:
        if (
            status := _app_for(sys.argv[1:])(standalone_mode=False) or 0
        ) == 130:  # typer takes the keyboard's interrupt for itself
            raise KeyboardInterrupt
    except MISUSE as e:
        e.message = _clean(e.message)         # an argument that is refused may be a URL
        if words := usage_error_text(e, _language()):
            talk(words)
        else:
            e.show()
        raise SystemExit(e.exit_code) from None
    except typer.Abort:
        talk(f"chujing: {_words('cli.interrupted')}")
        raise SystemExit(1) from None
    except ChujingError as e:
        from reports.messages.render import render_error

        for fault in e.faults[:MOST_FAULTS]:
            talk(_clean(f"chujing: {render_error(fault, _language())}"))
        if len(e.faults) > MOST_FAULTS:
            talk(f"chujing: {_words('cli.more_faults', n=len(e.faults) - MOST_FAULTS)}")
        raise SystemExit(3 if isinstance(e, SourceError) else 2) from None
    except KeyboardInterrupt:
        talk(f"chujing: {_words('cli.interrupted')}")
        raise SystemExit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as e:
        if e.errno not in NO_ROOM:
            talk(f"chujing: {_words('cli.internal', kind=type(e).__name__, place=_place(e))}")
            raise SystemExit(1) from None
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        talk(f"chujing: {_words('cli.no_room')}")
        raise SystemExit(2) from None
    except (
        Exception
    ) as e:  # the message of a foreign error may hold values: only its kind and place are shown
        talk(f"chujing: {_words('cli.internal', kind=type(e).__name__, place=_place(e))}")
        raise SystemExit(1) from None
    raise SystemExit(status)


def _language() -> str:
    return language_of_arguments(sys.argv[1:])


def _clean(text: str) -> str:
    return without_secrets_of(sys.argv[1:], text)


def _words(key: str, **values: object) -> str:
    """Words of an end that no command has foreseen."""
    from reports.messages.words import t

    return t(key, _language(), **values)


def _place(error: Exception) -> str:
    """File and line where an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


if __name__ == "__main__":
    main()
