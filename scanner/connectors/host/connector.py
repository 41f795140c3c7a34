"""A source of files that readers serve: the connector of such a source in our process."""

from __future__ import annotations

import contextlib
import importlib.metadata
import itertools
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg, Text
from detectors.model import Loss, Skipped, TableInfo, TableRef
from scanner.connectors.definitions import definition_of
from scanner.connectors.host.calls import Call, FilesOfTable, SourceFiles, SourceOpening, crash_words
from scanner.connectors.host.readers import (
    READERS,
    Reader,
    ReaderDied,
    ReaderPool,
    ReaderSlow,
    can_host,
    reader_environ,
)
from scanner.connectors.protocol import Access, Connector, Sample, Where
from scanner.connectors.registry import families
from scanner.connectors.urls import scheme_of

ROOMS = ("scanner.connectors.files.", "scanner.connectors.lake.")
SILENT_SECONDS = 300                          # seconds without an answer; no less than 5 time limits
BYTES_A_SECOND = 1 << 20                      # of a file, on top of that
NO_MEMORY = Msg("does not fit into memory")
MOST_LISTED, BYTES_LISTED = 32, 1 << 20      # sets of files that one call lists, and their bytes, at most
MOST_CRASHES = 20                             # files of a table that may end a reader before it is given up


def open_hosted(url: str, access: Access) -> Connector | None:
    """Open a source that readers can serve; None for others, and where there can be no readers.

    Raise SourceError or ConfigError where it cannot be opened.
    """
    if not can_host() or not _is_of_files(url):
        return None
    try:
        READERS.shared()
    except (ReaderDied, OSError):
        return None
    return HostedConnector(url, access, READERS)


@contextlib.contextmanager
def readers_for(urls: Iterable[str], dictionaries: bool = False) -> Iterator[None]:
    """Keep readers at hand for sources, started at once where some are of files, or have dictionaries.

    For the beginning of a command: before its threads start, what starts readers can be a fork of it.
    """
    with READERS.open(early=dictionaries or any(map(_is_of_files, urls))):
        yield


def _is_of_files(url: str) -> bool:
    scheme = scheme_of(url)
    if scheme in ("", "file"):
        return definition_of(Path(url.removeprefix("file://"))) is None
    if any(e.name == scheme for e in importlib.metadata.entry_points(group="chujing.connectors")):
        return False
    return families().get(scheme.split("+", 1)[0] + "://", "").startswith(ROOMS)


