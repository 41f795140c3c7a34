"""What a connector is: four methods every one has, and protocols for what only some can do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, runtime_checkable

from detectors.model import ColumnId, Drawn, Loss, Skipped, TableId, TableInfo, TableRef

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa

    from detectors.columns import Inherited
    from detectors.columns.every_value import EveryValue
    from detectors.columns.references import TableLinks
    from detectors.errors import SourceError
    from mappings.keyless import PartialCount
    from mappings.row_columns import ExportedColumn, RowPlan
    from reports.model import ExaminedColumns

Where = Mapping[str, Mapping[str, Any]]       # column -> {eq|ne|in|lt|le|gt|ge|is_null: value}; all must hold
CELL = 65_536                                 # characters of one text cell that are read; the rest is cut off
OWN_OPTIONS = ("foreign_code", "instance_role", "follow_links", "encoding")       # which no driver knows
BATCH_BYTES = 8 << 20                         # size of a record batch, about
ROW_BYTES = 40                                # of a row in a text file or an unanalysed table, as a guess


def is_yes(option: str) -> bool:
    """Return whether the text of an option says yes.

    >>> is_yes("Yes"), is_yes("0")
    (True, False)
    """
    return option.strip().lower() in ("yes", "true", "on", "1")


class AccessParts(TypedDict, total=False):
    """The fields of `Access`, for those who give them by name."""

    name: str
    password: str | None
    timeout: float
    options: Mapping[str, str]
    connections: int


@dataclass(frozen=True, slots=True)
class Access:
    """How a source is reached.

    name: of the source, as errors and ids show it. timeout: seconds for one statement or request.
    options: for the driver, the file system or the session; may hold secrets.
    connections: open at the same time, at most. encoding: of all text files, empty where it is to be seen.
    """

    name: str = "source"
    password: str | None = field(default=None, repr=False)
    timeout: float = 60
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    connections: int = 2
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows drawn from a table, and how.

    skipped: its files or shards that could not be read. losses: what of the others was not kept. every:
    counts of all values, of columns looked at wholly.
    """

    batches: Sequence[pa.RecordBatch] = field(repr=False)
    drawn: Drawn
    skipped: tuple[Skipped, ...] = ()
    losses: tuple[Loss, ...] = ()
    every: Mapping[str, EveryValue] = field(default_factory=dict)


class Connector(Protocol):
    """One open source."""

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield every table, or why it could not be listed; sorted by name."""

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return about `rows` rows; same seed, same rows. Raise SourceError if the table cannot be read."""

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Stream all rows that pass `where`. Raise SourceError if the table cannot be read."""

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        """Return what `sample` would do: the exact SQL, or words for a file. Read nothing."""

    def close(self) -> None:
        """Release what is open. May be called twice."""


class Outlines(Protocol):
    """A source of very many tables that can say which of them changed without describing them all."""

    @property
    def can_outline(self) -> bool:
        """Whether it can, by the way it is reached."""

    def outlines(self) -> Iterator[tuple[TableRef, str]]:
        """Yield every table with a text that changes whenever `described` would say something else.

        The text is empty where the source cannot tell.
        """

    def described(self, refs: Collection[TableRef]) -> Iterator[TableInfo | Skipped]:
        """Yield some of the tables, as `tables` would list them."""


@runtime_checkable
class LearnsTables(Protocol):
    """A connector that samples better when it knows what something else, e.g. a metastore, listed."""

    def learn(self, info: TableInfo) -> None:
        """Take in one table; called before it is read."""


@dataclass(frozen=True, slots=True)
class ExaminationTask:
    """A table to be examined.

    inherited: labels that its columns inherit from others. links: what the other tables of its source say of
    it, None where they are not known. whole: names of the columns whose every value is to be looked at.
    """

    id: TableId
    info: TableInfo
    inherited: Mapping[ColumnId, Inherited] = field(default_factory=dict)
    links: TableLinks | None = None
    whole: tuple[str, ...] = ()


Examination = tuple["ExaminedColumns", Drawn, tuple[Loss, ...]]


@runtime_checkable
class Examines(Protocol):
    """A connector that draws and detects where the data is; only labels and counts come back."""

    def examine(self, task: ExaminationTask, rows: int, seed: int) -> Examination:
        """Return the findings in about `rows` rows, how these were drawn, and what could not be kept of them.

        Raise SourceError if the table cannot be read.
        """


@runtime_checkable
class ExaminesTogether(Protocol):
    """A connector that examines many tables at once for hardly more than what one of them costs."""

    def examine_together(
        self, tasks: Sequence[ExaminationTask], rows: int, seed: int,
    ) -> Mapping[TableId, Examination | SourceError]:
        """Return for each table what `examine` would, or the error it would raise."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Whose rows of a table count. where: rows that leave; tests: rows of test accounts.

    key: of the keyed hash, 32 bytes; stays out of every text. reading: of which reading of the table the rows
    are, so that a row without a key is one in two flows; empty: such rows are all different. by_place: rows
    are known by their places among all rows, whatever leaves.
    """

    plan: RowPlan
    where: Where
    tests: Where
    fields: Sequence[ExportedColumn]
    as_of: date
    key: bytes = field(repr=False)
    reading: str = ""
    by_place: bool = False


@dataclass(frozen=True, slots=True)
class KeyQuestion:
    """Which values of a key a database is to count.

    key: the column; None for rows without one. label: of the key, which says how values are compared.
    exported: columns of which one must be filled; groups: the same for further counts.
    """

    key: str | None
    label: str
    exported: Sequence[str]
    groups: Sequence[Sequence[str]] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the question mentions, once."""
        key = (self.key,) if self.key else ()
        return tuple(dict.fromkeys((*key, *self.exported, *(c for group in self.groups for c in group))))


@runtime_checkable
class CountsKeys(Protocol):
    """A connector whose database counts distinct values itself: bounds for a count of persons."""

    @property
    def can_hash(self) -> bool:
        """Whether it has a hash to sample values by."""

    def count_distinct(self, ref: TableRef, column: str, where: Where) -> int:
        """Return the number of distinct non-null values of one column."""

    def key_counts(
        self, ref: TableRef, question: KeyQuestion, where: Where, share: int,
    ) -> list[tuple[int, int]]:
        """Return distinct values of the key, and rows without one, for the exported columns, then each group.

        Only rows count where one of the columns is filled.
        share: count only values whose hash falls into one of so many parts; 1 counts all.
        """


@runtime_checkable
class FiltersRows(Protocol):
    """A connector that reads all rows of a table and applies conditions to them here, by Arrow."""

    filters_rows: bool


@runtime_checkable
class CountsPersons(Protocol):
    """A connector that hashes and folds person keys where the data is; only hashes and counts come back."""

    def count_persons(
        self, info: TableInfo, counting: Counting, seconds: float | None,
    ) -> tuple[PartialCount, Sequence[str]]:
        """Return what was counted, and what could not be read.

        Raise SourceError if nothing could be read; TimeoutError after `seconds`.
        """

    def count_rows(self, info: TableInfo, where: Where) -> int:
        """Return the number of rows that pass `where`. Raise SourceError if the table cannot be read."""
