"""Groups of commands: how `--help` lists them, and what they hand down to the command that is typed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

import typer
import typer.core

from scanner.cli.options import language_of_arguments

SHARED = ("lang", "config")                   # options that hold for the command behind a group, too
PANELS: Mapping[str, Mapping[str, str]] = {   # in the order of `chujing --help`
    "look": {"zh": "扫描与查看", "en": "Scan and look"},
    "decide": {"zh": "判定与申报", "en": "Decide and file"},
    "review": {"zh": "复核", "en": "Review"},
    "catalogs": {"zh": "数据目录", "en": "Catalogs"},
    "setup": {"zh": "设置", "en": "Set up"},
    "": {"zh": "其他命令", "en": "Further commands"},
}


class Group(typer.core.TyperGroup):
    """A group that lists what it holds when nothing else is typed, its commands by panel."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Print the help of the group where no command is typed; that is no fault."""
        _spare_converting(self.get_params(ctx))
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name of the command that is typed, the command, and what follows it."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _spare_converting(command.get_params(ctx))
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command, with options typed before it as its defaults."""
        shared = {name: value for name in SHARED if (value := ctx.params.get(name)) is not None}
        if shared:
            ctx.default_map = {**(ctx.default_map or {}), **_for_all(self, shared)}
        return super().invoke(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, in sections where they are of several panels."""
        by_panel: dict[str, list[tuple[str, Any]]] = {panel: [] for panel in PANELS}
        for name, command in self.commands.items():
            if not command.hidden:
                panel = str(getattr(command, "rich_help_panel", None) or "")
                by_panel[panel if panel in PANELS else ""].append((name, command))
        filled = {panel: listed for panel, listed in by_panel.items() if listed}
        if list(filled) in ([""], []):
            super().format_commands(ctx, formatter)
            return
        lang = language_of_arguments(sys.argv[1:])
        width = max(len(name) for name in self.commands)
        for panel, listed in filled.items():
            limit = formatter.width - 6 - width
            rows = [(name.ljust(width), command.get_short_help_str(limit)) for name, command in listed]
            with formatter.section(PANELS[panel][lang]):
                formatter.write_dl(rows)


_PLAIN = (str, bool, int)                     # types of parameters whose values are what they are
_TEXTS = (str, list[str])                     # of parameters that may be repeated


class _Unconverted:
    """Stands where typer keeps what converts a parameter, which loads pydantic.

    What was not typed, flags, plain text and words of a choice need no converting; typer does the rest.
    """

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        annotation = param.type_descriptor.annotation
        if param.multiple or param.nargs == -1:
            if value is None:
                return ()
            if annotation in _TEXTS and isinstance(value, list | tuple) and {*map(type, value)} <= {str}:
                return [*value]
        elif param.nargs == 1 and (value is None or _is_of(value, annotation)):
            return value
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _is_of(value: Any, annotation: Any) -> bool:
    """Return whether a value is of a plain type, or a word of a choice, as its parameter wants it."""
    if get_origin(annotation) is Literal:
        return value in get_args(annotation)
    return annotation in _PLAIN and type(value) is annotation


def _spare_converting(parameters: Iterable[Any]) -> None:
    for parameter in parameters:
        if getattr(parameter, "_runtime_param", parameters) is None:
            vars(parameter)["_runtime_param"] = _Unconverted()


def _for_all(group: typer.core.TyperGroup, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return defaults of every command below a group."""
    return {
        name: {**shared, **(_for_all(command, shared) if isinstance(command, typer.core.TyperGroup) else {})}
        for name, command in group.commands.items()
    }
