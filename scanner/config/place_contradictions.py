"""What cannot hold together of places: where a recipient is, whether data leaves, whose list a zone's is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detectors.errors import ChujingError
from detectors.message import Msg
from detectors.yaml_document import Fault
from mappings.countries import BAY_AREA, country_code
from mappings.names import is_empty
from mappings.trade_zones import zones_named
from mappings.zones import load_zone
from scanner.config.stated_flow import StatedFlow


def place_faults(flow: StatedFlow, facts: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is said of the recipient's place and of leaving, against its country and the mode."""
    leaves, where = facts.get("leaves_mainland"), country_code(flow.country)
    of_mode = {"access_from_abroad": "no", "access_inside_china": "yes"}
    if leaves is not None and of_mode.get(flow.mode) == leaves:
        what = Msg('"leaves_mainland" is {value} and the mode is {mode}', value=leaves, mode=flow.mode)
        yield Fault(("leaves_mainland",), what, Msg("one of the two is wrong"))
    in_area = facts.get("recipient_in_gba")
    if where and in_area in ("yes", "no") and (where in BAY_AREA) is not (in_area == "yes"):
        what = Msg(
            '"recipient_in_gba" is {value} and the recipient is in {country}', value=in_area, country=where
        )
        yield Fault(("recipient_in_gba",), what, Msg("one of the two is wrong"))
    abroad = facts.get("collected_abroad")
    if flow.mode == "collected_abroad" and abroad == "no":
        what = Msg('"collected_abroad" is no and the mode says that it was')
        yield Fault(("collected_abroad",), what, Msg("one of the two is wrong"))


def list_faults(facts: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is said of a zone's list and its entries that cannot hold together."""
    asks = facts.get("entry_requires", "unknown")
    if facts.get("entry_matched") == "no" and asks != "unknown":
        what = Msg('"entry_requires" is given and no entry matched ("entry_matched")')
        yield Fault(("entry_requires",), what, Msg("entry_matched: yes, or remove it"))
    own, of_list = zones_named(str(facts.get("zone", ""))), _zones_of_list(str(facts.get("ftz_list", "")))
    adopted = not is_empty(str(facts.get("list_adopted_by", "")))
    is_other = bool(own and of_list) and not set(own) & set(of_list)
    if is_other and not adopted and facts.get("zone_in_scope") == "yes":
        what = Msg(
            'the list is of {list} and the zone is {zone}, and "zone_in_scope" is yes', list=of_list, zone=own
        )
        hint = Msg("list_adopted_by: the act by which the own zone adopted it")
        yield Fault(("zone_in_scope",), what, hint)


def _zones_of_list(name: str) -> tuple[str, ...]:
    """The zones whose list it is; none where there is no such list."""
    if is_empty(name):
        return ()
    try:
        return zones_named(load_zone(name).zone)
    except (ChujingError, OSError):
        return ()
