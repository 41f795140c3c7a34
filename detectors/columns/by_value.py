"""What the values of a column are worth where its name does not suggest their label."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.columns.context import ORGANISED, ColumnContext, is_number_of_thing
from detectors.columns.rules import EVERY, LabelRule, always
from detectors.columns.values import ValueHit
from detectors.model import Tier
from detectors.names.lexicon import contexts

MANY = 30                                     # distinct values that make a column of names by themselves


@dataclass(frozen=True, slots=True)
class UnnamedHit:
    """A hit whose label the name did not suggest.

    named: did the name suggest another one? beside_person: are values of another column surely persons'?
    """

    hit: ValueHit
    context: ColumnContext
    named: bool
    beside_person: bool = False

    @property
    def of_thing(self) -> bool:
        """Is the table about something other than a person, or does the column speak of it?"""
        return self.context.subject in (*ORGANISED, "log") or self.context.mentions_thing()

    @property
    def named_like_thing(self) -> bool:
        """Does the column itself speak of a thing, or of something about one?"""
        words = self.context.words
        return bool(words) and words[-1] in contexts()["veto_endings"] or self.context.mentions_thing()

    @property
    def numbers_things(self) -> bool:
        """Does the column say that it holds numbers of orders, papers, or parcels?"""
        return is_number_of_thing(self.context.words, self.context.comment)

    @property
    def among_persons(self) -> bool:
        """In a table of persons, beside their numbers, or with many names where the subject is unknown."""
        if self.context.subject == "person" or self.beside_person:
            return True
        return self.plenty >= 1 and not self.context.subject

    @property
    def plenty(self) -> float:
        """How near the distinct values are to MANY, in [0, 1]; 0 if many cells hold something else."""
        return min(1.0, self.hit.distinct_matched / MANY) if self.hit.prevalence >= 0.8 else 0.0


@dataclass(frozen=True, slots=True)
class ValueRule(LabelRule[UnnamedHit]):
    """Multiplies the strength of a hit by `factor`. tier: of the finding, the detector's own if None.

    with_plenty: the factor that `factor` grows to with the number of distinct values; 0 if it does not.
    """

    factor: float
    tier: Tier | None = None
    with_plenty: float = 0.0


def weigh(unnamed: UnnamedHit) -> tuple[float, Tier]:
    """Return the confidence and the tier that the first rule gives."""
    detector = unnamed.hit.detector
    rule = next(rule for rule in RULES if rule.applies(detector.label, unnamed))
    factor = rule.factor
    if rule.with_plenty:
        factor += (rule.with_plenty - factor) * unnamed.plenty
    return unnamed.hit.strength * factor, rule.tier or detector.tier


def _of_thing(unnamed: UnnamedHit) -> bool:
    return unnamed.of_thing


def _numbers_things(unnamed: UnnamedHit) -> bool:
    return unnamed.numbers_things


def _named_like_thing(unnamed: UnnamedHit) -> bool:
    return unnamed.named_like_thing


def _alone_among_things(unnamed: UnnamedHit) -> bool:
    return unnamed.of_thing and not unnamed.beside_person


def _among_persons(unnamed: UnnamedHit) -> bool:
    return unnamed.among_persons


def _named_otherwise(unnamed: UnnamedHit) -> bool:
    return unnamed.named


NAMES = frozenset({"person_name"})
PLACES = frozenset({"postal_address", "ip_address", "phone_landline"})
CERTAIN = frozenset({
    "resident_id", "phone_mobile", "email", "bank_card", "plate_number", "vin", "ethnicity", "credential",
    "passport", "device_id", "bank_account", "im_account",
})
NUMBERS = frozenset({"phone_mobile", "bank_card", "passport", "other_id_document", "bank_account"})
RULES = (                                     # the first that applies counts
    ValueRule("numbers of orders", NUMBERS, _numbers_things, "eleven digits of an order look like a mobile",
              0.4, "weak"),
    ValueRule("names of things", NAMES, _named_like_thing, "brands begin with surnames, too", 0.3,
              with_plenty=0.7),
    ValueRule("names among things", NAMES, _alone_among_things, "an organisation has people, too", 0.3,
              with_plenty=0.95),
    ValueRule("names of persons", NAMES, _among_persons, "among persons, or names by the dozen", 1.1),
    ValueRule("names of unknown", NAMES, always, "nothing says whose names they are", 0.75, with_plenty=1.1),
    ValueRule("places of things", PLACES, _of_thing, "addresses of shops and machines", 0.5),
    ValueRule("places of unknown", PLACES, always, "nothing says whose addresses they are", 0.95),
    ValueRule("mobiles of things", {"phone_mobile"}, _of_thing, "a shop has a number, too", 0.7, "weak"),
    ValueRule("mail of things", {"email"}, _of_thing, "a shop has a mail address, too", 0.6),
    ValueRule("certain values", CERTAIN, always, "such values are hardly anything else", 1.0),
    ValueRule("values of another name", EVERY, _named_otherwise, "the name says something else", 0.6),
    ValueRule("values of things", EVERY, _of_thing, "the table or the column is about a thing", 0.6),
    ValueRule("values alone", EVERY, always, "values of this form may be something else", 0.8),
)
