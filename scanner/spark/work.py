"""What runs on the workers. A task gives (bucket, value) pairs; values are pickled, and hold labels, counts, keyed hashes or a Failure.

Rows of a sample are the exception: they pass as Arrow from the tasks that draw them to the one task that detects, never to the driver.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg
from detectors.model import Drawn, TableInfo, TableRef

if TYPE_CHECKING:
    import pyarrow as pa

    from mappings.individuals import PersonCounter
    from mappings.keyless import CountPart
    from reports.model import Looked
    from scanner.connectors.files.places import Place
    from scanner.connectors.protocol import Counting, Where

SCHEMA = "bucket int, blob binary"
FLUSH = 2_000_000                             # units a task folds before it hands them on
PIECE = 100_000                               # units of one blob: some megabytes
_U64 = np.uint64
Values = Iterator[tuple[int, Any]]            # (bucket, value)


@dataclass(frozen=True, slots=True)
class Failure:
    """A SourceError on its way to the driver."""

    what: str
    where: str = ""
    hint: str = ""

    def error(self) -> SourceError:
        return SourceError(self.what, where=self.where, hint=self.hint)


@dataclass(frozen=True, slots=True)
class Setting:
    """The driver's detectors: the user's own file, and the version all of them together make."""

    own: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that one task reads from start to end: a file, or row groups of one. index: its place in the table."""

    index: int
    file: Place
    family: str                               # the module that reads it
    inner: TableRef                           # the table inside the file
    groups: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """What detection needs to know of a table."""

    tid: Any
    info: TableInfo
    given: Mapping[Any, Any]
    rows: int
    seed: int
    setting: Setting


@dataclass(frozen=True, slots=True)
class Drawing:
    """Rows drawn from one split. total: rows of the split; place: row within it; rank: whom a smaller sample keeps, the smallest first."""

    split: int
    total: int
    place: np.ndarray
    rank: np.ndarray
    rows: bytes = field(repr=False)           # Arrow stream


@dataclass(frozen=True, slots=True)
class Examined:
    """A table looked at. failures: detectors that raised, by kind of exception."""

    looked: Looked
    drawn: Drawn
    failures: Mapping[str, str]


# ---- tasks in and out


def loaded(blob: bytes) -> Any:
    """A value as a task gave it."""
    return pickle.loads(bytes(blob))  # noqa: S301


def blobs(rows: Iterable[Any]) -> list[bytes]:
    """The values of some rows, pickled as they are."""
    return [bytes(r.blob) for r in rows]


def _batch(bucket: int, value: Any) -> pa.RecordBatch:
    import pyarrow as pa

    blob = pickle.dumps(value, protocol=5)
    return pa.RecordBatch.from_arrays([pa.array([bucket], pa.int32()), pa.array([blob], pa.binary())], names=["bucket", "blob"])


def _guarded(values: Callable[[], Values]) -> Iterator[pa.RecordBatch]:
    """The values of a task, or why there are none. A message of a foreign error may hold cells, so only its kind passes."""
    try:
        for bucket, value in values():
            yield _batch(bucket, value)
    except ChujingError as e:
        yield _batch(0, Failure(e.what, e.where, e.hint))
    except ModuleNotFoundError as e:
        name = (e.name or "a module").split(".")[0]
        yield _batch(0, Failure(f"missing on the workers: {name}", "", f"pip install {name} in the workers' Python"))
    except Exception as e:
        yield _batch(
            0,
            Failure(
                f"internal error on a worker, {type(e).__name__}", "", Msg("please report it with this word")
            ),
        )


