"""Units beyond the memory there is: runs on disk in the order of their keys, read back range by range.

A run holds what a counter holds, keyed hashes and bits, never a value. It is written once and read in slices
by the upper bits of `mix_keys`, so that what is equal is in the same slice of every run.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import weakref
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from detectors.errors import StateError
from detectors.message import Msg
from mappings.hash_slices import slice_ends, slice_ranges
from mappings.person_records import NO_HEAVY, KeyRows, Units, mix_keys

PREFIX = "chujing-count-"                     # of folders with runs
# of the memory that counting may take: what is held before it goes to disk, what is read back at once
SHARE, READ, CHECKED = 6, 24, 64
_U64 = np.uint64


class SpilledPile(Protocol):
    """What holds units, and can write them."""

    def arrays(self) -> Iterator[np.ndarray]: ...

    def spill(self) -> None: ...


class UnitMemory:
    """The memory that the counters of a run share. most: bytes of it; None: no limit. parent: where runs go.

    Only what is needed to count is in the folder: keyed hashes. It is the user's alone, and goes with the
    process; what a killed one left behind is removed by the next one that needs the disk.
    """

    def __init__(self, most: int | None = None, parent: Path | None = None) -> None:
        self.most = most
        self._parent = parent
        self._folder: RunFolder | None = None
        self._piles: weakref.WeakSet[SpilledPile] = weakref.WeakSet()
        self._unchecked = 0

    @property
    def read_size(self) -> int:
        """Return how many bytes of units are to be read back at once; at least a little."""
        return max(1 if self.most is None else self.most // READ, 1)

    def watch(self, pile: SpilledPile) -> None:
        """Count what a pile holds."""
        if self.most is not None:
            self._piles.add(pile)

    def make_room(self, added: int) -> None:
        """Write the largest piles to disk when together they hold too much. added: bytes since last asked."""
        if self.most is None:
            return
        self._unchecked += added
        if self._unchecked * CHECKED <= self.most:
            return
        self._unchecked = 0
        if self._size() * SHARE <= self.most:
            return
        for pile in sorted(self._piles, key=_bytes_of, reverse=True):
            if self._size() * SHARE * 2 <= self.most:
                return
            pile.spill()

    def piles(self) -> list[SpilledPile]:
        """Return the piles that share this memory."""
        return list(self._piles)

    def _size(self) -> int:
        """Bytes of all piles; what two of them share is there once."""
        return sum({id(a): a.nbytes for pile in self._piles for a in pile.arrays()}.values())

    def write(self, units: Units, heavy: KeyRows = NO_HEAVY) -> UnitRun:
        """Write units that are in the order of `mix_keys` as a run. heavy: further rows of keys, in order.

        Raise StateError where the disk has no room for it.
        """
        return UnitRun(self.folder(), units, heavy)

    def folder(self) -> RunFolder:
        """Return the folder that runs go to."""
        if self._folder is None:
            self._folder = RunFolder(self._parent)
        return self._folder

    def write_keys(self, ordered: np.ndarray) -> UnitRun:
        """Write keys of one kind, in order, as a run."""
        return self.write(Units(ordered[:, None], None, np.broadcast_to(_U64(0), len(ordered)), None))


def _bytes_of(pile: SpilledPile) -> int:
    return sum(a.nbytes for a in pile.arrays())


UNBOUNDED = UnitMemory()


class RunFolder:
    """A folder of runs, for this process alone."""

    def __init__(self, parent: Path | None) -> None:
        base = Path(tempfile.gettempdir()) if parent is None else parent
        _remove_stale_folders(base)
        try:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))          # mode 0700
            self._lock = _locked(self.path / "lock")
        except OSError as e:
            raise _no_room(base, e) from None
        self._number = 0
        self._remove = weakref.finalize(self, _remove, self.path, os.getpid())

    def next_path(self) -> Path:
        """Return a path for another run."""
        self._number += 1
        return self.path / f"{self._number}.run"


def _locked(path: Path) -> int:
    """Create a file and lock it while the process lives; return its descriptor."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _remove_stale_folders(base: Path) -> None:
    """Remove the folders of processes that were killed: those whose lock nobody holds."""
    try:
        import fcntl
    except ImportError:
        return
    for lock in base.glob(f"{PREFIX}*/lock"):
        with suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(descriptor)


