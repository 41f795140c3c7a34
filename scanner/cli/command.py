"""How a file of this folder offers its commands: `COMMANDS = (Command("scan", scan, place=10),)`.

The folder is walked for them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import typer


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a group of commands. place: where `chujing --help` lists it, within its panel.

    What has none stands at the end, by name. panel: key of `PANELS` in group.py.
    """

    name: str
    runs: Callable[..., Any] | typer.Typer
    place: int = 1_000
    panel: str = ""


def commands() -> list[Command]:
    """Return every command of this folder in the order of `chujing --help`."""
    return sorted(_declared_commands(), key=lambda command: (command.place, command.name))


def _declared_commands() -> Iterator[Command]:
    package = importlib.import_module("scanner.cli")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in ("__main__", "app"):
            yield from getattr(importlib.import_module(f"scanner.cli.{module.name}"), "COMMANDS", ())
