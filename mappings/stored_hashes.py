"""Hashes of persons kept on disk while they are not asked for: of a year of large exports there are many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mappings.hash_slices import KeyKind, SlicedHashes
from mappings.unit_runs import UnitMemory, UnitRun


@dataclass(frozen=True, slots=True)
class _RunHashes:
    """Hashes of a run, by slices."""

    run: UnitRun

    @property
    def ends(self) -> np.ndarray:
        return self.run.ends

    def read(self, first: int, after: int) -> np.ndarray:
        return self.run.read_keys(first, after)


class StoredHashes(Mapping[KeyKind, np.ndarray]):
    """Sorted hashes by kind; each is read anew whenever it is asked for."""

    def __init__(self, hashes: Mapping[KeyKind, np.ndarray], memory: UnitMemory) -> None:
        self._runs = {kind: memory.write_keys(values) for kind, values in hashes.items()}

    def __getitem__(self, kind: KeyKind) -> np.ndarray:
        run = self._runs[kind]
        return run.read_keys(0, len(run.ends) - 1)

    def __iter__(self) -> Iterator[KeyKind]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def sliced(self, kind: KeyKind) -> SlicedHashes:
        """Return the hashes of a kind, to be read by slices."""
        return _RunHashes(self._runs[kind])
