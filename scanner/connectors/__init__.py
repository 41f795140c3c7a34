"""Connectors: list, sample, read, close. Found by URL scheme or file suffix; nothing heavy is imported until used."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnId, Drawn, Skipped, TableId, TableInfo, TableRef

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa

    from detectors.columns import Inherited
    from mappings.individuals import ExportedColumn, RowPlan
    from mappings.keyless import CountPart
    from reports.model import Looked

Where = Mapping[str, Mapping[str, Any]]       # column -> {eq|ne|in|lt|le|gt|ge|is_null: value}; all must hold
CELL = 65_536                                 # characters of one text cell that are kept
BATCH_BYTES = 8 << 20
PACKED = ("gz", "bz2", "xz", "zst")           # compressions of a single file


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows drawn from a table, and how; of a table of shards, the members that could not be read."""

    batches: Sequence[pa.RecordBatch] = field(repr=False)
    drawn: Drawn
    skipped: tuple[Skipped, ...] = ()         # parts of the table that could not be read


class Connector(Protocol):
    """One open source."""

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Every table, or why it could not be listed; sorted by name."""

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """About `rows` rows; same seed, same rows. SourceError if the table cannot be read."""

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """All rows that pass `where`, streamed. SourceError if the table cannot be read."""

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        """What `sample` would do: the exact SQL, or words for a file. Reads nothing."""

    def close(self) -> None:
        """May be called twice."""


class Outlines(Protocol):
    """A source of very many tables that can say which of them changed without describing them all."""

    @property
    def can_outline(self) -> bool:
        """Can it, by the way it is reached?"""

    def outlines(self) -> Iterator[tuple[TableRef, str]]:
        """Every table, with a text that changes with what `described` would say of it; empty where the source cannot tell."""

    def described(self, refs: Collection[TableRef]) -> Iterator[TableInfo | Skipped]:
        """Some of the tables, as `tables` would list them."""


@runtime_checkable
class Examines(Protocol):
    """A connector that draws and detects where the data is; only labels and counts come back."""

    def examine(self, tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], rows: int, seed: int) -> tuple[Looked, Drawn]:
        """A look at about `rows` rows. SourceError if the table cannot be read."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Whose rows of a table count. where: rows that leave; tests: rows of test accounts. key stays out of every text."""

    plan: RowPlan
    where: Where
    tests: Where
    fields: Sequence[ExportedColumn]
    as_of: date
    key: bytes = field(repr=False)


@runtime_checkable
class CountsPersons(Protocol):
    """A connector that hashes and folds person keys where the data is; only keyed hashes and counts come back."""

    def count_persons(self, info: TableInfo, counting: Counting, seconds: float | None) -> tuple[CountPart, Sequence[str]]:
        """(what was counted, what could not be read). SourceError if nothing could; TimeoutError after `seconds`."""

    def count_rows(self, info: TableInfo, where: Where) -> int:
        """Rows that pass `where`. SourceError if the table cannot be read."""


def redact(url: str) -> str:
    """The URL with its password, and secrets of its query, as ***."""
    url = re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:***@", url)
    url = re.sub(r"((?:password|passwd|pwd|secret|token)=)[^&\s]*", r"\1***", url, flags=re.I)
    return re.sub(r"([?&][\w-]*(?:signature|credential|sig|key|key_?id)=)[^&\s]*", r"\1***", url, flags=re.I)


def families() -> Mapping[str, str]:
    """Suffix, or scheme with `://`, -> module, read from each module's SERVES line without importing it."""
    here = Path(__file__).parent
    found: dict[str, str] = {}
    for file in sorted(here.rglob("*.py")):
        if m := re.search(r"^SERVES = \((.*?)\)", file.read_text(encoding="utf-8"), re.M | re.S):
            module = ".".join(("scanner", "connectors", *file.relative_to(here).with_suffix("").parts))
            found |= dict.fromkeys(re.findall(r'"([^"]+)"', m.group(1)), module)
    return found


def connect(
    url: str, *, name: str = "source", password: str | None = None, timeout: float = 60, options: Mapping[str, str] | None = None,
    connections: int = 2,
) -> Connector:
    """Open a URL, file, folder or glob. SourceError if it is not there or cannot be opened.

    options: for the driver, the file system or the session; may hold secrets. connections: held at the same time, at most.
    """
    scheme = url.split(":", 1)[0] if re.match(r"[A-Za-z][\w+.-]*:", url) and not re.match(r"[A-Za-z]:[\\/]", url) else ""
    if scheme == "file":
        url, scheme = url.removeprefix("file://"), ""
    if scheme == "" or scheme == "dictionary":
        from scanner.connectors.dictionary import DictionaryConnector
        from scanner.connectors.files import source

        if scheme == "":
            return source.open_path(url, name)
        return DictionaryConnector(Path(url.removeprefix("dictionary:").removeprefix("//")), name)
    if scheme == "spark":
        raise ConfigError(f'"{redact(url)}" is read on a Spark cluster', where=name, hint="chujing scan --engine spark --master spark://host:7077")
    for entry in importlib.metadata.entry_points(group="chujing.connectors"):
        if entry.name == scheme:
            return entry.load().connect(url)
    if served := families().get(scheme.split("+", 1)[0] + "://"):
        opened = importlib.import_module(served).connect(url, name, password, timeout, options or {}, connections)
        return cast(Connector, opened)
    from scanner.connectors import sql

    if "://" not in url:
        raise SourceError(f'"{redact(url)}" is neither a URL nor a path', where=name, hint="e.g. postgresql://reader@db/hr or folder/")
    return sql.SqlConnector(url, name, password, timeout, options or {}, connections)


def suffix(path: str) -> str:
    """`csv` of `a/orders.csv.gz`: the format behind any compression."""
    parts = path.replace("\\", "/").rpartition("/")[2].lower().split(".")
    if len(parts) > 2 and parts[-1] in PACKED:
        return parts[-2]
    return parts[-1] if len(parts) > 1 else ""


def packed(path: str) -> str:
    """`gz` of `a/orders.csv.gz`, empty for a plain file."""
    parts = path.lower().split(".")
    return parts[-1] if len(parts) > 2 and parts[-1] in PACKED else ""
