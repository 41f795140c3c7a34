"""Is each field shown to be necessary for the stated purpose?

The four criteria (个人信息保护法 第六条、第十九条; 数据出境安全管理政策问答（2025年4月）问4): directly related; least impact; smallest
scope; shortest retention. The purpose's list, what was measured in the data, and what a person answered are kept apart.
A field outside the list is `not_shown`, never "unlawful": it may be dropped, sent in a weaker form, or justified by somebody with a
name and a date. The company's own labour rules and collective contract supply the fields of human-resources management.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Note
from detectors.model import ColumnId, Label
from detectors.renamed import old_names
from mappings import notes
from mappings.data import check_keys, load_yaml, shipped_names
from mappings.model import Assessed, Confidence, FieldAnswer, FieldVerdict, Necessity
from mappings.taxonomy import weaker_forms

LAW = "个人信息保护法 第六条; 数据出境安全管理政策问答（2025年4月）问4"
RETENTION = "个人信息保护法 第十九条"
COARSER = {                                   # finer label -> what would often do
    "birth_date": "age", "trajectory": "geo_location", "geo_location": "postal_address", "id_document_image": "resident_id",
}
NEEDLESS = ("not_shown", "finer_than_needed")
_KEYS = ("id", "title", "title_en", "function", "bound", "source", "confidence", "effective", "claim", "situation", "complete", "necessary",
         "case_by_case", "rules", "subjects", "ours", "own_rules")


@dataclass(frozen=True, slots=True)
class Need:
    """One item of a purpose's list. condition: when it is needed; empty: always. form `tail`: the last characters would do."""

    item: str
    labels: tuple[Label, ...]
    condition: str = ""
    source: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a purpose needs. complete=False: the source gives no field list, so every field is for a person to judge.

    bound: `collection` where the list says what may be collected, an outer bound for export; else `export`.
    situation: name under which a rule set may refuse an exemption. subjects: whose data it is about. ours: a starting point written here,
    to be confirmed. own_rules: the company's own labour rules or contracts name the fields.
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
    subjects: str = ""
    ours: bool = False
    own_rules: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMeasure:
    """What was seen of a column: cells examined of rows drawn, whether all hold one value, decimal places of coordinates, full numbers."""

    rows: int | None = None
    filled: int = 0
    constant: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class FieldRecords:
    """Everything known about a flow's fields beside their labels."""

    measured: Mapping[ColumnId, ColumnMeasure] = field(default_factory=dict)
    answers: Mapping[ColumnId, FieldAnswer] = field(default_factory=dict)


@cache
def purpose_names() -> tuple[str, ...]:
    """Names of the purposes that ship."""
    return shipped_names("purposes")


@cache
def load_purpose(name: str) -> Purpose:
    """Read a purpose by name or path; RulesError on unknown keys or labels."""
    raw, where = load_yaml("purposes", name)
    check_keys(raw, _KEYS, where)
    return Purpose(
        id=raw["id"], title=raw["title"], title_en=raw.get("title_en", raw["title"]), function=raw.get("function", ""),
        bound=raw.get("bound", "export"), source=raw["source"], confidence=raw["confidence"], complete=bool(raw["complete"]),
        necessary=tuple(_need(n, where) for n in raw.get("necessary", ())),
        case_by_case=tuple(_need(n, where) for n in raw.get("case_by_case", ())),
        rules=tuple(raw.get("rules", ())), claim=raw.get("claim", ""), situation=raw.get("situation", ""),
        subjects=raw.get("subjects", ""), ours=bool(raw.get("ours", False)), own_rules=bool(raw.get("own_rules", False)),
    )


def _need(raw: Mapping[str, Any], where: str) -> Need:
    check_keys(raw, ("item", "labels", "role", "condition", "source", "form"), where)
    for label in raw["labels"]:
        if label not in labels():
            raise RulesError(
                Msg('no detector makes the label "{name}"', name=label),
                where=where,
                hint=nearest(label, labels()),
            )
    return Need(raw["item"], tuple(Label(x) for x in raw["labels"]), raw.get("condition", ""), raw.get("source", ""), raw.get("form", ""))


def judge_fields(findings: Iterable[Assessed], purpose: Purpose, seen: FieldRecords | None = None) -> tuple[FieldVerdict, ...]:
    """A verdict for each field that holds personal information, in the order given."""
    seen = seen or FieldRecords()
    return tuple(
        with_answer(_measured(_listed(a, purpose), a, seen.measured.get(a.finding.column)), seen.answers.get(a.finding.column))
        for a in findings if a.finding.kind == "personal_information"
    )


