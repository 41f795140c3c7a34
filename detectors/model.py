"""The words of the lowest floor: what a connector hands over and what a detector gives back.

Nothing here knows a law or a database. Values exist in `ColumnSample` only, whose repr hides them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NewType

from detectors.message import Text

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Label = NewType("Label", str)
ColumnId = NewType("ColumnId", str)     # source/schema/table/column.path, see `quote`
TableId = NewType("TableId", str)

Tier = Literal["core", "weak", "audit"]
Kind = Literal[
    "personal_information", "important_data_candidate", "organisation_information", "system_secret",
]
Form = Literal["plain", "hashed", "masked"]    # of values: as they are, hashed or encrypted, partly hidden
Origin = Literal["value", "name", "comment", "table", "lineage", "review"]
CountMethod = Literal[
    "exact", "linked", "pushdown", "hash_sample", "sketch", "row_sample", "declared", "statistics", "unknown",
]

_RESERVED = {"%": "%25", "/": "%2F", ".": "%2E", "*": "%2A"}
_CODES = str.maketrans(_RESERVED)
_CODES_BUT_DOT = str.maketrans({k: v for k, v in _RESERVED.items() if k != "."})


def quote(name: str, *, dots: bool = True) -> str:
    """Return one part of an id: `/ . % *` percent-encoded, case kept.

    `dots=False` keeps the dot, for a column path whose dots separate nested fields.

    >>> quote("a/b.c")
    'a%2Fb%2Ec'
    """
    return name.translate(_CODES if dots else _CODES_BUT_DOT)


def unquote(part: str) -> str:
    """Return the name behind one part of an id.

    >>> unquote("a%2Fb%2Ec")
    'a/b.c'
    """
    for plain, coded in reversed(_RESERVED.items()):
        part = part.replace(coded, plain)
    return part


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table inside a source. `schema` is empty where the source has none."""

    name: str
    schema: str = ""

    def id(self, source: str) -> TableId:
        """Return `source/schema/table`, or `source/table` without a schema."""
        return TableId("/".join(quote(p) for p in (source, self.schema, self.name) if p))

    def column(self, source: str, path: tuple[str, ...]) -> ColumnId:
        """Return the id of a column; a nested field has several path elements, joined by dots."""
        return ColumnId(self.id(source) + "/" + ".".join(quote(p) for p in path))


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column as its source declares it."""

    name: str                                 # dotted for nested fields, as people read it
    type: str = ""                            # the source's own words, e.g. varchar(64)
    comment: str = ""
    nullable: bool = True
    primary_key: bool = False
    path: tuple[str, ...] = ()                # elements of the dotted name; empty means (name,)

    @property
    def parts(self) -> tuple[str, ...]:
        return self.path or (self.name,)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of this table point at `target_columns` of `target`."""

    columns: tuple[str, ...]
    target: TableRef
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Number of rows of a table: low <= high, None if unbounded. A promise only if method is `exact`."""

    low: int
    high: int | None
    method: CountMethod


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table, view or file family of a source, before any row is read."""

    ref: TableRef
    columns: tuple[ColumnInfo, ...]
    comment: str = ""
    rows: Rows = Rows(0, None, "unknown")
    kind: Literal["table", "view", "file", "dictionary"] = "table"
    foreign_keys: tuple[ForeignKey, ...] = ()
    bytes: int | None = None                  # estimated size of the whole table
    definition: str = ""                      # SQL of a view, if the source tells
    dialect: str = ""                         # SQL dialect of `definition`, sqlglot's name
    fingerprint: str = ""                     # changes when schema or size does
    members: tuple[TableRef, ...] = ()        # shards read as one table, in order; else empty
    partitioned_by: tuple[str, ...] = ()      # partition columns, outermost first
    partitions: int | None = None             # how many there are
    owner: str = ""
    accessed: str = ""                        # ISO day it was last read or written, if the source tells
    # what reading it would run: functions that may do more than read, or a statement on another server
    runs: Literal["", "code", "remote"] = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a sample was drawn.

    method: what was done, in words (`head`, `TABLESAMPLE BERNOULLI`, `reservoir`, `all rows`).
    rows: rows drawn. rows_total: rows of the table, None if not known.
    """

    method: Text
    rows: int
    rows_total: int | None
    seed: int
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not read, and why; never an exception, always in the report."""

    id: str                                   # source, table or column id
    reason: Text
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a read of a table kept less of than it was given, or had to assume.

    kind: a code. n: how often. lost: data was not read; False: it was read, but something was assumed.
    rows: the number of rows is no longer certain.
    """

    kind: str
    n: int
    message: Text
    hint: Text = ""
    lost: bool = True
    rows: bool = False


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """Cells of one column, with the table they stand in. The only type that holds values."""

    id: ColumnId
    table: TableInfo
    column: ColumnInfo
    values: pa.Array | None = field(repr=False, default=None)     # None: metadata only
    hits: tuple[Any, ...] | None = None       # of all values (ValueHit), where all were looked at


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a label was given.

    origin: which kind of evidence. note: words for `explain`, never a value.
    matched of examined: cells (or distinct values, see `unit`), only for origin `value`.
    """

    origin: Origin
    note: Text
    matched: int = 0
    examined: int = 0
    unit: Literal["cells", "distinct", ""] = ""

    @property
    def prevalence(self) -> float:
        """Share of examined cells that matched, in [0, 1]."""
        return self.matched / self.examined if self.examined else 0.0


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """One label on one column. At most one finding per column is primary."""

    column: ColumnId
    label: Label
    detector: str                             # finer kind: hk_macao_permit, iban ...
    kind: Kind
    tier: Tier
    confidence: float                         # in [0, 1]
    evidence: tuple[Evidence, ...]
    primary: bool = False
    subject_key: bool = False                 # the value can identify or de-duplicate natural persons
    sensitive_by_nature: bool = False         # by what the value is, where its label leaves that open
    possible: bool = False                    # not found, and not surely nothing either
    form: Form = "plain"                      # in which the column holds it


