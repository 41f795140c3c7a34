"""A relay to a server on loopback that stops passing anything on when told to, and stays open."""

from __future__ import annotations

import contextlib
import socket
import threading


class Relay:
    """port: where it listens. silent: set, and nothing is passed on any more."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.silent = threading.Event()
        self._sockets = [listener := socket.create_server(("127.0.0.1", 0))]
        self.port: int = listener.getsockname()[1]

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._sockets[0].accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, come: socket.socket, go: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := come.recv(65_536):
                if self.silent.is_set():
                    return
                go.sendall(data)
