"""Archives, zip and tar: each member is a file like any other, and its table is named `archive/member`.

Nothing is unpacked to disk. Members of one name are told apart by a number; a name that points elsewhere
(`/etc/x`, `../x`) is a name and nothing more.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple
from weakref import WeakSet

from detectors.errors import SourceError
from detectors.message import Msg, Text
from scanner.connectors.files.compression import INFLATED, RATIO, decompress
from scanner.connectors.files.contents import PACKINGS, UNREAD, signature_of
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.in_hand import note_opening
from scanner.connectors.files.source_file import SourceFile, show_path

SERVES = ("zip", "tar", "tgz", "tbz2", "txz", "tzst")
PIECE = 1 << 20                               # bytes of a member that are unpacked at once
IN_MEMORY = 32 << 20                          # bytes of a member that is unpacked whole: readers may seek
PACKED_TAR = 256 << 20                        # bytes of a compressed tar: each member is read from its start
DEPTH = 3                                     # archives inside of archives
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_ENCRYPTED, _UTF8 = 0x1, 0x800                # bits of a member's flags
_MEMBER = b"PK\x03\x04"                       # before each member of a zip
_DRIVE = re.compile(r"[A-Za-z]:")


class UnreadMember(NamedTuple):

    """A member of an archive that is not read, and why. name: empty for a piece of the archive itself."""

    name: str
    reason: Text
    hint: Text


class ArchiveContent(NamedTuple):
    """What is in an archive: files, members that are not read, and names of hidden ones."""

    files: list[SourceFile]
    unread: list[UnreadMember]
    hidden: list[str]


@dataclass(frozen=True, slots=True)
class ArchiveMember(SourceFile):
    """A file in an archive. `path` is the archive's with the member's name behind it.

    number: its place in the archive, for names may stand twice. is_tar: of which kind the archive is.
    """

    archive: SourceFile = field(default=SourceFile(""))
    number: int = 0
    is_tar: bool = False

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
        note_opening(self)
        with reader_errors(self.where):
            stream = self._open_in_tar() if self.is_tar else self._open_in_zip()
            if self.listed_size > IN_MEMORY:
                return stream
            with stream:
                return io.BytesIO(self._whole(stream))

    def _whole(self, stream: IO[bytes]) -> bytes:
        """Return the content of a member, as far as it can be unpacked; that it is less is noted."""
        pieces: list[bytes] = []
        opened: Any = stream
        check = getattr(opened, "_expected_crc", None)
        if check is not None:                 # else nothing comes of a member whose check does not fit
            opened._expected_crc = None
        try:
            while piece := opened.read1(PIECE):
                pieces.append(piece)          # noqa: PERF401  what comes before the damage stays
        except (EOFError, zlib.error, zipfile.BadZipFile):
            if not pieces:
                raise
            check = -1
        content = b"".join(pieces)
        if check is not None and zlib.crc32(content) != check:
            self.account.lose_once("compression_damaged", self.where)
        return content

    def _open_in_zip(self) -> IO[bytes]:
        archive = zipfile.ZipFile(self.archive.open())
        return archive.open(archive.infolist()[self.number])

    def _open_in_tar(self) -> IO[bytes]:
        with suppress(_HeaderDamage):
            for number, info in enumerate(_tar_infos(archive := _open_tar(self.archive))):
                if number == self.number and (stream := archive.extractfile(info)) is not None:
                    return stream
        raise EOFError

    def arrow_source(self) -> Any:
        return self.open()


def list_members(archive: SourceFile) -> ArchiveContent:
    """Return the files in an archive, sorted by name, and those that are not read.

    Raise SourceError where it is no complete archive.
    """
    with archive.open() as raw:
        signature = signature_of(raw.read(512))
    if signature in UNREAD:                   # another kind of archive that is called a zip
        what, hint = UNREAD[signature]
        raise SourceError(what, where=archive.where, hint=hint)
    is_zip = signature == "zip" or archive.suffix == "zip"
    members = ArchiveContent([], [], [])
    paths: set[str] = set()
    listed, fault = _zip_members(archive) if is_zip else _tar_members(archive)
    if fault is not None:
        members.unread.append(UnreadMember("", *fault))
    for number, (name, size, refusal) in sorted(enumerate(listed), key=lambda pair: pair[1][0]):
        if not name:
            continue
        if any(part.startswith((".", "_")) for part in name.split("/")):
            members.hidden.append(name.rpartition("/")[2])
        elif refusal is not None:
            members.unread.append(UnreadMember(name, *refusal))
        else:
            path = _unused(f"{archive.path}/{name}", paths)
            paths.add(path)
            members.files.append(ArchiveMember(
                path, None, size, archive=archive, number=number, is_tar=not is_zip))
    return members


UNNAMED = "unnamed"                           # a member without a name
_Refusal = tuple[Text, Text] | None           # why a member is not read, and what to do about it


_Listed = tuple[list[tuple[str, int, _Refusal]], _Refusal]     # members, and what is wrong with the archive


def _zip_members(archive: SourceFile) -> _Listed:
    """Return name, size and refusal of each member of a zip; folders have no refusal and an empty name."""
    try:
        with archive.open() as raw, zipfile.ZipFile(raw) as opened:
            infos = opened.infolist()
            raw.seek(0)
            is_second = raw.read(len(_MEMBER)) == _MEMBER and min(
                (info.header_offset for info in infos), default=0) > 0
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise SourceError(Msg("not a complete zip archive"), where=archive.where,
                          hint=Msg("copy the file again")) from None
    names = ["" if _is_folder(info) else _plain_name(_decode_name(info)) or UNNAMED for info in infos]
    fault = (Msg("what stands before its first member was not read, it may be another archive"),
             Msg("pack its files again")) if is_second else None
    listed = [(name, info.file_size, _refusal(info, archive))
              for name, info in zip(names, infos, strict=True)]
    return listed, fault


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """Return whether a member of a zip is a folder; one that has bytes is a file, whatever it is called."""
    return info.filename.endswith("/") and not info.file_size


def _tar_members(archive: SourceFile) -> _Listed:
    """Return name, size and refusal of each file of a tar, up to where it is cut off or damaged."""
    infos: list[tarfile.TarInfo] = []
    fault: _Refusal = None
    end = 0
    try:
        opened = _open_tar(archive)
        for info in _tar_infos(opened):
            infos.append(info)
            end = info.offset_data + info.size
        if not _has_end(opened):
            fault = Msg("the archive has no end, it may be cut off"), Msg("copy the file again")
    except (tarfile.TarError, _HeaderDamage, OSError, ValueError, EOFError, zlib.error) as e:
        if not infos:
            raise SourceError(Msg("not a complete tar archive"), where=archive.where,
                              hint=Msg("copy the file again")) from None
        fault = Msg("the archive is cut off or damaged after some of its members"), Msg("copy the file again")
        is_cut = not isinstance(e, _HeaderDamage)
    else:
        is_cut = False
    unpacked = sum(info.size for info in infos)
    if unpacked > PACKED_TAR and _packing(archive):
        raise SourceError(Msg("a compressed tar archive of more than {n} MB", n=PACKED_TAR >> 20),
                          where=archive.where, hint=Msg("unpack it, and scan the folder"))
    listed: list[tuple[str, int, _Refusal]] = [
        (_plain_name(info.name) or UNNAMED, info.size, None) for info in infos]
    if is_cut and end:
        name, size, _ = listed[-1]
        listed[-1] = name, size, (Msg("cut off in the archive"), Msg("copy the file again"))
    return listed, fault


class _HeaderDamage(Exception):
    """The header of a member cannot be read: what follows it is lost."""


class _Header(tarfile.TarInfo):
    """The header of a member; tarfile takes a damaged one for the end of the archive, this does not."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> _Header:
        try:
            header = super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError):  # type: ignore[attr-defined]
            raise _HeaderDamage from None
        except tarfile.EOFHeaderError:        # type: ignore[attr-defined]
            _ends.add(archive)
            raise
        _ends.discard(archive)
        return header


