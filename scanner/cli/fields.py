"""`chujing fields`: the fields of a flow and what people say of each: justified, dropped, weaker, or listed in the company's own rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language, parse_day, required_configuration
from scanner.cli.output import say, talk

group = typer.Typer(
    no_args_is_help=True, help="Fields and their necessity: list, justify, drop, weaken, tick.\n\nExample: chujing fields list crm-hq"
)
FlowId = Annotated[str, typer.Argument(help="Id of a flow.")]
Fields = Annotated[list[str], typer.Argument(help="Columns, by the end of their ids.")]
StatedBy = Annotated[str, typer.Option(help="Who says so.")]
On = Annotated[str | None, typer.Option(help="Day it was said; default today.")]


@group.command("list")
def fields_list(flow: FlowId, config: ConfigFile = None, lang: Lang = None) -> None:
    """The fields of a flow with verdict, criterion, what was measured, and the answer given; then what stands before a filing.

    Example: chujing fields list crm-hq
    """
    from scanner.review.answer import fields_of

    base = base_folder(config)
    for line in fields_of(flow, config, base, language(lang)):
        say(line)


def _record(kind: str, flow: str, fields: list[str], why: str, by: str, on: str | None, config: Path | None,
            lang: str | None) -> None:
    from scanner.review.answer import answer_fields

    language(lang)
    base = base_folder(config)
    path = answer_fields(
        required_configuration(config), base, kind, flow, [(f, why) for f in fields], by, parse_day(on) if on else date.today()
    )
    talk(f"-> {path}")


@group.command("justify")
def justify(flow: FlowId, fields: Fields, why: Annotated[str, typer.Option(help="The reason, as the filing will say it.")], by: StatedBy,
            on: On = None, config: ConfigFile = None, lang: Lang = None) -> None:
    """Say why fields are necessary; the reason fills the filing's 出境必要性 column.

    Example: chujing fields justify crm-hq member/mobile --why "delivery is arranged by phone" --by 王敏
    """
    _record("justify", flow, fields, why, by, on, config, lang)


@group.command("drop")
def drop(flow: FlowId, fields: Fields, by: StatedBy, why: Annotated[str, typer.Option(help="A word on it.")] = "", on: On = None,
         config: ConfigFile = None, lang: Lang = None) -> None:
    """Note that fields are to stay home; the flow is not ready to file until they are gone from it.

    Example: chujing fields drop crm-hq member/birthday --by 王敏
    """
    _record("drop", flow, fields, why, by, on, config, lang)


@group.command("weaken")
def weaken(flow: FlowId, fields: Fields, to: Annotated[str, typer.Option(help="The weaker form, e.g. last four digits.")], by: StatedBy,
           on: On = None, config: ConfigFile = None, lang: Lang = None) -> None:
    """Note that fields are to go in a weaker form; the flow is not ready to file until they do.

    Example: chujing fields weaken crm-hq member/birthday --to "age band" --by 王敏
    """
    _record("weaken", flow, fields, to, by, on, config, lang)


@group.command("tick")
def tick(
    flow: FlowId,
    fields: Fields,
    basis: Annotated[str, typer.Option(help="Place in labour rules, collective contract or another basis.")],
    by: StatedBy,
    on: On = None,
    config: ConfigFile = None,
    lang: Lang = None,
) -> None:
    """Tick fields that the company's labour rules, collective contract or another basis lists.

    Example: chujing fields tick hr-hq staff/姓名 staff/工号 --basis "员工手册第十二条；集体合同第五条" --by 人力资源部
    """
    _record("listed", flow, fields, basis, by, on, config, lang)


@group.command("import")
def fields_import(
    flow: FlowId, file: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns field and basis.")], by: StatedBy, on: On = None,
    config: ConfigFile = None, lang: Lang = None,
) -> None:
    """Tick fields from a list: one row a field, with the place in the company's rules that names it.

    Example: chujing fields import hr-hq labour-rules.csv --by 人力资源部
    """
    from scanner.review.answer import answer_fields, field_list

    language(lang)
    base = base_folder(config)
    rows = field_list(file)
    talk(f"-> {answer_fields(required_configuration(config), base, 'listed', flow, rows, by, parse_day(on) if on else date.today())}")


COMMANDS = (Command("fields", group, place=290),)
