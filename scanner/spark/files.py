"""Files and folders on a cluster: the local engine's readers run on the workers, so both see the same cells.

Which rows a sample takes is chosen here by place alone (`connectors.sampling.positions` over the row groups,
whose sizes the workers read). Of text formats, whose rows nobody knows beforehand, those rows make the sample
whose places hash smallest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Drawn, Loss, Skipped, TableId, TableInfo, TableRef
from mappings.keyless import PartialCount
from scanner.connectors.files.grouping import FileGroup, Grouping
from scanner.connectors.files.source import FilesConnector
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.protocol import Access, Counting, Examination, ExaminationTask, Sample, Where
from scanner.connectors.sampling import positions
from scanner.spark import counting as count_tasks
from scanner.spark import sizes
from scanner.spark.collecting import collect_parts, collect_sum, result_frame, unit_frame
from scanner.spark.errors import WORKER_CRASHED
from scanner.spark.examining import ExamineTask, draw_and_examine, draw_rows
from scanner.spark.sampling import count_every_value, sample_split, take_rows
from scanner.spark.session import Cluster
from scanner.spark.splits import Split, describe_files
from scanner.spark.task_io import Failure, Values
from scanner.spark.together import (
    as_outcome,
    collect_by_table,
    examined_frame,
    only_outcome,
    own_task,
    packed,
    table_frame,
    union,
)

_DescribeJob = tuple[str, Sequence[SourceFile], str]          # (reader's module, files, name of their table)
_Descriptions = Mapping[str, list[TableInfo] | SourceError]   # what a worker said of a file, by path


@dataclass(frozen=True, slots=True)
class _TableFiles:
    """A table's files in order, and the table inside them.

    family: the module that reads them. counts: rows of each row group of each file; None for text formats.
    """

    files: tuple[SourceFile, ...]
    family: str
    inner: TableRef
    counts: tuple[tuple[int, ...], ...] | None

    def splits(self, parallelism: int) -> list[Split]:
        """Return consecutive row groups of a file up to the rows of one task, or whole files."""
        if self.counts is None:
            return [Split(i, file, self.family, self.inner) for i, file in enumerate(self.files)]
        rows = sizes.rows_of_a_task(sum(map(sum, self.counts)), parallelism)
        splits: list[Split] = []
        for file, counts in zip(self.files, self.counts, strict=True):
            for groups in _runs(counts, rows):
                splits.append(Split(len(splits), file, self.family, self.inner, groups))
        return splits

    def tasks(self, parallelism: int) -> list[list[Split]]:
        """Return consecutive splits as tasks of about equal work."""
        splits = self.splits(parallelism)
        if self.counts is None:
            weights = [split.file.size for split in splits]
            share = sizes.bytes_of_a_task(sum(weights), parallelism)
        else:
            counts_of = {file.path: counts for file, counts in zip(self.files, self.counts, strict=True)}
            weights = [sum(counts_of[split.file.path][g] for g in split.groups or ()) for split in splits]
            share = sizes.rows_of_a_task(sum(weights), parallelism)
        tasks: list[list[Split]] = []
        weight_of_task = share
        for split, weight in zip(splits, weights, strict=True):
            if weight_of_task >= share:
                tasks.append([])
                weight_of_task = 0
            tasks[-1].append(split)
            weight_of_task += weight
        return tasks


def _runs(counts: Sequence[int], rows: int) -> Iterator[tuple[int, ...]]:
    """Yield numbers of consecutive row groups that hold up to `rows` rows; larger ones stand alone."""
    run: list[int] = []
    rows_of_run = 0
    for number, count in enumerate(counts):
        if run and rows_of_run + count > rows:
            yield tuple(run)
            run, rows_of_run = [], 0
        run.append(number)
        rows_of_run += count
    yield tuple(run)


@dataclass(frozen=True, slots=True)
class _TableDraw:
    """How the sample of a table is drawn.

    splits: what `draw` takes, one after another. is_light: does one task read and examine them all?
    counting: splits of columns whose every value is looked at, by task.
    """

    splits: Sequence[Any]
    draw: Callable[[Any], Values]
    work: ExamineTask
    is_light: bool
    counting: Sequence[Sequence[Split]] = ()


class _WorkerListing(FilesConnector):
    """Puts together what the workers said of each file, as the local engine what it reads itself."""

    def __init__(self, grouping: Grouping, name: str) -> None:
        super().__init__(grouping, Access(name))
        self.descriptions: _Descriptions = {}

    def _parts(self, group: FileGroup) -> Sequence[FileGroup]:
        return [group]                        # the workers were asked about whole groups

    def describe_files(
        self, group: FileGroup, files: Sequence[SourceFile],
    ) -> tuple[Sequence[Sequence[TableInfo]], dict[str, SourceError]]:
        infos: list[list[TableInfo]] = []
        broken: dict[str, SourceError] = {}
        for file in files:
            description = self.descriptions[file.path]
            if isinstance(description, SourceError):
                broken[file.path] = description
            else:
                infos.append(description)
        return infos, broken


def _joined(singles: Sequence[_DescribeJob]) -> Sequence[_DescribeJob]:
    """Return jobs of single files as jobs of several files of one table."""
    jobs: list[_DescribeJob] = []
    for family, files, name in singles:
        if jobs and (jobs[-1][0], jobs[-1][2]) == (family, name) and len(jobs[-1][1]) < sizes.DESCRIBED:
            jobs[-1] = (family, [*jobs[-1][1], *files], name)
        else:
            jobs.append((family, files, name))
    return jobs


class SparkFiles:
    """Tables in files that the workers read."""

    filters_rows = True

    def __init__(self, cluster: Cluster, grouping: Grouping, name: str) -> None:
        self._cluster, self._name = cluster, name
        self._listing = _WorkerListing(grouping, name)
        self._groups = grouping.groups
        self._tables: dict[TableRef, _TableFiles] = {}
        self._losses: dict[TableRef, tuple[Loss, ...]] = {}

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield every table as the workers describe it: one job for all of them."""
        descriptions: dict[str, list[TableInfo] | SourceError] = {}
        counts: dict[str, Sequence[int] | None] = {}
        for path, answer in self._describe():
            if isinstance(answer, Failure):
                descriptions[path] = answer.error()
            else:
                descriptions[path], counts[path] = answer
        self._listing.descriptions = descriptions
        for info in self._listing.tables():
            if isinstance(info, TableInfo):
                group, inner = self._listing.files_of(info.ref)
                by_file = tuple(tuple(counts.get(file.path) or ()) for file in group.files)
                self._tables[info.ref] = _TableFiles(
                    group.files, group.family.__name__, inner, by_file if group.has_row_groups else None)
            yield info

    def _describe(self) -> Iterator[tuple[str, Any]]:
        """Yield the path of each file with what a worker said of it."""
        jobs: list[_DescribeJob] = []
        for group in self._groups:
            files = group.described_files
            for start in range(0, len(files), sizes.DESCRIBED):
                jobs.append((group.family.__name__, files[start:start + sizes.DESCRIBED], group.name))
        if jobs:
            yield from self._described(jobs)

    def _described(self, jobs: Sequence[_DescribeJob]) -> Sequence[tuple[str, Any]]:
        """Return the path of each file with what a worker said of it.

        A file that crashes workers ends the whole job: half of the files is then asked at a time, until it is
        alone.
        """
        try:
            return list(self._cluster.values(result_frame(self._cluster, jobs, describe_files)))
        except SourceError as e:
            if e.what != WORKER_CRASHED:
                raise
            crash = e
        singles = [(family, [file], name) for family, files, name in jobs for file in files]
        if len(singles) == 1:
            (file,) = singles[0][1]
            return [(file.path, Failure(crash.what, file.where, crash.hint))]
        middle = len(singles) // 2
        return [*self._described(_joined(singles[:middle])), *self._described(_joined(singles[middle:]))]

    def examine(self, task: ExaminationTask, rows: int, seed: int) -> Examination:
        """Return findings from about `rows` rows: drawn by all workers, put together and examined by one."""
        return only_outcome(self.examine_together([task], rows, seed))

    def examine_together(
        self, tasks: Sequence[ExaminationTask], rows: int, seed: int,
    ) -> Mapping[TableId, Examination | SourceError]:
        """Return the findings of many tables by one job; small ones are drawn and examined by one task."""
        outcomes: dict[TableId, Examination | SourceError] = {}
        draws: dict[int, _TableDraw] = {}
        for number, task in enumerate(tasks):
            try:
                draws[number] = self._draw(ExamineTask(own_task(task), rows, seed, self._cluster.setting))
            except SourceError as e:
                outcomes[task.id] = e
        collected = collect_by_table(self._cluster, list(draws), partial(self._examined_frame, draws))
        return outcomes | {tasks[number].id: as_outcome(one) for number, one in collected.items()}

    def _draw(self, work: ExamineTask) -> _TableDraw:
        """Return how the sample of a table is drawn."""
        info, rows, seed = work.table.info, work.rows, work.seed
        table = self._table(info.ref)
        if work.table.whole:
            draw = self._draw(replace(work, table=replace(work.table, whole=())))
            counting = table.tasks(self._cluster.parallelism)
            return replace(draw, work=replace(draw.work, table=work.table), is_light=False, counting=counting)
        if table.counts is not None:
            jobs, sampling, is_light = _choose_rows(table, table.counts, rows, seed)
            take = partial(take_rows, info=info)
            return _TableDraw(jobs, take, replace(work, sampling=sampling), is_light or len(jobs) <= 1)
        splits = table.splits(self._cluster.parallelism)
        is_light = len(splits) == 1 and (info.bytes or 0) <= sizes.LIGHT_BYTES
        sample = partial(sample_split, info=info, rows=rows, seed=seed)
        return _TableDraw(splits, sample, work, is_light or len(splits) <= 1)

    def _examined_frame(self, draws: Mapping[int, _TableDraw], numbers: Sequence[int]) -> Any:
        """Return a frame of the findings of some tables."""
        light = [(n, (draws[n].splits, draws[n].draw, draws[n].work)) for n in numbers if draws[n].is_light]
        heavy = {n: draws[n].work for n in numbers if not draws[n].is_light}
        frames = []
        if light:
            partitions = packed(self._cluster, len(light))
            frames.append(table_frame(self._cluster, light, draw_and_examine, partitions))
        if heavy:
            splits: list[tuple[int, Any]] = []
            for n, task in heavy.items():
                count = partial(count_every_value, task=task.table)
                splits += [(n, (split, draws[n].draw)) for split in draws[n].splits]
                splits += [(n, (of_task, count)) for of_task in draws[n].counting]
            row_frame = table_frame(self._cluster, splits, draw_rows)
            frames.append(examined_frame(self._cluster, row_frame, heavy))
        return union(frames)

    def count_persons(
        self, info: TableInfo, counting: Counting, seconds: float | None,
    ) -> tuple[PartialCount, Sequence[str]]:
        """Return persons hashed and folded by all workers; those of a large table stay there."""
        buckets = sizes.buckets_for(info, self._cluster.parallelism)
        work = partial(count_tasks.count_splits, info=info, counting=counting, buckets=buckets)
        frame = unit_frame(self._cluster, self._table(info.ref).tasks(self._cluster.parallelism), work)
        part, unread, account = collect_parts(self._cluster, frame, buckets, seconds)
        self._losses[info.ref] = account.losses_of_counts
        return part, unread

    def losses(self, ref: TableRef) -> tuple[Loss, ...]:
        """Return what the readers of the last count of a table could not keep."""
        return self._losses.get(ref, ())

    def count_rows(self, info: TableInfo, where: Where) -> int:
        work = partial(count_tasks.count_split_rows, info=info, where=where)
        tasks = self._table(info.ref).tasks(self._cluster.parallelism)
        return collect_sum(self._cluster, result_frame(self._cluster, tasks, work))

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        raise rows_stay_on_cluster(ref)

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[Any]:
        raise rows_stay_on_cluster(ref)

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        files = self._table(ref).files
        return Msg("read {n} file(s) from {file} on the workers, {m} rows, seed {of}",
                   n=len(files), file=files[0].where, m=rows, of=seed)

    def close(self) -> None:
        self._listing.close()

    def _table(self, ref: TableRef) -> _TableFiles:
        if ref not in self._tables:
            list(self.tables())
        if ref not in self._tables:
            raise SourceError(Msg('no table "{name}"', name=ref.name), where=self._name)
        return self._tables[ref]