@dataclass(frozen=True, slots=True)
class Match:
    """A place in a text: characters [start, end), and how much of a match it is in [0, 1]."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class ValueDetector:
    """A number or word recognisable by its value, declared once for columns and for running text.

    shape: pattern of one occurrence inside a longer text; look-arounds guard its borders.
    is_valid: the check by hand (checksum, date, prefix) of the matched text; None if the shape says it all.
    chance: share of random strings of the shape that pass `is_valid`, in [0, 1].
    base: probability that text of the shape that passes the check is the thing, in [0, 1].
    gate: literals of which one must occur in a cell before the pattern is tried, joined by `|`; empty: none.
    rows: shape and check of many runs of ASCII letters and digits at once: uint8 of shape (n, width), for any
        of `widths`. Returns (has the shape, passes the check), bools of shape (n,), as shape and is_valid do.
    lists_by_hand: a cell of several numbers that `rows` accepts is looked at again for what else it holds.
    votes: for words, not numbers: which of many whole cells are the thing, bools; replaces `is_valid` in a
        column.
    exact: an occurrence is a run of ASCII letters and digits of one of these lengths, with none of `edges`
        beside it; with `parts`, it may also stand in parts joined by blanks or dashes, one of such a length.
    digits, letters, run, runs: a cell is tried if it has so many ASCII digits, letters, both in a row, and
        such runs.
    numeric: the runs of `exact` and `parts` are of digits alone.
    signs: a cell is tried if it holds one ASCII character of each of these texts.
    required: a pattern for RE2 that every cell matches which holds an occurrence that passes `is_valid`.
    digitless: a cell is tried if it has no ASCII digit.
    """

    name: str                                 # detector name, e.g. resident_id_18
    label: Label
    title: str                                # Chinese
    title_en: str
    shape: re.Pattern[str]
    source: str                               # standard or registry, e.g. GB 11643-1999
    is_valid: Callable[[str], bool] | None = None
    chance: float = 0.0
    base: float = 0.9
    min_length: int = 1
    max_length: int = 64
    gate: str = ""
    digits: int = 0
    letters: int = 0
    run: int = 0
    runs: int = 0
    required: str = ""
    signs: tuple[str, ...] = ()
    digitless: bool = False
    exact: tuple[int, ...] = ()
    numeric: bool = False
    parts: tuple[int, ...] = ()
    edges: str = ""
    linear: bool = False                      # a pattern of unknown origin: RE2 alone, in linear time
    widths: tuple[int, ...] = ()
    rows: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None
    lists_by_hand: bool = False
    votes: Callable[[Sequence[str]], np.ndarray] | None = None
    kind: Kind = "personal_information"
    tier: Tier = "core"
    subject_key: bool = False
    context: tuple[str, ...] = ()             # words near it in running text (Presidio context)
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()

    def find(self, text: str) -> Iterator[Match]:
        """Yield the occurrences in a text, left to right, without overlap."""
        for shaped in self.shape.finditer(text):
            if self.is_valid is None or self.is_valid(shaped.group()):
                yield Match(shaped.start(), shaped.end(), self.base)
