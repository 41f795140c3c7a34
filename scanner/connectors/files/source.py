"""Files as a source: a path, a folder, a glob or a URL of fsspec; a partitioned folder is one table.

Each family module turns one file into record batches: `describe(file, name)` lists its tables,
`stream(file, ref, columns)` reads one. `row_groups(file, ref)` offers parts that can be read alone,
`lines(file, ref)` lines that can; samples then read only those.
Which files make which table is decided in `grouping`, which rows make a sample in `sampling`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import combinations

import pyarrow as pa

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg, Text
from detectors.model import Loss, Skipped, TableInfo, TableRef
from scanner.connectors.account import Account
from scanner.connectors.files.conditions import mask, may_pass
from scanner.connectors.files.contents import SORTS, Sort, content_of
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.grouping import (
    NO_TABLE,
    NO_TABLE_HINT,
    FileGroup,
    Grouping,
    group_listing,
    parts_by_name,
)
from scanner.connectors.files.listing import list_local, list_remote
from scanner.connectors.files.merging import merge_infos
from scanner.connectors.files.rows import cut_batch, select_columns
from scanner.connectors.files.sampling import SampleRequest, describe_sampling, sample_files
from scanner.connectors.files.side_by_side import Broken, ask_files
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.protocol import Access, Sample, Where
from scanner.connectors.registry import families
from scanner.connectors.silence import SilenceLimit

NAMED = 3                                     # files of one sort without records that are named
_ByTable = dict[TableRef, list[TableInfo]]    # what the files say of each table in them


def open_path(url: str, access: Access, *, follow_links: bool = False) -> FilesConnector:
    """Return a connector for a file, folder or glob on this machine. Raise SourceError for none."""
    return FilesConnector(group_listing(list_local(url, follow_links=follow_links), access), access)


def open_url(url: str, access: Access) -> FilesConnector:
    """Return a connector for what is behind a URL of fsspec. Raise SourceError where it cannot be reached."""
    if access.password:
        access = replace(access, options={**access.options, "password": access.password})
    return FilesConnector(group_listing(list_remote(url, access.options, access.timeout), access), access)


@dataclass(frozen=True, slots=True)
class _FileTable:
    """A table that was listed. inner: its ref inside its files. broken: files that cannot be read.

    columns: names. described: paths of the files whose columns were looked up.
    """

    group: FileGroup
    inner: TableRef
    broken: Broken
    columns: frozenset[str] = frozenset()
    described: frozenset[str] = frozenset()

    def check_columns(self, file: SourceFile) -> None:
        """Note in the account of a file what columns it may have that the table lacks."""
        if self.group.is_lake or file.path in self.described:
            return
        of_file = getattr(self.group.family, "column_names", None)
        with reader_errors(file.where):
            names = of_file(file) if of_file is not None else None
        if names is None:
            share = Msg("{n:,} of {of:,} files", n=len(self.described), of=len(self.group.files))
            file.account.lose("columns_from_parts", 1, share)
        elif beyond := set(names) - self.columns:
            file.account.lose("columns_unlisted", len(beyond), file.where)


def _are_apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sets of columns are those of two tables: less than half of the smaller is shared."""
    return 2 * len(one & other) < min(len(one), len(other))


def _check_sampled(table: _FileTable, request: SampleRequest, *, is_whole: bool) -> None:
    """Note what columns undescribed files of a table may have beyond those it has.

    is_whole: all of them were read, so that their columns can be told.
    """
    undescribed = [file for file in table.group.files if file.path not in table.described]
    if not is_whole:
        share = Msg("{n:,} of {of:,} files", n=len(table.described), of=len(table.group.files))
        request.account.lose("columns_from_parts", 1, share)
        return
    for file in undescribed:
        with contextlib.suppress(SourceError):            # said where it was read
            table.check_columns(replace(file, account=request.account))


def _check_read(batches: Sequence[pa.RecordBatch], request: SampleRequest) -> None:
    """Raise SourceError where no row was drawn because no part of the files can be read."""
    lost = next((loss for loss in request.account.losses if loss.kind == "unreadable_row_groups"), None)
    if lost is not None and not any(batch.num_rows for batch in batches):
        raise SourceError(lost.message, hint=lost.hint)


