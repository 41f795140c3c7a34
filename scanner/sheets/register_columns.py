"""The columns of 出境场景登记表, the register of flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from mappings.countries import country_titles
from mappings.model import Claim, Mode
from mappings.purpose import load_purpose, purpose_names
from reports.messages.words import pair_of
from scanner.config.answer_words import group_words

SHEET, HELP_SHEET, LISTS_SHEET = "出境场景登记表", "填写说明", "选项"
EXAMPLE = "示例"                              # how the id of a row begins that earlier sheets show as one
HEADER_ROW = 2                                # row of the column heads; the title stands above
CellKind = Literal["text", "whole", "day", "choice"]
Choices = Mapping[str, tuple[str, ...]]                 # value -> words that mean it


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """One column. key: as in chujing.yaml, dots for nested keys. many: its cells hold lists."""

    key: str
    zh: str
    help: str
    required: bool = False
    many: bool = False
    kind: CellKind = "text"
    choices: Choices = field(default_factory=dict)
    example: str = ""

    @property
    def offered(self) -> tuple[str, ...]:
        """Return the words a reader may pick from; empty where any text will do."""
        if self.key == "recipient.country":
            return country_titles()
        return tuple(self.word(value) for value in self.choices)

    @property
    def head(self) -> str:
        return f"{self.zh}{'*' if self.required else ''}"

    def word(self, value: str) -> str:
        """Return the word for a value of the choices: Chinese, where there is one."""
        words = self.choices[value]
        return words[1] if len(words) > 1 else words[0]


_LEGAL_BASES = {
    "consent": ("consent", "同意"),
    "contract": ("contract", "合同"),
    "hr": ("hr", "人力资源管理"),
    "statutory": ("statutory", "法定职责"),
    "emergency": ("emergency", "紧急情况"),
    "public": ("public", "已公开"),
    "other": ("other", "其他"),
}
_STATES = {"planned": ("planned", "计划中"), "active": ("active", "进行中"), "stopped": ("stopped", "已停止")}


@cache
def columns() -> tuple[RegisterColumn, ...]:
    """Return the columns in order."""
    return (
        RegisterColumn(
            "id", "场景编号", "英文字母、数字和短横线，不重复，如 crm-hq", True, example="crm-hq"
        ),
        RegisterColumn(
            "entity", "数据处理者", "法人名称，与营业执照一致", True, example="示例（上海）有限公司"
        ),
        RegisterColumn("recipient.name", "境外接收方", "接收方全称", True, example="Example Group SE"),
        RegisterColumn(
            "recipient.country", "国家或地区", "从列表中选择，或填两位代码，如 DE", True, example="德国"
        ),
        _choice_column(
            "purpose", "目的", "chujing 目的编号或名称，如 crm、客户关系管理", purpose_words(), required=True
        ),
        _choice_column(
            "mode",
            "方式",
            "传输至境外、境外访问、境外软件服务、文件或邮件、自有应用、境外收集、境内访问",
            _choice_words(get_args(Mode), "mode"),
            required=True,
        ),
        RegisterColumn(
            "systems", "系统", "总部系统或数据源名称，分号分隔", many=True, example="CRM；企业邮箱"
        ),
        RegisterColumn(
            "fields",
            "字段",
            "数据源/模式/表/列，分号或换行分隔；无法连接的系统可留空并填写填报人数",
            many=True,
            example="crm/public/member/mobile",
        ),
        RegisterColumn("view", "视图", "数据源/视图，代替字段"),
        _choice_column("status", "状态", "计划中、进行中、已停止", _STATES),
        RegisterColumn("since", "开始日期", "2026-01-31", kind="day", example="2026-01-31"),
        RegisterColumn("every", "频率", "如 month、每日、实时"),
        RegisterColumn("retention_days", "境外保存期限（天）", "整数", kind="whole"),
        RegisterColumn("onward", "境外再提供", "第三方全称，分号分隔", many=True),
        RegisterColumn("owner", "责任人", "姓名或部门", example="信息技术部"),
        _choice_column(
            "facts.legal_basis",
            "合法性基础",
            "同意、合同、人力资源管理、法定职责、紧急情况、已公开、其他",
            _LEGAL_BASES,
        ),
        _choice_column(
            "claim",
            "主张的豁免",
            "无、第四条、第五条（一）、第五条（二）、第五条（三）、第六条、法定职责",
            _choice_words(get_args(Claim), "claim"),
        ),
        _choice_column("subject_group", "主体类别", "员工、客户、求职者等", group_words()),
        RegisterColumn(
            "declared.individuals", "填报人数", "无法连接时自行填报的自然人数（去重）", kind="whole"
        ),
        RegisterColumn(
            "declared.sensitive_individuals", "其中敏感人数", "含敏感个人信息的自然人数；空白为未知",
            kind="whole",
        ),
        RegisterColumn("declared.minors", "其中不满十四周岁", "自然人数；空白为未知", kind="whole"),
        RegisterColumn("declared.by", "填报人", "谁填报的"),
        RegisterColumn("declared.on", "填报日期", "2026-01-31", kind="day"),
        RegisterColumn("declared.evidence", "填报依据", "如 系统用户统计 2026-10"),
        RegisterColumn("until", "停止日期", "已停止的场景：最后一日，2026-01-31", kind="day"),
    )


def _choice_column(key: str, zh: str, help: str, choices: Choices, required: bool = False) -> RegisterColumn:
    return RegisterColumn(key, zh, help, required, kind="choice", choices=choices)


def purpose_words() -> dict[str, tuple[str, ...]]:
    """Return the purposes that ship, each with its Chinese and English title."""
    purposes = {name: load_purpose(name) for name in purpose_names()}
    return {name: (name, purpose.title, purpose.title_en) for name, purpose in purposes.items()}


def _choice_words(values: Iterable[str], prefix: str) -> dict[str, tuple[str, ...]]:
    """Values with the words that reports use for them, Chinese first."""
    return {value: (value, *(pair_of(f"{prefix}.{value}") or ())) for value in values}
