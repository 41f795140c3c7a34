"""What cannot hold together: facts of a company, facts and dates of a flow, dates of a filing.

Each is said in one line, with what to change; nothing is guessed from either side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from detectors.errors import ConfigError, combined
from detectors.message import Msg, Text, Word, fill, show_plain
from detectors.yaml_document import Document, Fault, KeyPath, shown
from mappings.model import Flow
from mappings.names import is_empty
from mappings.yaml_files import load_yaml
from mappings.zones import denied_act, denied_day, named_list
from scanner.config.stated_flow import StatedFlow
from scanner.config.statements import Statements, company_statements, flow_statements

PERSONS = ("individuals", "ordinary", "sensitive", "sensitive_individuals")
HAPPENED = (
    "notified_on", "incident_on", "incident_reported_on", "million_reached_on", "ten_million_reached_on",
    "last_audit_on",
)
IN_TURN = (("incident_on", "incident_reported_on"), ("million_reached_on", "ten_million_reached_on"))
FILED_KINDS = ("contract", "certificate", "assessment")
OF_THE_FLOW = ("claim", "purpose", "recipient")         # keys of a flow that are no facts
ONE_IS_WRONG = Msg("one of the two is wrong")


def company_contradictions(
    facts: Mapping[str, Any], filings: Sequence[Mapping[str, Any]] = (), day: str = ""
) -> Iterator[Fault]:
    """Yield facts of the exporter that cannot hold together. Paths are below `facts`.

    day: of the decision, whose year the filings are held against, as 2026-01-31.
    """
    stated = company_statements(facts, _kinds_of_the_year(filings, day))
    yield from _statement_faults(stated)
    for earlier, later in IN_TURN:
        if (one := _day(facts.get(earlier))) and (other := _day(facts.get(later))) and other < one:
            what = Msg('"{later}" comes before "{earlier}"', later=later, earlier=earlier)
            yield Fault((later,), what, Msg("check the two dates"))


def flow_contradictions(flow: StatedFlow, company: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what cannot hold together of a flow. company: facts of its exporter. Paths are below the flow."""
    yield from _date_faults(flow)
    own, zones = ("facts",), (str(company.get("zone", "")), flow.facts.get("zone", ""))
    if all(zones) and zones[0] != zones[1] and "unknown" not in zones:
        what = Msg(
            'two zones: "{one}" of the exporter and "{other}" of the flow', one=shown(zones[0]),
            other=shown(zones[1]),
        )
        yield Fault((*own, "zone"), what, Msg("an exporter is registered in one: state it once"))
    domestic = flow.facts.get("domestic_persons", "")
    if domestic.isdecimal() and flow.most is not None and int(domestic) > flow.most:
        what = Msg(
            '"domestic_persons" is {n:,} and the flow has {of:,} persons', n=int(domestic), of=flow.most
        )
        yield Fault((*own, "domestic_persons"), what, Msg("one of the two is wrong"))
    of_company = set(_statement_faults(company_statements(company)))
    for fault in _statement_faults(flow_statements(flow, company)):
        if fault not in of_company:
            yield fault if fault.path[0] in OF_THE_FLOW else replace(fault, path=(*own, *fault.path))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Statements that cannot hold together. when, never: key -> values, none for whatever is stated."""

    when: Mapping[str, frozenset[str] | None]
    never: Mapping[str, frozenset[str] | None]
    what: Word
    hint: Text

    def faults(self, stated: Statements) -> Iterator[Fault]:
        """Yield a fault for every key that may not be as it is stated."""
        if not all(_is_stated(stated, key, values) for key, values in self.when.items()):
            return
        for key, values in self.never.items():
            if _is_stated(stated, key, values):
                shown_values = {"key": key, "value": stated[key], **stated}
                yield Fault((key,), _filled(self.what, shown_values), _filled(self.hint, shown_values))


def _is_stated(stated: Statements, key: str, values: frozenset[str] | None) -> bool:
    """Is one of the values stated of a key? None: anything but that there is nothing."""
    if key not in stated:
        return False
    return not is_empty(str(stated[key])) if values is None else str(stated[key]) in values


def _filled(text: Text, values: Statements) -> Text:
    """Words of both languages with what is stated put into them."""
    if not isinstance(text, Word):
        return text
    parts = {name: shown(value) if isinstance(value, str) else value for name, value in values.items()}
    return Word(fill(text.en, parts, show_plain), fill(text.zh, parts, show_plain))


@cache
def contradictions() -> tuple[Contradiction, ...]:
    """Return everything that cannot hold together, as it ships."""
    raw, _ = load_yaml("contradictions", "statements")
    return tuple(
        Contradiction(
            _values_by_key(row["when"]), _values_by_key(row["never"]), Word(row["en"], row["zh"]),
            Word(row["hint_en"], row["hint_zh"]) if "hint_en" in row else ONE_IS_WRONG,
        )
        for row in raw.values()
    )


def _values_by_key(raw: Mapping[str, Any]) -> dict[str, frozenset[str] | None]:
    return {key: None if values == "any" else frozenset(map(str, values)) for key, values in raw.items()}


def _statement_faults(stated: Statements) -> Iterator[Fault]:
    return (fault for row in contradictions() for fault in row.faults(stated))


def _kinds_of_the_year(filings: Sequence[Mapping[str, Any]], day: str) -> tuple[str, ...]:
    """Kinds of filings whose result or effect is of the year of a day, and not later."""
    dated = ((str(f.get("kind", "")), _day(f.get("on"))) for f in filings)
    return tuple(dict.fromkeys(k for k, on in dated if k in FILED_KINDS and on and day[:4] <= on <= day))


def list_contradictions(flow: StatedFlow, company: Mapping[str, Any], day: str) -> Iterator[Fault]:
    """Yield answers that a zone's list is in force, or adopted, against its dates and those of the act."""
    last = date.fromisoformat(min(day, flow.until) if flow.status == "stopped" and flow.until else day)
    stated = {name: str(value) for name, value in {**company, **flow.facts}.items()}
    book = named_list(stated.get("ftz_list", ""))
    if (why := denied_day(book, stated, last)) is not None:
        what = Msg('"list_in_force" is yes, and {why}', why=why)
        hint = Msg("name the list of the day, or correct one of the two")
        yield Fault(("facts", "list_in_force"), what, hint)
    if (why := denied_act(book, stated, last)) is not None:
        yield Fault(("facts", "list_adopted_on"), why, ONE_IS_WRONG)


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


