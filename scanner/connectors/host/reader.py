"""A reader: it opens sources of files and serves what is asked of their tables, each call by a thread."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from detectors.errors import ChujingError, SourceError
from detectors.message import Text
from detectors.model import Loss, Skipped, TableInfo, TableRef
from scanner.connectors.files import in_hand
from scanner.connectors.files.errors import explain_error, missing_file
from scanner.connectors.files.grouping import FileGroup
from scanner.connectors.files.source import FilesConnector
from scanner.connectors.files.source_file import total_bytes
from scanner.connectors.host.calls import (
    NO_SOURCE,
    Call,
    FilesOfTable,
    SourceFiles,
    SourceOpening,
    crash_words,
)
from scanner.connectors.host.wire import receive, send, share_batches
from scanner.connectors.protocol import Sample

if TYPE_CHECKING:
    from scanner.connectors.dictionary import Dictionary

AHEAD = 2                                     # parts that wait to be taken
PART = 64 << 20                               # bytes of a part, about


def serve(gate: socket.socket) -> None:
    """Serve the channels that come through a socket, until it is closed."""
    sources = _Sources()
    while True:
        try:
            _, descriptor = receive(gate)
        except (EOFError, ConnectionError):
            return
        channel = socket.socket(fileno=descriptor)
        threading.Thread(target=_serve_channel, args=(channel, sources), daemon=True).start()


def _serve_channel(channel: socket.socket, sources: _Sources) -> None:
    with channel, contextlib.suppress(EOFError, ConnectionError):
        while True:
            call, _ = receive(channel)
            try:
                answer = ("value", _carry_out(channel, cast(Call, call), sources))
            except (EOFError, ConnectionError):
                return
            except ChujingError as e:
                answer = ("error", e)
            except BaseException as e:  # readers raise anything, a panic of Rust is no Exception
                answer = ("error", SourceError(explain_error(e)[0], hint=explain_error(e)[1]))
            send(channel, answer)


def _carry_out(channel: socket.socket, call: Call, sources: _Sources) -> Any:
    in_hand.refuse({path: crash_words(signal) for path, signal in call.crashed.items()})
    if call.is_alone:
        in_hand.watch(lambda path: send(channel, ("opening", path)))
    if call.verb == "close":
        return sources.close(call.source)
    if call.source == NO_SOURCE:
        return ERRANDS[call.verb](*call.arguments)
    return VERBS[call.verb](_PartSender(channel), sources.source(call), *call.arguments)


class _Sources:
    """Sources this reader has opened, by their number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sources: dict[int, _OpenSource] = {}

    def source(self, call: Call) -> _OpenSource:
        """Return the source of a call, opened. Raise SourceError or ConfigError where that fails."""
        with self._lock:
            if call.source not in self._sources and call.opening is not None:
                self._sources[call.source] = _OpenSource(_open(call.opening))
            return self._sources[call.source]

    def close(self, number: int) -> None:
        """Forget a source."""
        with self._lock:
            self._sources.pop(number, None)


class _OpenSource:
    """An open source, and its files by name."""

    def __init__(self, connector: FilesConnector) -> None:
        self.connector = connector
        self._groups = {(group.schema, group.name): group for group in connector.groups}

    def group(self, files: FilesOfTable) -> FileGroup:
        """Return some of its files. Raise SourceError where they are gone."""
        group = self._groups.get((files.schema, files.name))
        if group is None:
            raise missing_file(str(files.where))
        return group

    def table(self, ref: TableRef, files: FilesOfTable) -> FilesConnector:
        """Return the connector, which knows a table in some of its files."""
        self.connector.list_table(ref, self.group(files))
        return self.connector


def _open(opening: SourceOpening) -> FilesConnector:
    from scanner.connectors.opening import open_source

    if dict(os.environ) != opening.environ:
        os.environ.clear()
        os.environ.update(opening.environ)
    if opening.folder:
        os.chdir(opening.folder)
    if opening.detectors is not None or "detectors.custom" in sys.modules:
        from detectors import custom

        custom.use(opening.detectors)
    return cast(FilesConnector, open_source(opening.url, opening.access))


class _PartSender:
    """Sends batches, a part at a time; waits where too many parts were not taken yet."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._sent = 0

    def send(self, batches: Sequence[pa.RecordBatch]) -> None:
        if self._sent >= AHEAD:
            receive(self._channel)
        self._sent += 1
        descriptor = share_batches(batches)
        try:
            send(self._channel, ("batches", None), [descriptor])
        finally:
            os.close(descriptor)

    def finish(self) -> None:
        """Wait until all parts were taken."""
        for _ in range(min(self._sent, AHEAD)):
            receive(self._channel)


def list_files(_: _PartSender, source: _OpenSource) -> SourceFiles:
    """Return the files of a source."""
    connector = source.connector
    tables = tuple(
        FilesOfTable(g.name, g.schema, g.listed_files[0].where if g.listed_files else "",
                     total_bytes(g.listed_files))
        for g in connector.groups
    )
    return SourceFiles(
        tables, tuple(connector.list_unread()), connector.other_files(), connector.unread_paths()
    )


def list_tables(
    _: _PartSender, source: _OpenSource, *sets: FilesOfTable,
) -> list[Sequence[TableInfo | Skipped]]:
    """Return the tables in each of several sets of files."""
    return [source.connector.list_group(source.group(files)) for files in sets]


def draw_sample(
    parts: _PartSender, source: _OpenSource, files: FilesOfTable, ref: TableRef, *request: Any
) -> Sample:
    """Send the rows of a sample; return the sample without them."""
    sample = source.table(ref, files).sample(ref, *request)
    for part in _divide(sample.batches):
        parts.send(part)
    parts.finish()
    return replace(sample, batches=())


def _divide(batches: Sequence[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Yield batches of one schema together, up to the size of a part."""
    for _, alike in itertools.groupby(batches, key=lambda batch: batch.schema):
        part: list[pa.RecordBatch] = []
        size = 0
        for batch in alike:
            if part and size + batch.nbytes > PART:
                yield part
                part, size = [], 0
            part.append(batch)
            size += batch.nbytes
        yield part


def read_rows(
    parts: _PartSender, source: _OpenSource, files: FilesOfTable, ref: TableRef, *request: Any
) -> Sequence[Loss]:
    """Send all rows of a table; return what could not be kept."""
    connector = source.table(ref, files)
    with contextlib.closing(cast(Any, connector.read(ref, *request))) as batches:
        for batch in batches:
            parts.send([batch])
    parts.finish()
    return connector.losses(ref)


def plan_reading(
    _: _PartSender, source: _OpenSource, files: FilesOfTable, ref: TableRef, *request: Any
) -> Text:
    """Return in words what a sample would do."""
    return source.table(ref, files).plan(ref, *request)


def read_dictionary(path: Path, folder: str) -> Dictionary:
    """Return what a data dictionary says. folder: in which relative paths begin."""
    from scanner.connectors.dictionary import load_dictionary

    os.chdir(folder)
    return load_dictionary(path)


ERRANDS: dict[str, Callable[..., Any]] = {"dictionary": read_dictionary}
VERBS: dict[str, Callable[..., Any]] = {
    "files": list_files, "tables": list_tables, "sample": draw_sample, "read": read_rows,
    "plan": plan_reading,
}
