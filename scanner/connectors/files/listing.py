"""The files behind a path, a folder, a glob or a URL of fsspec."""

from __future__ import annotations

import glob as globbing
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.message import Msg
from scanner.connectors.files.errors import explain_error, reader_errors
from scanner.connectors.files.file_systems import open_file_system
from scanner.connectors.files.source_file import SourceFile, show_path, stamp_of
from scanner.connectors.urls import redact

_WILDCARDS = re.compile(r"[*?[]")
_NOTHING = Msg("no such file, folder or match")


def list_local(url: str) -> tuple[list[SourceFile], str]:
    """Return the files of a path or glob here, sorted by path; and the folder, empty if none.

    Raise SourceError if nothing is there.
    """
    path = Path(url).expanduser()
    if _WILDCARDS.search(url) and not path.exists():
        matches = (Path(p) for p in globbing.glob(str(path), recursive=True))  # noqa: PTH207
        paths = [p for p in matches if p.is_file() or p.is_dir()]
    elif path.is_dir():
        paths = [p for p in path.rglob("*") if p.is_file()]
    else:
        check_regular(path, show_path(url))
        paths = [path] if path.exists() else []
    if not paths:
        raise SourceError(_NOTHING, where=show_path(url),
                          hint=Msg("check the path; relative paths start where you stand"))
    files = sorted((SourceFile(p.as_posix()) for p in paths), key=lambda file: file.path)
    return files, path.as_posix() if path.is_dir() else ""


def list_remote(url: str, options: Mapping[str, str], timeout: float) -> tuple[list[SourceFile], str]:
    """Return the files behind a URL of fsspec, sorted by path; and the folder, empty if none.

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
    return sorted(files, key=lambda file: file.path), root


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
