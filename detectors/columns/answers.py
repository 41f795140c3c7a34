"""First answers for the columns of a table, and each column seen among the answers for the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.columns.cues import PLACES, TableCues, type_class
from detectors.model import ColumnInfo, Tier

TIERS: tuple[Tier, ...] = ("core", "weak", "audit")
QUESTIONS = 2 + len(TIERS)                    # columns of the answers before those of the labels
CLIP, ABSENT = 12.0, -6.0                     # bounds of log-odds; those of a neighbour that is not there
LABEL_GROUPS = (                              # labels whose presence elsewhere in a table says something
    ("user_id",), ("person_name", "contact_person", "nickname"),
    ("phone_mobile", "phone_landline", "email", "im_account"), ("health", "medical_record_no"),
    ("salary_income",), ("resident_id", "passport", "other_id_document"), ("credential", "username"),
    ("gender", "birth_date", "age", "marital_status", "ethnicity"), ("education",),
    ("job_title", "occupation", "employer", "employee_no"),
    ("postal_address", "region_part", "geo_location", "trajectory"),
    ("property_transaction", "bank_account", "bank_card"), ("other_pi", "other_pi!"),
)
_TYPES = ("flag", "time", "int", "decimal", "long")
_HEADS = (                                    # concepts of head nouns
    "h_flag", "h_status", "h_type", "h_count", "h_time", "h_text", "h_code", "h_id", "h_link", "h_name",
    "h_requirement", "organisation", "product", "order", "system", "app_of_system", "operator", "property",
    "account_of_money", "loan_and_credit", "salary", "treatment", "diagnosis", "laboratory",
    "measure_of_body", "job", "education", "address", "place", "phone", "email", "credential",
)
_ANYWHERE = (
    "organisation", "product", "system", "order", "patient", "staff", "customer", "student", "user",
    "other_person", "family", "h_requirement", "device", "vehicle",
)
_TITLES = (
    "patient", "staff", "customer", "student", "user", "other_person", "family", "organisation", "product",
    "order", "system", "app_of_system", "job", "education", "salary", "treatment", "diagnosis", "laboratory",
    "message", "device", "vehicle", "loan_and_credit", "account_of_money", "property", "h_requirement",
    "h_type", "h_status", "credential", "place",
)
_SHARES = ("organisation", "product", "system", "treatment", "diagnosis", "salary", "person_document")
_SUBJECTS = ("person", "organisation", "product", "order", "log", "dictionary", "")
OWN_FLAGS = (                                 # cues of a column that the second look sees by themselves
    *(f"al:{k}" for k in _HEADS), *(f"a:{k}" for k in _ANYWHERE), "person:1", "thing:1", "relative:1",
    "own:1", "codes", "role:user_id", "role:person_name", "rule0", "rule:1", "rule:2", "rule:3", "rule:4",
    "k0", "q0",
)
SHARED_FLAGS = (                              # the same of a table
    *(f"tk:{k}" for k in _TITLES), *(f"table:{subject}" for subject in _SUBJECTS),
    *(f"persons:{n}" for n in range(6)), *(f"share:{k}:{n}" for k in _SHARES for n in (3, 4)),
)
_OWN_PLACES = {flag: i for i, flag in enumerate(OWN_FLAGS)}
_OWN = frozenset(OWN_FLAGS)
_SHARED_PLACES = {flag: len(OWN_FLAGS) + i for i, flag in enumerate(SHARED_FLAGS)}
_WINDOW = 3                                   # columns on each side


def summed(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the sums of runs of rows, shape (runs, ...); zeros for a run of no rows."""
    result = np.zeros((len(lengths), rows.shape[1]), np.float32)
    some = lengths > 0
    if some.any():
        result[some] = np.add.reduceat(rows, (np.cumsum(lengths) - lengths)[some], axis=0, dtype=np.float32)
    return result


