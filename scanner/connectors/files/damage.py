"""Parts of a file that cannot be read whole: what can be is read column by column, and the rest is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.account import column
from scanner.connectors.files.errors import explain_error
from scanner.connectors.files.source_file import SourceFile

READER_ERRORS = (pa.ArrowException, OSError)


def check_is_damage(error: Exception, where: str) -> None:
    """Raise SourceError for an error that is not about what is in the file, e.g. a lost connection."""
    what, hint = explain_error(error)
    if not what.startswith("cannot be read"):
        raise SourceError(what, where=where, hint=hint) from None


@dataclass(frozen=True, slots=True)
class DamagedPart:
    """A part of a file that could not be read whole. number: from 1. names: of the fields that are wanted."""

    file: SourceFile
    number: int
    names: Sequence[str]

    def lose(self) -> None:
        """Note that nothing of it can be read."""
        place = Msg("part {number} of {file}", number=str(self.number), file=self.file.where)
        self.file.account.lose_once("unreadable_row_groups", place)

    def rest(self, read_field: Callable[[str], pa.Array], rows: int) -> pa.RecordBatch:
        """Return what can be read of it, null where a column cannot. rows: of it, that were read before."""
        arrays = self._readable(read_field)
        length = max(map(len, arrays.values()), default=0)
        whole = {name: array for name, array in arrays.items() if len(array) == length}
        if not whole or length < rows:
            self.lose()
            return pa.RecordBatch.from_arrays([], names=[])
        for name in self.names:
            if name not in whole:
                self.file.account.lose_once("unreadable_columns", column(name))
        columns = [whole.get(name, pa.nulls(length, pa.string())) for name in self.names]
        return pa.RecordBatch.from_arrays(columns, names=list(self.names)).slice(rows)

    def count(self, read_field: Callable[[str], pa.Array]) -> int:
        """Return its rows by the columns that can be read; 0 where none can, which is noted."""
        arrays = self._readable(read_field)
        if not arrays:
            self.lose()
        return max(map(len, arrays.values()), default=0)

    def _readable(self, read_field: Callable[[str], pa.Array]) -> dict[str, pa.Array]:
        arrays: dict[str, pa.Array] = {}
        for name in self.names if len(set(self.names)) == len(self.names) else ():
            with suppress(*READER_ERRORS):
                array = read_field(name)
                array.validate(full=True)
                arrays[name] = array
        return arrays