_ends: WeakSet[tarfile.TarFile] = WeakSet()   # archives whose mark of the end was read last


def _has_end(archive: tarfile.TarFile) -> bool:
    return archive in _ends


def _packing(archive: SourceFile) -> str:
    """Return how a tar archive is compressed, by its first bytes; empty for a plain one."""
    with archive.open() as raw:
        signature = signature_of(raw.read(8))
    return signature if signature in PACKINGS else ""


def _open_tar(archive: SourceFile) -> tarfile.TarFile:
    """Return a tar archive; a compressed one can be read from its start alone."""
    if packing := _packing(archive):
        return tarfile.open(fileobj=decompress(archive.open(), packing, archive.where), mode="r|",
                            tarinfo=_Header, ignore_zeros=True)
    return tarfile.open(fileobj=archive.open(), mode="r:", tarinfo=_Header, ignore_zeros=True)


def _tar_infos(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the files of a tar; folders, links and devices hold nothing of their own."""
    return (info for info in archive if info.isreg())


def _plain_name(name: str) -> str:
    """Return the name of a member as a path below its archive.

    >>> _plain_name("../../etc/a.csv"), _plain_name("C:\\\\data\\\\b.csv")
    ('etc/a.csv', 'data/b.csv')
    """
    parts = _DRIVE.sub("", name, count=1).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _unused(path: str, used: Collection[str]) -> str:
    """Return a path that no member has yet: `a.csv`, then `a_2.csv`."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffixes = name.partition(".")
    candidate, number = path, 1
    while candidate in used:
        number += 1
        candidate = f"{folder}{slash}{stem}_{number}{dot}{suffixes}"
    return candidate


def _depth(archive: SourceFile) -> int:
    return 1 + _depth(archive.archive) if isinstance(archive, ArchiveMember) else 1


def _refusal(info: zipfile.ZipInfo, archive: SourceFile) -> _Refusal:
    """Return why a member is not read, and what to do about it; None if it is read."""
    if info.flag_bits & _ENCRYPTED:
        return Msg("encrypted in the archive"), Msg("unpack it with its password")
    if info.filename.lower().endswith((".zip", ".tar")) and (
            _depth(archive) >= DEPTH or info.file_size > IN_MEMORY):
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
