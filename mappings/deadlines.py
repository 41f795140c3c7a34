"""Dates that follow from filings: validity, extension, renewal, filing, reports; in working days with make-up days.

Working days come from `chinesecalendar`, which knows each year's holiday notice of the State Council. A year whose notice is not out yet is
counted Monday to Friday and every date resting on it is marked as an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from mappings.calendar import add_months, add_working_days
from mappings.model import Confidence
from mappings.rules import RuleSet

FilingKind = Literal["assessment", "contract", "certificate", "self_assessment", "pia"]
SOON = timedelta(days=30)
Extension = Literal["extension", "file_new_security_assessment", "needs_review"]


@dataclass(frozen=True, slots=True)
class Filing:
    """Something filed, issued or finished. on: result issued, contract in force, certificate issued, report finished.

    conditions: of the extension, yes | no | unknown; growth: expected growth over three years in per cent.
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


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date, what is due by it, and why. estimated: it rests on a year whose holiday notice is not out."""

    filing: str
    code: str                                 # expiry | extend_from | renew_by | file_by | report_valid | keep_until | notified
    on: date
    source: str
    confidence: Confidence
    estimated: bool = False
    done: bool = False
    flows: tuple[str, ...] = ()               # of the filing


@dataclass(frozen=True, slots=True)
class ExtensionCheck:
    """May the result be extended: all six conditions, each yes, no or unknown."""

    filing: str
    outcome: Extension
    expiry: date
    opens: date
    open_now: bool
    estimated: bool
    conditions: tuple[tuple[str, str, str, str], ...]        # (id, yes | no | unknown, zh, en)
    source: str
    confidence: Confidence


def expiry_date(filing: Filing, rules: RuleSet) -> date | None:
    """The day printed on it, else so many years after it was issued."""
    years = rules.raw["validity"].get(filing.kind, {}).get("years")
    return filing.expires or (add_months(filing.on, 12 * years) if years else None)


def list_deadlines(filings: Sequence[Filing], facts: Mapping[str, str], rules: RuleSet, as_of: date) -> tuple[Deadline, ...]:
    """Every date that follows, soonest first."""
    book = rules.raw["validity"]
    out: list[Deadline] = []

    flows = {f.id: f.flows for f in filings}

    def add(filing: str, code: str, on: date, rule: Mapping[str, str], estimated: bool = False, done: bool = False) -> None:
        out.append(Deadline(
            filing, code, on, rule["source"], rule["confidence"], estimated, done, flows.get(filing, ()),  # type: ignore[arg-type]
        ))

    for f in filings:
        rule = book[f.kind]
        ends = expiry_date(f, rules)
        match f.kind:
            case "assessment":
                assert ends is not None
                add(f.id, "expiry", ends, rule)
                opens, guess = add_working_days(ends, -rule["extend_working_days"])
                add(f.id, "extend_from", opens, rule, guess)
            case "contract":
                by, guess = add_working_days(f.on, rule["file_working_days"])
                add(f.id, "file_by", by, rule, guess, f.filed is not None)
            case "certificate":
                assert ends is not None
                add(f.id, "expiry", ends, rule)
                add(f.id, "renew_by", add_months(ends, -rule["renew_months"]), rule)
            case "self_assessment" | "pia":
                add(f.id, "report_valid", add_months(f.on, rule["file_within_months"]), rule, done=f.filed is not None)
                if "keep_years" in rule:
                    add(f.id, "keep_until", add_months(f.on, 12 * rule["keep_years"]), rule)
    if facts.get("important_data") == "notified" and (told := facts.get("notified_on")):
        add("important_data", "notified", add_months(date.fromisoformat(told), book["notified"]["months"]), book["notified"])
    return tuple(sorted(out, key=lambda d: (d.on, d.filing, d.code)))


def pressing_deadlines(found: Sequence[Deadline], as_of: date) -> tuple[Deadline, ...]:
    """Dates that have passed undone or come within thirty days; not the end of a duty to keep, nor a window that has opened."""
    return tuple(
        d for d in found if not d.done and d.on <= as_of + SOON and (d.on >= as_of or d.code not in ("keep_until", "extend_from"))
    )


def check_extension(filing: Filing, rules: RuleSet, as_of: date) -> ExtensionCheck:
    """The six conditions of an extension; one that fails means a new assessment, one that is unknown is asked."""
    about = rules.raw["extension"]
    found = []
    for c in about["conditions"]:
        growth = {"persons_growth": filing.persons_growth, "important_growth": filing.important_growth}.get(c["id"])
        said = filing.conditions.get(c["id"], "unknown")
        answer = said if growth is None else "yes" if growth <= c["percent"] else "no"
        found.append((c["id"], answer, c["zh"], c["en"]))
    answers = {a for _, a, _, _ in found}
    outcome: Extension = "file_new_security_assessment" if "no" in answers else "needs_review" if "unknown" in answers else "extension"
    ends = expiry_date(filing, rules)
    assert ends is not None
    opens, guess = add_working_days(ends, -rules.raw["validity"]["assessment"]["extend_working_days"])
    return ExtensionCheck(filing.id, outcome, ends, opens, opens <= as_of < ends, guess, tuple(found), about["source"], about["confidence"])
