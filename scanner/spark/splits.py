"""Parts of a table's files, each read by one task with the readers of the local engine."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.spark.task_io import Failure, Values

if TYPE_CHECKING:
    import pyarrow as pa

    from scanner.connectors.files.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that one task reads from start to end: a file, or row groups of one.

    number: its place in the table. family: the module that reads the file. inner: the table inside the file.
    """

    number: int
    file: SourceFile
    family: str
    inner: TableRef
    groups: tuple[int, ...] | None = None


class _SplitFamily:
    """One split as the file connector sees a family of files."""

    def __init__(self, split: Split, info: TableInfo) -> None:
        self._split, self._info = split, info

    def describe(self, file: SourceFile, name: str) -> Iterator[TableInfo]:
        yield self._info

    def stream(
        self, file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        family: Any = importlib.import_module(self._split.family)
        if self._split.groups is None:
            yield from family.stream(file, self._split.inner, columns)
            return
        groups = family.row_groups(file, self._split.inner)
        for number in self._split.groups:
            yield from groups[number].read(columns)


def connector_of(split: Split, info: TableInfo) -> Any:
    """Return a connector over one split; it cuts cells, filters and notices changes as for a whole file."""
    from scanner.connectors.files.grouping import FileGroup, Grouping
    from scanner.connectors.files.source import FilesConnector
    from scanner.connectors.protocol import Access

    group = FileGroup(info.ref.name, "", (split.file,), _SplitFamily(split, info))
    return FilesConnector(Grouping([group]), Access("worker"))


def describe_files(job: tuple[str, Sequence[SourceFile], str]) -> Values:
    """Yield for each file its path with its tables and the rows of each row group, or with a Failure.

    job: (module that reads the files, files, name of their table). Formats without row groups have None.
    """
    from scanner.connectors.files.errors import reader_errors

    family, files, name = job
    module: ModuleType = importlib.import_module(family)
    for file in files:
        try:
            with reader_errors(file.where):
                infos = list(module.describe(file, name))
                counts = None
                if infos and hasattr(module, "row_groups"):
                    counts = [group.rows for group in module.row_groups(file, infos[0].ref)]
        except SourceError as e:
            yield 0, (file.path, _failure_of(e))
            continue
        yield 0, (file.path, (infos, counts))


def _failure_of(error: SourceError) -> Failure:
    if "gone" not in error.what:
        return Failure(error.what, error.where, error.hint)
    return Failure(Msg("a worker cannot reach the file"), error.where,
                   Msg("the path must exist on every worker: a shared folder, or spark:FORMAT:URL"))
