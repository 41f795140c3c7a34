"""Rows of a sample, read by the workers: at chosen positions, or those whose places hash smallest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scanner.connectors.account import Account
from scanner.spark.splits import Split, connector_of
from scanner.spark.task_io import Values

if TYPE_CHECKING:
    import pyarrow as pa

    from detectors.model import TableInfo
    from scanner.connectors.protocol import ExaminationTask

_U64 = np.uint64
_Ranked = tuple[np.ndarray, np.ndarray, "pa.RecordBatch"]     # (rank, place, rows), of one length


@dataclass(frozen=True, slots=True)
class SampleRows:
    """Rows of one split that may be in the sample.

    total: rows of the split. place: row within it. rank: whom a smaller sample keeps, the smallest first.
    rows: a stream of Arrow. account: what the reader of the split could not keep. is_cut: `total` were read,
    and there may be more.
    """

    split: int
    total: int
    place: np.ndarray
    rank: np.ndarray
    rows: bytes = field(repr=False)
    account: Account = field(default_factory=Account)
    is_cut: bool = False


def rank_places(split: int, places: np.ndarray, seed: int) -> np.ndarray:
    """Return a uint64 for each row, as good as random and the same on every run.

    It is splitmix64 over seed, split and place.
    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
    """
    start = _U64((seed * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    x = places.astype(_U64) + (_U64(split) << _U64(36)) + start
    x = x + _U64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> _U64(30))) * _U64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> _U64(27))) * _U64(0x94D049BB133111EB)
    ranks: np.ndarray = x ^ (x >> _U64(31))
    return ranks


class _RowSampler:
    """Holds the rows of a split whose places rank lowest, at most `rows` of them."""

    def __init__(self, split: int, rows: int, seed: int) -> None:
        self._split, self._rows, self._seed = split, rows, seed
        self._total = 0
        self._candidates: list[_Ranked] = []
        self._limit: int | None = None        # a rank that no row of the sample reaches

    def add(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        place = np.arange(self._total, self._total + batch.num_rows)
        self._total += batch.num_rows
        rank = rank_places(self._split, place, self._seed)
        if self._limit is not None:
            low = np.flatnonzero(rank < _U64(self._limit))
            batch, place, rank = batch.take(pa.array(low)), place[low], rank[low]
        self._candidates.append((rank, place, batch))
        if sum(len(rank) for rank, _, _ in self._candidates) > 4 * self._rows:
            self._thin()

    def _thin(self) -> None:
        """Drop the candidates that rank too high."""
        import pyarrow as pa

        if sum(len(rank) for rank, _, _ in self._candidates) <= self._rows:
            return
        ranks = np.concatenate([rank for rank, _, _ in self._candidates])
        limit = np.partition(ranks, self._rows)[self._rows]
        self._limit = int(limit)
        candidates: list[_Ranked] = []
        for rank, place, batch in self._candidates:
            low = np.flatnonzero(rank < limit)
            candidates.append((rank[low], place[low], batch.take(pa.array(low))))
        self._candidates = candidates

    def sample(self) -> SampleRows:
        self._thin()
        return _sample_of(self._split, self._total, self._candidates)


def _sample_of(split: int, total: int, candidates: Sequence[_Ranked]) -> SampleRows:
    import pyarrow as pa

    filled = [c for c in candidates if len(c[0])]
    if not filled:
        return SampleRows(split, total, np.zeros(0, np.int64), np.zeros(0, _U64), b"")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, filled[0][2].schema) as writer:
        for _, _, batch in filled:
            writer.write_batch(batch)
    rank, place = (np.concatenate([c[i] for c in filled]) for i in (0, 1))
    return SampleRows(split, total, place, rank, sink.getvalue().to_pybytes())


def sample_batches(
    batches: Iterator[pa.RecordBatch], split: int, rows: int, seed: int, window: int | None = None,
) -> SampleRows:
    """Return rows of a split by the rank of their places. window: reading ends after so many rows."""
    sampler, remaining = _RowSampler(split, rows, seed), window
    for batch in batches:
        if remaining is not None and batch.num_rows > remaining:
            sampler.add(batch.slice(0, remaining))
            return replace(sampler.sample(), is_cut=True)
        sampler.add(batch)
        if remaining is not None:
            remaining -= batch.num_rows
    return sampler.sample()


def rows_at(split: Split, info: TableInfo, places: Sequence[int]) -> SampleRows:
    """Return the rows at some places of one split, ascending."""
    import pyarrow as pa

    chosen = np.asarray(places, np.int64)
    rows: list[_Ranked] = []
    start = 0
    connector = connector_of(split, info)
    for batch in _all_columns(connector, info):
        inside = chosen[(chosen >= start) & (chosen < start + batch.num_rows)]
        rows.append((np.zeros(len(inside), _U64), inside, batch.take(pa.array(inside - start))))
        start += batch.num_rows
        if start > chosen[-1]:
            break
    return replace(_sample_of(split.number, len(chosen), rows), account=connector.read_account(info.ref))


def _all_columns(connector: Any, info: TableInfo) -> Iterator[pa.RecordBatch]:
    yield from connector.read(info.ref, [c.name for c in info.columns], {})


def rows_in_order(sample: SampleRows, limit: np.uint64 | None) -> list[pa.RecordBatch]:
    """Return the rows of a sample by place; only those that rank below `limit`."""
    import pyarrow as pa

    if not len(sample.place):
        return []
    table = pa.ipc.open_stream(sample.rows).read_all()
    chosen = np.flatnonzero(sample.rank < limit) if limit is not None else np.arange(len(sample.place))
    if limit is not None or (np.diff(sample.place) < 0).any():
        chosen = chosen[np.argsort(sample.place[chosen], kind="stable")]
        table = table.take(pa.array(chosen))
    return table.combine_chunks().to_batches()


# ---- tasks, by name, so that they reach the workers as references


def take_rows(task: tuple[Split, Sequence[int]], info: TableInfo) -> Values:
    """Yield the rows at the places of one split."""
    split, places = task
    yield 0, rows_at(split, info, places)


def sample_split(split: Split, info: TableInfo, rows: int, seed: int) -> Values:
    """Yield rows of one split by the rank of their places."""
    connector = connector_of(split, info)
    sample = sample_batches(_all_columns(connector, info), split.number, rows, seed)
    yield 0, replace(sample, account=connector.read_account(info.ref))


def count_every_value(splits: Sequence[Split], task: ExaminationTask) -> Values:
    """Yield the counts of all values of a table's columns that are looked at wholly, for some splits."""
    from scanner.gather.whole_columns import count_values

    for split in splits:
        yield 0, count_values(connector_of(split, task.info).read(task.info.ref, task.whole, {}), task.whole)
