"""The files behind a path, a folder, a glob or a URL of fsspec."""

from __future__ import annotations

import glob as globbing
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.message import Msg, Text
from reports.files import STATE_FOLDER
from scanner.connectors.files.errors import explain_error, reader_errors
from scanner.connectors.files.file_systems import open_file_system
from scanner.connectors.files.source_file import SourceFile, is_visible, show_path, stamp_of
from scanner.connectors.urls import redact

_WILDCARDS = re.compile(r"[*?[]")
_NOTHING = Msg("no such file, folder or match")


class UnreadPath(NamedTuple):
    """A path that was not followed or could not be listed, and why."""

    file: SourceFile
    reason: Text
    hint: Text


class FileListing(NamedTuple):
    """Files sorted by path; the folder that was named, empty for none; what was not listed; links that lead
    to files of the same folder.
    """

    files: list[SourceFile]
    root: str
    unread: list[UnreadPath]
    links: list[SourceFile]


def list_local(url: str, *, follow_links: bool = False) -> FileListing:
    """Return the files of a path or glob here. Raise SourceError if nothing is there.

    follow_links: also those that lead out of the folder.
    """
    path = Path(url).expanduser()
    if _WILDCARDS.search(url) and not path.exists():
        before = _WILDCARDS.split(str(path))[0].rpartition("/")[0]
        walk, root = _Walk(before or ".", follow_links), ""
        walk.add_matches(sorted(globbing.glob(str(path), recursive=True)))  # noqa: PTH207
    elif path.is_dir():
        walk = _Walk(str(path), follow_links)
        walk.add_folder(str(path))
        root = path.as_posix()
    else:
        check_regular(path, show_path(url))
        walk = _Walk(str(path.parent), True)
        walk.files |= {path.as_posix(): SourceFile(path.as_posix())} if path.exists() else {}
        root = ""
    if not (walk.files or walk.links or walk.unread):
        if root:
            raise SourceError(Msg("there is no file in the folder"), where=show_path(url),
                              hint=Msg("name the folder that holds the files"))
        raise SourceError(_NOTHING, where=show_path(url),
                          hint=Msg("check the path; relative paths start where you stand"))
    return FileListing(sorted(walk.files.values(), key=lambda file: file.path), root, walk.unread, walk.links)


class _Walk:
    """Files below a folder. A link out of it is followed only if asked; no folder is entered twice."""

    def __init__(self, root: str, follow_links: bool) -> None:
        self.files: dict[str, SourceFile] = {}
        self.unread: list[UnreadPath] = []
        self.links: list[SourceFile] = []
        self._root, self._follow = os.path.realpath(root), follow_links
        self._entered: set[str] = set()

    def add_matches(self, paths: Sequence[str]) -> None:
        """Add what a glob matches; of a folder, the files in it that are not hidden."""
        for path in paths:
            if not Path(path).is_dir():
                self._add(path)
                continue
            inner = _Walk(path, self._follow)
            inner.add_folder(path)
            visible = {name: file for name, file in inner.files.items() if is_visible(file, path)}
            self.files |= visible
            self.unread += inner.unread

    def add_folder(self, folder: str) -> None:
        """Add the files below a folder."""
        real = os.path.realpath(folder)
        if real in self._entered:
            return
        self._entered.add(real)
        try:
            with os.scandir(folder) as entries:
                paths = sorted(entry.path for entry in entries)
        except OSError as e:
            self._leave_out(folder, Msg("cannot be opened ({kind})", kind=type(e).__name__),
                            Msg("check the permissions"))
            return
        for path in paths:
            self._add(path)

    def _add(self, path: str) -> None:
        place = Path(path)
        if place.is_symlink() and not self._is_followed(place):
            return
        if place.is_dir():
            if place.name != STATE_FOLDER:
                self.add_folder(path)
        elif place.is_file():
            self.files[place.as_posix()] = SourceFile(place.as_posix())
        elif place.exists():
            self._leave_out(path, Msg("a pipe, a socket or a device, no file"), Msg("mend or exclude it"))

    def _is_followed(self, link: Path) -> bool:
        """Return whether a link is read as what it leads to; note why it is not."""
        target = os.path.realpath(link)
        if not Path(target).exists():
            self._leave_out(str(link), Msg("a link to something that is missing"), Msg("mend or exclude it"))
            return False
        if Path(target).is_relative_to(self._root):
            is_listed = is_visible(SourceFile(Path(target).as_posix()), self._root)
            if is_listed:                     # it is read under its own name
                self.links.append(SourceFile(link.as_posix()))
            return not is_listed
        if not self._follow:
            self._leave_out(str(link), Msg("a link out of the folder, it is not followed"),
                            Msg('follow it with options: {follow_links: "yes"}, or exclude it'))
        return self._follow

    def _leave_out(self, path: str, reason: Text, hint: Text) -> None:
        self.unread.append(UnreadPath(SourceFile(Path(path).as_posix()), reason, hint))


def list_remote(url: str, options: Mapping[str, str], timeout: float) -> FileListing:
    """Return the files behind a URL of fsspec.

    Raise SourceError if nothing is there or it cannot be listed.
    """
    where = redact(url)
    system, path = open_file_system(url, options, timeout)
    root = ""
    with reader_errors(where):
        try:
            about = _info(system, path)
            if about is None:
                infos = list(system.glob(path, detail=True).values())
            elif about["type"] == "directory":
                infos, root = list(system.find(path, detail=True).values()), path.rstrip("/")
            else:
                infos = [about]
        except FileNotFoundError as e:
            what, hint = explain_error(e)
            if what == "the file is gone":
                what, hint = _NOTHING, Msg("check the path")
            raise SourceError(what, where=where, hint=hint) from None
    files = [SourceFile(info["name"], system, int(info.get("size") or 0), stamp_of(info))
             for info in infos if info["type"] == "file"]
    if not files:
        raise SourceError(_NOTHING, where=where, hint=Msg("check the path"))
    return FileListing(sorted(files, key=lambda file: file.path), root, [], [])


def _info(system: Any, path: str) -> Mapping[str, Any] | None:
    """Return what is at a path; None if the path is a pattern.

    S3 answers HEAD without a reason: where that fails, the folder is listed, whose error says why.
    """
    try:
        info: Mapping[str, Any] = system.info(path)
    except FileNotFoundError:
        if _WILDCARDS.search(path):
            return None
        raise
    except OSError:
        system.ls(_WILDCARDS.split(path)[0].rpartition("/")[0] or path)
        raise
    return info
