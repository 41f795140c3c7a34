"""Reading at the pace a source is given: pauses, times without reading, and the time of a whole run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from detectors.errors import SourceError
from detectors.model import Skipped, TableInfo, TableRef
from scanner.config.pace import Pace
from scanner.config.sources import Source
from scanner.connectors.protocol import Connector, Sample, Where

if TYPE_CHECKING:
    import pyarrow as pa


class SourceClosed(SourceError):
    """A source is not to be read now."""

    def __init__(self, until: datetime, where: str) -> None:
        self.until = until
        super().__init__(
            f"blackout until {until:%Y-%m-%d %H:%M %Z}",
            where=where,
            hint="run again after it: finished tables are kept",
        )


def check_open(pace: Pace, source: str) -> None:
    """Raise SourceClosed while a time without reading lasts."""
    if (until := pace.closed_until(datetime.now().astimezone())) is not None:
        raise SourceClosed(until, source)


class PacedConnector:
    """A connector that keeps to a pace. What only some connectors can do is handed on."""

    def __init__(self, inner: Connector, pace: Pace, name: str) -> None:
        self._inner: Any = inner
        self._pace = pace
        self._name = name
        self._over = threading.Event()

    def tables(self) -> Iterator[TableInfo | Skipped]:
        check_open(self._pace, self._name)
        return iter(self._inner.tables())

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        check_open(self._pace, self._name)
        sample: Sample = self._inner.sample(ref, columns, rows, seed)
        self._over.wait(self._pace.pause / 1000)
        return sample

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        for batch in self._inner.read(ref, columns, where):
            check_open(self._pace, self._name)
            yield batch

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        return str(self._inner.plan(ref, columns, rows, seed))

    def close(self) -> None:
        self._over.set()
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name in ("count_distinct", "key_counts"):
            check_open(self._pace, self._name)
        return attribute


def deadline_of(budget: float | None, share: float = 1.0) -> float | None:
    """Return the moment, by the monotonic clock, at which a share of a budget of seconds is spent.

    None without one.
    """
    return None if budget is None else time.monotonic() + budget * share


def source_paces(sources: Sequence[Source], gentle: bool) -> Mapping[str, Pace]:
    """Return the pace of every source, by id. gentle: as gently as `--gentle` asks for."""
    return {s.id: s.pace.gentler() if gentle else s.pace for s in sources}
