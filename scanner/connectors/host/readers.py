"""Readers as our process sees them: started when needed, ended when they crash or take too long."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg
from scanner.connectors.host.calls import MEMORY, Call
from scanner.connectors.host.launcher import become_launcher, preload
from scanner.connectors.host.wire import receive, send, take_batches

SWITCH = "CHUJING_READER"                     # environment variable: "own" reads in the process itself
SHARE_OF_MEMORY = 0.5                         # of the machine's memory, for one reader
MOST_MEMORY = 16 << 30
LEAST_MEMORY = 1 << 30
_FOR_LOADING = (
    "PATH", "HOME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LD_PRELOAD", "VIRTUAL_ENV",
)
_FOR_LOADING_BY = ("LC_", "PYTHON", "MALLOC_", "ARROW_", "OMP_", "OPENBLAS_")
_WITHOUT_READERS = ("CHUJING_KEY",)           # variables that no reader needs
_OURS = Path(__file__).resolve().parents[3]   # where this package is imported from
_END_SECONDS = 5                              # seconds for a launcher to end when asked to
_START_SECONDS = 60                           # seconds for it to import what readers need


class ReaderDied(Exception):
    """A reader ended while it served a call. signal: that ended it, e.g. SIGSEGV; empty if none did."""

    def __init__(self, signal_name: str = "") -> None:
        super().__init__(signal_name)
        self.signal = signal_name


class ReaderSlow(Exception):
    """A reader gave no answer in time."""


@dataclass(frozen=True, slots=True)
class _ForkedProcess:
    """A fork of ours."""

    pid: int

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it ended. Raise TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        pause = 0.001
        while os.waitpid(self.pid, 0 if end is None else os.WNOHANG) == (0, 0):
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("launcher", timeout or 0)
            time.sleep(pause)
            pause = min(2 * pause, 0.05)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@dataclass(slots=True)
class _Launcher:
    """The process that starts readers. orders: socket over which it is told to."""

    process: subprocess.Popen[bytes] | _ForkedProcess
    orders: socket.socket
    owner: int

    def ask(self, order: tuple[Any, ...], descriptors: tuple[int, ...] = ()) -> Any:
        send(self.orders, order, descriptors)
        return receive(self.orders)[0]

    def end(self) -> None:
        """End it, and its readers with it."""
        self.orders.close()
        if self.owner != os.getpid():
            return
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _start_launcher() -> _Launcher:
    """Start the process; it imports what it needs while we go on. Raise OSError where none can be started."""
    ours, theirs = socket.socketpair()
    own = {k: v for k, v in os.environ.items() if k in _FOR_LOADING or k.startswith(_FOR_LOADING_BY)}
    places = [_OURS, *(Path(p).resolve() for p in sys.path if p)]      # ours first: no other copy of it
    own["PYTHONPATH"] = os.pathsep.join(map(str, places))
    code = f"from scanner.connectors.host.launcher import run; run({theirs.fileno()})"
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-c", code], env=own, pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0,
        )
    return _begun(process, ours)


def _begun(process: subprocess.Popen[bytes] | _ForkedProcess, orders: socket.socket) -> _Launcher:
    orders.settimeout(_START_SECONDS)
    return _Launcher(process, orders, os.getpid())


def _fork_launcher() -> _Launcher:
    """Start the process as a fork of ours, which has imported what it needs."""
    preload()
    ours, theirs = socket.socketpair()
    with theirs:
        pid = os.fork()
        if pid == 0:
            become_launcher(theirs.fileno())
    return _begun(_ForkedProcess(pid), ours)


def _can_fork() -> bool:
    """Return whether a fork of ours is whole and holds nothing a reader must not.

    Threads of allocators and of OpenBLAS do not count: these libraries take care of forks themselves.
    """
    return threading.active_count() == 1 and not any(name in os.environ for name in _WITHOUT_READERS)


def reader_environ() -> dict[str, str]:
    """Return the variables a reader knows: over a socket, so that its own environment shows no secret."""
    return {name: value for name, value in os.environ.items() if name not in _WITHOUT_READERS}


def memory_limit() -> int:
    """Return the bytes a reader may take."""
    with contextlib.suppress(KeyError, ValueError):
        return int(float(os.environ[MEMORY]) * (1 << 30))
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        size = 2 * LEAST_MEMORY
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            size = min(size, int(Path(file).read_text(encoding="ascii")))
    return int(max(LEAST_MEMORY, min(MOST_MEMORY, size * SHARE_OF_MEMORY)))


class Reader:
    """A reader that runs. Each call takes a channel of its own; several may be under way."""

    def __init__(self, process: int, gate: socket.socket) -> None:
        self.process = process
        self.opened: set[int] = set()         # sources it has opened
        self.calls = 0                        # under way
        self.in_hand = ""                     # path of the file it opened last, where it has one call only
        self._gate = gate
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()

    def converse(self, call: Any, seconds: float) -> Generator[pa.RecordBatch, None, Any]:
        """Send a call; yield the batches of its answer and return the rest of it.

        seconds: the longest silence. Raise what the reader raised, ReaderDied or ReaderSlow.
        """
        channel = self._channel()
        is_over = False
        try:
            channel.settimeout(seconds)
            send(channel, call)
            while True:
                (kind, content), descriptor = receive(channel)
                if kind == "opening":
                    self.in_hand = content
                    continue
                if descriptor is None:
                    break
                batches = _valid_batches(descriptor)
                send(channel, None)
                yield from batches
            is_over = kind != "error"         # after one, the reader may not have taken all we sent
        except TimeoutError:
            raise ReaderSlow from None
        except (EOFError, ConnectionError):
            raise ReaderDied from None
        finally:
            self._free(channel, is_over)
        if kind == "error":
            raise content
        return content

    def _channel(self) -> socket.socket:
        with self._lock:
            self.calls += 1
            if self._idle:
                return self._idle.pop()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                with self._lock:
                    send(self._gate, None, [theirs.fileno()])
            except OSError:
                ours.close()
                ours, _ = socket.socketpair()           # its other end is closed: the call will say so
        return ours

    def _free(self, channel: socket.socket, is_over: bool) -> None:
        with self._lock:
            self.calls -= 1
            if is_over:
                self._idle.append(channel)
                return
        channel.close()

    def close(self) -> None:
        self._gate.close()
        with self._lock:
            for channel in self._idle:
                channel.close()
            self._idle.clear()


def _valid_batches(descriptor: int) -> list[pa.RecordBatch]:
    try:
        return take_batches(descriptor)
    except (pa.ArrowException, OSError, ValueError):
        raise SourceError(Msg("its values contradict their own description"),
                          hint=Msg("it may be damaged; write it again")) from None


class ReaderPool:
    """The reader that all sources share, and one for each call that is tried again alone."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._launcher: _Launcher | None = None
        self._shared: Reader | None = None
        self._alive: set[int] = set()         # process ids of readers
        self._users = 0
        self._numbers = itertools.count()

    def register(self) -> int:
        """Return the number of a new source; what it needs is started at its first call."""
        with self._lock:
            self._users += 1
            return next(self._numbers)

    def leave(self, number: int) -> None:
        """Say that a source is closed; after the last one no reader runs, only what starts them."""
        with self._lock:
            self._users -= 1
            if self._users <= 0 and self._shared is not None:
                self.end(self._shared)
            reader = self._shared
        if reader is not None and number in reader.opened:
            with contextlib.suppress(ReaderDied, ReaderSlow, ChujingError):
                for _ in reader.converse(Call(number, "close", ()), _END_SECONDS):
                    pass

    def stop(self) -> None:
        with self._lock:
            if self._shared is not None:
                self._shared.close()
            if self._launcher is not None:
                self._launcher.end()
            self._shared = self._launcher = None

    def shared(self) -> Reader:
        """Return the reader of all sources, started if there is none. Raise ReaderDied if that fails."""
        with self._lock:
            if self._shared is None or self._is_foreign():
                self._shared = self._start()
            return self._shared

    @contextlib.contextmanager
    def alone(self) -> Iterator[Reader]:
        """Give a reader for one call, which ends with it."""
        with self._lock:
            reader = self._start()
        try:
            yield reader
        finally:
            self.end(reader)

    def end(self, reader: Reader) -> str:
        """End a reader; return the signal that had ended it before."""
        with self._lock:
            if self._shared is reader:
                self._shared = None
            reader.close()
            if self._launcher is None or self._is_foreign() or reader.process not in self._alive:
                return ""
            self._alive.discard(reader.process)
            try:
                status = self._launcher.ask(("end", reader.process))
            except (EOFError, OSError):
                self.stop()
                return ""
        return signal.Signals(-status).name if status < 0 else ""

    def _is_foreign(self) -> bool:
        """Return whether the process was forked since, so that what runs is another's."""
        return self._launcher is not None and self._launcher.owner != os.getpid()

    def _start(self) -> Reader:
        for _ in range(2):                    # the launcher itself may have died
            if self._launcher is None or self._is_foreign():
                self._launcher = _start_launcher()
                self._alive = set()
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    process = self._launcher.ask(
                        ("start", memory_limit(), reader_environ()), (theirs.fileno(),)
                    )
            except (EOFError, OSError):
                ours.close()
                self._launcher.end()
                self._launcher = None
                continue
            self._alive.add(process)
            return Reader(process, ours)
        raise ReaderDied

    @contextlib.contextmanager
    def open(self, *, early: bool = False) -> Iterator[None]:
        """Leave what runs running after the last source, so that the next one need not start it.

        early: this process has done nothing yet and will read files, so a fork of it may start readers.
        """
        number = self.register()
        try:
            with self._lock:
                if early and self._launcher is None and can_host() and _can_fork():
                    with contextlib.suppress(OSError):
                        self._launcher = _fork_launcher()
                        self._alive = set()
            yield
        finally:
            self.leave(number)


READERS = ReaderPool()
atexit.register(READERS.stop)


def can_host() -> bool:
    """Return whether this platform has what readers need, and nobody wants to do without them."""
    return os.environ.get(SWITCH, "") != "own" and _has_parts()


@cache
def _has_parts() -> bool:
    try:
        os.close(os.memfd_create("probe", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
    except (AttributeError, OSError):         # another system, or a sandbox that forbids it
        return False
    return hasattr(socket, "send_fds") and bool(sys.executable)


def why_none() -> Msg | None:
    """Return why files are not read in a process of their own; None where one could be started just now."""
    if os.environ.get(SWITCH, "") == "own":
        return Msg("{variable} is set to own", variable=SWITCH)
    if not _has_parts():
        return Msg("this system lends no anonymous memory to share, as Linux does")
    with READERS.open():
        try:
            READERS.shared()
        except (ReaderDied, OSError):
            return Msg("no process can be started here")
    return None

