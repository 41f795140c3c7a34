"""The command line: one file a command group."""

import sys
from collections.abc import Sequence

# commands that answer from the state and end: what they make lives as long as they do
ANSWERS = (
    "runs", "find", "show", "explain", "review", "decide", "diff", "digest", "facts", "flows", "fields",
)


def main() -> None:
    """Run the command line; the entry point `chujing`.

    At its end nothing looks for garbage among what a command made, which takes a sixth of its time: what
    holds anything outside the process is closed by whoever opened it.
    """
    import gc

    try:
        run()
    finally:
        gc.freeze()


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


def _spare_collecting(arguments: Sequence[str]) -> None:
    """Look for no garbage where a command only answers: its records, by the million, live until its end."""
    import gc

    command = next((word for word in arguments if not word.startswith("-") and word not in ("zh", "en")), "")
    if command in ANSWERS:
        gc.disable()
