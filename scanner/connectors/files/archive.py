"""Zip archives: each member is a file like any other, and its table is named `archive/member`. Nothing is unpacked to disk."""

from __future__ import annotations

import zipfile

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.files.places import INFLATED, RATIO, Member, Place

SERVES = ("zip",)


def members(archive: Place) -> tuple[list[Place], list[tuple[str, str, str]]]:
    """(files in it, sorted; name, reason and hint of what is not read). SourceError where it is no whole archive."""
    try:
        with archive.open() as raw, zipfile.ZipFile(raw) as whole:
            infos = sorted((i for i in whole.infolist() if not i.is_dir()), key=lambda i: i.filename)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise SourceError(
            Msg("not a complete zip archive"), where=archive.where, hint=Msg("copy the file again")
        ) from None
    found: list[Place] = []
    left: list[tuple[str, str, str]] = []
    for info in infos:
        name = _name(info)
        if any(p.startswith((".", "_")) for p in name.split("/")):
            continue
        why = _refused(info, name)
        if why:
            left.append((name, *why))
        else:
            found.append(Member(f"{archive.path}/{name}", None, info.file_size, archive=archive, inside=info.filename))
    return found, left


def _refused(info: zipfile.ZipInfo, name: str) -> tuple[str, str] | None:
    if info.flag_bits & 0x1:
        return Msg("encrypted in the archive"), Msg("unpack it with its password")
    if name.lower().endswith((".zip", ".tar", ".tgz", ".7z", ".rar")):
        return Msg("an archive inside an archive"), Msg("unpack the outer one")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return Msg("compressed in a way that is not known here"), Msg("pack it again with Deflate")
    if info.file_size > INFLATED and info.file_size > RATIO * max(info.compress_size, 1):
        return Msg("would grow to more than {n} times its size", n=RATIO), Msg(
            "unpack it yourself if you trust it"
        )
    return None


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; names without the mark for UTF-8 are UTF-8 or GB18030 all the same."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for coding in ("utf-8", "gb18030"):
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    return info.filename