def check_fit(
    facts: Mapping[str, str], of_entity: Mapping[str, Mapping[str, str]], flows: Sequence[Flow], doc: Document
) -> None:
    """Raise ConfigError for facts of the exporter and of flows, answers included, that cannot all hold.

    of_entity: what is stated of one entity alone, over the facts of all.
    """
    companies = {name: {**facts, **own} for name, own in of_entity.items()}
    faults = dict.fromkeys(
        Fault(("exporter", "facts", *f.path), f.what, f.hint)
        for company in (facts, *companies.values()) for f in company_contradictions(company)
    )
    for i, flow in enumerate(flows):
        of_flow = flow_contradictions(stated_flow(flow), companies.get(flow.entity, facts))
        faults |= dict.fromkeys(Fault(("flows", str(i), *f.path), f.what, f.hint) for f in of_flow)
    if faults:
        raise combined(doc.errors(list(faults), ConfigError))


def stated_flow(flow: Flow) -> StatedFlow:
    """Return a flow of the configuration as it was described."""
    return StatedFlow(
        flow.id, flow.status, str(flow.since or ""), str(flow.until or ""), flow.claim, flow.subject_group,
        flow.recipient.country, flow.facts, onward=flow.onward, mode=flow.mode, entity=flow.entity,
        recipient=flow.recipient.name, purpose=flow.purpose, every=flow.every,
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
        max(least_of(declared.get(name)) for name in PERSONS), least_of(declared.get("minors")),
        most_persons(declared), text("mode"), text("entity"), name if isinstance(name, str) else "",
        text("purpose"), text("every"),
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


def least_of(count: Any) -> int:
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


def _date_faults(flow: StatedFlow) -> Iterator[Fault]:
    if flow.since and flow.until and flow.until < flow.since:
        what = Msg('it ended ("until") before it began ("since")')
        yield Fault(("until",), what, Msg("check the two dates"))
    if flow.until and flow.status == "planned":
        what = Msg('"until" is given and the flow is planned')
        yield Fault(("until",), what, Msg("status: stopped, or remove it"))
    if flow.until and not flow.status:        # left out it would be planned, whatever happened
        what = Msg('"until" is given and the status is left out')
        hint = Msg("status: stopped where it ended, active where it runs until then")
        yield Fault(("status",), what, hint, of="missing")
    if flow.exported and flow.status in ("", "planned"):
        yield Fault(
            ("left",), Msg("persons left and the flow is planned"), Msg("status: active or stopped")
        )
