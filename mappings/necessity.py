"""Is each field shown to be necessary for the stated purpose?

The four criteria (个人信息保护法 第六条、第十九条; 数据出境安全管理政策问答（2025年4月）问4): directly
related; least impact; smallest scope; shortest retention. The purpose's list, what was measured in the data,
and what a person answered are kept apart. A field outside the list is `not_shown`, never "unlawful": it may
be dropped, sent in a weaker form, or justified by somebody with a name and a date. The company's own labour
rules and collective contract supply the fields of human-resources management.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from detectors.labels import is_among, labels, wide_label
from detectors.message import Note, Word
from detectors.model import ColumnId, Label
from detectors.renamed import old_names
from mappings import notes
from mappings.model import NO_WORDS, Assessed, Confidence, FieldAnswer, FieldVerdict, Necessity, law_text
from mappings.purpose import Need, Purpose
from mappings.taxonomy import weaker_forms
from mappings.yaml_files import load_yaml

NECESSITY_LAW = "个人信息保护法 第六条; 数据出境安全管理政策问答（2025年4月）问4"
COARSER_LABELS = {  # finer label -> what would often do
    "birth_date": "age", "trajectory": "geo_location", "geo_location": "postal_address",
    "id_document_image": "resident_id",
}
# decimal places of coordinates that name a street; metres of one degree of latitude
STREET_DECIMALS, METRES_A_DEGREE = 2, 111_000
NEEDLESS_VERDICTS = ("not_shown", "finer_than_needed")


@dataclass(frozen=True, slots=True)
class ColumnMeasure:
    """What a sample showed of a column: cells filled of rows drawn.

    constant: do all hold one value? decimals: places of coordinates.
    """

    rows: int | None = None
    filled: int = 0
    constant: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class FieldRecords:
    """What was measured in the columns of a flow, and what people answered on them."""

    measured: Mapping[ColumnId, ColumnMeasure] = field(default_factory=dict)
    answers: Mapping[ColumnId, FieldAnswer] = field(default_factory=dict)


def judge_fields(
    findings: Iterable[Assessed], purpose: Purpose, records: FieldRecords | None = None
) -> tuple[FieldVerdict, ...]:
    """Return a verdict for each field that holds personal information, in the order of the findings."""
    records = records or FieldRecords()
    verdicts = []
    for a in findings:
        if a.finding.kind == "personal_information":
            column = a.finding.column
            verdict = _with_measure(_purpose_verdict(a, purpose), records.measured.get(column))
            verdicts.append(with_answer(verdict, records.answers.get(column)))
    return tuple(verdicts)


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What a rule of the purpose's list says of a field.

    words, values: key of the sentence in wording/verdicts.yaml, and what fills its blanks.
    source: empty stands for that of the purpose.
    """

    verdict: Necessity
    words: str
    values: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    confidence: Confidence | None = None
    criteria: tuple[str, ...] = ()


def _purpose_verdict(a: Assessed, purpose: Purpose) -> FieldVerdict:
    """The verdict of the first rule that speaks of a field."""
    judgement = next(j for rule in RULES if (j := rule(a, purpose)) is not None)
    label = a.finding.label
    form = weaker_forms().get(wide_label(label)) if judgement.verdict != "necessary" else None
    return FieldVerdict(
        a.finding.column, label, judgement.verdict, _verdict_sentence(judgement.words, **judgement.values),
        judgement.source or purpose.source, judgement.confidence or purpose.confidence, judgement.criteria,
        weaker=form.words if form is not None else NO_WORDS,
    )


def _verdict_sentence(key: str, **values: str) -> Word:
    """A sentence of wording/verdicts.yaml with its blanks filled."""
    zh, en = (_verdict_sentences()[key][lang].format(**values) for lang in ("zh", "en"))
    return law_text(zh, en)


@cache
def _verdict_sentences() -> Mapping[str, Mapping[str, str]]:
    sentences, _ = load_yaml("wording", "verdicts")
    return sentences


def _case_by_case(a: Assessed, purpose: Purpose) -> _Judgement | None:
    for need in purpose.case_by_case:
        if is_among(a.finding.label, need.labels):
            return _Judgement("needs_review", "case_by_case", {"item": need.item}, need.source)
    return None


def _tail_would_do(a: Assessed, purpose: Purpose) -> _Judgement | None:
    """The list names the last characters alone, and the column holds whole numbers."""
    needs = _needs_of_label(a, purpose)
    if not needs or _needs_of_whole(a, purpose):
        return None
    return _Judgement(
        "finer_than_needed", "tail_would_do", {"item": needs[0].item}, NECESSITY_LAW, "verified",
        ("least_impact",),
    )


def _needed_judgement(a: Assessed, purpose: Purpose) -> _Judgement | None:
    needs = _needs_of_whole(a, purpose)
    if all(n.condition for n in needs):
        return None
    return _Judgement("necessary", "listed_by_us" if purpose.ours else "listed", {"item": needs[0].item})


