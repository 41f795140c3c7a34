"""The command line: one file a command group."""


def main() -> None:
    """Run the command line; the entry point `chujing`."""
    from scanner.cli.app import main as run

    run()
