"""Many tables examined by one job: its tasks are table times split.

What tasks give of a table goes by its number in the job. A job that fails costs the tables that fail alone:
half of them is tried at a time.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from detectors.errors import SourceError
from scanner.gather.table_catalogue import column_ids
from scanner.spark.errors import is_of_session
from scanner.spark.examining import ExamineTask, WorkerExamination, examine_table
from scanner.spark.session import Cluster
from scanner.spark.table_io import table_function, tables_function
from scanner.spark.task_io import SCHEMA, Failure

if TYPE_CHECKING:
    from scanner.connectors.protocol import Examination, ExaminationTask

TableOutcomes = dict[int, WorkerExamination | SourceError]        # by the number of the table
ROUNDS = 4                                    # tasks of small tables that a core runs one after another


def own_task(task: ExaminationTask) -> ExaminationTask:
    """Return a task that holds, of what columns inherit, only that of its own table."""
    columns = column_ids(task.id, task.info)
    return replace(task, inherited={c: task.inherited[c] for c in columns if c in task.inherited})


def table_frame(
    cluster: Cluster, tasks: Sequence[tuple[int, Any]], work: Any, partitions: int | None = None,
) -> Any:
    """Return a frame of what `work` gives for each task, by default a partition of its own.

    tasks: (number of the table, what `work` takes).
    """
    pickled = [pickle.dumps(task, protocol=5) for task in tasks]
    numbers = cluster.session.range(0, len(pickled), 1, partitions or len(pickled))
    return numbers.mapInArrow(table_function(pickled, work), SCHEMA)


def packed(cluster: Cluster, tables: int) -> int:
    """Return how many tasks do the work of some small tables: starting one costs more than a table does."""
    return min(tables, ROUNDS * cluster.parallelism)


def examined_frame(cluster: Cluster, row_frame: Any, tasks: Mapping[int, ExamineTask]) -> Any:
    """Return a frame of the findings in what other tasks drew: all rows of a table come to one task."""
    pickled = {number: pickle.dumps(task, protocol=5) for number, task in tasks.items()}
    examine = tables_function(partial(examine_table, tasks=pickled))
    together = row_frame.repartition(packed(cluster, len(tasks)), "bucket")
    return together.sortWithinPartitions("bucket").mapInArrow(examine, SCHEMA)


def union(frames: Sequence[Any]) -> Any:
    """Return the rows of some frames as one."""
    return reduce(lambda one, other: one.union(other), frames)


def collect_by_table(
    cluster: Cluster, numbers: Sequence[int], frame_of: Callable[[Sequence[int]], Any],
    properties_of: Callable[[Sequence[int]], Mapping[str, str]] = lambda _: {},
) -> TableOutcomes:
    """Return what became of some tables. frame_of: gives the frame of their findings.

    properties_of: gives the properties of the job.
    """
    if not numbers:
        return {}
    try:
        values = list(cluster.values_by_bucket(frame_of(numbers), properties_of(numbers)))
    except SourceError as e:
        if len(numbers) == 1 or is_of_session(e):
            return dict.fromkeys(numbers, e)
        middle = len(numbers) // 2
        return {
            **collect_by_table(cluster, numbers[:middle], frame_of, properties_of),
            **collect_by_table(cluster, numbers[middle:], frame_of, properties_of),
        }
    outcomes: TableOutcomes = {}
    for number, value in values:
        outcomes[number] = value.error() if isinstance(value, Failure) else value
    return outcomes


def as_outcome(outcome: WorkerExamination | SourceError) -> Examination | SourceError:
    """Return findings, how their rows were drawn, and what readers could not keep; errors as they are."""
    from detectors.columns import failures

    if isinstance(outcome, SourceError):
        return outcome
    failures.update(outcome.failures)
    return outcome.look, outcome.sampling, outcome.account.losses


def only_outcome(outcomes: Mapping[Any, Examination | SourceError]) -> Examination:
    """Return the only outcome there is; raise it where it is an error."""
    (outcome,) = outcomes.values()
    if isinstance(outcome, SourceError):
        raise outcome
    return outcome
