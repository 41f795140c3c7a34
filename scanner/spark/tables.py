"""Tables of a Spark session's catalogue, or one table by format and path, read by Spark itself wherever its workers can reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnId, ColumnInfo, Drawn, Rows, Skipped, TableId, TableInfo, TableRef
from mappings.keyless import CountPart
from scanner.connectors.protocol import Counting, Sample, Where
from scanner.spark import work
from scanner.spark.files import buckets_for, gathered, one_look, total
from scanner.spark.session import Cluster, told
from scanner.spark.work import Looking

TEXT = {                                      # every cell as the text it is, as the local readers give it
    "csv": {"header": "true", "inferSchema": "false", "multiLine": "true", "escape": '"'},
    "json": {"primitivesAsString": "true"},
}


UNKNOWN = 1 << 60                             # bytes: Spark says about so much when it does not know


class SparkTables:
    """`spark:`, `spark:hr,crm` or `spark:FORMAT:PATH`."""

    def __init__(self, cluster: Cluster, url: str, name: str, options: Mapping[str, str]) -> None:
        """options: for Spark's reader of a path."""
        self._cluster, self._name, self._options = cluster, name, dict(options)
        what = url.removeprefix("spark:")
        self._format, _, self._path = what.partition(":") if ":" in what else ("", "", "")
        self._databases = tuple(d for d in what.split(",") if d) if not self._path else ()
        self._frames: dict[TableRef, str] = {}

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Tables and views by database, then name; what cannot be described is skipped."""
        if self._path:
            ref = TableRef(self._path.rstrip("/").rsplit("/", 1)[-1].split(".", 1)[0])
            found = [(ref, "", "table")]
        else:
            found = sorted(self._listed(), key=lambda f: (f[0].schema, f[0].name))
        for ref, comment, kind in found:
            try:
                yield self._described(ref, comment, kind)
            except SourceError as e:
                yield Skipped(ref.id(self._name), str(e), e.hint)

    def _listed(self) -> Iterator[tuple[TableRef, str, str]]:
        catalog = self._cluster.session.catalog
        databases = self._databases or [d.name for d in self._asked(catalog.listDatabases)]
        for database in databases:
            for t in self._asked(lambda d=database: catalog.listTables(_quoted(d))):
                if not t.isTemporary:
                    yield TableRef(t.name, database), t.description or "", "view" if t.tableType == "VIEW" else "table"

    def _described(self, ref: TableRef, comment: str, kind: str) -> TableInfo:
        frame = self._frame(ref)
        by_name: dict[str, Any] = {}
        if not self._path:
            by_name = {c.name: c for c in self._asked(lambda: self._cluster.session.catalog.listColumns(_named(ref)))}
        columns = tuple(
            ColumnInfo(".".join(path), kind_, (by_name[path[0]].description or "") if path[0] in by_name and len(path) == 1 else said,
                       path=path)
            for path, kind_, said in _leaves(frame.schema)
        )
        parted = tuple(n for n, c in by_name.items() if c.isPartition)
        size = int(str(frame._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()))
        return TableInfo(ref, columns, comment, Rows(0, None, "unknown"), kind,  # type: ignore[arg-type]
                         bytes=size if size < UNKNOWN else None, partitioned_by=parted)

    def examine(self, tid: TableId, info: TableInfo, given: Mapping[ColumnId, Any], rows: int, seed: int) -> tuple[Any, Drawn]:
        """A look at the `rows` rows whose places hash smallest. Which place a row has is up to how Spark divides the table."""
        looking = Looking(tid, info, given, rows, seed, self._cluster.setting)
        names = [c.name for c in info.columns]
        drawn = self._mapped(info, names, partial(_draw, names=names, rows=rows, seed=seed))
        return one_look(self._cluster, drawn.repartition(1).mapInArrow(work.over_values(partial(_examine, looking=looking)), work.SCHEMA))

    def count_persons(self, info: TableInfo, counting: Counting, seconds: float | None) -> tuple[CountPart, Sequence[str]]:
        """Hashed and folded by all workers, folded again where equal keys meet, merged here."""
        columns = list(dict.fromkeys([*counting.plan.columns, *counting.tests, *counting.where]))
        buckets = buckets_for(info, self._cluster.parallelism)
        frame = self._mapped(info, columns, partial(_count, names=columns, info=info, counting=counting, buckets=buckets))
        return gathered(self._cluster, frame, buckets, seconds)

    def count_rows(self, info: TableInfo, where: Where) -> int:
        names = list(where) or [info.columns[0].name]
        return total(self._cluster, self._mapped(info, names, partial(_rows, names=names, where=where)))

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        raise SourceError(
            Msg("rows stay on the cluster"), where=ref.name, hint=Msg("this needs the local engine")
        )

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[Any]:
        raise SourceError(
            Msg("rows stay on the cluster"), where=ref.name, hint=Msg("this needs the local engine")
        )

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        return Msg("read {what} by Spark, {n} rows, seed {m}", what=self._path or _named(ref), n=rows, m=seed)

    def close(self) -> None:
        self._frames.clear()

    def _frame(self, ref: TableRef) -> Any:
        """The table as a frame; nothing is read yet but, of a path, its schema."""
        session = self._cluster.session
        if not self._path:
            return self._asked(lambda: session.table(_named(ref)))
        options = {**TEXT.get(self._format, {}), **self._options}
        return self._asked(lambda: session.read.format(self._format).options(**options).load(self._path))

    def _mapped(self, info: TableInfo, names: Sequence[str], task: Any) -> Any:
        """What a task gives for each partition of these columns. They go by number: mapInArrow takes no name with a dot."""
        from pyspark.sql import functions as f

        frame = self._frame(info.ref)
        paths = {c.name: c.parts for c in info.columns}
        chosen = [f.col(".".join(map(_quoted, paths[n]))).alias(f"c{i}") for i, n in enumerate(names)]
        return self._asked(lambda: frame.select(*chosen).mapInArrow(work.over_rows(task), work.SCHEMA))

    def _asked(self, question: Any) -> Any:
        try:
            return question()
        except Exception as e:  # Spark raises anything, and its text may hold anything
            raise told(e, self._name) from None


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _named(ref: TableRef) -> str:
    return f"{_quoted(ref.schema)}.{_quoted(ref.name)}" if ref.schema else _quoted(ref.name)


def _leaves(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(path, type, comment) of every field that is no struct."""
    for field in schema.fields:
        here = (*path, field.name)
        if field.dataType.typeName() == "struct":
            yield from _leaves(field.dataType, here)
        else:
            yield here, field.dataType.simpleString(), str(field.metadata.get("comment", ""))


def _draw(split: int, batches: Iterator[Any], names: Sequence[str], rows: int, seed: int) -> Iterator[tuple[int, Any]]:
    yield 0, work.drawn_rows(work.named(batches, names), split, rows, seed)


def _examine(drawings: Iterator[Any], looking: Looking) -> Iterator[tuple[int, Any]]:
    yield 0, work.examined(drawings, looking, None, repeatable=False)


def _count(
    split: int, batches: Iterator[Any], names: Sequence[str], info: TableInfo, counting: Counting, buckets: int
) -> Iterator[tuple[int, Any]]:
    yield from work.counted_partition(split, work.named(batches, names), info, counting, buckets)


def _rows(split: int, batches: Iterator[Any], names: Sequence[str], where: Where) -> Iterator[tuple[int, Any]]:
    yield from work.rows_in(work.named(batches, names), where)
