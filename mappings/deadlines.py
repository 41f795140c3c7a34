"""Dates that follow from filings: validity, extension, renewal, filing, reports.

Every date that rests on a year whose holiday notice is not out yet is marked as an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

from detectors.message import Word
from mappings.calendar import add_months, add_working_days, stated_day
from mappings.model import Confidence, Flow, law_text
from mappings.rules import RuleSet

FilingKind = Literal[
    "assessment", "contract", "certificate", "self_assessment", "pia", "risk_assessment",
]
SOON_SPAN = timedelta(days=30)
Extension = Literal["extension", "file_new_security_assessment", "needs_review", "not_yet", "expired"]


@dataclass(frozen=True, slots=True)
class Filing:
    """Something filed, issued or finished.

    on: result issued, contract in force, certificate issued, report finished. conditions: of the extension,
    yes | no | unknown; growth: expected growth over three years in per cent.
    """

    id: str
    kind: FilingKind
    entity: str
    on: date
    expires: date | None = None               # as printed; else from the rules
    filed: date | None = None
    flows: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    persons_growth: int | None = None
    important_growth: int | None = None
    extended: bool = False                    # three more years were granted once; there is no second time


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date, what is due by it, and why. estimated: it rests on a year whose holiday notice is not out."""

    filing: str
    # expiry | extend_from | renew_by | file_by | report_valid | keep_until | notified | earliest_start ...
    code: str
    on: date
    source: str
    confidence: Confidence
    estimated: bool = False
    done: bool = False
    flows: tuple[str, ...] = ()               # of the filing


@dataclass(frozen=True, slots=True)
class ExtensionCondition:
    """One condition of an extension, and whether a filing meets it."""

    id: str
    answer: str  # yes | no | unknown
    words: Word


@dataclass(frozen=True, slots=True)
class ExtensionCheck:
    """May the result be extended: all six conditions, each yes, no or unknown."""

    filing: str
    outcome: Extension
    expiry: date
    opens: date
    open_now: bool
    estimated: bool
    conditions: tuple[ExtensionCondition, ...]
    source: str
    confidence: Confidence


def expiry_date(filing: Filing, rules: RuleSet) -> date | None:
    """Return the day printed on a filing, at most years after it was issued; None where nothing expires."""
    years = rules.raw["validity"].get(filing.kind, {}).get("years")
    if not years:
        return filing.expires
    latest = add_months(filing.on, 12 * years * (2 if filing.extended else 1))
    return latest if filing.expires is None else min(filing.expires, latest)


def is_issued(filing: Filing, rules: RuleSet, as_of: date) -> bool:
    """Is a filing of the day or before, and, where it has to be filed, not past its time without that?"""
    file_by = _file_by(filing, rules)
    is_due = filing.kind == "contract" and file_by is not None and file_by < as_of
    return filing.on <= as_of and not (is_due and not _is_filed(filing, as_of))


def _is_filed(filing: Filing, as_of: date) -> bool:
    """Was it filed by a day? To be filed later is not to have filed it."""
    return filing.filed is not None and filing.filed <= as_of


def _file_by(filing: Filing, rules: RuleSet) -> date | None:
    """Return the day by which a contract or a report is to be filed; None where the rules set none."""
    days = rules.raw["validity"].get(filing.kind, {}).get("file_working_days")
    return add_working_days(filing.on, days)[0] if days else None


def list_deadlines(
    filings: Sequence[Filing], facts: Mapping[str, str], rules: RuleSet, as_of: date,
    flows: Sequence[Flow] = (),
) -> tuple[Deadline, ...]:
    """Return every date that follows, soonest first. facts: of the company. flows: with their own facts."""
    deadlines = [
        replace(d, done=d.done and _is_filed(f, as_of)) for f in filings for d in _filing_deadlines(f, rules)
    ]
    deadlines += [*_notice_deadlines(facts, flows, rules), *_stock_deadlines(facts, rules, as_of)]
    deadlines += [*_incident_deadlines(facts, rules), *_audit_deadlines(facts, rules)]
    return sort_deadlines(deadlines)


def sort_deadlines(deadlines: Iterable[Deadline]) -> tuple[Deadline, ...]:
    """Return dates, soonest first."""
    return tuple(sorted(deadlines, key=lambda d: (d.on, d.filing, d.code)))


def _filing_deadlines(filing: Filing, rules: RuleSet) -> Iterator[Deadline]:
    """The dates that follow from one filing."""
    rule = rules.raw["validity"][filing.kind]
    expires = expiry_date(filing, rules)

    def due(code: str, on: date, *, estimated: bool = False, done: bool = False) -> Deadline:
        source, confidence = rule["source"], rule["confidence"]
        return Deadline(filing.id, code, on, source, confidence, estimated, done, filing.flows)

    if filing.kind in ("assessment", "certificate") and expires is not None:
        yield due("expiry", expires)
    if filing.kind == "assessment" and not filing.extended:
        opens, estimated = _extension_opens(filing, rules)
        yield due("extend_from", opens, estimated=estimated)
    elif filing.kind in ("contract", "risk_assessment"):
        by, estimated = add_working_days(filing.on, rule["file_working_days"])
        code = "file_by" if filing.kind == "contract" else "report_by"
        late = filing.filed is not None and filing.filed > by
        yield due(code + "_late" * late, by, estimated=estimated, done=filing.filed is not None)
    elif filing.kind == "certificate" and expires is not None:
        yield due("renew_by", add_months(expires, -rule["renew_months"]))
    elif filing.kind in ("self_assessment", "pia"):
        valid_until = add_months(filing.on, rule["file_within_months"])
        yield due("report_valid", valid_until, done=filing.filed is not None)
        if "keep_years" in rule:
            yield due("keep_until", add_months(filing.on, 12 * rule["keep_years"]))


