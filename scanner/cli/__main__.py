"""`python -m scanner.cli`: the command line."""

from scanner.cli import main

main()
