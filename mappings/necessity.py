"""Is each field shown to be necessary for the stated purpose?

Criteria: directly related, least impact, smallest scope (个人信息保护法 第六条; 数据出境安全管理政策问答（2025年4月）问4).
A field outside the purpose's list is `not_shown`, never "unlawful"; a person may still give a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.model import Label
from mappings.data import known, load, names
from mappings.model import Assessed, Confidence, FieldVerdict, Necessity

LAW = "个人信息保护法 第六条; 数据出境安全管理政策问答（2025年4月）问4"
COARSER = {                                   # finer label -> what would often do
    "birth_date": "age", "trajectory": "geo_location", "geo_location": "postal_address", "id_document_image": "resident_id",
}
_KEYS = ("id", "title", "title_en", "function", "bound", "source", "confidence", "effective", "claim", "situation", "complete", "necessary",
         "case_by_case", "rules")


@dataclass(frozen=True, slots=True)
class Need:
    """One item of a purpose's list. condition: when it is needed; empty: always."""

    item: str
    labels: tuple[Label, ...]
    condition: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a purpose needs. complete=False: the source gives no field list, so every field is for a person to judge.

    bound: `collection` where the list says what may be collected, an outer bound for export; else `export`.
    situation: name under which a rule set may refuse an exemption.
    """

    id: str
    title: str
    title_en: str
    function: str
    bound: str
    source: str
    confidence: Confidence
    complete: bool
    necessary: tuple[Need, ...]
    case_by_case: tuple[Need, ...] = ()
    rules: tuple[str, ...] = ()
    claim: str = ""
    situation: str = ""


@cache
def purposes() -> tuple[str, ...]:
    """Names of the purposes that ship."""
    return names("purposes")


@cache
def load_purpose(name: str) -> Purpose:
    """Read a purpose by name or path; RulesError on unknown keys or labels."""
    raw, where = load("purposes", name)
    known(raw, _KEYS, where)
    return Purpose(
        id=raw["id"], title=raw["title"], title_en=raw.get("title_en", raw["title"]), function=raw.get("function", ""),
        bound=raw.get("bound", "export"), source=raw["source"], confidence=raw["confidence"], complete=bool(raw["complete"]),
        necessary=tuple(_need(n, where) for n in raw.get("necessary", ())),
        case_by_case=tuple(_need(n, where) for n in raw.get("case_by_case", ())),
        rules=tuple(raw.get("rules", ())), claim=raw.get("claim", ""), situation=raw.get("situation", ""),
    )


def _need(raw: Mapping[str, Any], where: str) -> Need:
    known(raw, ("item", "labels", "role", "condition", "source"), where)
    for label in raw["labels"]:
        if label not in labels():
            raise RulesError(f'no detector makes the label "{label}"', where=where, hint=nearest(label, labels()))
    return Need(raw["item"], tuple(Label(x) for x in raw["labels"]), raw.get("condition", ""), raw.get("source", ""))


def judge(findings: Iterable[Assessed], purpose: Purpose) -> tuple[FieldVerdict, ...]:
    """A verdict for each field that holds personal information, in the order given."""
    return tuple(_verdict(a, purpose) for a in findings if a.finding.kind == "personal_information")


def _verdict(a: Assessed, purpose: Purpose) -> FieldVerdict:
    column, label = a.finding.column, a.finding.label

    def say(
        verdict: Necessity, zh: str, en: str, source: str = purpose.source, confidence: Confidence = purpose.confidence
    ) -> FieldVerdict:
        return FieldVerdict(column, label, verdict, zh, source, confidence, en)

    case = next((n for n in purpose.case_by_case if label in n.labels), None)
    if case is not None:
        return say("needs_review", f"逐案判断：{case.item}", "judged case by case", case.source or purpose.source)
    needs = [n for n in purpose.necessary if label in n.labels]
    if any(not n.condition for n in needs):
        return say("necessary", f"清单所列：{needs[0].item}", "on the list of the purpose")
    if needs:
        return say("needs_review", f"有条件：{needs[0].item}（{needs[0].condition}）", f"needed on a condition: {needs[0].condition}")
    if not purpose.complete:
        return say("needs_review", "所依据的文件未列字段，须逐字段说明理由", "the source lists no fields; give a reason for each")
    coarser = COARSER.get(label)
    if coarser and any(coarser in n.labels for n in purpose.necessary):
        info = labels()[Label(coarser)]
        return say("finer_than_needed", f"{info.zh}即可满足目的", f"{info.en} would do", LAW, "verified")
    return say("not_shown", "不在该目的的必要字段之内，必要性待说明", "not on the list of the purpose; its necessity is not shown",
               f"{LAW}; {purpose.source}")
