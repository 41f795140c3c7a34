"""Files: a path, a folder, a glob or a URL of fsspec becomes a source; a partitioned folder is one table.

Each family module turns one file into record batches: `describe(place, name)` lists its tables, `stream(place, ref, wanted)` reads one.
`groups(place, ref)` offers row groups that can be read alone, `lines(place, ref)` lines that can; samples then read only those.
Grouping files into tables is `grouping`; this module reads them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pyarrow as pa

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Drawn, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.files.grouping import Group, Left, grouped
from scanner.connectors.files.groups import RowGroup, drawn, take, words
from scanner.connectors.files.lines import draw
from scanner.connectors.files.places import Place, local, remote, telling, total
from scanner.connectors.files.rows import alike, cut, gather, mask, passes, select
from scanner.connectors.protocol import Access, Sample, Where

__all__ = ["FilesConnector", "mask", "open_path", "open_url", "some_of"]

EXAMINED = 2_000_000                          # rows of text a sample is drawn from; beyond that, said in `drawn`
EXAMINED_BYTES = 2 << 30                      # the same in bytes
LARGE = 512 << 20                             # bytes of text from which on a sample takes lines from all over
LOOKED = 5                                    # files of a table of text whose columns are looked at: first, last, some between

T = TypeVar("T")


def open_path(url: str, name: str, options: Mapping[str, str] | None = None) -> FilesConnector:
    """A connector for a file, a folder or a glob on this machine; SourceError when nothing is there."""
    return FilesConnector(*grouped(*local(url), options or {}), name)


def open_url(url: str, access: Access) -> FilesConnector:
    """The same anywhere fsspec reaches; SourceError where it does not."""
    options = {**access.options, "password": access.password} if access.password else access.options
    places, root = remote(url, options, access.timeout)
    return FilesConnector(*grouped(places, root, options, access.timeout), access.name, access.connections)


class FilesConnector:
    """Tables in files. left: what could not be a table. connections: files opened at the same time, far away."""

    def __init__(self, groups: Sequence[Group], left: Sequence[Left], name: str, connections: int = 2) -> None:
        self._groups = sorted(groups, key=lambda g: (g.schema, g.name))
        self._left = left
        self._source = name
        self._connections = connections
        self._tables: dict[TableRef, tuple[Group, TableRef]] = {}       # the ref shown -> its files, the ref inside them
        self._broken: dict[TableRef, Mapping[str, SourceError]] = {}    # files of a table that cannot be read, by path

    def tables(self) -> Iterator[TableInfo | Skipped]:
        for ref, why, hint in self._left:
            yield Skipped(ref.id(self._source), why, hint)
        for group in self._groups:
            try:
                yield from self._listed(group)
            except ChujingError as e:         # an extra that is missing concerns this table only
                yield Skipped(TableRef(group.name, group.schema).id(self._source), str(e), e.hint)

    def _listed(self, group: Group) -> Iterator[TableInfo | Skipped]:
        if group.lake:
            found: dict[TableRef, list[TableInfo]] = {TableRef(group.name): [group.family.table(group.name)]}
            broken: dict[str, SourceError] = {}
        else:
            found, broken = self._described(group)
        for inner, infos in found.items():
            ref = TableRef(inner.name, "/".join(s for s in (group.schema, inner.schema) if s))
            self._tables[ref] = group, inner
            self._broken[ref] = broken
            for e in broken.values():
                yield Skipped(
                    ref.id(self._source), Msg("{said}; the other files are read", said=e.message), e.hint
                )
            yield replace(infos[0] if group.lake else _merged(infos, group.files, bool(broken)), ref=ref)

    def _described(self, group: Group) -> tuple[dict[TableRef, list[TableInfo]], dict[str, SourceError]]:
        """(what the files say, by table; files that cannot be read). SourceError when none can."""
        looked = group.files if hasattr(group.family, "groups") else some_of(group.files)
        found: dict[TableRef, list[TableInfo]] = {}
        infos, broken = self._each(looked, lambda f: list(group.family.describe(f, group.name)))
        for of_file in infos:
            for info in of_file:
                found.setdefault(info.ref, []).append(info)
        if broken and not found:
            raise next(iter(broken.values()))
        return found, broken

    def _each(self, files: Sequence[Place], work: Callable[[Place], T]) -> tuple[list[T], dict[str, SourceError]]:
        """(results in order, errors by path); files far away are opened side by side."""

        def one(file: Place) -> T | SourceError:
            try:
                with telling(file.where):
                    return work(file)
            except SourceError as e:
                return e

        if len(files) > 1 and files[0].far:
            with ThreadPoolExecutor(self._connections) as pool:
                results = list(pool.map(one, files))
        else:
            results = [one(f) for f in files]
        return ([r for r in results if not isinstance(r, SourceError)],
                {f.path: r for f, r in zip(files, results, strict=True) if isinstance(r, SourceError)})

    def _group(self, ref: TableRef) -> tuple[Group, TableRef]:
        if ref not in self._tables:
            list(self.tables())
        if ref not in self._tables:
            raise SourceError(Msg('no table "{name}"', name=ref.name), where=self._source)
        return self._tables[ref]

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Random row groups, random lines of a large text, or a seeded reservoir over all rows of the rest."""
        group, inner = self._group(ref)
        files = group.files
        if hasattr(group.family, "groups"):
            found = self._of_groups(group, inner, columns, rows, seed)
        elif total(files) > LARGE and (lines := self._of_lines(group, inner, columns, rows, seed)):
            found = lines
        else:
            found = self._reservoir(group, inner, columns, rows, seed)
        batches, told, broken = found
        if broken and len(broken) == len(files):
            raise next(iter(broken.values()))
        if broken:
            told = replace(told, method=f"{told.method}, {len(broken)} of {len(files)} files unread", rows_total=None)
        skipped = [
            Skipped(ref.id(self._source), Msg("{said}; the other files were read", said=e.message), e.hint)
            for path, e in broken.items()
            if path not in self._broken[ref]
        ]
        return Sample(alike(batches), told, tuple(skipped))

    def _of_groups(
        self, group: Group, inner: TableRef, columns: Sequence[str], rows: int, seed: int,
    ) -> tuple[list[pa.RecordBatch], Drawn, dict[str, SourceError]]:
        lists, broken = self._each(group.files, lambda f: list(group.family.groups(f, inner)))
        found: list[RowGroup] = [g for of_file in lists for g in of_file]
        chosen = drawn(found, rows, seed)
        batches: list[pa.RecordBatch] = []
        for g, places in chosen:
            if g.place.path in broken:
                continue
            try:
                with telling(g.place.where):
                    batches += [select(b, columns, g.place.partition) for b in take(g, places, columns)]
            except SourceError as e:
                broken[g.place.path] = e
        count = sum(b.num_rows for b in batches)
        return batches, Drawn(words(found, len(chosen), rows), count, sum(g.rows for g in found), seed), broken

    def _of_lines(
        self, group: Group, inner: TableRef, columns: Sequence[str], rows: int, seed: int,
    ) -> tuple[list[pa.RecordBatch], Drawn, dict[str, SourceError]] | None:
        """Lines from all over; None where lines are no records."""
        if not hasattr(group.family, "lines"):
            return None
        found, broken = self._each(group.files, lambda f: group.family.lines(f, inner))
        with telling(group.files[0].where):
            drawn_lines = None if broken or None in found else draw([f for f in found if f is not None], rows, seed)
        if drawn_lines is None:
            return None
        batches = [select(b, columns, f.place.partition) for f, b in drawn_lines[0]]
        return batches, Drawn(drawn_lines[1], sum(b.num_rows for b in batches), None, seed), {}

    def _reservoir(
        self, group: Group, inner: TableRef, columns: Sequence[str], rows: int, seed: int,
    ) -> tuple[list[pa.RecordBatch], Drawn, dict[str, SourceError]]:
        """Every row read has the same chance; of many large files as many as may be read are drawn first."""
        rng = random.Random(seed)
        files = list(group.files)
        if mixed := len(files) > 1 and total(files) > LARGE:
            rng.shuffle(files)
        kept: list[tuple[pa.RecordBatch, int]] = []
        broken: dict[str, SourceError] = {}
        seen, size, opened = 0, 0, 0
        for file in files:
            if seen >= EXAMINED or size >= EXAMINED_BYTES:
                break
            opened += 1
            try:
                for batch in self._stream(group, file, inner, columns):
                    batch = select(batch, columns, file.partition)
                    size += batch.nbytes
                    for i in range(batch.num_rows):
                        if len(kept) < rows:
                            kept.append((batch, i))
                        elif (j := rng.randrange(seen + i + 1)) < rows:
                            kept[j] = (batch, i)
                    seen += batch.num_rows
                    if seen >= EXAMINED or size >= EXAMINED_BYTES:
                        break
            except SourceError as e:
                broken[file.path] = e
        whole = seen < EXAMINED and size < EXAMINED_BYTES
        method = Msg("all rows") if whole and seen <= rows else Msg("reservoir")
        if not whole and mixed:
            method = Msg(
                "reservoir over the first {n} rows of {m} of {of} files, drawn at random", n=seen, m=opened, of=len(files)
            )
        elif not whole:
            method = Msg("reservoir over the first {n} rows", n=seen)
        return gather(kept), Drawn(method, len(kept), seen if whole else None, seed), broken

    def _stream(self, group: Group, file: Place, inner: TableRef, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with telling(file.where):
            yield from group.family.stream(file, inner, wanted)

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Every row that passes, in the order of the files; files whose partition cannot pass are not opened."""
        group, inner = self._group(ref)
        needed = list(dict.fromkeys([*columns, *where]))
        files = [f for f in group.files if passes(f.partition, where)]
        if missing := [e for path, e in self._broken[ref].items() if path in {f.path for f in files}]:
            raise SourceError(f"{missing[0]}; {len(missing)} of {len(files)} files are missing from the table", hint=missing[0].hint)
        before = [] if group.lake else [f.stamp for f in files]
        for file in files:
            for batch in self._stream(group, file, inner, needed):
                batch = select(batch, needed, file.partition)
                if where:
                    batch = batch.filter(mask(batch, where))
                yield from cut(batch.select(list(columns)))
        if before and [f.now() for f in files] != before:
            raise SourceError(
                Msg("the file changed while it was read"),
                where=files[0].where,
                hint=Msg("scan again when nobody writes to it"),
            )

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        group, _ = self._group(ref)
        files = group.files
        first = files[0].where if files else group.name
        how = (
            Msg("at most 32 row groups, {n} random rows", n=rows)
            if hasattr(group.family, "groups")
            else Msg("random lines of {n} rows", n=rows)
            if total(files) > LARGE
            else Msg("reservoir of {n} rows", n=rows)
        )
        return f"read {len(files)} file(s) from {first}, {how}, seed {seed}"

    def close(self) -> None:
        self._tables.clear()


def some_of(files: Sequence[Place]) -> list[Place]:
    """First, last and a few random files, in order."""
    if len(files) <= LOOKED:
        return list(files)
    between = random.Random(len(files)).sample(range(1, len(files) - 1), LOOKED - 2)
    return [files[i] for i in (0, *sorted(between), len(files) - 1)]


def _merged(infos: Sequence[TableInfo], files: Sequence[Place], broken: bool) -> TableInfo:
    """One table of what its files say: every column any of them has, rows of all, partitions from the paths."""
    columns: dict[str, ColumnInfo] = {}
    for info in infos:
        for c in info.columns:
            if c.name not in columns or columns[c.name].type in ("null", "NoneType"):
                columns[c.name] = c
    keys = tuple(dict.fromkeys(k for f in files for k in f.partition))
    for k in keys:
        columns.setdefault(k, ColumnInfo(k, "partition", path=(k,)))
    size = total(files)
    exact = not broken and all(i.rows.method == "exact" for i in infos)
    rows = sum(i.rows.low for i in infos)
    high = rows if exact else size if infos[0].rows.method != "exact" else None
    if len(files) == 1 and not exact:
        high = infos[0].rows.high
    return replace(
        infos[0], columns=tuple(columns.values()), bytes=size, rows=Rows(rows, high, "exact" if exact else "statistics"),
        fingerprint=" ".join(f"{f.name} {f.stamp}" for f in files), partitioned_by=keys,
        partitions=len({tuple(f.partition.items()) for f in files}) if keys else None,
    )