def _no_room(folder: Path, error: OSError) -> StateError:
    """What is wrong with a folder that runs cannot be written to."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        what = Msg("the disk is full, and counting needs room there")
    else:
        what = Msg("counting cannot write there: {why}", why=error.strerror or type(error).__name__)
    hint = Msg("set TMPDIR to a folder on a larger disk, or --memory to more, and count again")
    return StateError(what, where=str(folder), hint=hint)


class _Column(NamedTuple):
    """Where a column of a run stands in its file. constant: what all rows hold, and nothing stands there."""

    dtype: type
    width: int
    at: int
    constant: int | None = None


class ColumnFile:
    """Columns of numbers, one after the other, in a file that goes with the object."""

    def __init__(self, folder: RunFolder, columns: Mapping[Any, np.ndarray | None]) -> None:
        self.path = folder.next_path()
        self._folder = folder                 # which is there while a file is
        self._columns: dict[Hashable, _Column] = {}
        self._remove = weakref.finalize(self, _remove, self.path, os.getpid())
        try:
            file = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                for name, values in columns.items():
                    if values is not None:
                        self._columns[name] = _written_column(file, values)
            finally:
                os.close(file)
        except OSError as e:
            self._remove()
            raise _no_room(folder.path.parent, e) from None

    def column(self, name: Hashable, rows: tuple[int, int]) -> np.ndarray | None:
        """Return some rows of a column; None where there is no such one."""
        if name not in self._columns:
            return None
        column, (first, after) = self._columns[name], rows
        if column.constant is not None:
            return np.full(after - first, column.constant, column.dtype)
        width = max(column.width, 1)
        offset = column.at + first * width * np.dtype(column.dtype).itemsize
        values: np.ndarray = np.fromfile(self.path, column.dtype, (after - first) * width, offset=offset)
        return values.reshape(-1, width) if column.width else values


def _written_column(file: int, values: np.ndarray) -> _Column:
    """Write a column to a file; return where it stands."""
    at = os.lseek(file, 0, os.SEEK_CUR)
    if values.ndim == 1 and len(values) and (values == values[0]).all():
        return _Column(values.dtype.type, 0, at, int(values[0]))
    rest = memoryview(np.ascontiguousarray(values).data).cast("B") if values.size else memoryview(b"")
    while rest:
        rest = rest[os.write(file, rest):]
    return _Column(values.dtype.type, values.shape[1] if values.ndim == 2 else 0, at)


class UnitRun(ColumnFile):
    """Units in one file, column after column, in the order of `mix_keys`; the file goes with the object.

    ends: where each slice begins, and the last one ends. heavy_ends: the same of the keys in several rows.
    """

    def __init__(self, folder: RunFolder, units: Units, heavy: KeyRows = NO_HEAVY) -> None:
        self.ends = slice_ends(mix_keys(units))
        self.heavy_ends = slice_ends(heavy[0])
        self.row_bytes = sum(a.nbytes for a in units.arrays()) / max(len(units), 1)
        self.has_names = units.name is not None
        super().__init__(folder, {
            "keys": units.keys, "name": units.name, "bits": units.bits, "first_row": units.first_row,
            "rows": units.rows, "heavy": heavy[0], "heavy_rows": heavy[1],
        })

    def __len__(self) -> int:
        return int(self.ends[-1])

    def read_keys(self, first: int, after: int) -> np.ndarray:
        """Return the keys alone of some slices, of a run of one kind."""
        keys = self.column("keys", (int(self.ends[first]), int(self.ends[after])))
        assert keys is not None
        return keys[:, 0]

    def read(self, first: int, after: int) -> tuple[Units, KeyRows]:
        """Return the units of some slices, and the further rows of their keys."""
        rows = int(self.ends[first]), int(self.ends[after])
        heavy = int(self.heavy_ends[first]), int(self.heavy_ends[after])
        keys, bits = self.column("keys", rows), self.column("bits", rows)
        assert keys is not None and bits is not None
        units = Units(
            keys, self.column("name", rows), bits, self.column("first_row", rows), self.column("rows", rows)
        )
        several, number = self.column("heavy", heavy), self.column("heavy_rows", heavy)
        assert several is not None and number is not None
        return units, (several, number)


def _remove(path: Path, process: int) -> None:
    """Remove a run or a folder of them, unless this is a copy of the process that wrote it."""
    if os.getpid() != process:
        return
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink()


def run_ranges(runs: Sequence[UnitRun], size: int) -> Iterator[tuple[int, int]]:
    """Yield (first slice, slice after the last) of ranges of about `size` bytes in all runs together."""
    return slice_ranges([run.ends for run in runs], size, [run.row_bytes for run in runs])


class KeyRuns:
    """Keys of one kind, however many, to ask which stand there more than once."""

    def __init__(self, memory: UnitMemory) -> None:
        self._memory = memory
        self._waiting: list[np.ndarray] = []
        self._size = 0
        self._runs: list[UnitRun] = []

    def add(self, keys: np.ndarray) -> None:
        """Add keys."""
        self._waiting.append(keys)
        self._size += keys.nbytes
        if self._memory.most is not None and self._size > self._memory.read_size:
            self._runs.append(self._memory.write_keys(self._ordered()))

    def _ordered(self) -> np.ndarray:
        keys = np.concatenate([*self._waiting, np.zeros(0, _U64)])
        self._waiting, self._size = [], 0
        keys.sort()
        return keys

    def ranges(self) -> Iterator[np.ndarray]:
        """Yield all keys in order, range after range; equal ones are in one range."""
        if not self._runs:
            yield self._ordered()
            return
        rest = self._ordered()
        if len(rest):
            self._runs.append(self._memory.write_keys(rest))
        for first, after in run_ranges(self._runs, 2 * self._memory.read_size):
            keys = np.concatenate([run.read_keys(first, after) for run in self._runs])
            keys.sort()
            yield keys
