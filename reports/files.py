"""The one way to write files: whole or not at all, readable by whom it should be, with one clear error.

A file is written beside its place under another name and then put there in one step; several files that
belong together are put there when all are written. A folder that is missing is made.
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal, cast

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.redaction import redact

Content = str | bytes | Callable[[BinaryIO], object]    # text (written as UTF-8), bytes, or what writes bytes
Readers = Literal["owner", "team", "everybody"]
STATE_FOLDER = ".chujing"                     # in a folder that was scanned: what we remember of it
SHARED = "CHUJING_SHARED"                     # variable: what is for its owner is for the team, by the umask

FAULTS = {
    errno.ENOSPC: Msg("the disk is full"),
    errno.EDQUOT: Msg("the quota of this account is used up"),
    errno.EFBIG: Msg("the file would be larger than this account may write"),
    errno.EROFS: Msg("the file system is read-only"),
    errno.EACCES: Msg("this account may not write there"),
    errno.EPERM: Msg("this account may not write there"),
    errno.ENOTDIR: Msg("a file stands where a folder should be"),
    errno.EEXIST: Msg("a file stands where a folder should be"),
    errno.EISDIR: Msg("a folder stands where the file should be"),
    errno.ENOENT: Msg("there is no such folder"),
    errno.ENAMETOOLONG: Msg("the name is too long"),
}


def write_atomically(path: Path, content: Content, readers: Readers = "owner") -> None:
    """Write a file in one step; raise ConfigError when it cannot be written.

    readers: `owner` for what tells of somebody's data, `team` for what people edit together (by the umask),
    `everybody` for what another account reads.
    """
    write_together([(path, content)], readers)


def write_together(files: Iterable[tuple[Path, Content]], readers: Readers = "owner") -> tuple[Path, ...]:
    """Write files that belong together, all or none, and return their paths; raise ConfigError if none.

    They are asked for one by one, so that only one is in memory.
    """
    partials: dict[Path, Path] = {}           # place -> what is to be put there
    ends: dict[Path, Path] = {}               # place -> what is replaced: itself, or where its link leads
    with ExitStack() as folders:
        try:
            for path, content in files:
                folders.enter_context(in_folder_of(path, readers))
                with writing(path):
                    ends[path] = _link_end(path)
                    partials[path] = ends[path].with_name(f".{path.name[:100]}.{os.getpid()}.part")
                    _write(partials[path], path, content, readers)
            for path, partial in partials.items():
                with writing(path):
                    partial.replace(ends[path])
        finally:
            for partial in partials.values():
                with suppress(OSError):
                    partial.unlink()
    return tuple(partials)


def _link_end(path: Path) -> Path:
    """Return the file that a link of this account leads to; else the path itself, which is replaced.

    A link of somebody else, or one to a device, is not followed.
    """
    if not path.is_symlink() or not hasattr(os, "getuid") or path.lstat().st_uid != os.getuid():
        return path
    end = Path(os.path.realpath(path))
    return end if end.is_file() else path


@contextmanager
def in_folder_of(path: Path, readers: Readers = "owner") -> Iterator[None]:
    """Make the folder of a file where it is missing; take it away again if what is done within fails."""
    new: list[Path] = []
    try:
        with writing(path):
            new = make_folder(path.parent, readers)
        yield
    except BaseException:
        for folder in reversed(new):
            with suppress(OSError):           # something is in it
                folder.rmdir()
        raise


def check_local(path: Path) -> None:
    """Raise ConfigError for a URL where a file should be: it would become folders, named by its secrets."""
    if re.match(r"[A-Za-z][\w+.\-]+:[\\/]", text := str(path)):
        raise ConfigError(Msg("a URL is no place to write to"), where=redact(text),
                          hint=Msg("a file in a folder you may write"))


def check_new(path: Path, hint: Msg) -> None:
    """Raise ConfigError for a file that exists, which a person may have filled, or where that cannot be seen.

    hint: what to do about it.
    """
    with writing(path):
        exists = path.exists()
    if exists:
        raise ConfigError(Msg("already there"), where=str(path), hint=hint)


def write_fault(path: Path, error: OSError) -> ConfigError:
    """Return the error of a file or folder that cannot be written."""
    return ConfigError(
        Msg("cannot be written: {why}", why=why_unwritten(error)),
        where=str(path),
        hint=Msg("a file in a folder you may write"),
    )


def why_unwritten(error: OSError) -> Msg:
    """Return why something could not be written, in our words."""
    unknown = Msg("an error of the system ({kind})", kind=type(error).__name__)
    return FAULTS.get(error.errno or 0, unknown)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise ConfigError for an OSError of what is done within, as of the file or folder."""
    try:
        yield
    except OSError as e:
        raise write_fault(path, e) from None


