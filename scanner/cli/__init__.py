"""The command line: one file a command group."""


def main() -> None:
    """Run the command line; the entry point `chujing`. What libraries say by themselves is never shown."""
    import sys

    from scanner.cli import metadata_guard
    from scanner.cli.library_output import LibraryOutput

    metadata_guard.install()
    libraries = LibraryOutput()
    libraries.start()
    from scanner.cli.app import main as run

    try:
        run()
    finally:
        if not {"-q", "--quiet"} & set(sys.argv):
            for line in libraries.lines():
                sys.stderr.write(f"chujing: {line}\n")
            sys.stderr.flush()
