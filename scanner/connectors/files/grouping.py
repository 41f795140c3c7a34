"""Which files make which table: a partitioned folder, part files, a Delta or Iceberg table, a file.

A zip archive is opened, and its members are grouped like the files of a folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.errors import ChujingError, SourceError
from detectors.masking import mask_people
from detectors.message import Msg, Text
from detectors.model import TableRef
from detectors.surrogates import one_line
from scanner.connectors.files.contents import FileContent, Sort, content_of, is_lock
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.listing import FileListing
from scanner.connectors.files.merging import choose_files
from scanner.connectors.files.source_file import SourceFile, is_visible, show_path
from scanner.connectors.protocol import Access
from scanner.connectors.registry import families

if TYPE_CHECKING:
    import pyarrow as pa

NO_TABLE = Msg("it could be opened, but there is no table in it")
NO_TABLE_HINT = Msg("is it empty? Then exclude it")
# files that Spark, MapReduce and Hive write into the folder of one table
_PART = re.compile(r"part-(?:[mr]-)?[0-9]+(?![0-9A-Za-z])|[0-9]{6}_[0-9]+(?:_copy_[0-9]+)?(?:\.[a-z0-9]+)*$")
SEVERAL = 20                                  # names of files in a folder that may be those of tables
_NUMBERS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+")
_LAKES = (                                    # (path of a file that only such a table has, module of `lake`)
    (re.compile(r"^(.*)/_delta_log/[^/]+$"), "delta"),
    (re.compile(r"^(.*)/metadata/[^/]+\.metadata\.json$"), "iceberg"),
)


class UnreadTable(NamedTuple):
    """What would be a table and is not read, and why.

    path: of the file, where it can be a source of its own.
    """

    ref: TableRef
    reason: Text
    hint: Text
    path: str = ""


class SetAside(NamedTuple):
    """A file without records: its name as people may see it, and why."""

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Files that make one table (or one workbook of several), sorted by path as text.

    family: the module or object that reads them, see `source`. A lake table lists its files itself.
    """

    name: str
    schema: str
    listed_files: tuple[SourceFile, ...]
    family: Any

    @property
    def is_lake(self) -> bool:
        return hasattr(self.family, "table")

    @property
    def has_row_groups(self) -> bool:
        """Whether parts of its files can be read alone."""
        return hasattr(self.family, "row_groups")

    @property
    def described_files(self) -> Sequence[SourceFile]:
        """The files whose columns are looked up: all where these are metadata, else a spread of them."""
        return self.files if self.has_row_groups else choose_files(
            self.files, getattr(self.family, "DESCRIBED", 0))

    @property
    def files(self) -> tuple[SourceFile, ...]:
        return tuple(self.family.files()) if self.is_lake else self.listed_files

    def stream(self, file: SourceFile, ref: TableRef, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one of its files; errors of its reader become SourceError."""
        with reader_errors(file.where):
            yield from self.family.stream(file, ref, columns)


@dataclass(slots=True)
class Grouping:
    """The tables that files make, what is not read, and what holds no records."""

    groups: list[FileGroup] = field(default_factory=list)
    unread: list[UnreadTable] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)


def group_files(files: Sequence[SourceFile], root: str, access: Access, schema: str = "") -> Grouping:
    """Return the tables that files make.

    root: the folder that was named; hidden files below it are left out. Empty for a file or a glob.
    schema: of all the tables, e.g. the name of their archive.
    """
    modules = families()
    files = [replace(file, encoding=access.encoding) for file in files] if access.encoding else files
    lakes = dict(_lake_folders(files))
    names = _UniqueNames()
    grouping = Grouping()
    for folder, kind in lakes.items():
        name = names.new(folder.rpartition("/")[2], folder)
        grouping.groups.append(FileGroup(name, schema, (), _open_lake(kind, folder, files, access)))
    parts: dict[tuple[str, str], list[SourceFile]] = {}
    for listed in files:
        if _is_inside(listed, lakes):
            continue
        is_hidden = bool(root) and not is_visible(listed, root)
        file, reader = (listed, "") if is_hidden else _with_reader(listed, modules, grouping, schema, root)
        if is_hidden:
            grouping.set_aside.append(SetAside(_shown_name(listed), "hidden"))
        if not reader:
            continue
        module = modules[_of_workbook(file) or reader]
        if module.endswith(".archive"):
            ref = TableRef(names.new(_stem(file), file.path), schema)
            _add_archive(grouping, file, access, ref)
        elif folder := partition_root(file):
            parts.setdefault((folder, module), []).append(file)
        else:
            grouping.groups.append(FileGroup(names.of_file(file), schema, (file,), import_module(module)))
    for (folder, module), members in parts.items():
        name = names.new(folder.rpartition("/")[2], folder)
        grouping.groups.append(FileGroup(name, schema, tuple(members), import_module(module)))
    return grouping


def group_listing(listing: FileListing, access: Access) -> Grouping:
    """Return the tables that listed files make, with what was not listed among the unread."""
    grouping = group_files(listing.files, listing.root, access)
    for path in listing.unread:
        if not listing.root or is_visible(path.file, listing.root):
            ref = TableRef(_shown_name(path.file), _shown_folder(path.file, listing.root))
            grouping.unread.append(UnreadTable(ref, path.reason, path.hint))
    grouping.set_aside += [SetAside(_shown_name(link), "link") for link in listing.links]
    return grouping


def _with_reader(
    file: SourceFile, modules: Mapping[str, str], grouping: Grouping, schema: str, root: str,
) -> tuple[SourceFile, str]:
    """Return a file and the suffix of its reader; empty for none, which is noted."""
    if not is_lock(file.name) and file.suffix in modules:
        return file, file.suffix
    try:
        content = content_of(file)
    except SourceError as e:
        content = FileContent(what=e.message, hint=e.hint)
    if content.no_records is not None:
        grouping.set_aside.append(SetAside(_shown_name(file), content.no_records))
    elif not content.reader:
        ref = TableRef(_shown_name(file), "/".join(s for s in (schema, _shown_folder(file, root)) if s))
        path = file.path if file.is_here else ""
        grouping.unread.append(UnreadTable(ref, content.what, content.hint, path))
    return (replace(file, packing=content.packing) if content.packing else file), content.reader


def _of_workbook(file: SourceFile) -> str:
    """Return the suffix of the reader of a workbook that is called an archive; empty for all else."""
    if file.suffix != "zip":
        return ""
    with suppress(SourceError):
        reader = content_of(file, is_named=True).reader
        return reader if reader in ("xlsx", "xlsb", "ods") else ""
    return ""


def _shown_folder(file: SourceFile, root: str) -> str:
    """Return the folders of a file below the one that was named, as people may see them."""
    if not root or not file.path.startswith(root):
        return ""
    return show_path(file.path.removeprefix(root).strip("/").rpartition("/")[0])


def _shown_name(file: SourceFile) -> str:
    return mask_people(one_line(file.name))


def _stem(file: SourceFile) -> str:
    """Return the name of a file up to its suffixes; of one that holds an address, without that."""
    shown = _shown_name(file)
    return shown if shown != one_line(file.name) and "@" in file.name else file.name.split(".", 1)[0]


class _UniqueNames:
    """Table names, each once: a second one is told apart by its folder, then by a number.

    What is somebody's in a name is masked.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()

    def of_file(self, file: SourceFile) -> str:
        folder = file.parts[-2] if len(file.parts) > 1 else ""
        return self._first_free(_stem(file), f"{folder}_{file.name}")

    def new(self, name: str, path: str) -> str:
        folder = path.rstrip("/").split("/")[-2:-1]
        return self._first_free(name, "_".join([*folder, name]))

    def _first_free(self, name: str, fallback_name: str) -> str:
        name, fallback_name = mask_people(one_line(name)), mask_people(one_line(fallback_name))
        candidate, number = name, 1
        while candidate in self._used:
            candidate = fallback_name if number == 1 else f"{fallback_name}_{number}"
            number += 1
        self._used.add(candidate)
        return candidate


def partition_root(file: SourceFile) -> str:
    """Return the folder above `dt=2026-01-01/`, or the folder of part files; empty for a plain file."""
    folders = file.path.split("/")[:-1]
    first = next((i for i, folder in enumerate(folders) if "=" in folder), None)
    if first is not None:
        return "/".join(folders[:first])
    return "/".join(folders) if _PART.match(file.name) else ""


def parts_by_name(group: FileGroup) -> list[FileGroup]:
    """Return a group cut by the names of its files, where one folder has files of several names."""
    if group.is_lake or len(group.listed_files) < 2:
        return [group]
    by_stem: dict[str, list[SourceFile]] = {}
    stems: dict[str, set[str]] = {}
    for file in group.listed_files:
        stem = _NUMBERS.sub("", file.name.split(".", 1)[0]).strip("-_. ") or "part"
        by_stem.setdefault(stem, []).append(file)
        stems.setdefault(file.path.rpartition("/")[0], set()).add(stem)
    if len(by_stem) > SEVERAL or max(map(len, stems.values())) < 2:
        return [group]
    schema = "/".join(part for part in (group.schema, group.name) if part)
    names = _UniqueNames()
    return [replace(group, name=names.new(stem, stem), schema=schema, listed_files=tuple(files))
            for stem, files in by_stem.items()]


def _lake_folders(files: Sequence[SourceFile]) -> Iterator[tuple[str, str]]:
    """Yield the folder and the module of each lake table among files."""
    for file in files:
        for pattern, kind in _LAKES:
            if m := pattern.match(file.path):
                yield m[1], kind


def _is_inside(file: SourceFile, lakes: Mapping[str, str]) -> bool:
    folder = file.path
    while lakes and "/" in folder:
        folder = folder.rpartition("/")[0]
        if folder in lakes:
            return True
    return False


def _open_lake(kind: str, folder: str, files: Sequence[SourceFile], access: Access) -> Any:
    """Return the lake table in a folder; nothing is read yet."""
    system = next(file.system for file in files if file.path.startswith(folder))
    where = folder if system is None else str(system.unstrip_protocol(folder))
    return import_module(f"scanner.connectors.lake.{kind}").open_folder(where, access)


def _add_archive(grouping: Grouping, archive: SourceFile, access: Access, ref: TableRef) -> None:
    """Add the tables of an archive, and what of it is not read. ref: of the archive."""
    from scanner.connectors.files.archive import list_members

    try:
        members, unread, hidden = list_members(archive)
    except ChujingError as e:
        grouping.unread.append(UnreadTable(ref, e.message, e.hint))
        return
    schema = "/".join(part for part in (ref.schema, ref.name) if part)
    inner = group_files(members, "", access, schema)
    grouping.groups += inner.groups
    grouping.unread += inner.unread
    grouping.set_aside += inner.set_aside
    grouping.set_aside += [SetAside(mask_people(one_line(name)), "hidden") for name in hidden]
    if not inner.groups and not inner.unread and not unread:
        grouping.unread.append(UnreadTable(ref, NO_TABLE, NO_TABLE_HINT))
    for member in unread:
        reason = Msg("{where}: {what}", where=archive.where, what=member.reason)
        folder, _, name = show_path(member.name).rpartition("/")
        inside = TableRef(name, "/".join(part for part in (schema, folder) if part)) if name else ref
        grouping.unread.append(UnreadTable(inside, reason, member.hint))
