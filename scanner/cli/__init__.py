"""The command line: one file a command group."""

import sys
from collections.abc import Sequence

# commands that answer from the state and end: what they make lives as long as they do
ANSWERS = (
    "runs", "find", "show", "explain", "review", "decide", "diff", "digest", "facts", "flows", "fields",
)


def main() -> None:
    """Run the command line and end the process; the entry point `chujing`."""
    try:
        run()
    except SystemExit as e:
        if _only_answers(sys.argv[1:]) and isinstance(e.code, int | None):
            _end_at_once(e.code or 0)
        raise


def run() -> None:
    """Run the command line; what libraries say by themselves is never shown. Raise SystemExit at its end."""
    from scanner.cli import metadata_guard
    from scanner.cli.library_output import LibraryOutput

    _spare_collecting(sys.argv[1:])
    metadata_guard.install()
    libraries = LibraryOutput()
    libraries.start()
    from scanner.cli.app import main as run_command

    try:
        run_command()
    finally:
        if not {"-q", "--quiet"} & set(sys.argv):
            for line in libraries.lines():
                sys.stderr.write(f"chujing: {line}\n")
            sys.stderr.flush()


def _only_answers(arguments: Sequence[str]) -> bool:
    words = (word for word in arguments if not word.startswith("-") and word not in ("zh", "en"))
    return next(words, "") in ANSWERS


def _spare_collecting(arguments: Sequence[str]) -> None:
    """Look for no garbage where a command only answers: its records, by the million, live until its end."""
    import gc

    if _only_answers(arguments):
        gc.disable()


def _end_at_once(status: int) -> None:
    """End the process without taking the records of an answer apart, which takes a sixth of its time.

    Return where Python's own end has more to do: other threads, connections to a server to be closed, output
    that cannot be written.
    """
    import atexit
    import os
    import threading

    if threading.active_count() > 1 or "sqlalchemy" in sys.modules:
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError, AttributeError):      # a full disk, a closed stream, none at all
        return
    atexit._run_exitfuncs()
    os._exit(status)
