"""The process that starts readers: it imports what they need once, and forks one in a few milliseconds.

It has one thread, so a fork of it is whole. It is told what to do over one socket, whose end ends it. It is a
program of its own (`run`), or a fork of ours that forgets what it inherits (`become_launcher`).
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from scanner.connectors.host.wire import receive, send

PRELOADED = ("scanner.connectors.files.source", "scanner.connectors.host.reader")


def preload() -> None:
    """Import what every reader needs; what reads one format is imported by the reader that meets it."""
    for module in PRELOADED:
        import_module(module)


class _NoPandas:
    """Finds no pandas, in front of what finds modules."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ImportError(name)


def do_without_pandas() -> None:
    """Keep pyarrow from importing pandas, which `pa.array` does and no reader needs: a fifth of a second."""
    import pyarrow as pa

    if "pandas" not in sys.modules:
        finder: Any = _NoPandas()
        sys.meta_path.insert(0, finder)
        pa.array([""])                        # finds none and never asks again
        sys.meta_path.remove(finder)


def become_launcher(descriptor: int) -> NoReturn:
    """Serve orders in a process that was just forked off ours; never return.

    Files and sockets of ours are closed, so that no lock and no pipe outlives us in it.
    """
    status = 1
    try:
        gc.freeze()                           # a collection would write to all memory shared with ours
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(nothing, standard)
        for inherited in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            if inherited > 2 and inherited != descriptor:
                with contextlib.suppress(OSError):
                    os.close(inherited)
        os.environ.clear()
        run(descriptor)
        status = 0
    finally:
        os._exit(status)


def run(descriptor: int) -> None:
    """Serve orders until there are no more. descriptor: of the socket they come over.

    ("start", memory, environ) with a socket for a reader, the bytes it may take and the variables it knows:
    answered with its process id; ("end", process id): answered with how it ended.
    """
    orders = socket.socket(fileno=descriptor)
    preload()
    gc.freeze()
    readers: set[int] = set()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            order, gate = receive(orders)
            if order[0] == "start" and gate is not None:
                process = os.fork()
                if process == 0:
                    orders.close()
                    _become_reader(gate, *order[1:])
                os.close(gate)
                readers.add(process)
                send(orders, process)
            elif order[0] == "end" and order[1] in readers:
                readers.discard(order[1])
                send(orders, _end(order[1]))
    for process in readers:
        _end(process)


def _become_reader(gate: int, memory: int, environ: Mapping[str, str]) -> None:
    """Serve calls in a process that was just forked; never return."""
    from scanner.connectors.host.reader import serve

    status = 1
    try:
        os.environ.update(environ)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory:
            hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
            soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        do_without_pandas()                   # here, for memory that Arrow began before the fork may hang
        serve(socket.socket(fileno=gate))
        status = 0
    finally:
        os._exit(status)


def _end(process: int) -> int:
    """End a reader; return its exit status, or less than 0 for the signal that ended it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
