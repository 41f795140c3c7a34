"""`chujing fields`: what people say of a flow's fields: justified, dropped, weaker, in company rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, language, parse_day
from scanner.cli.output import say, talk
from scanner.cli.run_memory import note_changes

group = typer.Typer(
    no_args_is_help=True,
    help="Fields and their necessity: list, justify, drop, weaken, tick.\n\n"
         "Example: chujing fields list crm-hq",
)
FlowId = Annotated[str, typer.Argument(help="Id of a flow.")]
AnyFlow = Annotated[str, typer.Argument(help="Id of a flow; without it: the flows there are.")]
Fields = Annotated[
    list[str], typer.Argument(help="Columns, by the end of their ids, or a pattern, e.g. 'crm/member/*'.")
]
StatedBy = Annotated[str, typer.Option(help="Who says so.")]
StatedOn = Annotated[str | None, typer.Option(help="Day it was said; default today.")]


@group.command("list")
def list_fields(flow: AnyFlow = "", config: ConfigFile = None, lang: Lang = None) -> None:
    """The fields of a flow with verdict, criterion, what was measured, and the answer given; then what stands
    before a filing. Without a flow: every flow and how many fields it has.

    Example: chujing fields list crm-hq
    """
    from scanner.review.answer import field_lines, flow_lines
    from scanner.workspace import open_workspace

    workspace, reader = open_workspace(config, required=False), language(lang)
    for line in field_lines(flow, workspace, reader) if flow else flow_lines(workspace, reader):
        say(line)
    note_changes(workspace, reader)


@dataclass(frozen=True, slots=True)
class _TypedReplies:
    """One kind of reply on fields of a flow, as it was typed. replies: (end of a column's id, reason)."""

    kind: str
    flow: str
    replies: Sequence[tuple[str, str]]
    by: str
    on: str | None


def _record(typed: _TypedReplies, config: Path | None) -> None:
    from scanner.review.answer import AnswerSource, answer_fields
    from scanner.workspace import open_workspace

    workspace = open_workspace(config)
    source = AnswerSource(typed.by, parse_day(typed.on) if typed.on else date.today())
    path = answer_fields(workspace, typed.flow, typed.kind, typed.replies, source)
    talk(f"-> {path}")


@group.command("justify")
def justify(
    flow: FlowId,
    fields: Fields,
    why: Annotated[str, typer.Option(help="The reason, as the filing will say it.")],
    by: StatedBy,
    on: StatedOn = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Say why fields are necessary; the reason fills the filing's 出境必要性 column.

    Example: chujing fields justify crm-hq member/mobile --why "delivery is arranged by phone" --by 王敏
    """
    language(lang)
    _record(_TypedReplies("justify", flow, [(f, why) for f in fields], by, on), config)


@group.command("drop")
def drop(
    flow: FlowId,
    fields: Fields,
    by: StatedBy,
    why: Annotated[str, typer.Option(help="A word on it.")] = "",
    on: StatedOn = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Note that fields are to stay home; the flow is not ready to file until they are gone from it.

    Example: chujing fields drop crm-hq member/birthday --by 王敏
    """
    language(lang)
    _record(_TypedReplies("drop", flow, [(f, why) for f in fields], by, on), config)


@group.command("weaken")
def weaken(
    flow: FlowId,
    fields: Fields,
    to: Annotated[str, typer.Option(help="The weaker form, e.g. last four digits.")],
    by: StatedBy,
    on: StatedOn = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Note that fields are to go in a weaker form; the flow is not ready to file until they do.

    Example: chujing fields weaken crm-hq member/birthday --to "age band" --by 王敏
    """
    language(lang)
    _record(_TypedReplies("weaken", flow, [(f, to) for f in fields], by, on), config)


@group.command("tick")
def tick(
    flow: FlowId,
    fields: Fields,
    basis: Annotated[str, typer.Option(help="Place in labour rules, collective contract or another basis.")],
    by: StatedBy,
    on: StatedOn = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Tick fields that the company's labour rules, collective contract or another basis lists.

    Example: chujing fields tick hr-hq staff/姓名 staff/工号 --basis "员工手册第十二条；集体合同第五条" --by
    人力资源部
    """
    language(lang)
    _record(_TypedReplies("listed", flow, [(f, basis) for f in fields], by, on), config)


@group.command("import")
def import_fields(
    flow: FlowId,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns field and basis.")],
    by: StatedBy,
    on: StatedOn = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Tick fields from a list: one row a field, with the place in the company's rules that names it.

    Example: chujing fields import hr-hq labour-rules.csv --by 人力资源部
    """
    from scanner.review.answer import read_field_list

    language(lang)
    _record(_TypedReplies("listed", flow, read_field_list(file), by, on), config)


COMMANDS = (Command("fields", group, place=290, panel="decide"),)
