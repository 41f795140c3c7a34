"""What cannot hold together: facts of a company, facts and dates of a flow, dates of a filing.

Each is said in one line, with what to change; nothing is guessed from either side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from detectors.errors import ConfigError, combined
from detectors.message import Msg
from detectors.yaml_document import Document, Fault, KeyPath, shown
from mappings.countries import BAY_AREA, MAINLAND, country_code
from mappings.model import Flow
from mappings.names import bare_name
from scanner.config.place_contradictions import list_faults, place_faults
from scanner.config.stated_flow import StatedFlow

INSIDE_BAY_AREA = (*BAY_AREA, MAINLAND)
MILLION = 1_000_000                           # persons
SMALL = 100_000                               # persons; a small processor has fewer
PERSONS = ("individuals", "ordinary", "sensitive", "sensitive_individuals")
HAPPENED = (
    "notified_on", "incident_on", "incident_reported_on", "million_reached_on", "ten_million_reached_on",
    "last_audit_on",
)
IN_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]")
NOT_NOTIFIED = ("none", "candidate")


def company_contradictions(facts: Mapping[str, Any], flows: Iterable[StatedFlow]) -> Iterator[Fault]:
    """Yield facts of the exporter that cannot hold together. Paths are below `facts`."""
    yield from _notice_faults(facts)
    yield from _company_size_faults(facts)
    zone = str(facts.get("zone", ""))
    flow = next((f.id for f in flows if f.claim == "ftz"), None)
    if zone == "none" and flow is not None:
        what = Msg('flow "{id}" claims a zone and "zone" is "{value}"', id=flow, value=zone)
        yield Fault(("zone",), what, Msg("name the zone, or remove the claim"))
    incident, reported = _day(facts.get("incident_on")), _day(facts.get("incident_reported_on"))
    if incident and reported and reported < incident:
        what = Msg('the incident was reported ("incident_reported_on") before it was known ("incident_on")')
        yield Fault(("incident_reported_on",), what, Msg("check the two dates"))


def flow_contradictions(flow: StatedFlow, company: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what cannot hold together of a flow. company: facts of its exporter. Paths are below the flow."""
    yield from _date_faults(flow)
    own, facts = ("facts",), {**company, **flow.facts}
    if set(flow.facts) & {"important_data", "notified_on"}:
        yield from (Fault((*own, *f.path), f.what, f.hint) for f in _notice_faults(facts))
    zones = str(company.get("zone", "")), flow.facts.get("zone", "")
    if all(zones) and zones[0] != zones[1] and "unknown" not in zones:
        what = Msg(
            'two zones: "{one}" of the exporter and "{other}" of the flow', one=shown(zones[0]),
            other=shown(zones[1]),
        )
        yield Fault((*own, "zone"), what, Msg("an exporter is registered in one: state it once"))
    if flow.facts.get("approval") == "yes" and facts.get("foreign_authority_request") == "no":
        what = Msg('"approval" is yes and no foreign authority asked')
        yield Fault((*own, "approval"), what, Msg("foreign_authority_request: yes, or remove the approval"))
    yield from (Fault((*own, *f.path), f.what, f.hint) for f in _bay_area_faults(flow, facts))
    if facts.get("employees_only") == "yes" and flow.subject_group not in ("", "employee"):
        what = Msg(
            '"employees_only" is yes and subject_group is "{group}"', group=shown(flow.subject_group)
        )
        yield Fault((*own, "employees_only"), what, Msg("one of the two is wrong"))
    domestic = flow.facts.get("domestic_persons", "")
    if facts.get("domestic_data_introduced") == "no" and domestic.isdecimal() and int(domestic):
        what = Msg('"domestic_persons" is given and no domestic data was introduced')
        yield Fault((*own, "domestic_persons"), what, Msg("domestic_data_introduced: yes, or remove it"))
    if domestic.isdecimal() and flow.most is not None and int(domestic) > flow.most:
        what = Msg('"domestic_persons" is {n} and the flow has {of} persons', n=int(domestic), of=flow.most)
        yield Fault((*own, "domestic_persons"), what, Msg("one of the two is wrong"))
    of_facts = (*_size_faults(flow, facts), *place_faults(flow, facts), *list_faults(facts))
    yield from (Fault((*own, *f.path), f.what, f.hint) for f in of_facts)
    yield from _party_faults(flow, facts)


def day_contradictions(flow: StatedFlow, day: str) -> Iterator[Fault]:
    """Yield dates of a flow that its status does not go with on a day, as 2026-01-31."""
    status, check = flow.status or "planned", Msg("check the date and the status")
    if status == "planned" and flow.since and flow.since < day:
        yield Fault(("since",), Msg('it began ("since") and the flow is planned'), check)
    if status != "planned" and flow.since > day:
        yield Fault(("since",), Msg('the flow runs or stopped, and begins ("since") later'), check)
    if status == "active" and flow.until and flow.until < day:
        yield Fault(("until",), Msg('it ended ("until") and the flow is active'), check)
    if status == "stopped" and flow.until > day:
        yield Fault(("until",), Msg('the flow stopped, and ends ("until") later'), check)


