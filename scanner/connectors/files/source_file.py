"""A file that holds rows, on this machine or behind fsspec (S3, HDFS …). It is never written to.

`SourceFile` is what every format reads from. Local files need no fsspec.
A member of an archive is an `ArchiveMember`, see `archive`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from detectors.errors import SourceError
from detectors.masking import mask_people
from detectors.message import Msg
from detectors.surrogates import one_line, well_formed
from scanner.connectors.account import Account
from scanner.connectors.files.compression import decompress
from scanner.connectors.files.errors import missing_file, reader_errors
from scanner.connectors.files.in_hand import note_opening
from scanner.connectors.urls import packed, redact, suffix

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"           # Hive's name of the partition of nulls
READ_AHEAD = 1 << 20                          # bytes fetched at once from far away, read from the start
READ_APART = 32 << 10                         # the same, read here and there
MISSING_STAMP = "0-0"                               # stamp of a file that is gone
_HARMLESS_VALUE = re.compile(rf"[0-9]{{1,4}}|(19|20)[0-9]{{2}}-?[01][0-9](-?[0-3][0-9])?|{NULL_PARTITION}")
_PARTITION_VALUE = re.compile(r"((?<=/)[^/=?&]+=)([^/]*)(?=/)")
_HOST = re.compile(r"[A-Za-z][\w+.\-]*://[^/]*")
_TIMES = ("LastModified", "mtime", "modificationTime", "last_modified", "updated", "created")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file on this machine, or in `system`, a file system of fsspec.

    path: absolute, with / between its parts.
    listed_size, listed_stamp: what the listing says of a file far away, for asking again is a request.
    partition_values: by column, where something better than the path has them, e.g. the log of a lake table.
    packing: how it is compressed, where its content says another thing than its name; None: as that says.
    account: where its reader notes what it could not keep.
    encoding: of its text, where somebody said so; empty: as its bytes show.
    """

    path: str
    system: Any = field(default=None, repr=False, compare=False)
    listed_size: int = 0
    listed_stamp: str = ""
    partition_values: Mapping[str, Any] | None = field(default=None, compare=False)
    account: Account = field(default_factory=Account, repr=False, compare=False)
    packing: str | None = None
    encoding: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(p for p in self.path.split("?", 1)[0].split("/") if p)

    @property
    def name(self) -> str:
        return self.parts[-1] if self.parts else self.path

    @property
    def suffix(self) -> str:
        return suffix(self.name)

    @property
    def where(self) -> str:
        """As people see it: without secrets, and without partition values that are no dates."""
        return show_path(self.path if self.system is None else str(self.system.unstrip_protocol(self.path)))

    @property
    def size(self) -> int:
        """Bytes; 0 when it is gone."""
        return int(self.current_stamp().split("-", 1)[0]) if self.system is None else self.listed_size

    @property
    def stamp(self) -> str:
        """Changes when the file does: etag, or size and time; far away, as it was listed."""
        return self.current_stamp() if self.system is None else self.listed_stamp

    def current_stamp(self) -> str:
        """Return the stamp of this moment; MISSING when the file is gone."""
        if self.system is not None:
            with reader_errors(self.where):
                try:
                    return stamp_of(self.system.info(self.path))
                except FileNotFoundError:
                    return MISSING_STAMP
        try:
            status = Path(self.path).stat()
        except OSError:
            return MISSING_STAMP
        return f"{status.st_size}-{status.st_mtime_ns}"

    @property
    def partition(self) -> dict[str, Any]:
        """`{"dt": "2026-01-01"}` of `dt=2026-01-01/part-0.parquet`; None for Hive's null."""
        if self.partition_values is not None:
            return dict(self.partition_values)
        pairs = (p.split("=", 1) for p in self.parts[:-1] if "=" in p)
        return {k: None if v == NULL_PARTITION else unquote(v) for k, v in pairs}

    @property
    def is_remote(self) -> bool:
        """Whether opening it is a request to a server."""
        return self.system is not None

    @property
    def is_plain(self) -> bool:
        """Whether any byte of its content can be reached without those before it."""
        return not self.compression

    @property
    def is_here(self) -> bool:
        """Whether it is a file of this machine that another program can open."""
        return self.system is None

    @property
    def compression(self) -> str:
        """How it is compressed; empty for a plain file."""
        return packed(self.name) if self.packing is None else self.packing

    def open(self) -> IO[bytes]:
        """Return its bytes, from the start; the caller closes. Raise SourceError if it cannot be opened."""
        note_opening(self)
        with reader_errors(self.where):
            if self.system is not None:
                return self.system.open(self.path, "rb", block_size=READ_AHEAD)
            try:
                return Path(self.path).open("rb")
            except FileNotFoundError:
                raise missing_file(self.where) from None
            except OSError as e:
                raise SourceError(Msg("cannot be opened ({kind})", kind=type(e).__name__), where=self.where,
                                  hint=Msg("check the permissions")) from None

    def open_content(self) -> IO[bytes]:
        """Return its bytes, decompressed; reading raises SourceError for a bomb."""
        return decompress(self.open(), self.compression, self.where, self.account)

    def arrow_source(self) -> Any:
        """Return what a reader of pyarrow takes: a path here; an open file elsewhere or if it is no text."""
        note_opening(self)
        if self.system is None:
            return self.path if well_formed(self.path) == self.path else self.open()
        with reader_errors(self.where):
            return self.system.open(self.path, "rb", block_size=READ_APART)


def stamp_of(info: Mapping[str, Any]) -> str:
    """Return size and version of a file as fsspec lists it: the etag, else the time of its last change."""
    size = info.get("size") or 0
    etag = info.get("ETag") or info.get("etag") or info.get("md5Hash")
    if etag:
        return f"{size}-{str(etag).strip(chr(34))}"
    changed = next((info[key] for key in _TIMES if info.get(key)), "")
    return f"{size}-{changed.timestamp() if isinstance(changed, datetime) else changed}"


@lru_cache(4_096)
def show_path(path: str) -> str:
    """Return a path or URL as people may see it.

    A partition value that is no date and no small number may be somebody's; what a detector takes for
    somebody's is masked in any part.

    >>> show_path("t/dt=2026-01-02/name=林一/part-0.parquet")
    't/dt=2026-01-02/name=***/part-0.parquet'
    """
    def hide(partition: re.Match[str]) -> str:
        return partition[0] if _HARMLESS_VALUE.fullmatch(partition[2]) else f"{partition[1]}***"

    path = one_line(redact(path))
    host = _HOST.match(path)
    start = host.end() if host is not None else 0
    parts = _PARTITION_VALUE.sub(hide, path[start:]).split("/")
    return path[:start] + "/".join(mask_people(part) for part in parts)


def is_visible(file: SourceFile, root: str) -> bool:
    """Return whether no part of its path below `root` is hidden (`.`) or set aside (`_`)."""
    below = file.path.removeprefix(root).split("/") if file.path.startswith(root) else [file.name]
    return not any(part.startswith((".", "_")) for part in below)


def total_bytes(files: Sequence[SourceFile]) -> int:
    """Return the size of several files together."""
    return sum(file.size for file in files)
