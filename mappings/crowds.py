"""Keys that name nobody in particular: under how many names, IDs and contacts a key stands, and how many are
too many.

How many are too many follows from the data itself: where a share r of the ordinary keys of a kind (below the
least limit) stands under two or more of something, n independent keys reach k with the chance
n * r ** (k - 1); from the k on at which that falls below `CHANCE` a key is a crowd's: a front desk's mailbox,
an agent's phone, a number that is valid and typed by everybody. No limit is below `CROWD_SIZE` (names and
IDs) or `CROWD_CONTACTS` (contacts: one person may have some), none above `CROWDED_ACCOUNT`. Where most keys
of a kind have that many contacts, it is no accident: people have many, or all rows are an agent's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mappings.equal_groups import codes_of
from mappings.person_records import run_starts

CHANCE = 0.01                                 # of a single key of the kind reaching the limit by accident
CROWD_SIZE = 6                                # names or IDs under a key that are never a crowd: one less
CROWD_CONTACTS = 12                           # the same of phones, e-mail addresses and cards
CROWDED_ACCOUNT = 100                         # an account is a strong key: only so many make it nobody's own
USUAL, LEAST_USUAL = 0.5, 2                   # share of keys, and number, above which many contacts are usual
STANDING_OUT, MOST_STANDING_OUT = 10, 5        # times the rows of others, and how many keys may have so many
SHARE_OF_POOL, MOST_OF_POOL = 0.2, 50          # of the rows, and keys: a pool of desks has so many
VALLEY = 4                                    # times as many desks as keys between them and those of one row
STEP_OF_POOL, LEAST_OF_POOL = 3, 4             # times the rows of the next key, and rows, of each key of it
DISAGREEING = 0.5                             # share of accounts under several names that makes them no keys
LEAST_DISAGREEING = 3                         # and so many of them


def companion_counts(node: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return, per node, how many distinct values other than 0 stand beside it.

    node, values: one entry an edge; size: nodes there are.
    """
    here = values != 0
    codes = codes_of(values[here])
    if not len(codes):
        return np.zeros(size, np.int64)
    width = int(codes.max()) + 1
    pairs = node[here] * width + codes
    pairs.sort()
    return np.bincount(pairs[run_starts(pairs)] // width, minlength=size)


def crowd_limit(number: np.ndarray, least: int) -> int:
    """Return from how many companions on a key of a kind is a crowd's. Never below `least`.

    number: of keys of the kind by companions, `CROWDED_ACCOUNT` standing for all above; keys without any do
    not matter.

    >>> crowd_limit(np.array([5, 990, 10]), 6)
    6
    >>> crowd_limit(np.array([0, 500, 500]), 6)
    18
    """
    keys, ordinary, several = (int(n.sum()) for n in (number[1:], number[1:least], number[2:least]))
    if least == CROWD_CONTACTS and keys - ordinary > max(LEAST_USUAL, USUAL * keys):
        return CROWDED_ACCOUNT
    if not several:
        return least
    limit = 1 + np.log(keys / CHANCE) / -np.log(min(several / ordinary, 0.9))
    return int(min(max(least, np.ceil(limit)), CROWDED_ACCOUNT))


def standing_out(rows: np.ndarray, number: np.ndarray | None = None) -> np.ndarray:
    """Return bool per entry: does a key stand in far more rows than others, as what people type does?

    rows: of each key of a kind, or of each of `number` keys. A few keys may, each ten times as heavy as every
    key that does not.

    >>> [int(standing_out(np.array([1] * 50 + more)).sum()) for more in ([80], [20, 40, 80], [1, 2, 3, 5, 8])]
    [1, 3, 0]
    >>> standing_out(np.array([1, 80]), np.array([50, 1])).tolist()
    [False, True]
    """
    number = np.ones(len(rows), np.int64) if number is None else number
    top = _heaviest(rows, number, MOST_STANDING_OUT + 1)
    top = top if number.sum() != 1 else np.append(top, 1)    # one key in all rows stands out by itself
    gaps = np.flatnonzero((top[:-1] >= CROWD_CONTACTS) & (top[:-1] >= STANDING_OUT * top[1:]))
    return rows >= top[gaps[-1]] if len(gaps) else np.zeros(len(rows), bool)


def _heaviest(rows: np.ndarray, number: np.ndarray, most: int) -> np.ndarray:
    """Return the rows of the heaviest keys, descending. number: of keys by entry."""
    if len(rows) > most:
        here = np.argpartition(rows, len(rows) - most)[-most:]
        rows, number = rows[here], number[here]
    order = np.argsort(-rows, kind="stable")
    return np.repeat(rows[order], np.minimum(number[order], most))[:most]


def in_many_rows(rows: np.ndarray, number: np.ndarray | None = None) -> np.ndarray:
    """Return bool per entry: does a key stand in so many rows that nothing says they are one person's?

    rows: of each key of a kind that has nothing beside, or of each of `number` keys. A pool of desks is
    small: all of few keys that stand in many rows on average; or few keys, each some times as heavy as every
    other key, that hold a good part of the rows, as do a few that are typed by many; or hardly a key between
    those of one row and few that hold a good part of all rows. A log has no such step and no such valley,
    however long its tail.

    >>> [int(in_many_rows(np.array(rows)).sum()) for rows in ([1] * 90 + [7], [1, 2, 3, 4], [15] * 20)]
    [1, 0, 20]
    >>> int(in_many_rows(np.array([1] * 150 + [7] * 15 + [4] * 5)).sum())
    20
    >>> in_many_rows(np.array([1, 7, 4]), np.array([150, 15, 5])).tolist()
    [False, True, True]
    >>> [int(in_many_rows(np.array(rows)).sum()) for rows in ([30] * 999, [999 // n for n in range(1, 999)])]
    [0, 0]
    """
    number = np.ones(len(rows), np.int64) if number is None else number
    keys, all_rows = int(number.sum()), int((rows * number).sum())
    if 1 < keys <= MOST_OF_POOL and all_rows / keys >= CROWD_CONTACTS:
        return rows > 1
    if _is_valley(rows, number, rows >= LEAST_OF_POOL):
        return rows > 1                       # the few between are desks of few
    top = _heaviest(rows, number, MOST_OF_POOL + 1)
    place = np.arange(1, len(top))
    is_step = (top[:-1] >= LEAST_OF_POOL) & (top[:-1] >= STEP_OF_POOL * top[1:])
    is_part = (place <= MOST_STANDING_OUT) | (np.cumsum(top)[:-1] >= SHARE_OF_POOL * all_rows)
    ends = np.flatnonzero(is_step & is_part)
    return rows >= top[ends[-1]] if len(ends) else np.zeros(len(rows), bool)


def _is_valley(rows: np.ndarray, number: np.ndarray, desks: np.ndarray) -> bool:
    """Do most keys stand in one row, few in many, and hardly any between? desks: those in many, bool."""
    many, once = int(number[desks].sum()), int(number[rows == 1].sum())
    between = int(number.sum()) - many - once
    is_part = (rows * number)[desks].sum() >= SHARE_OF_POOL * (rows * number).sum()
    return 0 < VALLEY * between <= many <= min(MOST_OF_POOL, once - 1) and bool(is_part)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Accounts of one kind: how many have two or more named units, and how many of them several names."""

    several_units: int = 0
    several_names: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(self.several_units + other.several_units, self.several_names + other.several_names)

    @property
    def is_broken(self) -> bool:
        """Is it rather another person under the same number in most cases?"""
        return (
            self.several_names >= LEAST_DISAGREEING
            and self.several_names > DISAGREEING * self.several_units
        )
