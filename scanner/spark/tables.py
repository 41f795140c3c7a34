"""Tables of a Spark session's catalogue, or one table by format and path, read by Spark itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, Skipped, TableInfo, TableRef
from mappings.keyless import PartialCount
from scanner.connectors.protocol import Counting, Examination, ExaminationTask, Sample, Where
from scanner.spark import frame_tasks, pruning, sizes
from scanner.spark.collecting import collect_examination, collect_parts, collect_sum
from scanner.spark.errors import explain_failure
from scanner.spark.examining import ExamineTask, ReadSplits, examine_frame
from scanner.spark.files import rows_stay_on_cluster
from scanner.spark.session import Cluster
from scanner.spark.task_io import SCHEMA, row_function, value_function
from scanner.spark.unit_rows import SCHEMA as UNITS
from scanner.spark.unit_rows import batch_of

if TYPE_CHECKING:
    pass

READER_OPTIONS = {                            # every cell as the text it is, as the local readers give it
    "csv": {"header": "true", "inferSchema": "false", "multiLine": "true", "escape": '"'},
    "json": {"primitivesAsString": "true"},
}
UNKNOWN = 1 << 60                             # bytes: Spark says about so much when it does not know
T = TypeVar("T")


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
        by_name: dict[str, Any] = {}
        if not self._path:
            catalog = self._cluster.session.catalog
            by_name = {c.name: c for c in self._ask(partial(catalog.listColumns, _quote_ref(ref)))}
        columns = []
        for path, column_type, field_comment in _leaves(frame.schema):
            if path[0] in by_name and len(path) == 1:
                field_comment = by_name[path[0]].description or ""
            columns.append(ColumnInfo(".".join(path), column_type, field_comment, path=path))
        size = int(str(frame._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()))
        return TableInfo(ref, tuple(columns), comment, Rows(0, None, "unknown"), kind,  # type: ignore[arg-type]
                         bytes=size if size < UNKNOWN else None,
                         partitioned_by=tuple(n for n, c in by_name.items() if c.isPartition))

    def examine(self, task: ExaminationTask, rows: int, seed: int) -> Examination:
        """Return findings from `rows` rows: of a small table, those whose places hash smallest.

        Of a large one some splits alone are read, their beginnings; more where these hold too few rows.
        """
        info = task.info
        work = ExamineTask(task, rows, seed, self._cluster.setting)
        if info.bytes is None or info.bytes > sizes.LIGHT_BYTES:
            session = self._ask(lambda: self._dividing_session)
            if self._ask(lambda: pruning.is_divisible(self._frame(info.ref, session))):
                return self._examine_splits(work)
        names = [c.name for c in info.columns]
        draw = frame_tasks.DrawTask(names, rows, seed)
        frame = self._map(info, names, partial(frame_tasks.sample_partition, task=draw))
        return self._examine_rows(frame, work)

    def _examine_splits(self, work: ExamineTask) -> Examination:
        """Return findings from the beginnings of as many splits as hold the rows of a sample."""
        of = self._ask(lambda: self._divided(work, pruning.WINDOW).splits)
        number = pruning.first_number(of)
        while True:
            frame = self._ask(partial(self._some_splits, work, number, of))
            examination = self._examine_rows(frame, work, ReadSplits(number, of))
            if examination[1].rows >= work.rows or number == of:
                return examination
            number = min(of, pruning.MORE * number)

    def _some_splits(self, work: ExamineTask, number: int, of: int) -> Any:
        """Return a frame of what is drawn from some of the splits."""
        divided = self._divided(work, pruning.window_of(work.rows, number, of))
        return divided.only(pruning.choose_splits(of, number, work.seed))

    def _divided(self, work: ExamineTask, window: int) -> pruning.DividedFrame:
        """Return what is drawn from so many rows of every split; one row more tells that there are others."""
        names = [c.name for c in work.table.info.columns]
        draw = frame_tasks.DrawTask(names, work.rows, work.seed, window)
        rows = pruning.first_rows(self._select(work.table.info, names, self._dividing_session), window + 1)
        function = row_function(partial(frame_tasks.sample_partition, task=draw))
        return pruning.DividedFrame(rows.mapInArrow(function, SCHEMA), SCHEMA)

    def _examine_rows(self, frame: Any, work: ExamineTask, splits: ReadSplits | None = None) -> Examination:
        """Return findings in what tasks drew, brought together in one."""
        examine = value_function(partial(examine_frame, task=work, splits=splits))
        return collect_examination(self._cluster, frame.repartition(1).mapInArrow(examine, SCHEMA))

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
        from pyspark.sql import functions as f

        frame = self._frame(info.ref, session)
        paths = {c.name: c.parts for c in info.columns}
        return frame.select(*(f.col(".".join(map(_quote, paths[name]))).alias(f"c{i}")
                              for i, name in enumerate(names)))

    def _ask(self, question: Callable[[], T]) -> T:
        """Return an answer of Spark; raise its errors as ours."""
        try:
            return question()
        except Exception as e:  # Spark raises anything
            raise explain_failure(e, self._name) from None


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
