"""What processes say to each other: pickled messages over Unix sockets, record batches in shared memory.

The memory is anonymous (memfd) and sealed before it is handed over, so nobody can change it while it is read.
"""

from __future__ import annotations

import fcntl
import io
import mmap
import os
import pickle
import socket
import struct
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from detectors.message import Msg

_HEADER = struct.Struct("<QB")                # bytes of the message, descriptors beside it
_SEALS = 0x0001 | 0x0002 | 0x0004 | 0x0008    # F_SEAL_SEAL, _SHRINK, _GROW, _WRITE of <linux/fcntl.h>
_ADD_SEALS, _GET_SEALS = 1033, 1034           # F_ADD_SEALS, F_GET_SEALS
_PACKAGES = ("detectors", "mappings", "reports", "scanner")
_PLAIN = frozenset({
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "bytearray"), ("builtins", "complex"),
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta"),
    ("datetime", "timezone"), ("decimal", "Decimal"), ("pathlib", "PosixPath"),
})


class _DataUnpickler(pickle.Unpickler):
    """Makes values of ours and plain ones; anything else is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _method
        if (module, name) not in _PLAIN and module.split(".", 1)[0] not in _PACKAGES:
            raise pickle.UnpicklingError(f"{module}.{name}")
        value = super().find_class(module, name)
        if isinstance(value, type):
            return value
        raise pickle.UnpicklingError(f"{module}.{name}")


def _method(owner: Any, name: str) -> Any:
    """Return what makes a message, which is pickled as a method of its class."""
    if isinstance(owner, type) and issubclass(owner, Msg):
        return getattr(owner, name)
    raise pickle.UnpicklingError(name)


def send(channel: socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    """Send a message, with open files beside it."""
    payload = pickle.dumps(message, protocol=5)
    text = _HEADER.pack(len(payload), len(descriptors)) + payload
    n = socket.send_fds(channel, [text], descriptors) if descriptors else channel.send(text)
    if n < len(text):
        channel.sendall(memoryview(text)[n:])


def receive(channel: socket.socket) -> tuple[Any, int | None]:
    """Return the next message and the open file beside it. Raise EOFError where nothing more comes."""
    header, descriptors, _, _ = socket.recv_fds(channel, _HEADER.size, 1)
    try:
        header += _exactly(channel, _HEADER.size - len(header)) if header else b""
        if not header:
            raise EOFError
        length, expected = _HEADER.unpack(header)
        payload = _exactly(channel, length)
        if len(descriptors) != expected:
            raise EOFError
        message = _DataUnpickler(io.BytesIO(payload)).load()
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    return message, descriptors[0] if descriptors else None


def _exactly(channel: socket.socket, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = channel.recv(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def share_batches(batches: Sequence[pa.RecordBatch]) -> int:
    """Return a descriptor of sealed memory that holds batches of one schema; the caller closes it."""
    descriptor = os.memfd_create("batches", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with (
            os.fdopen(descriptor, "wb", closefd=False) as memory,
            pa.ipc.new_stream(memory, batches[0].schema) as stream,
        ):
            for batch in batches:
                stream.write_batch(batch)
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEALS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def take_batches(descriptor: int) -> list[pa.RecordBatch]:
    """Return the batches in shared memory, checked to the last cell; the descriptor is closed.

    Raise ArrowInvalid where they are at odds with themselves.
    """
    try:
        if fcntl.fcntl(descriptor, _GET_SEALS) & _SEALS != _SEALS:
            raise pa.ArrowInvalid("not sealed")
        memory = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
    finally:
        os.close(descriptor)
    with pa.ipc.open_stream(pa.py_buffer(memory)) as stream:
        batches = list(stream)
    for batch in batches:
        batch.validate(full=True)
    return batches