def make_folder(folder: Path, readers: Readers = "owner") -> list[Path]:
    """Make a folder and those above it that are missing, and return them; raise OSError if it cannot be."""
    missing = [folder] if not folder.is_dir() else []
    missing += [above for above in folder.parents if missing and not above.exists()]
    for each in reversed(missing):
        each.mkdir(0o700 if _private(readers) else 0o777, exist_ok=True)
    return missing[::-1]


def make_empty(file: Path) -> None:
    """Make an empty file that others will write in place; raise OSError, FileExistsError if there is one."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if _private("owner") else 0o666))


def write_new(path: Path, text: str) -> None:
    """Write a file that does not exist, for its owner alone; raise OSError, FileExistsError if it does."""
    make_folder(path.parent)
    with open_new(path, 0o600) as file:
        try:
            _Sink(file).write(text.encode())
        except BaseException:
            path.unlink()
            raise


def add_line(path: Path, line: str) -> None:
    """Add a line at the end of a file, whole or not at all; raise ConfigError when it cannot be.

    The file is added to in place: it may lie where nothing can be changed.
    """
    before = 0
    with writing(path):
        make_folder(path.parent, "team")
        with path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                _Sink(file).write(_encoded(line))
            except OSError:
                with suppress(OSError):
                    file.truncate(before)
                raise


def _private(readers: Readers) -> bool:
    return readers == "owner" and not is_shared()


def is_shared() -> bool:
    """Return whether the team may read what is otherwise for its owner."""
    return os.environ.get(SHARED, "").strip().lower() not in ("", "0", "no", "false")


def open_new(path: Path, mode: int) -> BinaryIO:
    """Open a file to write bytes; raise FileExistsError if it exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    return cast(BinaryIO, io.FileIO(handle, "wb"))


def _write(partial: Path, path: Path, content: Content, readers: Readers) -> None:
    """Write what will be put at `path`."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    partial.unlink(missing_ok=True)
    with open_new(partial, 0o600 if _private(readers) else 0o666) as raw:
        if not callable(content):
            _Sink(raw).write(_encoded(content) if isinstance(content, str) else content)
        else:
            sink = _Sink(raw)
            buffered = io.BufferedWriter(sink)
            try:
                content(cast(BinaryIO, buffered))
                if not buffered.closed:
                    buffered.flush()
            finally:
                sink.ended = True
    if readers == "everybody":
        partial.chmod(0o644)
    elif readers == "team" and path.exists():
        partial.chmod(path.stat().st_mode & 0o777)


def _encoded(text: str) -> bytes:
    """Return text as UTF-8; what UTF-8 cannot hold is escaped."""
    return text.encode("utf-8", "backslashreplace")


class _Sink(io.RawIOBase):
    """A file that takes no more after it could not: libraries that tidy up must not fail a second time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.ended = False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        done = 0
        while not self.ended and done < len(view):
            try:
                done += self._file.write(view[done:])
            except OSError:
                self.ended = True
                raise
        return len(view)

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0 if self.ended else self._file.seek(offset, whence)

    def tell(self) -> int:
        return 0 if self.ended else self._file.tell()