def rows_stay_on_cluster(ref: TableRef) -> SourceError:
    """Return the error of one who wants rows of a table here."""
    return SourceError(Msg("rows stay on the cluster"), where=ref.name,
                       hint=Msg("this needs the local engine"))


def _choose_rows(
    table: _TableFiles, counts: Sequence[Sequence[int]], rows: int, seed: int,
) -> tuple[list[tuple[Split, list[int]]], Drawn, bool]:
    """Return row groups with the places to read in each, how they were drawn, and whether one task will do.

    counts: rows of each row group of each file.
    """
    groups = [(file, number, count) for file, of_file in zip(table.files, counts, strict=True)
              for number, count in enumerate(of_file)]
    places = positions([count for _, _, count in groups], rows, seed)
    chosen = [(Split(i, file, table.family, table.inner, (number,)), places[i])
              for i, (file, number, _) in enumerate(groups) if places[i]]
    total = sum(count for _, _, count in groups)
    rows_read = sum(count for (_, _, count), inside in zip(groups, places, strict=True) if inside)
    filled = sum(1 for _, _, count in groups if count)
    method = Msg("all rows") if total <= rows else Msg(
        "random rows of {n} of {of} row groups", n=len(chosen), of=filled)
    return chosen, Drawn(method, sum(map(len, places)), total, seed), rows_read <= sizes.LIGHT
