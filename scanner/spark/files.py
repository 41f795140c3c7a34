"""Files and folders on a cluster: the local engine's readers run on the workers, so that both engines see the same cells.

Which rows a sample takes is chosen here by place alone (`sampling.positions` over row groups whose sizes the workers told); text formats,
whose rows nobody knows beforehand, keep the rows whose places hash smallest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnId, Drawn, Skipped, TableId, TableInfo, TableRef
from mappings.keyless import CountPart, PartCollector
from scanner.connectors.files.grouping import Group, Left
from scanner.connectors.files.places import Place
from scanner.connectors.files.source import FilesConnector, some_of
from scanner.connectors.protocol import ROW_BYTES, Counting, Sample, Where
from scanner.connectors.sampling import positions
from scanner.spark import work
from scanner.spark.session import Cluster
from scanner.spark.work import Failure, Looking, Split

DESCRIBED = 200                               # files whose footers one task reads
LIGHT = 100_000                               # rows, and
LIGHT_BYTES = 32 << 20                        # bytes of text, that one task reads without dividing the work
TASK = 2_000_000                              # rows one counting task reads, about
TASK_BYTES = 64 << 20                         # the same of text
BUCKET = 500_000                              # units that are folded together, about: some ten megabytes for the driver to fetch at once


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's files in order, the table inside them, and the rows of each row group of each where the format has such."""

    files: tuple[Place, ...]
    family: str
    inner: TableRef
    counts: tuple[tuple[int, ...], ...] | None


Described = Mapping[str, list[TableInfo] | SourceError]      # by path


class _Listing(FilesConnector):
    """Puts together what the workers said of each file, as the local engine puts together what it reads itself."""

    def __init__(self, groups: Sequence[Group], left: Sequence[Left], name: str) -> None:
        super().__init__(groups, left, name)
        self.said: Described = {}

    def _each(self, files: Sequence[Place], work: Any) -> tuple[list[Any], dict[str, SourceError]]:
        said = {f.path: self.said[f.path] for f in files}
        return ([v for v in said.values() if not isinstance(v, SourceError)], {p: v for p, v in said.items() if isinstance(v, SourceError)})