def _listed(a: Assessed, purpose: Purpose) -> FieldVerdict:
    """The verdict of the purpose's list."""
    column, label = a.finding.column, a.finding.label
    form = weaker_forms().get(label)

    def say(
        verdict: Necessity, zh: str, en: str, source: str = purpose.source, confidence: Confidence = purpose.confidence,
        criteria: tuple[str, ...] = (),
    ) -> FieldVerdict:
        offered = form if verdict != "necessary" else None
        return FieldVerdict(column, label, verdict, zh, source, confidence, en, criteria,
                            weaker=offered.zh if offered else "", weaker_en=offered.en if offered else "")

    case = next((n for n in purpose.case_by_case if label in n.labels), None)
    if case is not None:
        return say("needs_review", f"逐案判断：{case.item}", "judged case by case", case.source or purpose.source)
    needs = [n for n in purpose.necessary if label in n.labels]
    whole = [n for n in needs if n.form != "tail" or not _full(a)]
    if needs and not whole:
        return say("finer_than_needed", f"{needs[0].item}即可满足目的，不必完整号码", "the last characters would do", LAW, "verified",
                   ("least_impact",))
    if any(not n.condition for n in whole):
        starting = "，起点建议，待确认" if purpose.ours else ""
        return say("necessary", f"清单所列：{whole[0].item}{starting}",
                   "on the list of the purpose" + (", a starting point of ours: confirm" if purpose.ours else ""))
    if whole:
        return say("needs_review", f"有条件：{whole[0].item}（{whole[0].condition}）", f"needed on a condition: {whole[0].condition}")
    if purpose.own_rules:
        return say("needs_review", "须在劳动规章制度和集体合同中列明（勾选或上传）",
                   "to be found in the labour rules and the collective contract (tick or upload)")
    if not purpose.complete:
        return say("needs_review", "所依据的文件未列字段，须逐字段说明理由", "the source lists no fields; give a reason for each")
    coarser = COARSER.get(label)
    if coarser and any(coarser in n.labels for n in purpose.necessary):
        info = labels()[Label(coarser)]
        return say("finer_than_needed", f"{info.zh}即可满足目的", f"{info.en} would do", LAW, "verified", ("least_impact",))
    return say("not_shown", "不在该目的的必要字段之内，必要性待说明", "not on the list of the purpose; its necessity is not shown",
               f"{LAW}; {purpose.source}", purpose.confidence, ("related", "smallest_scope"))


def _full(a: Assessed) -> bool:
    """Do values of the column hold the full number? Without values, its name is taken at its word."""
    seen = [e for e in a.finding.evidence if e.origin == "value"]
    return not seen or any(e.matched for e in seen)


def _measured(v: FieldVerdict, a: Assessed, m: ColumnMeasure | None) -> FieldVerdict:
    """What the data itself shows: nothing in it, one value only, coordinates finer than a street."""
    if m is None:
        return v
    signs: list[Note] = []
    if m.rows and not m.filled:
        signs.append(notes.empty(m.rows))
    elif m.constant:
        signs.append(notes.constant(m.filled, m.rows or m.filled))
    if a.finding.label == "geo_location" and m.decimals is not None and m.decimals > 2:
        signs.append(notes.decimals(m.decimals, max(1, round(111_000 / 10**m.decimals))))
    if not signs:
        return v
    for_nothing = signs[0].code in ("empty", "constant") and v.verdict != "not_shown"
    if for_nothing:                           # sent for nothing: a person says why it should go
        return replace(v, verdict="needs_review", reason="空列或恒定值，出境无实际用途" if v.verdict == "necessary" else v.reason,
                       reason_en="empty or constant: sent for nothing" if v.verdict == "necessary" else v.reason_en,
                       criteria=(*v.criteria, "smallest_scope"), signs=tuple(signs))
    return replace(v, signs=tuple(signs))


def with_answer(v: FieldVerdict, answer: FieldAnswer | None) -> FieldVerdict:
    """A person's answer beside the verdict: a reason, or a place in the company's own rules, shows the need; the facts stay visible."""
    if answer is None:
        return v
    if answer.answer == "listed":
        return replace(v, verdict="necessary", reason="本单位规章或合同所列",
                       reason_en="in the company's own rules", answer=answer)
    return replace(v, answer=answer)


def needless_columns(verdicts: Iterable[FieldVerdict]) -> tuple[ColumnId, ...]:
    """Fields whose necessity nothing and nobody has shown."""
    return tuple(v.column for v in verdicts if v.verdict in NEEDLESS and (v.answer is None or v.answer.answer in ("drop", "weaken")))


def open_fields(verdicts: Iterable[FieldVerdict]) -> tuple[FieldVerdict, ...]:
    """Fields that stand before a filing: no official list shows the need, and nobody gave a reason with a name and a date.

    A starting list of ours or one from memory is for a person to confirm.
    """
    return tuple(
        v
        for v in verdicts
        if (v.verdict != "necessary" or v.confidence_of_source == "recalled")
        and (v.answer is None or v.answer.answer in ("drop", "weaken"))
    )


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
