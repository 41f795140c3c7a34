"""What a company and a flow state, as one mapping: facts, what a flow says of itself, what follows from both.

`mappings/contradictions/statements.yaml` says which statements cannot hold together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detectors.errors import ChujingError
from mappings.countries import BAY_AREA, MAINLAND, country_code
from mappings.names import is_empty, party_name, stated_text
from mappings.purpose import is_standing, purpose_fit, purpose_subjects
from mappings.trade_zones import zones_named
from mappings.yaml_files import is_path
from mappings.zones import Zone, named_list
from scanner.config.stated_flow import StatedFlow

INSIDE_BAY_AREA = (*BAY_AREA, MAINLAND)
SIZES = ((1_000_000, "million"), (100_000, "hundred_thousand"), (1, "some"))    # persons at least
IN_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]")
Statements = Mapping[str, Any]                # name -> what is stated; what is not stated is not there


def company_statements(facts: Mapping[str, Any], filings: Sequence[str] = ()) -> Statements:
    """Return what a company states. filings: kinds of those it made this year."""
    stated = {name: value for name, value in facts.items() if value and value != "unknown"}
    zone = str(stated.get("zone", ""))
    derived = {
        "zone_name": ("none" if is_empty(zone) else "named") if zone else "",
        "list_adopted": "no" if is_empty(str(stated.get("list_adopted_by", ""))) else "yes",
        "abroad": stated.get("seated_abroad", "no"),
        "filings": ", ".join(filings),
    }
    return {**stated, **{name: value for name, value in derived.items() if value}}


def flow_statements(flow: StatedFlow, company: Mapping[str, Any]) -> Statements:
    """Return what a flow states together with its company."""
    stated = company_statements({**company, **flow.facts})
    onward = next(_countries_outside_the_area(flow.onward), "")
    domestic = str(stated.get("domestic_persons", ""))
    derived = {
        "id": flow.id, "mode": flow.mode, "claim": flow.claim, "purpose": flow.purpose,
        "every": flow.every, "rhythm": "standing" if is_standing(flow.every) else "",
        "purpose_subjects": subjects_of(flow.purpose),
        "purpose_fit": _fit_of(flow.purpose, flow.claim),
        "recipient_place": _place(country_code(flow.country)), "country": country_code(flow.country),
        "onward_place": "outside" if onward else "", "onward_country": onward,
        "recipient": "exporter" if _is_exporter(flow) else "",
        "persons": next((size for least, size in SIZES if flow.persons >= least), ""), "n": flow.persons,
        "minors": "some" if flow.minors else "",
        "domestic": "some" if domestic.isdecimal() and int(domestic) else "",
        **_list_statements(stated),
    }
    own = {name: value for name, value in derived.items() if value}
    return {**stated, **own, "subject_group": flow.subject_group}


def subjects_of(purpose: str) -> str:
    """Return whose data a purpose is about; empty for words and files that say nothing of it."""
    try:
        return purpose_subjects(purpose)
    except (ChujingError, OSError):
        return ""


def _fit_of(purpose: str, claim: str) -> str:
    """Return whether a purpose goes with a claim; open for files that cannot be read, which others say."""
    try:
        return purpose_fit(purpose, claim)
    except (ChujingError, OSError):
        return "open"


def _is_exporter(flow: StatedFlow) -> bool:
    return bool(flow.recipient) and party_name(flow.recipient) == party_name(flow.entity)


def _place(country: str) -> str:
    """Where a recipient is, as the rules see it; empty where no country is stated."""
    if not country:
        return ""
    return "mainland" if country == MAINLAND else "bay_area" if country in BAY_AREA else "elsewhere"


def _countries_outside_the_area(onward: Sequence[str]) -> Iterator[str]:
    """Yield countries outside the Greater Bay Area in names of who receives it next."""
    for text in onward:
        for place in (text, *IN_BRACKETS.findall(text), *_last_word(text)):
            if (code := country_code(place)) and code not in INSIDE_BAY_AREA:
                yield code


def _last_word(text: str) -> tuple[str, ...]:
    """The last word of a name, where it can be a country: two letters are as often a form of company."""
    word = text.split()[-1] if text.split() else ""
    return (word,) if len(word) > 2 or word in ("US", "UK") else ()


def _list_statements(stated: Statements) -> dict[str, str]:
    """What the list of a zone says to what is stated of it."""
    name = str(stated.get("ftz_list", ""))
    book = named_list(name)
    if book is None:
        return {"list_name": ("none" if is_empty(name) else "named") if name else ""}
    zones, of_list = zones_named(str(stated.get("zone", ""))), zones_named(book.zone)
    sector, scenario = stated_text(str(stated.get("sector", ""))), str(stated.get("zone_scenario", ""))
    is_on_list = book.scenario(scenario) is not None
    return {
        "list_name": "named",
        "list_place": ("own" if set(zones) & set(of_list) else "other") if zones and of_list else "",
        "zones": "、".join(zones), "list_zones": "、".join(of_list),
        # a name in Latin letters is compared with none in Chinese
        "list_sector": "yes" if book.has_sector(sector) else "" if sector.isascii() else "no",
        "list_whole": "no" if is_path(name) and not (book.complete or _is_whole(book, scenario)) else "",
        "list_status": "other" if book.is_other_text else "",
        "list_ciio": "excluded" if book.ciio_excluded == "yes" else "",
        "list_sectors": "、".join(book.sectors), "list_scenarios": "、".join(book.scenarios),
        "list_scenario": ("yes" if is_on_list else "no" if book.complete else "") if scenario else "",
    }


def _is_whole(book: Zone, scenario: str) -> bool:
    """Does the list hold a scenario whole?"""
    listed = book.scenario(scenario)
    return listed is not None and listed.complete