def summed_by_place(worth: np.ndarray, places: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the sums of runs of rows of two columns, apart for each of PLACES, shape (runs, 2 * places)."""
    n = len(lengths) * len(PLACES)
    cells = np.repeat(np.arange(len(lengths)) * len(PLACES), lengths) + places
    return np.column_stack([
        np.bincount(cells, column, n).reshape(len(lengths), len(PLACES)) for column in worth.T
    ])


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Return probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return rows of probabilities that sum to one."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """scores: of shape (columns, QUESTIONS + labels): log-odds of core against nothing, of personal at all,
    then scores of the tiers and of the labels. parts: what each of PLACES adds to the first two.
    """

    scores: np.ndarray
    parts: np.ndarray
    labels: tuple[str, ...]

    @property
    def core(self) -> np.ndarray:
        return np.clip(self.scores[:, 0], -CLIP, CLIP)

    @property
    def related(self) -> np.ndarray:
        return np.clip(self.scores[:, 1], -CLIP, CLIP)

    def tiers(self) -> np.ndarray:
        """Return the probability of each tier of what is personal, shape (columns, 3)."""
        return softmax(self.scores[:, 2:QUESTIONS])

    def kinds(self) -> np.ndarray:
        """Return the probability of each label of what is personal, shape (columns, labels)."""
        return softmax(self.scores[:, QUESTIONS:])

    def in_context(self, columns: Sequence[ColumnInfo], flags: np.ndarray) -> np.ndarray:
        """Return the inputs of the second look, float of shape (columns, inputs). flags: see `cue_flags`."""
        n, kinds = len(columns), self.kinds()
        groups = np.stack([
            kinds[:, [self.labels.index(label) for label in group if label in self.labels]].sum(axis=1)
            for group in LABEL_GROUPS
        ], axis=1)
        others = max(n - 1, 1)
        core, related = sigmoid(self.core), sigmoid(self.related)
        by_core, by_related = _but_own(core[:, None] * groups), _but_own(related[:, None] * groups)
        place = np.arange(n)
        return np.column_stack([
            self.core, self.related, self.tiers(), kinds.max(axis=1), groups,
            _but_own(core) / others, np.log1p(_but_own(core)), _but_own(related) / others,
            np.log1p(_but_own(related)), _but_own((core > 0.5).astype(float)) / others,
            _but_own(self.core) / others, _but_own(self.related) / others,
            _highest_other(self.core), _highest_other(self.related),
            np.full(n, np.sort(self.core)[-min(3, n)]), np.minimum(by_core, 3), by_related / others,
            (groups * by_core).sum(axis=1), (groups * by_related).sum(axis=1) / others,
            *(_beside(x, distance) for distance in (-2, -1, 1, 2) for x in (self.core, self.related)),
            _around(core), _around(related), np.full(n, min(n, 99)), place / n, np.minimum(place, 20),
            _declared(columns), flags, self.parts,
        ])


def cue_flags(cues: TableCues) -> np.ndarray:
    """Return which of OWN_FLAGS and SHARED_FLAGS each column has, bool of shape (columns, flags)."""
    flags = np.zeros((len(cues.columns), len(OWN_FLAGS) + len(SHARED_FLAGS)), bool)
    flags[:, [_SHARED_PLACES[cue] for cue in _SHARED_PLACES.keys() & cues.shared]] = True
    for row, column in zip(flags, cues.columns, strict=True):
        row[[_OWN_PLACES[cue] for cue in _OWN.intersection(column)]] = True
    return flags


def _declared(columns: Sequence[ColumnInfo]) -> np.ndarray:
    """What the columns are declared to be: classes of types, key, with a comment; 0 or 1."""
    classes = [type_class(c.type) for c in columns]
    return np.array([
        [*(own == kind for kind in _TYPES), c.primary_key, bool(c.comment.strip())]
        for c, own in zip(columns, classes, strict=True)
    ], float)


def _but_own(x: np.ndarray) -> np.ndarray:
    """The sum over the other columns, for each."""
    return np.asarray(x.sum(axis=0) - x)


def _highest_other(x: np.ndarray) -> np.ndarray:
    if len(x) < 2:
        return np.full(len(x), ABSENT)
    second, first = np.sort(x)[-2:]
    return np.where(x == first, second, first)


def _beside(x: np.ndarray, distance: int) -> np.ndarray:
    """The value of the column so many places after, ABSENT where there is none."""
    shifted = np.full(len(x), ABSENT)
    if abs(distance) < len(x):
        if distance > 0:
            shifted[:-distance] = x[distance:]
        else:
            shifted[-distance:] = x[:distance]
    return shifted


def _around(x: np.ndarray) -> np.ndarray:
    """The mean over the columns near by."""
    n = len(x)
    sums = np.concatenate([[0.0], np.cumsum(x)])
    low = np.maximum(np.arange(n) - _WINDOW, 0)
    high = np.minimum(np.arange(n) + _WINDOW + 1, n)
    return (sums[high] - sums[low] - x) / np.maximum(high - low - 1, 1)