def over_tasks(tasks: Sequence[Any], work: Callable[[Any], Values]) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """For mapInArrow over `range(len(tasks))`: the values of each task."""

    def run(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            for i in batch.column(0).to_pylist():
                yield from _guarded(lambda i=i: work(tasks[i]))  # type: ignore[misc]

    return run


def over_rows(work: Callable[[int, Iterator[Any]], Values]) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """For mapInArrow over the rows of a frame: the values of each partition, which is a split by its number."""

    def run(batches: Iterable[Any]) -> Iterator[Any]:
        from pyspark import TaskContext

        context = TaskContext.get()
        yield from _guarded(lambda: work(context.partitionId() if context else 0, iter(batches)))

    return run


def over_values(work: Callable[[Iterator[Any]], Values]) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """For mapInArrow over what other tasks gave, brought together by bucket; their Failures pass through."""

    def run(batches: Iterable[Any]) -> Iterator[Any]:
        failures: list[Failure] = []

        def values() -> Iterator[Any]:
            for batch in batches:
                for blob in batch.column(1):
                    value = loaded(blob.as_buffer())
                    if isinstance(value, Failure):
                        failures.append(value)
                    else:
                        yield value

        yield from _guarded(lambda: work(values()))
        for f in failures:
            yield _batch(0, f)

    return run


# ---- reading


class _Portion:
    """One split as the file connector sees a family of files."""

    def __init__(self, split: Split, info: TableInfo) -> None:
        self._split, self._info = split, info

    def describe(self, place: Place, name: str) -> Iterator[TableInfo]:
        yield self._info

    def stream(self, place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        family: Any = importlib.import_module(self._split.family)
        if self._split.groups is None:
            yield from family.stream(place, self._split.inner, wanted)
            return
        found = family.groups(place, self._split.inner)
        for number in self._split.groups:
            yield from found[number].read(wanted)


def connector_of(split: Split, info: TableInfo) -> Any:
    """A connector over one split, with everything a file's connector does: cells cut, conditions, changes noticed."""
    from scanner.connectors.files.grouping import Group
    from scanner.connectors.files.source import FilesConnector

    return FilesConnector([Group(info.ref.name, "", (split.file,), _Portion(split, info))], (), "worker")


def described(family: str, files: Sequence[Place], name: str) -> Values:
    """For each file its path, and its tables with the rows of each row group (None for formats without such), or a Failure."""
    from scanner.connectors.files.places import telling

    module: ModuleType = importlib.import_module(family)
    for file in files:
        try:
            with telling(file.where):
                infos = list(module.describe(file, name))
                counts = [g.rows for g in module.groups(file, infos[0].ref)] if infos and hasattr(module, "groups") else None
        except SourceError as e:
            gone = "gone" in e.what
            yield 0, (file.path, Failure("a worker cannot reach the file" if gone else e.what, e.where, (
                "the path must exist on every worker: a shared folder, or spark:FORMAT:URL" if gone else e.hint)))
            continue
        yield 0, (file.path, (infos, counts))


# ---- sampling and detecting


class _Drawer:
    """Keeps the rows of a split whose places hash smallest, at most `rows` of them."""

    def __init__(self, split: int, rows: int, seed: int) -> None:
        self._split, self._rows, self._seed = split, rows, seed
        self._total = 0
        self._kept: list[tuple[np.ndarray, np.ndarray, pa.RecordBatch]] = []       # (rank, place, rows)
        self._limit: int | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        place = np.arange(self._total, self._total + batch.num_rows)
        self._total += batch.num_rows
        rank = ranked(self._split, place, self._seed)
        if self._limit is not None:
            some = np.flatnonzero(rank < _U64(self._limit))
            batch, place, rank = batch.take(pa.array(some)), place[some], rank[some]
        self._kept.append((rank, place, batch))
        if sum(len(k[0]) for k in self._kept) > 4 * self._rows:
            self._thin()

    def _thin(self) -> None:
        import pyarrow as pa

        every = np.concatenate([k[0] for k in self._kept])
        if len(every) <= self._rows:
            return
        limit = np.partition(every, self._rows)[self._rows]
        self._limit = int(limit)
        kept = []
        for rank, place, batch in self._kept:
            some = np.flatnonzero(rank < limit)
            kept.append((rank[some], place[some], batch.take(pa.array(some))))
        self._kept = kept

    def drawing(self) -> Drawing:
        self._thin()
        return _drawing(self._split, self._total, self._kept)


def _drawing(split: int, total: int, kept: Sequence[tuple[np.ndarray, np.ndarray, pa.RecordBatch]]) -> Drawing:
    import pyarrow as pa

    kept = [k for k in kept if len(k[0])]
    if not kept:
        return Drawing(split, total, np.zeros(0, np.int64), np.zeros(0, _U64), b"")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, kept[0][2].schema) as out:
        for _, _, batch in kept:
            out.write_batch(batch)
    rank, place = (np.concatenate([k[i] for k in kept]) for i in (0, 1))
    return Drawing(split, total, place, rank, sink.getvalue().to_pybytes())


def ranked(split: int, place: np.ndarray, seed: int) -> np.ndarray:
    """uint64 per row, as good as random and the same on every run: splitmix64 over seed, split and place.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
    """
    x = place.astype(_U64) + (_U64(split) << _U64(36)) + _U64((seed * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    x = (x + _U64(0x9E3779B97F4A7C15))
    x = (x ^ (x >> _U64(30))) * _U64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> _U64(27))) * _U64(0x94D049BB133111EB)
    out: np.ndarray = x ^ (x >> _U64(31))
    return out


def drawn_from(split: Split, info: TableInfo, rows: int, seed: int) -> Drawing:
    """Rows of one split by the hash of their places."""
    drawer = _Drawer(split.index, rows, seed)
    for batch in connector_of(split, info).read(info.ref, [c.name for c in info.columns], {}):
        drawer.add(batch)
    return drawer.drawing()


def taken_from(split: Split, info: TableInfo, places: Sequence[int]) -> Drawing:
    """The rows at given places of one split, ascending."""
    import pyarrow as pa

    wanted = np.asarray(places, np.int64)
    kept = []
    start = 0
    for batch in connector_of(split, info).read(info.ref, [c.name for c in info.columns], {}):
        here = wanted[(wanted >= start) & (wanted < start + batch.num_rows)]
        kept.append((np.zeros(len(here), _U64), here, batch.take(pa.array(here - start))))
        start += batch.num_rows
        if start > wanted[-1]:
            break
    return _drawing(split.index, len(wanted), kept)


def named(batches: Iterator[pa.RecordBatch], names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches with their columns' own names, long cells cut as everywhere."""
    from scanner.connectors.files.rows import select

    for batch in batches:
        yield select(batch.rename_columns(list(names)), names)


def drawn_rows(batches: Iterator[pa.RecordBatch], split: int, rows: int, seed: int) -> Drawing:
    """Rows of a partition of a frame by the hash of their places."""
    drawer = _Drawer(split, rows, seed)
    for batch in batches:
        drawer.add(batch)
    return drawer.drawing()


def examined(drawings: Iterable[Drawing], looking: Looking, drawn: Drawn | None, repeatable: bool = True) -> Examined:
    """The sample put together and looked at. drawn: how it was drawn, where that is known beforehand."""
    from detectors.columns import failures
    from scanner.connectors.files.rows import alike
    from scanner.gather.column_statistics import columns_of
    from scanner.gather.examine import examine_cells

    _settle(looking.setting)
    found = sorted(drawings, key=lambda d: d.split)
    total = sum(d.total for d in found)
    limit: np.uint64 | None = None
    if drawn is None and total > looking.rows:
        every = np.concatenate([d.rank for d in found])
        limit = np.partition(every, looking.rows)[looking.rows]
    batches = [b for d in found for b in _in_order(d, limit)]
    if drawn is None:
        method = Msg("all rows") if limit is None else Msg("rows whose places hash smallest")
        drawn = Drawn(method, sum(b.num_rows for b in batches), total, looking.seed, repeatable or limit is None)
    try:
        cells = columns_of(alike(batches))
    except Exception as e:  # files of one table whose columns do not fit together
        raise SourceError(Msg("cannot be read ({kind})", kind=type(e).__name__), where=looking.info.ref.name,
                          hint=Msg("have its files the same columns?")) from None
    return Examined(examine_cells(looking.tid, looking.info, looking.given, cells), drawn, dict(failures))


def _in_order(drawing: Drawing, limit: np.uint64 | None) -> list[pa.RecordBatch]:
    """Rows of a drawing by place; only those that rank below `limit`."""
    import pyarrow as pa

    if not len(drawing.place):
        return []
    rows = pa.ipc.open_stream(drawing.rows).read_all()
    use = np.flatnonzero(drawing.rank < limit) if limit is not None else np.arange(len(drawing.place))
    if limit is not None or (np.diff(drawing.place) < 0).any():
        use = use[np.argsort(drawing.place[use], kind="stable")]
        rows = rows.take(pa.array(use))
    return rows.combine_chunks().to_batches()


_settled: list[Setting] = []


def _settle(setting: Setting) -> None:
    """The driver's detectors in this process. SourceError where the worker has others."""
    import tempfile

    from detectors.columns import failures
    from detectors.registry import version
    from scanner.gather.examiner_pool import use_detectors

    if _settled != [setting]:
        if setting.own:
            with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
                file.write(setting.own)
                file.flush()
                use_detectors(Path(file.name))
        else:
            use_detectors(None)
        _settled[:] = [setting]
    if version() != setting.version:
        raise SourceError(Msg("the workers have other detectors or text models than this machine"), hint=(
            Msg("install the same plug-ins and models on the workers, or start without them")))
    failures.clear()


# ---- counting


class _Parts:
    """What a task counts, handed on in buckets whenever enough of it waits."""

    def __init__(self, buckets: int) -> None:
        from mappings.keyless import PartCollector

        self._buckets = buckets
        self._gathering = PartCollector()
        self._waiting = 0

    def add(self, part: CountPart) -> Values:
        self._gathering.add(part)
        self._waiting += len(part)
        if self._waiting >= FLUSH:
            yield from self.rest()

    def rest(self) -> Values:
        from mappings.keyless import PartCollector

        part, self._gathering, self._waiting = self._gathering.part(), PartCollector(), 0
        for bucket, piece in part.split_by_key(self._buckets).items():
            for small in piece.split_by_size(PIECE):
                yield bucket, small


def counted(splits: Sequence[Split], info: TableInfo, counting: Counting, buckets: int) -> Values:
    """Persons of some splits as keyed hashes, equal ones folded. A split that cannot be read says so and leaves the others."""
    from scanner.count.rows import read_without_tests

    parts = _Parts(buckets)
    for split in splits:
        batches = read_without_tests(connector_of(split, info), info, counting.plan, counting.where, counting.tests)
        try:
            yield from _counted(split.index, batches, counting, parts)
        except ChujingError as e:
            yield 0, Failure(e.what, e.where, e.hint)
    yield from parts.rest()


def counted_partition(split: int, batches: Iterator[pa.RecordBatch], info: TableInfo, counting: Counting, buckets: int) -> Values:
    """Persons of one partition of a frame as keyed hashes."""
    from scanner.count.rows import read_without_tests

    parts = _Parts(buckets)
    read = read_without_tests(_Given(batches), info, counting.plan, counting.where, counting.tests)  # type: ignore[arg-type]
    yield from _counted(split, read, counting, parts)
    yield from parts.rest()


class _Given:
    """Batches of a frame where a connector is expected."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        from scanner.connectors.files.rows import mask

        for batch in self._batches:
            yield (batch.filter(mask(batch, where)) if where else batch).select(list(columns))


def _counted(split: int, batches: Iterator[tuple[Mapping[str, Any], int]], counting: Counting, parts: _Parts) -> Values:
    from mappings.individuals import PersonCounter

    def fresh() -> PersonCounter:
        return PersonCounter(counting.key, counting.as_of, counting.fields)

    counter, done = fresh(), 0
    for batch, left_out in batches:
        counter.add(counting.plan, batch)
        counter.excluded += left_out
        if counter.rows >= FLUSH:
            yield from parts.add(counter.part(split, done))
            counter, done = fresh(), done + counter.rows
    yield from parts.add(counter.part(split, done))


def folded(parts: Iterator[CountPart]) -> Values:
    """Parts that met in one bucket, folded."""
    from mappings.keyless import PartCollector

    gathering = PartCollector()
    for part in parts:
        gathering.add(part)
    for piece in gathering.part().split_by_size(PIECE):
        yield 0, piece


def rows_of(splits: Sequence[Split], info: TableInfo, where: Where) -> Values:
    """Rows of some splits that pass `where`."""
    columns = list(where) or [info.columns[0].name]
    for split in splits:
        yield 0, sum(batch.num_rows for batch in connector_of(split, info).read(info.ref, columns, where))


def rows_in(batches: Iterator[pa.RecordBatch], where: Where) -> Values:
    """Rows of a partition of a frame that pass `where`."""
    yield 0, sum(batch.num_rows for batch in _Given(batches).read(TableRef(""), list(where), where))
