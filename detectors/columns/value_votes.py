"""How values move the judge's probability, both ways: log-odds that are stated here, not fitted.

The corpora that the judge is fitted on hold no values, so each vote is what a careful reader would grant it:
2 makes odds of one to one seven to one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.message import Msg, Text
from detectors.model import Evidence, Label

AGREEMENT = 4.0                               # times the strength of a detector that matches the label
CERTAIN = 0.97                                # the most that names alone count for once values speak
HASHES_VOTE = 2.5                             # hashes or ciphers under a name of somebody's number
CONTRADICTION = 1.5                           # where none of many values has the form that the label needs
CALM = 0.85                                   # of its log-odds; fitted on families left out
LEAST = 5                                     # distinct values before their form says anything
MANY = 20                                     # cells before two values are a flag
MOST = 500                                    # distinct values that are looked at
_FIRMS = r"公司|集团|有限|商行|经营部|Ltd|LTD|Inc\.|Co\.|GmbH|LLC|S\.A\."
_FLAGS = frozenset({"0", "1", "y", "n", "yes", "no", "true", "false", "t", "f", "是", "否", "有", "无"})
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_AMOUNT = r"^-?[0-9]{1,9}\.[0-9]{1,4}$"
_CODE = r"^[A-Za-z]{1,5}[-_./]?[0-9][-_./A-Za-z0-9]*$"
_REQUIREMENT = "不限|不要求|无要求|不作要求|优先|均可|(?i)^(any|no preference|not required|negotiable)$"
_LEAST_LENGTHS = (                            # characters of the shortest whole value of some labels
    (frozenset({"resident_id"}), 15), (frozenset({"bank_card"}), 12), (frozenset({"phone_mobile"}), 7),
    (frozenset({"email"}), 5),
)
WORDS = frozenset({                           # labels whose values are words
    "person_name", "contact_person", "nickname", "postal_address", "job_title", "employer", "signature",
})
FORMS = WORDS | {                             # labels whose values are never yes and no
    "phone_mobile", "phone_landline", "email", "resident_id", "passport", "other_id_document", "bank_card",
    "bank_account", "birth_date", "username", "user_id", "employee_no", "im_account", "credential",
    "photo_avatar_url", "salary_income", "communication_content", "ip_address", "device_id", "plate_number",
}
NUMBERED = frozenset({                        # labels whose values are never amounts
    "phone_mobile", "phone_landline", "email", "resident_id", "passport", "other_id_document", "bank_card",
    "bank_account", "person_name", "contact_person", "username", "device_id", "plate_number", "employee_no",
})
REQUIRED = frozenset({                        # attributes of a person that somebody may ask for
    "gender", "age", "education", "job_title", "occupation", "marital_status", "ethnicity", "salary_income",
    "region_part", "other_pi",
})


SERIAL = frozenset({                      # labels of numbers that no counter gives out
    "phone_mobile", "phone_landline", "bank_card", "bank_account", "device_id", "passport",
    "other_id_document", "im_account",
})
_UNASSIGNED = (                               # RFC 1918, 3927, 5737, 4193, 4291, 3849
    r"^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|"
    r"192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)"
    r"|^(?i:f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|2001:0?db8:|::1$)"
)
_VERSION = r"^[vV]?[0-2]?[0-9]\.[0-9]{1,4}\.[0-9]{1,5}\.[0-9]{1,5}$"
_DATED = r"^[A-Za-z]{0,3}20[0-3][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]+$"


@dataclass(frozen=True, slots=True)
class SampledValues:
    """Distinct values of a column, at most MOST of them. cells: neither null nor blank."""

    texts: pa.Array
    cells: int
    _shares: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def share(self, pattern: str) -> float:
        """Return the share of values that a pattern matches, in [0, 1]."""
        if not len(self.texts):
            return 0.0
        if pattern not in self._shares:       # several labels are asked about the same values
            self._shares[pattern] = pc.match_substring_regex(self.texts, pattern).true_count / len(self.texts)
        return self._shares[pattern]


@dataclass(frozen=True, slots=True)
class Vote:
    """Moves the log-odds of one of `labels` by `worth` where `holds`."""

    labels: frozenset[str]
    holds: Callable[[SampledValues], bool]
    worth: float
    note: Text


def _are_firms(values: SampledValues) -> bool:
    return len(values.texts) >= LEAST and values.share(_FIRMS) >= 0.5


def _are_flags(values: SampledValues) -> bool:
    few = 0 < len(values.texts) <= 2 and values.cells >= MANY
    return few and all(text.lower() in _FLAGS for text in values.texts.to_pylist())


def _are_numbers(values: SampledValues) -> bool:
    return len(values.texts) >= LEAST and values.share(_NUMBER) >= 0.95


def _are_amounts(values: SampledValues) -> bool:
    return len(values.texts) > 1 and values.share(_AMOUNT) >= 0.5


def _are_codes(values: SampledValues) -> bool:
    return len(values.texts) >= LEAST and values.share(_CODE) >= 0.8


def _are_requirements(values: SampledValues) -> bool:
    return values.share(_REQUIREMENT) >= 0.1


def _are_unassigned(values: SampledValues) -> bool:
    """Are the addresses those of private networks, of a machine itself or of documentation?"""
    return values.share(_UNASSIGNED) >= 0.9


def _are_versions(values: SampledValues) -> bool:
    """Four numbers that all begin low: one address in eight does."""
    return len(values.texts) >= 2 * LEAST and values.share(_VERSION) >= 0.98 and not _are_unassigned(values)


def _are_consecutive(values: SampledValues) -> bool:
    """Whole numbers without gaps worth mentioning, or of one step: a counter."""
    if len(values.texts) < 2 * LEAST or values.share("^[0-9]{1,18}$") < 0.98:
        return False
    numbers = np.array([int(text) for text in values.texts.to_pylist() if text.isdecimal()], np.int64)
    steps = np.diff(np.sort(numbers))
    return bool((steps <= 4).mean() >= 0.9 or (steps == np.median(steps)).mean() >= 0.9)


def _are_dated(values: SampledValues) -> bool:
    """Numbers that begin with the day of their making: batches, orders, waybills."""
    return len(values.texts) >= 2 * LEAST and values.share(_DATED) >= 0.95


def _are_shorter(least: int) -> Callable[[SampledValues], bool]:
    """A test of values that are, almost all, shorter than they need to be, and not masked."""
    return lambda values: len(values.texts) >= LEAST and values.share(f"^[^*]{{0,{least - 1}}}$") >= 0.95


VOTES = (
    Vote(frozenset({"person_name", "contact_person", "nickname"}), _are_firms, -4.0,
         Msg("the values are names of firms")),
    Vote(FORMS, _are_flags, -4.0, Msg("the values are yes and no")),
    Vote(WORDS, _are_numbers, -2.5, Msg("the values are numbers")),
    Vote(NUMBERED, _are_amounts, -4.0, Msg("the values are amounts")),
    Vote(frozenset({"person_name", "contact_person"}), _are_codes, -4.0, Msg("the values are codes")),
    Vote(REQUIRED, _are_requirements, -9.0, Msg("the values are requirements")),
    Vote(frozenset({"ip_address"}), _are_unassigned, -7.5,
         Msg("the addresses are of private networks or of documentation")),
    Vote(frozenset({"ip_address"}), _are_versions, -6.0, Msg("the values are versions")),
    Vote(SERIAL, _are_consecutive, -2.2, Msg("the values are consecutive numbers")),
    Vote(SERIAL, _are_dated, -4.2, Msg("the values begin with a date")),
    *(Vote(labels, _are_shorter(least), -3.0, Msg("the values are too short"))
      for labels, least in _LEAST_LENGTHS),
)


def values_of(folded: pa.Array) -> SampledValues:
    """Return the values of folded cells."""
    present = pc.drop_null(folded)
    return SampledValues(pc.unique(present)[:MOST], len(present))


def votes(label: Label, values: SampledValues) -> Iterator[tuple[float, Evidence]]:
    """Yield (log-odds, evidence) of every vote that the form of the values casts on a label."""
    for vote in VOTES:
        if label in vote.labels and vote.holds(values):
            yield vote.worth, Evidence("value", vote.note, 0, values.cells, "cells")


def moved(probability: float, log_odds: float) -> float:
    """Return a probability moved by log-odds, which no name is too sure for.

    >>> round(moved(0.5, 2.0), 2), round(moved(1.0, -4.0), 2)
    (0.88, 0.37)
    """
    return shifted(min(max(probability, 1 - CERTAIN), CERTAIN), log_odds)


def calm(p: float) -> float:
    """Return the probability that the judge's, for which votes spoke, is worth on systems it never saw.

    >>> calm(0.5), round(calm(0.97), 2)
    (0.5, 0.95)
    """
    return 1 / (1 + math.exp(-CALM * math.log(p / (1 - p))))


def shifted(p: float, log_odds: float) -> float:
    """Return a probability, in (0, 1), after evidence of some log-odds."""
    return 1 / (1 + math.exp(-math.log(p / (1 - p)) - log_odds))
