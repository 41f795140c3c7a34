"""Rows of the data-item table (出境数据项清单): one item once in a scenario, its example invented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from detectors.labels import labels, wide_label
from detectors.masking import MASK, mask_values
from detectors.model import ColumnId, Label
from mappings.flow_report import FlowReport
from mappings.model import FieldVerdict
from mappings.names import bare_name
from reports.filings.blocks import TO_FILL_IN
from reports.model import ColumnReport, primary

SENSITIVE = "敏感个人信息"
LONGEST_NAME = 12                             # characters of a comment that names an item
CHINESE = re.compile("[\u4e00-\u9fff]")
NO_EXAMPLE = "（不举例）"
OTHER_ITEM = "其他"


@dataclass(frozen=True, slots=True)
class DataItem:
    """A row of the official data-item table. columns: what it comes from; they stand in no filed paper."""

    name: str
    description: str
    necessity: str                            # starts with TO_FILL_IN where nobody has given a reason
    example: str                              # invented, never from the data
    remarks: str
    sensitive: bool
    columns: tuple[str, ...] = ()


@cache
def examples() -> Mapping[str, str]:
    """Return invented examples by label."""
    import yaml

    path = files("reports").joinpath("filings", "examples.yaml")
    by_label: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return by_label


def data_items(
    flows: Sequence[FlowReport], columns: Mapping[ColumnId, ColumnReport], *, strict: bool = False
) -> tuple[DataItem, ...]:
    """Return the items of flows; fields whose items have the same name are one item.

    A field that is only possibly personal information is an item, too, marked to be settled. strict: an ID
    number alone and the like are sensitive.
    """
    items: dict[str, DataItem] = {}
    for item in _all_items(flows, columns, strict):
        name = bare_name(item.name)
        items[name] = _joined_item(items[name], item) if name in items else item
    return tuple(items.values())


def _all_items(
    flows: Sequence[FlowReport], columns: Mapping[ColumnId, ColumnReport], strict: bool
) -> Iterator[DataItem]:
    for flow in flows:
        for verdict in flow.fields:
            column = columns.get(verdict.column)
            yield _marked(_item(verdict.column, verdict.label, column, _necessity(verdict)), column, strict)
        for p in flow.possible:
            necessity = _necessity(p.verdict) if p.verdict is not None else f"{TO_FILL_IN}必要性待说明"
            item = _item(p.column, p.label, columns.get(p.column), necessity)
            yield replace(item, remarks=f"{TO_FILL_IN}是否属于个人信息待复核", sensitive=False)


def _marked(item: DataItem, column: ColumnReport | None, strict: bool) -> DataItem:
    """An item with the mark of a sensitive one. strict: where that depends, it is one."""
    kinds = ("yes", "depends") if strict else ("yes",)
    findings = column.findings if column is not None else ()
    if not any(a.finding.primary and a.sensitive in kinds for a in findings):
        return item
    return replace(item, remarks=SENSITIVE, sensitive=True)


def item_names(items: Sequence[DataItem]) -> str:
    """Return the names of items; a place to write where there are none."""
    return "、".join(item.name for item in items) or f"{TO_FILL_IN}数据项尚未查明。"


def _item(id: ColumnId, label: Label | None, column: ColumnReport | None, necessity: str) -> DataItem:
    info = labels().get(label) if label else None
    title = info.zh if info else OTHER_ITEM
    name = _item_name(title, column)
    assessed = primary(column) if column is not None else None
    description = "，".join(
        filter(None, (title if title != name else "", assessed.category_zh if assessed else ""))
    )
    return DataItem(
        name,
        description or title,
        necessity,
        examples().get(wide_label(str(label)), NO_EXAMPLE),
        "",
        False,
        (str(id),),
    )


def _item_name(title: str, column: ColumnReport | None) -> str:
    """Return the name of an item: what the column is called in Chinese if it says more, else its label's.

    A comment comes before a name; a name in other letters is one for machines; values are no names.
    """
    if column is None:
        return title
    comment, name = _comment_beginning(column.comment), column.name.strip()
    called = comment or (name if CHINESE.search(name) else "")
    usable = 0 < len(called) <= LONGEST_NAME and MASK not in mask_values(called)
    return called if usable and bare_name(called) not in bare_name(title) else title


def _comment_beginning(comment: str) -> str:
    return re.split(r"[，,；;（(:：\n]", comment.strip())[0].strip()


def _necessity(verdict: FieldVerdict) -> str:
    """Return the reason a person gave; else a place to write it.

    Author and date of a reason stand in the annex.
    """
    answer = verdict.answer
    if answer is not None and answer.answer in ("justify", "listed"):
        return answer.why
    if answer is not None:
        outcome = "不出境" if answer.answer == "drop" else f"改为较弱形式（{answer.why}）"
        return f"{TO_FILL_IN}已决定{outcome}，落实后重新扫描"
    if verdict.verdict == "necessary":
        return f"{TO_FILL_IN}说明与出境目的的直接关系"
    weaker = f"，或者改为较弱形式（{verdict.weaker}）" if str(verdict.weaker) else ""
    return f"{TO_FILL_IN}必要性待说明；不能说明的，应当删减{weaker}"


def _joined_item(a: DataItem, b: DataItem) -> DataItem:
    """Return the same item from two columns as one: both sources, the reason that is given."""
    reasoned = b if a.necessity.startswith(TO_FILL_IN) else a
    sensitive = a.sensitive or b.sensitive
    settled = next((item.remarks for item in (a, b) if TO_FILL_IN not in item.remarks), a.remarks)
    remarks = SENSITIVE if sensitive else settled
    return DataItem(
        a.name, a.description, reasoned.necessity, a.example, remarks, sensitive, (*a.columns, *b.columns)
    )