class SparkFiles:
    """Tables in files that the workers read."""

    def __init__(self, cluster: Cluster, groups: Sequence[Group], left: Sequence[Left], name: str) -> None:
        self._cluster, self._name = cluster, name
        self._listing = _Listing(groups, left, name)
        self._groups = groups
        self._tables: dict[TableRef, _Table] = {}

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Every table as the workers describe it: one job for all of them."""
        tasks: list[tuple[str, Sequence[Place], str]] = []
        for group in self._groups:
            looked = group.files if hasattr(group.family, "groups") else some_of(group.files)
            tasks += [(group.family.__name__, looked[i:i + DESCRIBED], group.name) for i in range(0, len(looked), DESCRIBED)]
        said: dict[str, list[TableInfo] | SourceError] = {}
        counts: dict[str, Sequence[int] | None] = {}
        for path, value in self._each(tasks, _describe):
            if isinstance(value, Failure):
                said[path] = value.error()
            else:
                said[path], counts[path] = value
        self._listing.said = said
        for found in self._listing.tables():
            if isinstance(found, TableInfo):
                group, inner = self._listing._tables[found.ref]
                whole = hasattr(group.family, "groups")
                by_file = tuple(tuple(counts.get(f.path) or ()) for f in group.files) if whole else None
                self._tables[found.ref] = _Table(group.files, group.family.__name__, inner, by_file)
            yield found

    def examine(
        self, tid: TableId, info: TableInfo, given: Mapping[ColumnId, Any], rows: int, seed: int
    ) -> tuple[Any, Drawn]:
        """A look at about `rows` rows: drawn by all workers, put together and detected by one."""
        table = self._table(info.ref)
        looking = Looking(tid, info, given, rows, seed, self._cluster.setting)
        drawn: Drawn | None = None
        if table.counts is not None:
            tasks, drawn, light = _chosen(table, rows, seed)
            draw = partial(_take, info=info)
        else:
            tasks = [(s, ()) for s in self._splits(table)]
            draw = partial(_draw, info=info, rows=rows, seed=seed)
            light = len(tasks) == 1 and (info.bytes or 0) <= LIGHT_BYTES
        if light or len(tasks) <= 1:
            frame = self._frame([tasks], partial(_examine_here, draw=draw, looking=looking, drawn=drawn))
        else:
            frame = self._frame(tasks, draw).repartition(1).mapInArrow(
                work.over_values(partial(_examine_there, looking=looking, drawn=drawn)), work.SCHEMA)
        return one_look(self._cluster, frame)

    def count_persons(self, info: TableInfo, counting: Counting, seconds: float | None) -> tuple[CountPart, Sequence[str]]:
        """Hashed and folded by all workers, folded again where equal keys meet, merged here."""
        table = self._table(info.ref)
        tasks = self._packed(table, self._splits(table))
        buckets = buckets_for(info, self._cluster.parallelism)
        frame = self._frame(tasks, partial(work.counted, info=info, counting=counting, buckets=buckets))
        return gathered(self._cluster, frame, buckets, seconds)

    def count_rows(self, info: TableInfo, where: Where) -> int:
        table = self._table(info.ref)
        tasks = self._packed(table, self._splits(table))
        return total(self._cluster, self._frame(tasks, partial(work.rows_of, info=info, where=where)))

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        raise SourceError(
            Msg("rows stay on the cluster"), where=ref.name, hint=Msg("this needs the local engine")
        )

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[Any]:
        raise SourceError(
            Msg("rows stay on the cluster"), where=ref.name, hint=Msg("this needs the local engine")
        )

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        table = self._table(ref)
        return Msg(
            "read {n} file(s) from {file} on the workers, {m} rows, seed {of}",
            n=len(table.files),
            file=table.files[0].where,
            m=rows,
            of=seed,
        )

    def close(self) -> None:
        self._listing.close()

    def _table(self, ref: TableRef) -> _Table:
        if ref not in self._tables:
            list(self.tables())
        if ref not in self._tables:
            raise SourceError(Msg('no table "{name}"', name=ref.name), where=self._name)
        return self._tables[ref]

    def _splits(self, table: _Table) -> list[Split]:
        """Consecutive row groups of a file up to the rows of one task, or whole files."""
        if table.counts is None:
            return [Split(i, f, table.family, table.inner) for i, f in enumerate(table.files)]
        found: list[Split] = []
        share = max(LIGHT, min(TASK, sum(map(sum, table.counts)) // self._cluster.parallelism))
        for file, counts in zip(table.files, table.counts, strict=True):
            some: list[int] = []
            for g, n in enumerate(counts):
                if some and sum(counts[j] for j in some) + n > share:
                    found.append(Split(len(found), file, table.family, table.inner, tuple(some)))
                    some = []
                some.append(g)
            found.append(Split(len(found), file, table.family, table.inner, tuple(some)))
        return found

    def _packed(self, table: _Table, splits: Sequence[Split]) -> list[list[Split]]:
        """Consecutive splits as tasks of about equal work."""
        if table.counts is None:
            weights, most, least = [s.file.size for s in splits], TASK_BYTES, LIGHT * ROW_BYTES
        else:
            by_file = {f.path: c for f, c in zip(table.files, table.counts, strict=True)}
            weights, most, least = [sum(by_file[s.file.path][g] for g in s.groups or ()) for s in splits], TASK, LIGHT
        share = max(least, min(most, sum(weights) // self._cluster.parallelism))
        out: list[list[Split]] = []
        filled = share
        for split, weight in zip(splits, weights, strict=True):
            if filled >= share:
                out.append([])
                filled = 0
            out[-1].append(split)
            filled += weight
        return out

    def _frame(self, tasks: Sequence[Any], task: Any) -> Any:
        return frame_of(self._cluster, tasks, task)

    def _each(self, tasks: Sequence[Any], task: Any) -> Iterator[tuple[str, Any]]:
        if tasks:
            yield from self._cluster.values(self._frame(tasks, task))


def frame_of(cluster: Cluster, tasks: Sequence[Any], task: Any) -> Any:
    """A frame of what `task` gives for each of the tasks, each a partition of its own."""
    n = max(1, len(tasks))
    return cluster.session.range(0, n, 1, n).mapInArrow(work.over_tasks(list(tasks), task), work.SCHEMA)


def one_look(cluster: Cluster, frame: Any) -> tuple[Any, Drawn]:
    """The one Examined of a frame; SourceError where there is a Failure beside it or in its place."""
    from detectors.columns import failures

    found = list(cluster.values(frame))
    for value in found:
        if isinstance(value, Failure):
            raise value.error()
    failures.update(found[0].failures)
    return found[0].looked, found[0].drawn


def gathered(cluster: Cluster, frame: Any, buckets: int, seconds: float | None) -> tuple[CountPart, Sequence[str]]:
    """All parts a frame gives as one, and what could not be read."""
    if buckets > 1:
        frame = frame.repartition(buckets, "bucket").mapInArrow(work.over_values(work.folded), work.SCHEMA)
    gathering, unread = PartCollector(), []
    for value in cluster.many_values(frame, seconds) if buckets > 1 else cluster.values(frame, seconds):
        if isinstance(value, Failure):
            unread.append(str(value.error()))
        else:
            gathering.add(value)
    return gathering.part(), sorted(set(unread))


def total(cluster: Cluster, frame: Any) -> int:
    """The sum of the numbers a frame gives. SourceError where there is a Failure."""
    found = list(cluster.values(frame))
    for value in found:
        if isinstance(value, Failure):
            raise value.error()
    return sum(found)


def buckets_for(info: TableInfo, parallelism: int) -> int:
    """Buckets in which equal keys meet: as many as keep each small, and at least one for every core; one for a small table."""
    rows = info.rows.high if info.rows.method == "exact" else (info.bytes if info.bytes is not None else LIGHT_BYTES) // ROW_BYTES
    return 1 if (rows or 0) <= LIGHT else min(512, max(parallelism, -(-(rows or 0) // BUCKET)))


def _chosen(table: _Table, rows: int, seed: int) -> tuple[list[Any], Drawn, bool]:
    """(row groups with the places to read in each, how they were drawn, is it little enough for one task?)."""
    assert table.counts is not None
    flat = [(file, g, n) for file, counts in zip(table.files, table.counts, strict=True) for g, n in enumerate(counts)]
    places = positions([n for _, _, n in flat], rows, seed)
    tasks = [(Split(i, file, table.family, table.inner, (g,)), places[i]) for i, (file, g, _) in enumerate(flat) if places[i]]
    every = sum(n for _, _, n in flat)
    read = sum(n for (_, _, n), chosen in zip(flat, places, strict=True) if chosen)
    method = (
        Msg("all rows")
        if every <= rows
        else Msg("random rows of {n} of {of} row groups", n=len(tasks), of=sum((1 for _, _, n in flat if n)))
    )
    return tasks, Drawn(method, sum(map(len, places)), every, seed), read <= LIGHT


# ---- tasks, by name, so that they reach the workers as references


def _describe(job: tuple[str, Sequence[Place], str]) -> Iterator[tuple[int, Any]]:
    yield from work.described(*job)


def _take(task: tuple[Split, Sequence[int]], info: TableInfo) -> Iterator[tuple[int, Any]]:
    yield 0, work.taken_from(task[0], info, task[1])


def _draw(task: tuple[Split, Any], info: TableInfo, rows: int, seed: int) -> Iterator[tuple[int, Any]]:
    yield 0, work.drawn_from(task[0], info, rows, seed)


def _examine_here(tasks: Sequence[Any], draw: Any, looking: Looking, drawn: Drawn | None) -> Iterator[tuple[int, Any]]:
    yield 0, work.examined([value for task in tasks for _, value in draw(task)], looking, drawn)


def _examine_there(drawings: Iterator[Any], looking: Looking, drawn: Drawn | None) -> Iterator[tuple[int, Any]]:
    yield 0, work.examined(drawings, looking, drawn)
