"""One task puts the rows of a sample together and looks for personal information in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.errors import SourceError
from detectors.message import Msg, Text
from detectors.model import Drawn
from scanner.connectors.account import Account
from scanner.spark.sampling import SampleRows, rows_in_order
from scanner.spark.task_io import Values, unpickle

if TYPE_CHECKING:
    from detectors.columns.every_value import EveryValue
    from reports.model import ExaminedColumns
    from scanner.connectors.protocol import ExaminationTask


@dataclass(frozen=True, slots=True)
class DetectorSetting:
    """The driver's detectors: the user's own file, and the version all of them together make."""

    own: bytes
    version: str


@dataclass(frozen=True, slots=True)
class ReadSplits:
    """How many splits of a table are read, and how many there are."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class ExamineTask:
    """What detection needs to know of a table, and of the sample.

    sampling: how the rows were drawn, where that is known beforehand; else those of lowest rank are taken.
    is_repeatable: whether they come in the same order next time. splits: those the rows are from, where
    others may be left.
    """

    table: ExaminationTask
    rows: int
    seed: int
    setting: DetectorSetting
    sampling: Drawn | None = None
    is_repeatable: bool = True
    splits: ReadSplits | None = None


@dataclass(frozen=True, slots=True)
class WorkerExamination:
    """Findings of a table from its sample. failures: detectors that raised, by kind of exception.

    account: what the readers could not keep.
    """

    look: ExaminedColumns
    sampling: Drawn
    failures: Mapping[str, str]
    account: Account = field(default_factory=Account)


def examine_sample(
    samples: Iterable[SampleRows], task: ExamineTask, counts: Sequence[Mapping[str, EveryValue]] = (),
) -> WorkerExamination:
    """Return the findings in the rows of several splits. Raise SourceError where they do not fit together.

    counts: of all values of some columns, a split each.
    """
    from detectors.columns import failures
    from detectors.columns.every_value import EveryValue
    from scanner.connectors.files.rows import unify_types
    from scanner.gather.column_statistics import columns_of
    from scanner.gather.examine import examine_cells
    from scanner.gather.whole_columns import merge_counts

    _use_setting(task.setting)
    ordered = sorted(samples, key=lambda sample: sample.split)
    limit, sampling = None, task.sampling
    if sampling is None:
        limit = _highest_rank(ordered, task.rows)
    batches = [batch for sample in ordered for batch in rows_in_order(sample, limit)]
    if sampling is None:
        method, total = _method_of(ordered, limit, task.splits)
        rows = sum(batch.num_rows for batch in batches)
        is_whole = limit is None and total is not None
        sampling = Drawn(method, rows, total, task.seed, task.is_repeatable or is_whole)
    try:
        cells = columns_of(unify_types(batches))
    except Exception as e:  # files of one table whose columns do not fit together
        what = Msg("cannot be read ({kind})", kind=type(e).__name__)
        raise SourceError(what, where=task.table.info.ref.name,
                          hint=Msg("have its files the same columns?")) from None
    every = merge_counts([{name: EveryValue() for name in task.table.whole}, *counts])
    look = examine_cells(task.table, cells, every)
    account = Account()
    for sample in ordered:
        account.merge(sample.account)
    return WorkerExamination(look, sampling, dict(failures), account)


def _method_of(
    samples: Sequence[SampleRows], limit: np.uint64 | None, splits: ReadSplits | None,
) -> tuple[Text, int | None]:
    """Return how rows were drawn, and how many the table has; None where some were not read."""
    if splits is not None and (splits.number < splits.of or any(sample.is_cut for sample in samples)):
        return Msg("random rows from the beginning of {n} of {of} splits",
                   n=splits.number, of=splits.of), None
    method = Msg("all rows") if limit is None else Msg("rows whose places hash smallest")
    return method, sum(sample.total for sample in samples)


def _highest_rank(samples: Sequence[SampleRows], rows: int) -> np.uint64 | None:
    """Return the rank that `rows` rows lie below; None where there are no more than that."""
    if sum(sample.total for sample in samples) <= rows:
        return None
    ranks = np.concatenate([sample.rank for sample in samples])
    if len(ranks) == rows:                    # one split alone has rows, and its task left out the others
        return np.uint64(np.iinfo(np.uint64).max)
    limit: np.uint64 = np.partition(ranks, rows)[rows]
    return limit


_current: list[DetectorSetting] = []          # what the detectors of this process were set to last


def _use_setting(setting: DetectorSetting) -> None:
    """Set this process to the driver's detectors. Raise SourceError where the worker has others."""
    import tempfile

    from detectors.columns import failures
    from detectors.registry import version
    from scanner.gather.examiner_pool import use_detectors

    if _current != [setting]:
        if setting.own:
            with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
                file.write(setting.own)
                file.flush()
                use_detectors(Path(file.name))
        else:
            use_detectors(None)
        _current[:] = [setting]
    if version() != setting.version:
        raise SourceError(Msg("the workers have other detectors or text models than this machine"), hint=Msg(
            "install the same plug-ins and models on the workers, or start without them"))
    failures.clear()


# ---- tasks, by name, so that they reach the workers as references


def draw_and_examine(work: tuple[Sequence[Any], Callable[[Any], Values], ExamineTask]) -> Values:
    """Yield the findings of a table that is read and examined by this one task.

    work: (splits, what draws the rows of one, what detection needs to know).
    """
    splits, draw, task = work
    yield 0, examine_sample([sample for split in splits for _, sample in draw(split)], task)


def draw_rows(work: tuple[Any, Callable[[Any], Values]]) -> Values:
    """Yield the rows of one split. work: (split, what draws its rows)."""
    split, draw = work
    yield from draw(split)


def examine_table(table: int, parts: Iterable[Any], tasks: Mapping[int, bytes]) -> Values:
    """Yield the findings of a table whose rows other tasks drew, and whose values they counted.

    tasks: an ExamineTask a table, pickled.
    """
    samples: list[SampleRows] = []
    counts: list[Mapping[str, EveryValue]] = []
    for part in parts:
        if isinstance(part, SampleRows):
            samples.append(part)
        else:
            counts.append(part)
    yield table, examine_sample(samples, unpickle(tasks[table]), counts)
