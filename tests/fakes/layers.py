"""Layers of tests: which one a test belongs to, and a watch that unit tests touch no file, socket or process.

The layer of a test is the one it is marked with, else that of its folder, else that of what it asks for: a
server, a browser, a temporary folder. Whatever else lies in a room is a unit test.
"""

import compileall
import os
import sys
import sysconfig
import threading
from pathlib import Path

from places import ROOT

LAYERS = {
    "unit": "no file, server or process",
    "system": "files, the command line, processes of ours, stand-in servers",
    "server": "a real database server",
    "browser": "Chromium",
    "spark": "a Spark master with two workers",
    "client": "another program's own client or models, in an environment of its own",
}
ROOMS = ("detectors", "mappings", "reports", "scanner")
OF_FOLDER = {"tests/clients": "client", "tests/scanner/spark": "spark"}
OF_FIXTURE = {  # the first of these that a test asks for
    "spark": "spark",
    "browser": "browser",
    "postgresql": "server",
    "mariadb": "server",
    "warehouse": "server",
    "tmp_path": "system",
    "tmp_path_factory": "system",
}


def compile_modules() -> None:
    """Compile the modules of the rooms where Python is told not to: hundreds of processes start in the tests.

    Modules that are compiled and unchanged are left alone; a folder that cannot be written stays as it is.
    """
    if sys.dont_write_bytecode:
        for room in ROOMS:
            compileall.compile_dir(ROOT / room, quiet=2)


def layer_of(item) -> str:
    """Return the layer of a test; "" if nothing says it; ValueError if it has marks of two."""
    marked = {m.name for m in item.iter_markers() if m.name in LAYERS}
    if len(marked) > 1:
        raise ValueError(f"{item.nodeid} is marked {' and '.join(sorted(marked))}: one layer a test")
    place = Path(item.path).relative_to(ROOT).as_posix()
    asked = {*getattr(item, "fixturenames", ()), *_names(getattr(item, "callspec", None))}
    ways = (
        marked,
        (layer for above, layer in OF_FOLDER.items() if place.startswith(above)),
        (layer for name, layer in OF_FIXTURE.items() if name in asked),
        ("unit",) if _in_a_room(place) else (),
    )
    return next((layer for way in ways for layer in way), "")


def _names(callspec) -> set[str]:
    """Fixtures that parameters name, for `request.getfixturevalue`."""
    values = callspec.params.values() if callspec else ()
    return {v for v in values if isinstance(v, str)}


def _in_a_room(place: str) -> bool:
    """Return whether a file is in a package, or where its tests are."""
    return place.removeprefix("tests/").partition("/")[0] in ROOMS


# ---- the watch ---------------------------------------------------------------------------------------------

READABLE = tuple(
    str(p)
    for p in {
        *(ROOT / room for room in ROOMS),
        ROOT / "tests",
        ROOT / ".hypothesis",
        *map(Path, sysconfig.get_paths().values()),
        *(Path(p) for p in sys.path if p and Path(p) != ROOT),
        Path(sys.base_prefix),
        Path("/proc"),
        Path("/usr/share/zoneinfo"),
        Path("/etc"),
    }
)
WRITABLE = (str(ROOT / ".hypothesis"), os.devnull)
PROCESSES = (
    "subprocess.Popen",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.exec",
    "os.system",
    "pty.spawn",
)
SOCKETS = ("socket.bind", "socket.connect", "socket.getaddrinfo")
IPV6_PROBE = (("::1", 0),)  # urllib3 looks once, where it is imported, whether there is IPv6
FOLDERS = (
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "shutil.rmtree",
    "shutil.copyfile",
    "tempfile.mkstemp",
    "tempfile.mkdtemp",
)


class Watch:
    """Notes what is touched from the time it begins until it ends, by threads that did not run before."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        self._on, self._others = False, frozenset()
        sys.addaudithook(self._hear)

    def begin(self) -> None:
        here = threading.get_ident()
        self._others = frozenset(t.ident for t in threading.enumerate() if t.ident != here)
        self.touched, self._on = [], True

    def end(self) -> list[str]:
        """Return what was touched that a unit test may not touch."""
        self._on = False
        return self.touched

    def _hear(self, event: str, args: tuple) -> None:
        if not self._on or threading.get_ident() in self._others:
            return
        if event == "open":
            self._opened(*args)
        elif event == "sqlite3.connect":
            if args[0] not in (":memory:", b":memory:"):
                self.touched.append(f"database {args[0]}")
        elif event in PROCESSES:
            self.touched.append(f"process {args[0] if args else ''}")
        elif event in SOCKETS and args[1:] != IPV6_PROBE:
            self.touched.append(f"socket {args[1:] or args}")
        elif event in FOLDERS and not str(args[0]).startswith(WRITABLE) and not _bytecode(str(args[0])):
            self.touched.append(f"{event} {args[0]}")

    def _opened(self, path, mode, flags) -> None:
        if path is None or isinstance(path, int):
            return
        text = str(Path.cwd() / os.fsdecode(path))
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        allowed = WRITABLE if writes else (*READABLE, *WRITABLE)
        if not text.startswith(allowed) and not _bytecode(text):
            self.touched.append(f"file {text}")


def _bytecode(path: str) -> bool:
    """Return whether Python itself keeps a compiled module there."""
    return ".pyc" in path or "__pycache__" in path or path.startswith(sys.pycache_prefix or "\0")
