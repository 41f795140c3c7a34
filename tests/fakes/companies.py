"""Invented companies as the decision sees them, and the laws that must hold of each, whatever is in it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from mappings.counts import UNKNOWN_COUNT
from mappings.decide import is_allowed
from mappings.decision import Circumstances, DecidedReports, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, PossibleField
from mappings.ledger_cover import EXPORT_OPEN, lacking_months, ran_in_year
from mappings.model import (
    IN_BAND,
    UNKNOWN,
    Estimate,
    FieldVerdict,
    Flow,
    FlowCount,
    Ledgered,
    Recipient,
    law_text,
)
from mappings.readiness import flow_aim, flow_readiness
from mappings.rules import in_force, path_rank
from reports.messages.render import render

DAY = date(2026, 7, 15)
RULES = in_force(DAY)
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 7))
PERSONS = (0, 1, 320, 9_999, 10_000, 99_999, 100_000, 450_000, 999_999, 1_000_000, 3_000_000)
CLAIMS = {
    "none": (), "art4": ("collected_abroad", "domestic_data_introduced"),
    "statutory_duty": ("statutory_duty_applies", "fields_necessary"),
    "art5_1": ("contract_with_individual", "fields_necessary"),
    "art5_2": ("labour_rules", "collective_contract", "fields_necessary"), "art5_3": ("emergency",),
    "ftz": ("zone_in_scope", "list_in_force", "list_complete", "sector_listed", "scenario_listed",
            "entry_matched", "filed"),
}
OTHER_FACTS = ("export_necessary", "scale_necessary", "foreign_authority_request", "approval", "state_secret")
STANCES = ("strict", "practice", "")
ACTS = (
    "chujing", "fill in the recipient", "name the fields", "name its fields", "status:", "State who receives",
    "mend its dates", "correct zone_scenario",
)


@dataclass(frozen=True)
class Company:
    """Flows of one entity, and what it answered."""

    flows: tuple[FlowReport, ...]
    values: dict[str, str]

    def decided(self) -> DecidedReports:
        """Return the flows decided together."""
        nobody = Estimate.exactly(0)
        entity = EntityReport("a", nobody, nobody, UNDECIDED, tuple(r.flow.id for r in self.flows))
        return decide_reports(list(self.flows), [entity], Circumstances(RULES, DAY, self.values))


def company(draw: random.Random) -> Company:
    """Return a company of one to four flows."""
    values = {
        "ciio": draw.choice(("no", "no", "no", "yes", "unknown")),
        "important_data": draw.choice(("none", "none", "candidate", "unknown")),
        "state_organ": draw.choice(("no", "no", "no", "yes")),
        "readings": draw.choice(STANCES),
    }
    return Company(
        tuple(flow(draw, f"f{i}") for i in range(draw.randint(1, 4))), {k: v for k, v in values.items() if v}
    )


def flow(draw: random.Random, id: str) -> FlowReport:
    """Return a flow, not decided."""
    persons = draw.choice(PERSONS)
    sensitive = draw.choice((0, 0, min(persons, 1), min(persons, 9_999), min(persons, 12_000)))
    claim = draw.choice(tuple(CLAIMS))
    facts = {name: draw.choice(("yes", "yes", "no", "unknown")) for name in CLAIMS[claim]}
    facts |= {name: draw.choice(("yes", "no")) for name in OTHER_FACTS if draw.random() < 0.15}
    status = draw.choice(("planned", "active", "active", "stopped"))
    since = draw.choice((None, date(2025, 3, 1), date(2026, 2, 1), date(2026, 7, 1), date(2026, 9, 1)))
    until = draw.choice((None, date(2025, 12, 20), date(2026, 5, 31))) if status != "planned" else None
    if since is not None and until is not None and until < since:
        until = None                          # refused where it is read
    described = Flow(
        id, "a", Recipient("HQ", "DE"), "", claim=claim, status=status, since=since, until=until, facts=facts,
        mode=draw.choice(("transfer", "transfer", "access_from_abroad", "access_inside_china")),
        subject_group="employee" if claim == "art5_2" else "",
    )
    count = people(draw, persons, sensitive)
    column = f"s/t/{id}"
    verdict = FieldVerdict(
        column, "phone_mobile", draw.choice(("necessary", "necessary", "not_shown")), law_text("理由"), "",
        "verified",
    )
    possible = (PossibleField(f"{column}_maybe", "employer", "no"),) if draw.random() < 0.15 else ()
    more = people(draw, persons + 5, min(sensitive + 5, persons + 5))
    left = Ledgered(count, tuple(m for m in MONTHS if draw.random() < 0.7)) if draw.random() < 0.6 else None
    if status == "planned" or (until is not None and until.year < DAY.year):
        left = None                           # nothing of it left this year
    return FlowReport(
        described, count.individuals, count.sensitive, Estimate.exactly(0), (column,), (verdict,), UNDECIDED,
        ordinary=count.ordinary, ordinary_only=count.ordinary_only, personal="yes",
        exported=left, possible=possible, if_personal=more if possible else None,
    )


def people(draw: random.Random, persons: int, sensitive: int) -> FlowCount:
    """Return a count: a number, or an interval about it, or one without an upper end."""
    low, high = persons, persons
    match draw.choice(("exact", "exact", "exact", "interval", "open")):
        case "interval":
            low, high = persons * 9 // 10, persons * 11 // 10
        case "open":
            high = None
    rest = Estimate(max(0, low - sensitive), persons - sensitive, high, "linked" if low != high else "exact")
    everybody = Estimate(low, persons, high, "exact")
    return FlowCount(everybody, Estimate.exactly(min(sensitive, low)), ordinary=everybody, ordinary_only=rest)


# ---- laws: each yields what breaks it


def own_outcomes(made: Company) -> Iterator[str]:
    """A flow's own outcome, and all of a flow outside the count, is the same whatever stands beside it."""
    together = {r.flow.id: r for r in made.decided().flows}
    for report in made.flows:
        [alone] = Company((report,), made.values).decided().flows
        beside = together[report.flow.id]
        if alone.own != beside.own:
            yield f"{report.flow.id}: its own outcome is {alone.own} alone and {beside.own} beside others"
        if IN_BAND not in alone.own and alone.decision.possible != beside.decision.possible:
            yield f"{report.flow.id}: it does not count and others move it"


