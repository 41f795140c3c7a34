"""Tables examined where their data is, many of them together where their source can."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from detectors.errors import SourceError
from detectors.ids import source_of
from detectors.model import Skipped, TableId
from scanner.connectors.protocol import ExaminationTask, Examines, ExaminesTogether
from scanner.gather.examine import ExaminedTable, as_examined, examine_unread, table_rows

if TYPE_CHECKING:
    from scanner.connectors.protocol import Examination

TOGETHER = 100                                # tables that a source is asked for at a time, at most


class RemoteTables:
    """Examines tables one after another, and with each some that will surely be asked for next."""

    def __init__(self, tasks: Iterable[ExaminationTask], rows: int, seed: int) -> None:
        """tasks: in the order in which they will be asked for. rows: of a sample."""
        self._rows, self._seed = rows, seed
        self._waiting: dict[str, dict[TableId, ExaminationTask]] = {}
        self._results: dict[TableId, ExaminedTable] = {}
        for task in tasks:
            self._waiting.setdefault(source_of(task.id), {})[task.id] = task

    def examine(self, connector: Examines, task: ExaminationTask) -> ExaminedTable:
        """Return a table as its source examined it; one that cannot be read says why."""
        if task.id not in self._results:
            self._examine_next(connector, task)
        return self._results.pop(task.id)

    def _examine_next(self, connector: Examines, task: ExaminationTask) -> None:
        waiting = self._waiting.get(source_of(task.id), {})
        tasks = [task]
        if isinstance(connector, ExaminesTogether):
            if waiting.pop(task.id, None) is not None:
                tasks += islice(waiting.values(), TOGETHER - 1)
            outcomes = connector.examine_together(tasks, self._rows, self._seed)
        else:
            outcomes = {task.id: self._outcome(connector, task)}
        for each in tasks:
            waiting.pop(each.id, None)
            self._results[each.id] = _as_table(each, outcomes[each.id])

    def _outcome(self, connector: Examines, task: ExaminationTask) -> Examination | SourceError:
        try:
            return connector.examine(task, self._rows, self._seed)
        except SourceError as e:
            return e


def _as_table(task: ExaminationTask, outcome: Examination | SourceError) -> ExaminedTable:
    if isinstance(outcome, SourceError):
        return examine_unread(task, Skipped(task.id, outcome.message, outcome.hint))
    columns, sampling, losses = outcome
    examined = as_examined(task, columns, sampling)
    rows = table_rows(task.info.rows, sampling, losses)
    return replace(examined, table=replace(examined.table, losses=losses, rows=rows))
