"""One table's sample becomes findings, here or in a process of its own; no law is applied yet."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnId, ColumnSample, Drawn, Rows, Skipped, TableId, TableInfo
from reports.model import ColumnReport, Looked, TableReport

if TYPE_CHECKING:
    import pyarrow as pa

    from detectors.columns import Inherited
    from mappings.model import Assessed
    from scanner.connectors.protocol import Sample


@dataclass(frozen=True, slots=True)
class ExaminedTable:
    """A table with every finding, why it could not be examined if so, and detectors that raised: name -> kind of exception."""

    table: TableReport
    skipped: tuple[Skipped, ...] = ()
    failures: Mapping[str, str] | None = None


def examine(tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], sample: Sample | None) -> ExaminedTable:
    """Findings of a table from its sample; from names and comments alone where there is none. given: labels it inherits."""
    from detectors.columns import failures

    looked = examine_cells(tid, info, given, columns_of(sample.batches) if sample is not None else {})
    lost = tuple(sample.skipped) if sample is not None else ()
    return report_examination(tid, info, looked, sample.drawn if sample is not None else None, lost, failures)


def report_examination(
    tid: TableId, info: TableInfo, looked: Looked, drawn: Drawn | None, lost: Sequence[Skipped], failures: Mapping[str, str],
) -> ExaminedTable:
    """A look as the report has it. drawn: None where no value was looked at. lost: parts of the table that could not be read."""
    fault = (
        (
            Skipped(
                tid, Msg("internal error, {kind}", kind=looked.fault), Msg("please report it with this word")
            ),
        )
        if looked.fault
        else ()
    )
    status = "skipped" if fault else "metadata_only" if drawn is None else "partial" if lost else "scanned"
    table = TableReport(tid, status, info.comment, rows_of(info.rows, drawn), drawn, looked.columns,  # type: ignore[arg-type]
                        members=tuple(m.name for m in info.members))
    return ExaminedTable(table, (*fault, *lost), dict(failures))


def examine_cells(tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], cells: Mapping[str, Any]) -> Looked:
    """Findings of a table's sampled cells, and what else the report says of each column. Runs wherever the cells are."""
    from detectors.columns import detect

    samples = [ColumnSample(info.ref.column(tid.split("/", 1)[0], c.parts), info, c, cells.get(c.name)) for c in info.columns]
    fault = ""
    try:
        found = detect(info, samples, targets=given)
    except Exception as e:  # a fault of ours on one table must not lose the others; its message may hold values
        found, samples, fault = (), [replace(s, values=None) for s in samples], type(e).__name__
    by_column: dict[ColumnId, list[ColumnFinding]] = {}
    for f in found:
        by_column.setdefault(f.column, []).append(f)
    placed = {f.column for f in found if f.label == "geo_location"}
    columns = tuple(
        ColumnReport(
            s.id, s.column.name, s.column.type, s.column.comment, tuple(_unjudged(f) for f in by_column.get(s.id, ())),
            _examined_cells(s), "", _constant(s), _decimals(s) if s.id in placed else None,
        )
        for s in samples
    )
    return Looked(columns, fault)


def unread_table(tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], skipped: Skipped) -> ExaminedTable:
    """A table that could not be read: what its names and comments say, and why there is no more."""
    found = examine(tid, info, given, None)
    return ExaminedTable(replace(found.table, status="skipped"), (*found.skipped, skipped), found.failures)


class ExaminerPool:
    """Processes that examine samples; with fewer than two, `submit` examines at once."""

    def __init__(self, jobs: int, detectors: Path | None) -> None:
        self._jobs = jobs
        self._detectors = detectors
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> ExaminerPool:
        if self._jobs > 1:
            self._pool = self._started()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._jobs, get_context("spawn"), _begin, (self._detectors,))

    @property
    def room(self) -> int:
        """Tables under way at the same time, at most."""
        return 2 * self._jobs if self._pool is not None else 0

    def submit(
        self, tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], sample: Sample | None
    ) -> Callable[[], ExaminedTable]:
        """Examine a table; the function given back waits for the result."""
        if self._pool is None:
            done = examine(tid, info, given, sample)
            return lambda: done
        try:
            future: Future[ExaminedTable] = self._pool.submit(examine, tid, info, given, sample)
        except BrokenProcessPool:
            self._pool = self._started()
            future = self._pool.submit(examine, tid, info, given, sample)

        def result() -> ExaminedTable:
            try:
                return future.result()
            except BrokenProcessPool:
                why = Skipped(
                    tid,
                    Msg("a worker process died"),
                    Msg("run again with --jobs 1, or give the machine more memory"),
                )
                return unread_table(tid, info, given, why)

        return result


def _begin(detectors: Path | None) -> None:
    """A worker: leaves Ctrl-C to the process that started it, and knows the user's detectors."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_detectors(detectors)


def use_detectors(path: Path | None) -> None:
    """Put the user's own detectors beside those that ship; RulesError when the file or an example is at fault."""
    from detectors import custom, registry
    from detectors.columns import failures
    from detectors.names import lexicon
    from detectors.names.tables import table_subject

    own = custom.load(path) if path is not None else ()
    registry.use([c.detector for c in own if c.detector.shape.pattern != "$^"])
    lexicon.use([(c.detector.label, name) for c in own for name in c.names])
    table_subject.cache_clear()
    failures.clear()


def _unjudged(finding: ColumnFinding) -> Assessed:
    from mappings.model import Assessed

    return Assessed(finding, "", "", "", "no", "", "recalled")


def rows_of(listed: Rows, drawn: Drawn | None) -> Rows:
    """Row count: the sample's when it saw the whole table, else what the catalogue says."""
    if drawn is not None and drawn.rows_total is not None:
        return Rows(drawn.rows_total, drawn.rows_total, "exact")
    if drawn is not None and listed.high is None:
        return Rows(drawn.rows, None, "row_sample")
    return listed


def columns_of(batches: Iterable[pa.RecordBatch]) -> Mapping[str, Any]:
    """Arrow arrays by column name, concatenated over batches."""
    import pyarrow as pa

    parts = list(batches)
    if not parts:
        return {}
    table = pa.Table.from_batches(parts)
    return {name: table.column(i).combine_chunks() for i, name in enumerate(table.column_names)}


def _examined_cells(sample: ColumnSample) -> int:
    """Cells that are neither null nor blank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = sample.values
    if values is None:
        return 0
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        full = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(values), "")).as_py()
        return int(full or 0)
    return int(len(values) - values.null_count)


def _constant(sample: ColumnSample) -> bool:
    """Do the examined cells, more than one, all hold the same value?"""
    import pyarrow as pa
    import pyarrow.compute as pc

    from detectors.folding import fold

    if sample.values is None or _examined_cells(sample) < 2:
        return False
    kind = sample.values.type                 # Arrow compares neither coded nor nested values
    filled = (fold(sample.values) if pa.types.is_dictionary(kind) or pa.types.is_nested(kind) else sample.values).drop_null()
    return int(pc.count_distinct(filled).as_py() or 0) == 1


def _decimals(sample: ColumnSample) -> int | None:
    """Decimal places of a column's numbers, the middle one of the sample."""
    if sample.values is None:
        return None
    places = sorted(len(text.partition(".")[2]) for v in sample.values.drop_null().to_pylist()[:500] if "." in (text := str(v)))
    return places[len(places) // 2] if places else None
