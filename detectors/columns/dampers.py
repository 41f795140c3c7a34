"""What speaks against the word of a name or comment: VETOES drop a suggestion, DAMPERS make it weaker."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from detectors.columns.context import ORGANISED, ColumnContext, speaks_of_person
from detectors.columns.rules import EVERY, AllBut, LabelRule
from detectors.model import Label
from detectors.names.lexicon import contexts
from detectors.names.matching import NameHit

_FLAG = re.compile(r"bool|bit\(1\)|tinyint\(1\)")
_TIME = re.compile(r"^(datetime|timestamp|date|time)\b")
GOODS = (
    "goods", "sku", "waybill", "parcel", "freight", "package", "cargo", "shipment",
    "物品", "货物", "运单", "包裹", "快递",
)
CONTACTS = frozenset({"phone_mobile", "email", "user_id"})
ATTRIBUTES = frozenset({                      # what an organisation or a thing has as well as a person
    "phone_landline", "postal_address", "bank_account", "person_name", "geo_location", "im_account",
    "photo_avatar_url", "salary_income", "nickname", "signature", "birth_date", "other_pi",
    "property_transaction", "age", "other_id_document",
})
NETWORK = frozenset({"ip_address", "mac_address"})


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column with the word that speaks for a label in its name or comment."""

    context: ColumnContext
    hit: NameHit

    @property
    def label(self) -> Label:
        return self.hit.label

    @property
    def subject(self) -> str:
        """What a row of the table is."""
        return self.context.subject

    @property
    def of_nobody(self) -> bool:
        """Neither the column's name nor its comment speaks of a person."""
        return not self.context.mentions_person()


class Veto(LabelRule[NamedColumn]):
    """Drops a suggestion."""


@dataclass(frozen=True, slots=True)
class Damper(LabelRule[NamedColumn]):
    """Multiplies the strength of a suggestion by `factor`, in (0, 1)."""

    factor: float


def vetoed(named: NamedColumn) -> bool:
    """Does a veto drop the suggestion?"""
    return any(veto.applies(named.label, named) for veto in VETOES)


def dampened(named: NamedColumn, strength: float) -> float:
    """Return the strength, in [0, 1], after every damper that applies, one after the other."""
    for damper in DAMPERS:
        if damper.applies(named.label, named):
            strength *= damper.factor
    return strength


def _of_nobody_in(*subjects: str) -> Callable[[NamedColumn], bool]:
    """The table is about one of the subjects, and the column speaks of no person."""
    return lambda named: named.subject in subjects and named.of_nobody


def _without_any_person(named: NamedColumn) -> bool:
    return named.subject != "person" and named.of_nobody and not named.context.table_has_person()


def _of_goods(named: NamedColumn) -> bool:
    if named.hit.word not in ("weight", "height", "body_weight", "temperature") or not named.of_nobody:
        return False
    return named.subject != "person" or named.context.table_mentions(GOODS)


def _of_other_company(named: NamedColumn) -> bool:
    return named.subject != "person" and named.hit.word not in ("工作单位", "就职单位", "任职单位")


def _lacks_person(named: NamedColumn) -> bool:
    return named.hit.person and named.subject not in ("person", "order") and named.of_nobody


def _is_flag(named: NamedColumn) -> bool:
    return _FLAG.search(named.context.type) is not None


def _is_time(named: NamedColumn) -> bool:
    return _TIME.search(named.context.type) is not None


def _in_dictionary(named: NamedColumn) -> bool:
    return named.subject == "dictionary"


def _on_server(named: NamedColumn) -> bool:
    return bool(set(named.context.table_words) & set(contexts()["server_tables"])) and named.of_nobody


def _company_of_something(named: NamedColumn) -> bool:
    """`delivery_company`: a company, and the words before say whose."""
    words = named.context.words
    return len(words) > 1 and words[-1] == "company" and not speaks_of_person(words[:-1], "")


def _of_thing(named: NamedColumn) -> bool:
    its_bank = "银行" if named.label == "bank_account" else ""     # the bank is not what an account is of
    return named.context.mentions_thing(ignoring=its_bank) and named.of_nobody


VETOES = (
    Veto("place without a person", {"geo_location"}, _without_any_person,
         "coordinates are somebody's only where the table speaks of a person"),
    Veto("measure of goods", {"health"}, _of_goods, "weight and height of goods are nobody's body"),
    Veto("company elsewhere", {"employer"}, _of_other_company, "a company employs only persons"),
    Veto("word without a person", EVERY, _lacks_person, "the word is personal only beside a person"),
    Veto("flag", {"credential", "phone_mobile", "email"}, _is_flag, "says that there is one, not which"),
    Veto("point in time", AllBut("age", "user_id", "property_transaction", "birth_date", "login_log"),
         _is_time, "a date or time says when, not what"),
)
DAMPERS = (                                   # every one that applies counts, in this order
    Damper("contact of an organisation", CONTACTS, _of_nobody_in("organisation", "product"),
           "a shop's or a product's own contact", 0.45),
    Damper("contact in a dictionary", CONTACTS, _of_nobody_in("dictionary"),
           "a dictionary holds persons' contacts now and then", 0.75),
    Damper("attribute of an organisation", ATTRIBUTES | {"region_part"}, _of_nobody_in(*ORGANISED),
           "a shop's or a product's own address, account or name", 0.45),
    Damper("login in a dictionary", NETWORK | {"credential", "username"}, _in_dictionary,
           "settings of a system", 0.5),
    Damper("address of a server", NETWORK, _on_server, "a machine's own address", 0.5),
    Damper("catalogue of health", {"health"}, _of_nobody_in(*ORGANISED),
           "a catalogue of drugs or diseases is nobody's health", 0.5),
    Damper("company of something", {"employer"}, _company_of_something,
           "a delivery company is no employer", 0.5),
    Damper("attribute of a thing", ATTRIBUTES | CONTACTS, _of_thing, "the column speaks of a thing", 0.5),
)
