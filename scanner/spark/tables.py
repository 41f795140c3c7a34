"""Tables of a Spark session's catalogue, or one table by format and path, read by Spark itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import accumulate
from typing import Any, TypeVar

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, Skipped, TableId, TableInfo, TableRef
from mappings.keyless import PartialCount
from scanner.connectors.protocol import Counting, Examination, ExaminationTask, Sample, Where
from scanner.spark import frame_tasks, pruning, sizes
from scanner.spark.collecting import collect_parts, collect_sum
from scanner.spark.errors import explain_failure
from scanner.spark.examining import ExamineTask, ReadSplits, WorkerExamination, draw_and_examine
from scanner.spark.files import rows_stay_on_cluster
from scanner.spark.session import Cluster
from scanner.spark.table_io import FIRST_PARTITIONS, partition_function
from scanner.spark.task_io import SCHEMA, row_function
from scanner.spark.together import (
    TableOutcomes,
    as_outcome,
    collect_by_table,
    examined_frame,
    only_outcome,
    own_task,
    table_frame,
    union,
)
from scanner.spark.unit_rows import SCHEMA as UNITS
from scanner.spark.unit_rows import batch_of

READER_OPTIONS = {                            # every cell as the text it is, as the local readers give it
    "csv": {"header": "true", "inferSchema": "false", "multiLine": "true", "escape": '"'},
    "json": {"primitivesAsString": "true"},
}
OWN_FORMATS = ("parquet", "orc", "csv", "json", "text", "avro", "hive")
UNKNOWN = 1 << 60                             # bytes: Spark says about so much when it does not know
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _FrameDraw:
    """What tasks draw from a table, and what detection needs to know of it.

    counts: what other tasks count in columns whose every value is looked at.
    """

    rows: pruning.DividedFrame
    work: ExamineTask
    counts: pruning.DividedFrame | None = None


class SparkTables:
    """`spark:`, `spark:hr,crm` or `spark:FORMAT:PATH`."""

    def __init__(self, cluster: Cluster, url: str, name: str, options: Mapping[str, str]) -> None:
        """options: for Spark's reader of a path."""
        self._cluster, self._name, self._options = cluster, name, dict(options)
        address = url.removeprefix("spark:")
        self._format, _, self._path = address.partition(":") if ":" in address else ("", "", "")
        self._databases = tuple(d for d in address.split(",") if d) if not self._path else ()

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield tables and views by database, then name; what cannot be described is skipped."""
        if self._path:
            ref = TableRef(re.split("[?#;]", self._path)[0].rstrip("/").rsplit("/", 1)[-1].split(".", 1)[0])
            listed = [(ref, "", "table")]
        else:
            listed = sorted(self._list(), key=lambda table: (table[0].schema, table[0].name))
        for ref, comment, kind in listed:
            try:
                yield self._describe(ref, comment, kind)
            except SourceError as e:
                yield Skipped(ref.id(self._name), e.message, e.hint)

    def _list(self) -> Iterator[tuple[TableRef, str, str]]:
        """Yield (table, comment, kind) of the tables and views in the catalogue."""
        catalog = self._cluster.session.catalog
        databases = self._databases or [d.name for d in self._ask(catalog.listDatabases)]
        for database in databases:
            for table in self._ask(partial(catalog.listTables, _quote(database))):
                if not table.isTemporary:
                    kind = "view" if table.tableType == "VIEW" else "table"
                    yield TableRef(table.name, database), table.description or "", kind

    def _describe(self, ref: TableRef, comment: str, kind: str) -> TableInfo:
        frame = self._frame(ref)
        comments: Mapping[str, str] = {}
        partitioned_by: Sequence[str] = ()
        if not self._path:
            comments, partitioned_by = self._ask(partial(self._catalogue_columns, ref))
        columns = []
        for path, column_type, field_comment in _leaves(frame.schema):
            if len(path) == 1:
                field_comment = comments.get(path[0], field_comment)
            columns.append(ColumnInfo(".".join(path), column_type, field_comment, path=path))
        size = int(str(frame._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()))
        return TableInfo(ref, tuple(columns), comment, Rows(0, None, "unknown"), kind,  # type: ignore[arg-type]
                         bytes=size if size < UNKNOWN else None,
                         partitioned_by=tuple(partitioned_by))

    def _catalogue_columns(self, ref: TableRef) -> tuple[Mapping[str, str], Sequence[str]]:
        """Return the comments of a table's columns, and those it is partitioned by.

        `Catalog.listColumns` compiles a query for each table, so the catalogue is asked itself where the
        session has its own and the table no library of another format behind it.
        """
        session = self._cluster.session
        with suppress(Exception):             # a vendor's session may lack it
            jvm, state = session.sparkContext._jvm, session._jsparkSession.sessionState()
            identifier = jvm.org.apache.spark.sql.catalyst.TableIdentifier
            name = identifier(ref.name, jvm.scala.Option.apply(ref.schema))
            table = state.catalog().getTableMetadata(name)
            provider = table.provider()
            if self._has_own_catalogue and (provider.isEmpty() or provider.get().lower() in OWN_FORMATS):
                fields = json.loads(table.schema().json())["fields"]
                comments = {f["name"]: str(f["metadata"].get("comment", "")) for f in fields}
                return comments, list(table.partitionColumnNames().mkString("\0").split("\0") if
                                      table.partitionColumnNames().nonEmpty() else ())
        columns = session.catalog.listColumns(_quote_ref(ref))
        return {c.name: c.description or "" for c in columns}, [c.name for c in columns if c.isPartition]

    @cached_property
    def _has_own_catalogue(self) -> bool:
        return bool(self._cluster.session.catalog.currentCatalog() == "spark_catalog")

    def examine(self, task: ExaminationTask, rows: int, seed: int) -> Examination:
        """Return findings from `rows` rows: of a small table, those whose places hash smallest.

        Of a large one some splits alone are read, their beginnings; more where these hold too few rows.
        """
        return only_outcome(self.examine_together([task], rows, seed))

    def examine_together(
        self, tasks: Sequence[ExaminationTask], rows: int, seed: int,
    ) -> Mapping[TableId, Examination | SourceError]:
        """Return the findings of many tables by one job; those with too few rows in it get one more."""
        outcomes: dict[int, WorkerExamination | SourceError] = {}
        waiting = {
            number: ExamineTask(own_task(task), rows, seed, self._cluster.setting, is_repeatable=False)
            for number, task in enumerate(tasks)
        }
        while waiting:
            draws: dict[int, _FrameDraw] = {}
            for number, work in waiting.items():
                try:
                    draws[number] = replace(self._draw(number, work), counts=self._counts(number, work))
                except SourceError as e:
                    outcomes[number] = e
            examined = self._examine_draws(draws)
            waiting = {n: w for n, one in examined.items() if (w := _larger(draws[n].work, one)) is not None}
            outcomes |= {n: one for n, one in examined.items() if n not in waiting}
        return {task.id: as_outcome(outcomes[number]) for number, task in enumerate(tasks)}

    def _examine_draws(self, draws: Mapping[int, _FrameDraw]) -> TableOutcomes:
        """Return the findings in what is drawn; a table's splits are numbered from where its own begin."""

        def frame_of(numbers: Sequence[int]) -> Any:
            filled = [n for n in numbers if draws[n].rows.splits]
            empty = [(n, ((), None, draws[n].work)) for n in numbers if not draws[n].rows.splits]
            frames = [table_frame(self._cluster, empty, draw_and_examine)] if empty else []
            if filled:
                counts = [c for n in filled if (c := draws[n].counts) is not None and c.splits]
                session, splits = self._cluster.session, [*(draws[n].rows for n in filled), *counts]
                rows = self._ask(lambda: pruning.joined(session, splits, SCHEMA))
                frames.append(examined_frame(self._cluster, rows, {n: draws[n].work for n in filled}))
            return union(frames)

        def first_partitions(numbers: Sequence[int]) -> Mapping[str, str]:
            firsts = accumulate((draws[n].rows.splits for n in numbers), initial=0)
            return {FIRST_PARTITIONS: json.dumps(dict(zip(map(str, numbers), firsts, strict=False)))}

        return collect_by_table(self._cluster, list(draws), frame_of, first_partitions)

    def _draw(self, number: int, work: ExamineTask) -> _FrameDraw:
        """Return what tasks draw from a table, or from some splits of a large one."""
        info = work.table.info
        names = [c.name for c in info.columns]
        if info.bytes is None or info.bytes > sizes.LIGHT_BYTES:
            session = self._ask(lambda: self._dividing_session)
            if self._ask(lambda: pruning.is_divisible(self._frame(info.ref, session))):
                return self._ask(partial(self._draw_from_splits, number, work, names))
        draw = frame_tasks.DrawTask(names, work.rows, work.seed)
        function = partition_function(partial(frame_tasks.sample_partition, task=draw), number)
        return self._ask(lambda: _FrameDraw(
            pruning.DividedFrame(self._select(info, names).mapInArrow(function, SCHEMA)), work))

    def _counts(self, number: int, work: ExamineTask) -> pruning.DividedFrame | None:
        """Return what tasks count in all values of the columns that are to be looked at wholly."""
        if not work.table.whole:
            return None
        function = partition_function(partial(frame_tasks.count_every_value, names=work.table.whole), number)
        return self._ask(lambda: pruning.DividedFrame(
            self._select(work.table.info, work.table.whole).mapInArrow(function, SCHEMA)))

    def _draw_from_splits(self, number: int, work: ExamineTask, names: Sequence[str]) -> _FrameDraw:
        """Return what is drawn from as many splits as are to be read now; at first, as few as may do."""
        of = self._divided(number, work, names, pruning.WINDOW).splits
        chosen = min(of, work.splits.number) if work.splits is not None else pruning.first_number(of)
        divided = self._divided(number, work, names, pruning.window_of(work.rows, chosen, of) if of else 1)
        rows = divided.only(pruning.choose_splits(of, chosen, work.seed)) if of else divided
        return _FrameDraw(rows, replace(work, splits=ReadSplits(chosen, of)))

    def _divided(
        self, number: int, work: ExamineTask, names: Sequence[str], window: int,
    ) -> pruning.DividedFrame:
        """Return what is drawn from so many rows of every split; one row more tells that there are others."""
        draw = frame_tasks.DrawTask(names, work.rows, work.seed, window)
        rows = pruning.first_rows(self._select(work.table.info, names, self._dividing_session), window + 1)
        function = partition_function(partial(frame_tasks.sample_partition, task=draw), number)
        return pruning.DividedFrame(rows.mapInArrow(function, SCHEMA))

    @cached_property
    def _dividing_session(self) -> Any:
        return pruning.dividing_session(self._cluster.session)

    def count_persons(
        self, info: TableInfo, counting: Counting, seconds: float | None,
    ) -> tuple[PartialCount, Sequence[str]]:
        """Return persons hashed and folded by all workers; those of a large table stay there."""
        names = list(dict.fromkeys([*counting.plan.columns, *counting.tests, *counting.where]))
        buckets = sizes.buckets_for(info, self._cluster.parallelism)
        task = frame_tasks.CountTask(names, info, counting, buckets)
        work = row_function(partial(frame_tasks.count_persons, task=task), batch_of)
        frame = self._ask(lambda: self._select(info, names).mapInArrow(work, UNITS))
        part, unread, _ = collect_parts(self._cluster, frame, buckets, seconds)
        return part, unread

    def count_rows(self, info: TableInfo, where: Where) -> int:
        names = list(where) or [info.columns[0].name]
        frame = self._map(info, names, partial(frame_tasks.count_rows, names=names, where=where))
        return collect_sum(self._cluster, frame)

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        raise rows_stay_on_cluster(ref)

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[Any]:
        raise rows_stay_on_cluster(ref)

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        table = self._path or _quote_ref(ref)
        return Msg("read {what} by Spark, {n} rows, seed {m}", what=table, n=rows, m=seed)

    def close(self) -> None:
        """Hold nothing open."""

    def _frame(self, ref: TableRef, session: Any = None) -> Any:
        """Return the table as a frame; nothing is read yet but, of a path, its schema."""
        session = session or self._cluster.session
        if not self._path:
            return self._ask(partial(session.table, _quote_ref(ref)))
        options = {**READER_OPTIONS.get(self._format, {}), **self._options}
        return self._ask(lambda: session.read.format(self._format).options(**options).load(self._path))

    def _map(self, info: TableInfo, names: Sequence[str], work: Any) -> Any:
        """Return a frame of what `work` gives for each partition of these columns."""
        return self._ask(lambda: self._select(info, names).mapInArrow(row_function(work), SCHEMA))

    def _select(self, info: TableInfo, names: Sequence[str], session: Any = None) -> Any:
        """Return a frame of these columns; they go by number: mapInArrow takes no name with a dot."""
        frame = self._frame(info.ref, session)
        paths = {c.name: ".".join(map(_quote, c.parts)) for c in info.columns}
        return frame.selectExpr(*(f"{paths[name]} AS c{i}" for i, name in enumerate(names)))

    def _ask(self, question: Callable[[], T]) -> T:
        """Return an answer of Spark; raise its errors as ours."""
        try:
            return question()
        except ChujingError:
            raise
        except Exception as e:  # Spark raises anything
            raise explain_failure(e, self._name) from None


def _larger(work: ExamineTask, outcome: WorkerExamination | SourceError) -> ExamineTask | None:
    """Return the work for more splits of a table, where those that were read hold too few rows."""
    splits = work.splits
    if splits is None or isinstance(outcome, SourceError) or splits.number == splits.of:
        return None
    if outcome.sampling.rows >= work.rows:
        return None
    return replace(work, splits=ReadSplits(min(splits.of, pruning.MORE * splits.number), splits.of))


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _quote_ref(ref: TableRef) -> str:
    return f"{_quote(ref.schema)}.{_quote(ref.name)}" if ref.schema else _quote(ref.name)


def _leaves(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield (path, type, comment) of every field that is no struct."""
    for field in schema.fields:
        inner = (*path, field.name)
        if field.dataType.typeName() == "struct":
            yield from _leaves(field.dataType, inner)
        else:
            yield inner, field.dataType.simpleString(), str(field.metadata.get("comment", ""))
