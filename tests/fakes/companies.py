"""Invented companies as the decision sees them, and the laws that must hold of each, whatever is in it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from mappings.counts import UNKNOWN_COUNT, bound_union
from mappings.deadlines import list_deadlines
from mappings.decide import is_allowed
from mappings.decision import Circumstances, DecidedReports, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, PossibleField, Union
from mappings.ledger_cover import EXPORT_OPEN, lacking_months, ran_in_year
from mappings.model import (
    ALTERNATIVES,
    IN_BAND,
    NOBODY_PATHS,
    UNKNOWN,
    Estimate,
    FieldVerdict,
    Flow,
    FlowCount,
    Ledgered,
    Question,
    Recipient,
    law_text,
)
from mappings.notes import CLAIM_REFUSED
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
RARE = {                                      # facts of a company that few have -> answers
    "seated_abroad": ("yes", "no"), "combined_filing": ("yes", "no"), "processes_minors": ("yes", "no"),
    "incident_on": ("2026-07-01", "2026-07-10"), "sector": ("汽车", "金融", "零售"),
    "small_processor": ("yes",), "already_filed": ("standard_contract", "certificate", "assessment"),
    "zone": ("上海", "天津", "海南", "none"), "million_reached_on": ("2026-03-02",),
    "list_adopted_by": ("公告2026年第1号",), "list_adopted_on": ("2026-02-01", "2026-12-01"),
    "persons_together": ("unknown",), "labour_rules": ("yes", "no"),
}
IN_AREA = {"route": "gba", "recipient_outside_gba": "no"}
PLACES = (
    ("DE", {}), ("DE", {}), ("HK", IN_AREA), ("HK", {"route": "gba"}),
    ("MO", {**IN_AREA, "chosen_contract": "gba"}), ("CN", {}), ("", {}),
)
RECIPIENTS = ("HQ", "HQ", "HQ GmbH", "Other AG")
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
    group: FlowCount | None = None            # persons of all entities, where there are several

    def decided(self) -> DecidedReports:
        """Return the flows decided together."""
        nobody = Estimate.exactly(0)
        entity = EntityReport(
            "a", nobody, nobody, UNDECIDED, tuple(r.flow.id for r in self.flows), unions=tuple(self.unions()),
            group=self.group,
        )
        return decide_reports(list(self.flows), [entity], Circumstances(RULES, DAY, self.values))

    def unions(self) -> Iterator[Union]:
        """Yield the persons of each flow that ran with those that left, who may be the same."""
        for report in self.flows:
            if report.exported is not None and report.flow.status == "active" and report.exported.stated:
                now = FlowCount(
                    report.individuals, report.sensitive_individuals, ordinary=report.ordinary,
                    ordinary_only=report.ordinary_only,
                )
                year = replace(bound_union([now, report.exported.count]), remaining=now)
                yield Union((report.flow.id,), year, past=report.exported.count)

    def answered(self, question: Question, answer: str) -> "Company":
        """Return the company with an answer to a question."""
        if not question.scope:
            return replace(self, values={**self.values, question.fact: answer})
        flows = tuple(
            replace(r, flow=replace(r.flow, facts={**r.flow.facts, question.fact: answer}))
            if r.flow.id == question.scope else r for r in self.flows
        )
        return replace(self, flows=flows)


def company(draw: random.Random) -> Company:
    """Return a company of one to four flows."""
    values = {
        "ciio": draw.choice(("no", "no", "no", "yes", "unknown")),
        "important_data": draw.choice(("none", "none", "candidate", "unknown")),
        "state_organ": draw.choice(("no", "no", "no", "yes")),
        "readings": draw.choice(STANCES),
    }
    values |= {name: draw.choice(answers) for name, answers in RARE.items() if draw.random() < 0.2}
    flows = tuple(flow(draw, f"f{i}") for i in range(draw.randint(1, 4)))
    group = people(draw, 1_200_000, draw.choice((0, 20_000))) if draw.random() < 0.3 else None
    return Company(flows, {k: v for k, v in values.items() if v}, group)


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
    country, of_place = draw.choice(PLACES)
    facts |= of_place
    if claim == "ftz":
        facts["ftz_list"] = draw.choice(("", "", "shanghai_2024", "tianjin_2024", "none"))
    described = Flow(
        id, "a", Recipient(draw.choice(RECIPIENTS), country), "", claim=claim, status=status, since=since,
        until=until, facts=facts,
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
    left = None
    if draw.random() < 0.6:
        stated = draw.random() < 0.4
        earlier = people(draw, draw.choice(PERSONS), 0) if stated else count
        left = Ledgered(earlier, tuple(m for m in MONTHS if draw.random() < 0.7), stated)
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
        [alone] = replace(made, flows=(report,)).decided().flows
        beside = together[report.flow.id]
        if alone.own != beside.own:
            yield f"{report.flow.id}: its own outcome is {alone.own} alone and {beside.own} beside others"
        if IN_BAND not in alone.own and alone.decision.possible != beside.decision.possible:
            yield f"{report.flow.id}: it does not count and others move it"


def unknown_is_wider(made: Company) -> Iterator[str]:
    """Less known, no path fewer and nothing allowed more."""
    known = {r.flow.id: r for r in made.decided().flows}
    for name, blank in BLANKS.items():
        less = replace(made, flows=tuple(blank(r) for r in made.flows))
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
    [known] = replace(made, flows=full).decided().entities
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


def answers_lead_where_they_say(made: Company) -> Iterator[str]:
    """What a question says of an answer is what comes out with it, and no answer makes anything wider.

    An answer that takes a flow out of the count may close months that nobody has to answer for any more: then
    less comes out than it says.
    """
    decided = made.decided()
    [year] = decided.entities
    lacks_months = year.totals is not None and bool(year.totals.unledgered)
    before = {r.flow.id: r.decision for r in decided.flows}
    for question in decided.questions:
        key = question.fact, question.scope
        for answer in filter(partial(_is_enumerated, question.fact), question.leads_to):
            for report in made.answered(question, answer).decided().flows:
                own, now = before[report.flow.id], set(report.decision.possible)
                if not now <= set(own.possible):
                    yield f"{key}={answer}: {report.flow.id} was {own.possible} and is {now}"
                for leads in (q.leads_to for q in own.questions if (q.fact, q.scope) == key):
                    stated = set(leads.get(answer, ()))
                    if not now <= stated or (now != stated and not lacks_months):
                        yield f"{key}={answer}: {report.flow.id} leads to {leads.get(answer)} and is {now}"


def _is_enumerated(fact: str, answer: str) -> bool:
    """Is it one of the answers to a fact or reading, and no number, day or name?"""
    about = RULES.raw["facts"].get(fact) or RULES.raw["readings"].get(fact)
    return about is not None and answer in map(str, about["values"])


def duties_follow_who_they_are(made: Company) -> Iterator[str]:
    """Abroad, infrastructure, either contract: what is due goes with it and with no other."""
    decided = made.decided()
    for report in decided.flows:
        possible = set(report.decision.possible)
        leaves = not possible <= {"not_export", *NOBODY_PATHS}
        due = [d for d in (*report.decision.obligations, *report.duties) if d.status == "due"]
        texts = " ".join(render(d.words, "zh") for d in due)
        if made.values.get("ciio") == "yes" and leaves and "境内存储" not in texts:
            yield f"{report.flow.id}: infrastructure without the duty to store in China"
        if made.values.get("seated_abroad") == "yes" and "gba_standard_contract" in possible:
            yield f"{report.flow.id}: a contract with itself"
        if made.values.get("seated_abroad") == "yes" and leaves and "专门机构" not in texts:
            yield f"{report.flow.id}: a processor abroad without a representative"
        if len(possible) > 1 and any(d.path for d in report.decision.obligations if d.status == "due"):
            yield f"{report.flow.id}: due on one of several paths"
        if possible == ALTERNATIVES and {d.path for d in report.decision.obligations} - {""} != ALTERNATIVES:
            yield f"{report.flow.id}: one of two contracts has no duty of its own"
    if made.values.get("incident_on"):
        dates = [d for d in list_deadlines([], made.values, RULES, DAY) if d.filing == "incident"]
        hours = {"yes": "incident_1h", "unknown": "incident"}.get(
            made.values["ciio"], "incident_2h" if made.values["state_organ"] == "yes" else "incident_4h"
        )
        if [(d.code, str(d.on)) for d in dates] != [(hours, made.values["incident_on"])]:
            yield f"the incident of {made.values['incident_on']} has the dates {dates}"
    for report in decided.flows:
        in_scope = report.flow.facts.get("zone_in_scope") == "yes"
        is_later = made.values.get("list_adopted_on", "") > str(DAY) and not in_scope
        if report.decision.path == "exempt_ftz" and (made.values.get("zone", "none") == "none" or is_later):
            yield f"{report.flow.id}: exempt by a list without a zone, or by an act that is not in force yet"


def claims_are_kept_or_refused(made: Company) -> Iterator[str]:
    """A claim that surely does not hold says why, and one that may hold says no such thing."""
    for report in made.decided().flows:
        refused = any(note.code == CLAIM_REFUSED for note in report.decision.notes)
        if refused and f"exempt_{report.flow.claim}" in report.decision.possible:
            yield f"{report.flow.id}: {report.flow.claim} is refused and possible"


BANDS = {line["path"] for line in RULES.raw["thresholds"]}
LAWS = (
    own_outcomes, unknown_is_wider, nothing_empty_is_ready, ledger_moves_only_upwards, what_left_is_asked,
    answers_lead_where_they_say, duties_follow_who_they_are, claims_are_kept_or_refused,
)