def later_facts(facts: Mapping[str, str], day: str) -> Iterator[Fault]:
    """Yield days of what happened, among facts, that come after a day, as 2026-01-31."""
    for name in HAPPENED:
        if _day(facts.get(name)) > day:
            what = Msg('"{name}" comes after the day of the decision', name=name)
            yield Fault((name,), what, Msg("check the two dates"))


def filing_contradictions(filing: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield dates of a filing that cannot hold together."""
    on, expires = _day(filing.get("on")), _day(filing.get("expires"))
    if on and expires and expires <= on:
        yield Fault(("expires",), Msg('it "expires" before it was issued ("on")'), Msg("check the two dates"))
    filed = _day(filing.get("filed"))
    if on and filed and filed < on and filing.get("kind") not in ("assessment", "certificate"):
        what = Msg('it was "filed" before it took effect or was finished ("on")')
        yield Fault(("filed",), what, Msg("check the two dates"))


def check_fit(facts: Mapping[str, str], flows: Sequence[Flow], doc: Document) -> None:
    """Raise ConfigError for facts of the exporter and of flows, answers included, that cannot all hold."""
    stated = [stated_flow(flow) for flow in flows]
    faults = [
        Fault(("exporter", "facts", *f.path), f.what, f.hint) for f in company_contradictions(facts, stated)
    ]
    faults += [
        Fault(("flows", str(i), *f.path), f.what, f.hint)
        for i, flow in enumerate(stated) for f in flow_contradictions(flow, facts)
    ]
    if faults:
        raise combined(doc.errors(faults, ConfigError))


def stated_flow(flow: Flow) -> StatedFlow:
    """Return a flow of the configuration as it was described."""
    return StatedFlow(
        flow.id, flow.status, str(flow.since or ""), str(flow.until or ""), flow.claim, flow.subject_group,
        flow.recipient.country, flow.facts, onward=flow.onward, mode=flow.mode, entity=flow.entity,
        recipient=flow.recipient.name,
    )


def written_flow(path: KeyPath, flow: Mapping[str, Any]) -> StatedFlow:
    """Return a flow as it stands in a document that may hold other faults."""

    def text(key: str) -> str:
        value = flow.get(key, "")
        return value if isinstance(value, str) else ""

    recipient, onward, declared = flow.get("recipient"), flow.get("onward"), flow.get("declared", flow)
    declared = declared if isinstance(declared, dict) else {}
    country = recipient.get("country", "") if isinstance(recipient, dict) else flow.get("country", "")
    name = recipient.get("name", "") if isinstance(recipient, dict) else recipient
    return StatedFlow(
        text("id") or path[-1], text("status"), _day(flow.get("since")), _day(flow.get("until")),
        text("claim"), text("subject_group"), country if isinstance(country, str) else "",
        written_facts(flow.get("facts")), _number_of(flow.get("left")),
        [text for text in onward if isinstance(text, str)] if isinstance(onward, list) else (),
        max(_least(declared.get(name)) for name in PERSONS), _least(declared.get("minors")),
        most_persons(declared), text("mode"), text("entity"), name if isinstance(name, str) else "",
    )


def written_facts(facts: Any) -> Mapping[str, str]:
    """Return facts of a document, each an answer or an answer with who gave it."""
    if not isinstance(facts, dict):
        return {}
    values = {name: a.get("value") if isinstance(a, dict) else a for name, a in facts.items()}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def is_day(text: str) -> bool:
    """Is it a day, as 2026-01-31?"""
    return bool(_day(text))


def _least(count: Any) -> int:
    """The fewest persons that a count states, exactly or as an interval; 0 where it states none."""
    number = count.get("low") if isinstance(count, dict) else count
    return int(number) if isinstance(number, str) and number.isdecimal() else 0


def most_persons(counts: Mapping[str, Any]) -> int | None:
    """The most persons that counts state, all together, exactly or as intervals; None where they do not."""
    if (whole := most_of(counts.get("individuals"))) is not None:
        return whole
    parts = [most_of(counts.get(name)) for name in ("ordinary", "sensitive")]
    return None if None in parts else sum(filter(None, parts))


def most_of(count: Any) -> int | None:
    """The most persons that a count states; None where it states none."""
    number = count.get("high") if isinstance(count, dict) else count
    return int(number) if isinstance(number, str) and number.isdecimal() else None


def _day(text: Any) -> str:
    """A day as it was written; empty for what is none, which others say."""
    try:
        return date.fromisoformat(text).isoformat() if isinstance(text, str) else ""
    except ValueError:
        return ""


def _number_of(exported: Any) -> str:
    """The first number of persons that is stated to have left and is not 0; empty where there is none."""
    counts = exported.values() if isinstance(exported, dict) else ()
    return next((n for n in counts if isinstance(n, str) and n.isdecimal() and int(n)), "")


def _bay_area_faults(flow: StatedFlow, facts: Mapping[str, Any]) -> Iterator[Fault]:
    """The contract of the Greater Bay Area is for recipients in it, who send nothing on outside it."""
    if facts.get("route") != "gba":
        return
    abroad = country_code(flow.country)
    if abroad and abroad not in BAY_AREA:
        what = Msg('"route" is gba and the recipient is in {country}', country=abroad)
        yield Fault(("route",), what, Msg("the Greater Bay Area reaches Hong Kong and Macao only"))
    places = (p for text in flow.onward for p in (text, *IN_BRACKETS.findall(text), *_last_word(text)))
    outside = next((c for p in places if (c := country_code(p)) and c not in INSIDE_BAY_AREA), "")
    if outside and facts.get("recipient_outside_gba") == "no":
        what = Msg('"recipient_outside_gba" is no and "onward" names {country}', country=outside)
        yield Fault(("recipient_outside_gba",), what, Msg("recipient_outside_gba: yes, or correct onward"))


def _party_faults(flow: StatedFlow, facts: Mapping[str, Any]) -> Iterator[Fault]:
    """A recipient that is the exporter itself; only a processor abroad receives what it sends."""
    is_own = bool(flow.recipient) and bare_name(flow.recipient) == bare_name(flow.entity)
    if is_own and facts.get("seated_abroad") != "yes":
        yield Fault(
            ("recipient",), Msg("the recipient is the exporter itself"),
            Msg("name who receives abroad; of a processor abroad: seated_abroad: yes"),
        )


def _company_size_faults(facts: Mapping[str, Any]) -> Iterator[Fault]:
    """What a company says of all its persons, and since when, that cannot hold together."""
    million, ten = _day(facts.get("million_reached_on")), _day(facts.get("ten_million_reached_on"))
    check = Msg("one of the two is wrong")
    if million and ten and ten < million:
        what = Msg('ten million persons were reached ("ten_million_reached_on") before one million')
        yield Fault(("ten_million_reached_on",), what, Msg("check the two dates"))
    if facts.get("holds_one_million") == "no" and (million or ten):
        what = Msg('"holds_one_million" is no and a day on which that was reached is given')
        yield Fault(("holds_one_million",), what, check)
    if facts.get("small_processor") == "yes" and (facts.get("holds_one_million") == "yes" or million or ten):
        what = Msg('"small_processor" is yes and it holds a million persons')
        yield Fault(("small_processor",), what, check)


def _last_word(text: str) -> tuple[str, ...]:
    """The last word of a name, where it can be a country: two letters are as often a form of company."""
    word = text.split()[-1] if text.split() else ""
    return (word,) if len(word) > 2 or word in ("US", "UK") else ()


def _size_faults(flow: StatedFlow, facts: Mapping[str, Any]) -> Iterator[Fault]:
    """What the company says of all its persons, against those that are stated of a flow."""
    if facts.get("small_processor") == "yes" and flow.persons >= SMALL:
        what = Msg('"small_processor" is yes and the flow has {n} persons', n=flow.persons)
        yield Fault(("small_processor",), what, Msg("it is for fewer than {n} persons", n=SMALL))
    if facts.get("holds_one_million") == "no" and flow.persons >= MILLION:
        what = Msg('"holds_one_million" is no and the flow has {n} persons', n=flow.persons)
        yield Fault(("holds_one_million",), what, Msg("one of the two is wrong"))
    if facts.get("processes_minors") == "no" and flow.minors:
        what = Msg('"processes_minors" is no and the flow has persons under 14')
        yield Fault(("processes_minors",), what, Msg("one of the two is wrong"))


def _notice_faults(facts: Mapping[str, Any]) -> Iterator[Fault]:
    if facts.get("important_data") in NOT_NOTIFIED and facts.get("notified_on", "unknown") != "unknown":
        what = Msg(
            '"notified_on" is given and "important_data" is "{value}"', value=facts["important_data"]
        )
        yield Fault(("notified_on",), what, Msg("important_data: notified, or remove the date"))


def _date_faults(flow: StatedFlow) -> Iterator[Fault]:
    if flow.since and flow.until and flow.until < flow.since:
        what = Msg('it ended ("until") before it began ("since")')
        yield Fault(("until",), what, Msg("check the two dates"))
    if flow.until and flow.status == "planned":
        what = Msg('"until" is given and the flow is planned')
        yield Fault(("until",), what, Msg("status: stopped, or remove it"))
    if flow.exported and flow.status in ("", "planned"):
        yield Fault(
            ("left",), Msg("persons left and the flow is planned"), Msg("status: active or stopped")
        )