def _extension_opens(filing: Filing, rules: RuleSet) -> tuple[date, bool]:
    """(first day on which an extension may be asked for, is it an estimate)."""
    expires = expiry_date(filing, rules)
    assert expires is not None                # assessments have years of validity
    return add_working_days(expires, -rules.raw["validity"]["assessment"]["extend_working_days"])


def _notice_deadlines(
    facts: Mapping[str, str], flows: Sequence[Flow], rules: RuleSet
) -> Iterator[Deadline]:
    """The days by which notified important data is to be filed: one for all flows of one notice."""
    rule = rules.raw["validity"]["notified"]
    notices: dict[str, list[str]] = {}
    running = ((f.id, {**facts, **f.facts}) for f in flows if f.status != "stopped")
    for flow, answers in (("", facts), *running):
        if answers.get("important_data") == "notified" and (on := stated_day(answers, "notified_on")):
            notices.setdefault(on, []).extend([flow] if flow else [])
    for notified_on, notified in notices.items():
        by = add_months(date.fromisoformat(notified_on), rule["months"])
        yield Deadline(
            "important_data", "notified", by, rule["source"], rule["confidence"], flows=tuple(notified)
        )


def _incident_deadlines(facts: Mapping[str, str], rules: RuleSet) -> Iterator[Deadline]:
    """The report of a larger incident: within hours, so on the day it was learned of."""
    rule, learned_on = rules.raw["validity"].get("incident"), stated_day(facts, "incident_on")
    if rule is None or not rules.applies(rule) or not learned_on:
        return
    code = "incident_4h"
    if facts.get("ciio", "unknown") == "unknown":
        code = "incident"                     # within which hours is not known
    elif facts["ciio"] == "yes":
        code = "incident_1h"
    elif facts.get("state_organ") == "yes":
        code = "incident_2h"
    on, done = date.fromisoformat(learned_on), bool(stated_day(facts, "incident_reported_on"))
    yield Deadline("incident", code, on, rule["source"], rule["confidence"], done=done)


def _audit_deadlines(facts: Mapping[str, str], rules: RuleSet) -> Iterator[Deadline]:
    """The next compliance audit of a processor of ten million persons or more: every two years."""
    rule, first_day = rules.raw["validity"].get("audit"), stated_day(facts, "ten_million_reached_on")
    if rule is None or not rules.applies(rule) or not first_day:
        return
    since = max(first_day, stated_day(facts, "last_audit_on"))
    by = add_months(date.fromisoformat(since), 12 * rule["years"])
    yield Deadline("audit", "audit", by, rule["source"], rule["confidence"])


def _stock_deadlines(facts: Mapping[str, str], rules: RuleSet, as_of: date) -> Iterator[Deadline]:
    """Dates that follow from persons held: of the officer's report, and of the yearly audit on minors."""
    officer, minors = (rules.raw["validity"].get(name) for name in ("officer", "minors"))
    million_day = stated_day(facts, "million_reached_on")
    if officer and rules.applies(officer) and million_day:
        on, estimated = add_working_days(date.fromisoformat(million_day), officer["file_working_days"])
        yield Deadline("officer", "officer", on, officer["source"], officer["confidence"], estimated)
    if minors and rules.applies(minors) and facts.get("processes_minors") == "yes":
        on = date(as_of.year + (as_of > date(as_of.year, 1, 31)), 1, 31)
        yield Deadline("minors", "minors_report", on, minors["source"], minors["confidence"])


def pressing_deadlines(deadlines: Sequence[Deadline], as_of: date) -> tuple[Deadline, ...]:
    """Return dates that have passed undone or come within thirty days.

    Neither the end of a duty to keep is among them, nor a window that has opened.
    """
    return tuple(
        d
        for d in deadlines
        if not d.done
        and d.on <= as_of + SOON_SPAN
        and (d.on >= as_of or d.code not in ("keep_until", "extend_from", "earliest_start"))
    )


def extension_check(filing: Filing, rules: RuleSet, as_of: date) -> ExtensionCheck:
    """Return the six conditions of an extension, and what may be done on the day.

    Expired: stop and file anew. One that fails, or an extension that was granted before, means a new
    assessment; before the window opens it is too early; one that is unknown is asked.
    """
    about = rules.raw["extension"]
    conditions = tuple(
        ExtensionCondition(each["id"], _condition_answer(filing, each), law_text(each["zh"], each["en"]))
        for each in about["conditions"]
    )
    expires = expiry_date(filing, rules)
    assert expires is not None
    opens, estimated = _extension_opens(filing, rules)
    answers = {condition.answer for condition in conditions}
    outcome: Extension = "extension"
    if as_of >= expires:
        outcome = "expired"
    elif "no" in answers or filing.extended:
        outcome = "file_new_security_assessment"
    elif as_of < opens:
        outcome = "not_yet"
    elif "unknown" in answers:
        outcome = "needs_review"
    return ExtensionCheck(
        filing.id, outcome, expires, opens, opens <= as_of < expires, estimated, conditions, about["source"],
        about["confidence"],
    )


def _condition_answer(filing: Filing, condition: Mapping[str, Any]) -> str:
    """Is a condition met: yes, no or unknown. Growth that is stated decides its own condition."""
    growth = {"persons_growth": filing.persons_growth, "important_growth": filing.important_growth}.get(
        condition["id"]
    )
    if growth is None:
        return filing.conditions.get(condition["id"], "unknown")
    return "yes" if growth <= condition["percent"] else "no"