def unknown_is_wider(made: Company) -> Iterator[str]:
    """Less known, no path fewer and nothing allowed more."""
    known = {r.flow.id: r for r in made.decided().flows}
    for name, blank in BLANKS.items():
        less = Company(tuple(blank(r) for r in made.flows), made.values)
        for report in less.decided().flows:
            before = known[report.flow.id].decision
            if not set(before.possible) <= set(report.decision.possible):
                yield f"{report.flow.id}, {name}: {before.possible} became {report.decision.possible}"
            for allow in ("exempt", "contract", "assessment"):
                if is_allowed(report.decision, allow) and not is_allowed(before, allow):
                    yield f"{report.flow.id}, {name}: --allow {allow} passes once less is known"


def _without_facts(report: FlowReport) -> FlowReport:
    unknown = dict.fromkeys(report.flow.facts, "unknown")
    return replace(report, flow=replace(report.flow, facts=unknown))


def _without_count(report: FlowReport) -> FlowReport:
    return replace(
        report, individuals=UNKNOWN, sensitive_individuals=UNKNOWN, ordinary=UNKNOWN, ordinary_only=UNKNOWN,
        if_personal=UNKNOWN_COUNT if report.possible else None,
    )


def _without_ledger(report: FlowReport) -> FlowReport:
    return replace(report, exported=None)


BLANKS: dict[str, Callable[[FlowReport], FlowReport]] = {
    "no facts": _without_facts, "no count": _without_count, "no ledger": _without_ledger,
}


def nothing_empty_is_ready(made: Company) -> Iterator[str]:
    """What is open, empty or at odds with its dates is never ready, and names the act that settles it."""
    for report in made.decided().flows:
        found, own = flow_readiness(report), report.flow
        ready = found.is_ready and not report.not_ready
        begun, over = (own.since or DAY) < DAY, (own.until or DAY) < DAY
        odd_dates = (own.status == "active" and ((own.since or DAY) > DAY or over)) or (
            own.status == "planned" and begun
        )
        if ready and not report.decision.certain:
            yield f"{own.id}: ready and not certain"
        if ready and (odd_dates or report.fields_to_settle or report.individuals.high is None):
            yield f"{own.id}: ready with something open"
        if not report.decision.certain and flow_aim(report.decision, own) in ("file", "keep"):
            lines = [render(note, "en") for note in report.not_ready]
            if not lines or any(not any(act in line for act in ACTS) for line in lines):
                yield f"{own.id}: open, and no act is named: {lines}"


def ledger_moves_only_upwards(made: Company) -> Iterator[str]:
    """What may have left before can raise the year's band and never lower it."""
    [year] = made.decided().entities
    full = tuple(
        replace(r, exported=replace(r.exported, periods=MONTHS) if r.exported else None) for r in made.flows
    )
    [known] = Company(full, made.values).decided().entities
    low = [min(map(path_rank, e.decision.possible), default=0) for e in (known, year)]
    if low[1] < low[0]:
        yield "the band falls where the ledger lacks months"


def what_left_is_asked(made: Company) -> Iterator[str]:
    """Where no ledger says who left, that is unknown and never 0; it is asked for where today turns on it."""
    decided = made.decided()
    [year] = decided.entities
    assert year.totals is not None
    asked = {question.scope for question in decided.questions if question.fact == EXPORT_OPEN}
    for report in made.flows:
        own, ran = report.flow, ran_in_year(report.flow, DAY)
        counts = own.id in {part.partition("/")[0] for part in year.counted}
        if counts and ran and report.exported is None and own.id not in year.totals.unledgered:
            yield f"{own.id}: it ran, no ledger has it, and its persons are in the total"
    turns = len(set(year.totals.today) & BANDS) > 1 and year.totals.today[-1] in BANDS
    lacking = set(year.totals.unledgered) & {
        r.flow.id for r in made.flows if lacking_months(r.flow, r.exported.periods if r.exported else (), DAY)
    }
    if year.totals.unledgered and year.totals.exported is not None:
        yield "a total is shown though a flow is not in the ledger"
    if lacking and turns and not asked:
        yield f"today is {year.totals.today}, {lacking} lack months, and nothing is asked"


BANDS = {line["path"] for line in RULES.raw["thresholds"]}
LAWS = (
    own_outcomes, unknown_is_wider, nothing_empty_is_ready, ledger_moves_only_upwards, what_left_is_asked,
)