def _needed_on_condition(a: Assessed, purpose: Purpose) -> _Judgement | None:
    for need in _needs_of_whole(a, purpose):
        return _Judgement("needs_review", "conditional", {"item": need.item, "condition": need.condition})
    return None


def _in_own_rules(a: Assessed, purpose: Purpose) -> _Judgement | None:
    return _Judgement("needs_review", "own_rules") if purpose.own_rules else None


def _no_list(a: Assessed, purpose: Purpose) -> _Judgement | None:
    return None if purpose.complete else _Judgement("needs_review", "no_list")


def _coarser_would_do(a: Assessed, purpose: Purpose) -> _Judgement | None:
    """The list names a coarser label, a district instead of a place, say."""
    coarser = COARSER_LABELS.get(a.finding.label)
    if not coarser or not any(coarser in n.labels for n in purpose.necessary):
        return None
    title = labels()[Label(coarser)]
    values = {"zh": title.zh, "en": title.en}
    return _Judgement(
        "finer_than_needed", "coarser_would_do", values, NECESSITY_LAW, "verified", ("least_impact",)
    )


def _not_listed(a: Assessed, purpose: Purpose) -> _Judgement | None:
    criteria = ("related", "smallest_scope")
    source = f"{NECESSITY_LAW}; {purpose.source}"
    return _Judgement("not_shown", "not_listed", source=source, criteria=criteria)


Rule = Callable[[Assessed, Purpose], _Judgement | None]
RULES: tuple[Rule, ...] = (  # the first that speaks of a field decides; the last one always does
    _case_by_case, _tail_would_do, _needed_judgement, _needed_on_condition, _in_own_rules, _no_list,
    _coarser_would_do,
    _not_listed,
)


def _needs_of_label(a: Assessed, purpose: Purpose) -> list[Need]:
    """Items of the list that name the field's label."""
    return [n for n in purpose.necessary if is_among(a.finding.label, n.labels)]


def _needs_of_whole(a: Assessed, purpose: Purpose) -> list[Need]:
    """Those that need all the column holds."""
    return [n for n in _needs_of_label(a, purpose) if n.form != "tail" or not _holds_full_number(a)]


def _holds_full_number(a: Assessed) -> bool:
    """Do values of the column hold the full number? Without values, its name is taken at its word."""
    by_values = [e for e in a.finding.evidence if e.origin == "value"]
    return not by_values or any(e.matched for e in by_values)


def _with_measure(v: FieldVerdict, measure: ColumnMeasure | None) -> FieldVerdict:
    """What the data itself shows: nothing in it, one value only, coordinates finer than a street."""
    signs = _measure_notes(v.label, measure) if measure is not None else ()
    if not signs:
        return v
    if signs[0].code not in ("empty", "constant") or v.verdict == "not_shown":
        return replace(v, signs=signs)
    # sent for nothing: a person says why it should go
    reason = _verdict_sentence("sent_for_nothing") if v.verdict == "necessary" else v.reason
    return replace(
        v, verdict="needs_review", reason=reason, criteria=(*v.criteria, "smallest_scope"), signs=signs
    )


def _measure_notes(label: str | None, m: ColumnMeasure) -> tuple[Note, ...]:
    signs: list[Note] = []
    if m.rows and not m.filled:
        signs.append(notes.empty(m.rows))
    elif m.constant:
        signs.append(notes.constant(m.filled, m.rows or m.filled))
    if label == "geo_location" and m.decimals is not None and m.decimals > STREET_DECIMALS:
        signs.append(notes.decimals(m.decimals, max(1, round(METRES_A_DEGREE / 10**m.decimals))))
    return tuple(signs)


def with_answer(v: FieldVerdict, answer: FieldAnswer | None) -> FieldVerdict:
    """Return the verdict with a person's answer; a place in the company's own rules shows the need."""
    if answer is None:
        return v
    if answer.answer == "listed":
        return replace(v, verdict="necessary", reason=_verdict_sentence("in_own_rules"), answer=answer)
    return replace(v, answer=answer)


def needless_columns(verdicts: Iterable[FieldVerdict]) -> tuple[ColumnId, ...]:
    """Return the fields whose necessity nothing and nobody has shown."""
    return tuple(v.column for v in verdicts if v.verdict in NEEDLESS_VERDICTS and not _is_justified(v))


def open_fields(verdicts: Iterable[FieldVerdict]) -> tuple[FieldVerdict, ...]:
    """Return the fields that stand before a filing.

    No official list shows the need, and nobody gave a reason with a name and a date. A starting list of ours
    or one from memory is for a person to confirm.
    """
    return tuple(
        v for v in verdicts
        if (v.verdict != "necessary" or v.confidence_of_source == "recalled") and not _is_justified(v)
    )


def _is_justified(v: FieldVerdict) -> bool:
    """Did a person justify the field, or say where the company's rules list it?"""
    return v.answer is not None and v.answer.answer not in ("drop", "weaken")


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
