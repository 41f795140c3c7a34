"""Zip archives: each member is a file like any other, and its table is named `archive/member`.

Nothing is unpacked to disk.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from detectors.errors import SourceError
from detectors.message import Msg, Text
from scanner.connectors.files.compression import INFLATED, RATIO
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.source_file import SourceFile, show_path

SERVES = ("zip",)
IN_MEMORY = 32 << 20                          # bytes of a member that is unpacked whole: readers may seek
_ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_ENCRYPTED, _UTF8 = 0x1, 0x800                # bits of a member's flags


class UnreadMember(NamedTuple):
    """A member of an archive that is not read, and why."""

    name: str
    reason: Text
    hint: Text


@dataclass(frozen=True, slots=True)
class ArchiveMember(SourceFile):
    """A file in a zip archive. `path` is the archive's with the member's name behind it."""

    archive: SourceFile = field(default=SourceFile(""))
    member_name: str = ""                     # as the archive itself spells it

    @property
    def where(self) -> str:
        member = self.path.removeprefix(self.archive.path).lstrip("/")
        return f"{self.archive.where}/{show_path(member)}"

    @property
    def size(self) -> int:
        return self.listed_size

    @property
    def stamp(self) -> str:
        return self.archive.stamp

    def current_stamp(self) -> str:
        return self.archive.current_stamp()

    @property
    def is_plain(self) -> bool:
        return False

    @property
    def is_here(self) -> bool:
        return False

    def open(self) -> IO[bytes]:
        with reader_errors(self.where):
            archive = zipfile.ZipFile(self.archive.open())
            stream = archive.open(self.member_name)
            if self.listed_size > IN_MEMORY:
                return stream
            with archive, stream:
                return io.BytesIO(stream.read())

    def arrow_source(self) -> Any:
        return self.open()


def list_members(archive: SourceFile) -> tuple[list[SourceFile], list[UnreadMember]]:
    """Return the files in an archive, sorted by name, and those that are not read.

    Raise SourceError where it is no complete archive.
    """
    try:
        with archive.open() as raw, zipfile.ZipFile(raw) as opened:
            infos = sorted((i for i in opened.infolist() if not i.is_dir()), key=lambda i: i.filename)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise SourceError(Msg("not a complete zip archive"), where=archive.where,
                          hint=Msg("copy the file again")) from None
    files: list[SourceFile] = []
    unread: list[UnreadMember] = []
    for info in infos:
        name = _decode_name(info)
        if any(part.startswith((".", "_")) for part in name.split("/")):
            continue
        if refusal := _refusal(info, name):
            unread.append(UnreadMember(name, *refusal))
        else:
            path = f"{archive.path}/{name}"
            files.append(ArchiveMember(path, None, info.file_size, archive=archive,
                                       member_name=info.filename))
    return files, unread


def _refusal(info: zipfile.ZipInfo, name: str) -> tuple[Text, Text] | None:
    """Return why a member is not read, and what to do about it; None if it is read."""
    if info.flag_bits & _ENCRYPTED:
        return Msg("encrypted in the archive"), Msg("unpack it with its password")
    if name.lower().endswith(_ARCHIVES):
        return Msg("an archive inside an archive"), Msg("unpack the outer one")
    if info.compress_type not in _METHODS:
        return Msg("compressed in a way that is not known here"), Msg("pack it again with Deflate")
    if info.file_size > INFLATED and info.file_size > RATIO * max(info.compress_size, 1):
        return (Msg("would grow to more than {n} times its size", n=RATIO),
                Msg("unpack it yourself if you trust it"))
    return None


def _decode_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name. Without the mark for UTF-8 it was written in UTF-8 or GB18030 all the same."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")   # what zipfile took it for
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