class HostedConnector:
    """Tables in files, read by a reader.

    A call whose reader dies is made once more, alone in a reader of its own: another call may have been at
    fault. If that one dies, too, the file it had in hand is at fault: the call is made again without it. A
    table all of whose files end readers, or MOST_CRASHES of them, cannot be read.
    """

    filters_rows = True

    def __init__(self, url: str, access: Access, readers: ReaderPool) -> None:
        from scanner.connectors.files.source_file import show_path

        self._readers = readers
        self._opening = SourceOpening(url, access, _folder(), _file_of_detectors(), reader_environ())
        self._name = access.name
        self._silence = max(SILENT_SECONDS, 5 * access.timeout)
        self._files_of: dict[TableRef, FilesOfTable] = {}
        self._losses: dict[TableRef, tuple[Loss, ...]] = {}
        self._crashed: dict[str, str] = {}    # path of a file that ended a reader -> the signal
        self._number = readers.register()
        self._is_open = True
        try:
            self._source: SourceFiles = self._ask("files", show_path(url))
        except BaseException:
            self.close()
            raise

    def tables(self) -> Iterator[TableInfo | Skipped]:
        yield from self._source.unread
        for batch in _batches_of_small(self._source.tables):
            for files, listed in zip(batch, self._listed(batch), strict=True):
                for info in listed:
                    if isinstance(info, TableInfo):
                        self._files_of[info.ref] = files
                yield from listed

    def _listed(self, batch: Sequence[FilesOfTable]) -> Sequence[Sequence[TableInfo | Skipped]]:
        """Return the tables in each of several sets of files, one by one where that fails for all at once."""
        try:
            listed: Sequence[Sequence[TableInfo | Skipped]] = self._ask("tables", batch[0].where, *batch)
        except SourceError as e:
            if len(batch) > 1:
                return [table for files in batch for table in self._listed([files])]
            ref = TableRef(batch[0].name, batch[0].schema)
            return [[Skipped(ref.id(self._name), e.message, e.hint)]]
        return listed

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return rows as the reader drew them."""
        files = self._files(ref)
        batches: list[pa.RecordBatch] = []
        answer = self._converse("sample", files.where, files, ref, columns, rows, seed)
        while True:
            try:
                batches.append(next(answer))
            except StopIteration as end:
                sample: Sample = end.value
                return replace(sample, batches=batches)

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Yield every row that passes."""
        files = self._files(ref)
        self._losses[ref] = yield from self._converse("read", files.where, files, ref, columns, where)

    def losses(self, ref: TableRef) -> tuple[Loss, ...]:
        """Return what the last finished `read` of a table could not keep."""
        return self._losses.get(ref, ())

    def other_files(self) -> tuple[Text, ...]:
        """Return which files hold no records, a line for each sort."""
        return self._source.other_files

    def unread_paths(self) -> Mapping[str, str]:
        """Return the paths of unread files that may be sources of their own, by id."""
        return self._source.unread_paths

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Text:
        """Return in words what `sample` would do."""
        files = self._files(ref)
        plan: Text = self._ask("plan", files.where, files, ref, columns, rows, seed)
        return plan

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._readers.leave(self._number)

    def _files(self, ref: TableRef) -> FilesOfTable:
        """Return the files of a table. Raise SourceError for an unknown table."""
        if ref not in self._files_of:
            list(self.tables())
        if ref not in self._files_of:
            raise SourceError(Msg('no table "{name}"', name=ref.name), where=self._name)
        return self._files_of[ref]

    def _ask(self, verb: str, where: Text, *arguments: Any) -> Any:
        """Return the answer to a call that sends no rows."""
        answer = self._converse(verb, where, *arguments)
        try:
            next(answer)
        except StopIteration as end:
            return end.value
        raise AssertionError("rows were not expected")

    def _converse(self, verb: str, where: Text, *arguments: Any) -> Generator[pa.RecordBatch, None, Any]:
        """Make a call; yield the rows of its answer and return the rest.

        where: the files concerned, for errors.
        """
        call = Call(self._number, verb, arguments, crashed=dict(self._crashed))
        seconds = self._seconds(arguments)
        batches = 0
        reader: Reader | None = None
        try:
            reader = self._readers.shared()
            answer = reader.converse(self._with_opening(call, reader), seconds)
            while True:
                try:
                    batch = next(answer)
                except StopIteration as end:
                    reader.opened.add(self._number)
                    return end.value
                batches += 1
                yield batch
        except ReaderDied:
            if reader is not None:
                self._readers.end(reader)
        except ReaderSlow:
            assert reader is not None
            self._readers.end(reader)
            raise _slow(seconds, where) from None
        except SourceError as e:
            if e.what != NO_MEMORY or reader is None or reader.calls == 0:
                raise
        return (yield from self._again(call, where, seconds, batches))

    def _again(
        self, call: Call, where: Text, seconds: float, skipped: int
    ) -> Generator[pa.RecordBatch, None, Any]:
        """Make a call in readers of its own, each time without the files that ended those before.

        skipped: batches of the answer that were yielded before.
        """
        access = replace(self._opening.access, connections=1)       # one file in hand at a time
        call = replace(call, opening=replace(self._opening, access=access), is_alone=True)
        signal = ""
        for _ in range(MOST_CRASHES):
            in_hand = ""
            try:
                with self._readers.alone() as reader:
                    answer = reader.converse(replace(call, crashed=dict(self._crashed)), seconds)
                    try:
                        for number in itertools.count():
                            batch = next(answer)
                            if number >= skipped:
                                skipped += 1
                                yield batch
                    except StopIteration as end:
                        return end.value
                    except ReaderDied:
                        in_hand, signal = reader.in_hand, self._readers.end(reader)
            except ReaderDied:
                pass                          # none could be started
            except ReaderSlow:
                raise _slow(seconds, where) from None
            if not in_hand or in_hand in self._crashed:
                break
            self._crashed[in_hand] = signal
        what, hint = crash_words(signal)
        raise SourceError(what, where=where, hint=hint)

    def _with_opening(self, call: Call, reader: Reader) -> Call:
        return call if self._number in reader.opened else replace(call, opening=self._opening)

    def _seconds(self, arguments: Sequence[Any]) -> float:
        """Return how long a call may be silent."""
        size = sum(files.size for files in arguments if isinstance(files, FilesOfTable))
        return self._silence + size / BYTES_A_SECOND


def _batches_of_small(tables: Iterable[FilesOfTable]) -> Iterator[list[FilesOfTable]]:
    """Yield sets of files in their order, small ones several at a time."""
    batch: list[FilesOfTable] = []
    size = 0
    for files in tables:
        if batch and (len(batch) == MOST_LISTED or size + files.size > BYTES_LISTED):
            yield batch
            batch, size = [], 0
        batch.append(files)
        size += files.size
    if batch:
        yield batch


def _folder() -> str:
    """Return where relative paths begin; empty where the folder is gone."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return ""


def _file_of_detectors() -> Path | None:
    """Return the file of the user's own detectors; where nobody imported what uses one, there is none."""
    custom = sys.modules.get("detectors.custom")
    return custom.file_in_use() if custom else None


def _slow(seconds: float, where: Text) -> SourceError:
    what, hint = slow_words(seconds)
    return SourceError(what, where=where, hint=hint)


def slow_words(seconds: float) -> tuple[Msg, Msg]:
    """Return what is said of a file that was not read in time, and what to do about it."""
    hint = Msg("is it damaged? Else raise timeout: in the configuration")
    return Msg("not read to its end within {n} seconds", n=round(seconds)), hint