def _by_content(group: FileGroup) -> FileGroup | None:
    """Return a file of a wrong name with the reader of what it holds; None where that is the same one.

    Raise SourceError where it holds what another way must scan, e.g. a database.
    """
    if len(group.listed_files) != 1:
        return None
    (file,) = group.listed_files
    content = content_of(file, is_named=True)
    if content.scanned_by:
        raise SourceError(content.what, where=file.where, hint=content.scanned_by)
    module = families().get(content.reader, "")
    if not module or module.endswith(".archive") or (module, file.packing or "") == (
            group.family.__name__, content.packing):
        return None
    content_file = replace(file, packing=content.packing)
    return replace(group, family=import_module(module), listed_files=(content_file,))


class FilesConnector:
    """Tables in files."""

    filters_rows = True

    def __init__(self, grouping: Grouping, access: Access) -> None:
        self._groups = sorted(grouping.groups, key=lambda g: (g.schema, g.name))
        self._unread = grouping.unread
        self._set_aside = grouping.set_aside
        self._name = access.name
        self._connections = access.connections
        self._silence = SilenceLimit()
        self._tables: dict[TableRef, _FileTable] = {}
        self._accounts: dict[TableRef, Account] = {}

    @property
    def groups(self) -> Sequence[FileGroup]:
        """Files that are listed together, by schema and name."""
        return self._groups

    def tables(self) -> Iterator[TableInfo | Skipped]:
        yield from self.list_unread()
        for group in self._groups:
            yield from self.list_group(group)

    def list_unread(self) -> Iterator[Skipped]:
        """Yield what would be a table and is not read."""
        for table in self._unread:
            yield Skipped(table.ref.id(self._name), table.reason, table.hint)

    def list_group(self, group: FileGroup) -> Sequence[TableInfo | Skipped]:
        """Return the tables in some files, or why they cannot be listed."""
        try:
            with self._silence.attempt(self._name):
                return [table for part in self._parts(group) for table in self._tables_of(part)]
        except ChujingError as e:             # an extra that is not installed concerns this table only
            return [Skipped(TableRef(group.name, group.schema).id(self._name), e.message, e.hint)]

    def list_table(self, ref: TableRef, group: FileGroup) -> None:
        """List the files of a table, if they were not."""
        if ref not in self._tables:
            self.list_group(group)

    def _parts(self, group: FileGroup) -> Sequence[FileGroup]:
        """Return a group, or several where files of one folder have other names and other columns.

        `dt=1/member.csv` and `dt=1/order.csv` are two tables; `dt=1/a.csv` and `dt=1/b.csv` of the same
        columns are one.
        """
        named = parts_by_name(group)
        if len(named) < 2:
            return [group]
        infos, broken = self.describe_files(group, [part.listed_files[0] for part in named])
        columns = [frozenset(c.name for info in of_file for c in info.columns) for of_file in infos]
        if broken or not all(_are_apart(one, other) for one, other in combinations(columns, 2)):
            return [group]
        return named

    def _tables_of(self, group: FileGroup) -> Iterator[TableInfo | Skipped]:
        if group.is_lake:
            described: _ByTable = {TableRef(group.name): [group.family.table(group.name)]}
            broken: Broken = {}
        else:
            group, described, broken = self._described(group)
            if not described:
                yield Skipped(TableRef(group.name, group.schema).id(self._name), NO_TABLE, NO_TABLE_HINT)
        for inner, infos in described.items():
            ref = TableRef(inner.name, "/".join(s for s in (group.schema, inner.schema) if s))
            for e in broken.values():
                reason = Msg("{said}; the other files are read", said=e.message)
                yield Skipped(ref.id(self._name), reason, e.hint)
            info = infos[0] if group.is_lake else merge_infos(infos, group.files, is_complete=not broken)
            self._tables[ref] = _FileTable(
                group, inner, broken, frozenset(c.name for c in info.columns),
                frozenset() if group.is_lake else frozenset(file.path for file in group.described_files))
            yield replace(info, ref=ref)

    def _described(self, group: FileGroup) -> tuple[FileGroup, _ByTable, Broken]:
        """Return what the files say; a file that its reader refuses is read by what it holds."""
        try:
            return group, *self._describe(group)
        except SourceError as refusal:
            other = _by_content(group)
            if other is None:
                raise
            try:
                return other, *self._describe(other)
            except SourceError:
                raise refusal from None

    def _describe(self, group: FileGroup) -> tuple[_ByTable, Broken]:
        """Return what the files say of each table, and the files that cannot be read.

        Raise SourceError when none can be read.
        """
        by_file, broken = self.describe_files(group, group.described_files)
        by_table: _ByTable = {}
        for infos in by_file:
            for info in infos:
                by_table.setdefault(info.ref, []).append(info)
        if broken and not by_table:
            raise next(iter(broken.values()))
        return by_table, broken

    def describe_files(
        self, group: FileGroup, files: Sequence[SourceFile],
    ) -> tuple[Sequence[Sequence[TableInfo]], Broken]:
        """Return the tables in each file of a group, and the files that cannot be read."""
        def describe(file: SourceFile) -> list[TableInfo]:
            return list(group.family.describe(file, group.name))

        return ask_files(files, describe, self._connections)

    def other_files(self) -> tuple[Text, ...]:
        """Return which files hold no records, a line for each sort."""
        names: dict[Sort, list[str]] = {}
        for file in self._set_aside:
            names.setdefault(file.sort, []).append(file.name)
        return tuple(
            Msg("{sort}: {n:,} ({names})", n=len(names[sort]), sort=SORTS[sort],
                names=(*names[sort][:NAMED], *["…"] * (len(names[sort]) > NAMED)))
            for sort in SORTS if sort in names)

    def unread_paths(self) -> Mapping[str, str]:
        """Return the paths of unread files that may be sources of their own, by id."""
        return {table.ref.id(self._name): table.path for table in self._unread if table.path}

    def files_of(self, ref: TableRef) -> tuple[FileGroup, TableRef]:
        """Return the files of a table, and its ref inside them. Raise SourceError for an unknown table."""
        table = self._table(ref)
        return table.group, table.inner

    def _table(self, ref: TableRef) -> _FileTable:
        if ref not in self._tables:
            list(self.tables())
        if ref not in self._tables:
            raise SourceError(Msg('no table "{name}"', name=ref.name), where=self._name)
        return self._tables[ref]

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return random row groups, random lines of a large text, or a reservoir over all rows."""
        table = self._table(ref)
        request = SampleRequest(table.inner, columns, rows, seed, self._connections)
        with self._silence.attempt(f"{self._name}/{ref.name}"):
            sample = sample_files(table.group, request)
            if len(table.described) < len(table.group.files) and not table.group.is_lake:
                _check_sampled(table, request, is_whole=sample.sampling.rows_total is not None)
        _check_read(sample.batches, request)
        new = [e for path, e in sample.broken.items() if path not in table.broken]
        reasons = [Msg("{said}; the other files were read", said=e.message) for e in new]
        skipped = tuple(Skipped(ref.id(self._name), why, e.hint) for why, e in zip(reasons, new, strict=True))
        return Sample(sample.batches, sample.sampling, skipped, request.account.losses)

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Yield every row that passes, in the order of the files.

        Files whose partition cannot pass are not opened. Raise SourceError where files of the table are
        missing from the listing, or change while they are read.
        """
        table = self._table(ref)
        files = [file for file in table.group.files if may_pass(file.partition, where)]
        if errors := [table.broken[file.path] for file in files if file.path in table.broken]:
            what = Msg("{said}; {n} of {of} files are missing from the table",
                       said=errors[0].message, n=len(errors), of=len(files))
            raise SourceError(what, hint=errors[0].hint)
        stamps = [] if table.group.is_lake else [file.stamp for file in files]
        account = Account()
        self._accounts[ref] = account
        for file in files:
            yield from self._read_file(table, replace(file, account=account), columns, where)
        if stamps and [file.current_stamp() for file in files] != stamps:
            raise SourceError(Msg("the file changed while it was read"), where=files[0].where,
                              hint=Msg("scan again when nobody writes to it"))

    def _read_file(
        self, table: _FileTable, file: SourceFile, columns: Sequence[str], where: Where,
    ) -> Iterator[pa.RecordBatch]:
        table.check_columns(file)
        needed = list(dict.fromkeys([*columns, *where]))
        for raw in table.group.stream(file, table.inner, needed):
            batch = select_columns(raw, needed, file.partition, file.account)
            if where:
                batch = batch.filter(mask(batch, where))
            yield from cut_batch(batch.select(list(columns)))

    def losses(self, ref: TableRef) -> tuple[Loss, ...]:
        """Return what the last `read` of a table could not keep, as far as it came."""
        return self.read_account(ref).losses_of_counts

    def read_account(self, ref: TableRef) -> Account:
        """Return the account of the last `read` of a table, as far as it came."""
        return self._accounts.get(ref, Account())

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Text:
        """Return in words what `sample` would do."""
        return describe_sampling(self._table(ref).group, rows, seed)

    def close(self) -> None:
        self._tables.clear()
