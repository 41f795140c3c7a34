"""A Thrift service called by method name, without generated classes: structs are dicts by field number."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from detectors.errors import ConfigError, ExtraError, SourceError
from detectors.message import Msg
from scanner.connectors.protocol import Access

PORT = 9083                                   # of a Hive metastore
STOP, BOOL, BYTE, DOUBLE, I16, I32, I64, STRING = 0, 2, 3, 4, 6, 8, 10, 11    # Thrift's numbers of types
STRUCT, MAP, SET, LIST = 12, 13, 14, 15
Struct = Mapping[int, Any]


class ThriftClient:
    """Calls a service; answers are dicts by field number, lists, text and numbers."""

    def __init__(self, transport: Any) -> None:
        from thrift.protocol.TBinaryProtocol import TBinaryProtocol

        self._transport = transport
        self._wire = TBinaryProtocol(transport, strictRead=False, strictWrite=True)

    def call(self, method: str, arguments: Sequence[tuple[int, Any]] = ()) -> Any:
        """Return the answer. Raise LookupError where the server refuses or does not know the call.

        arguments: (type, value) of each, in the order of their field numbers.
        """
        from thrift.Thrift import TMessageType

        wire = self._wire
        wire.writeMessageBegin(method, TMessageType.CALL, 0)
        self._write(STRUCT, arguments)
        wire.writeMessageEnd()
        self._transport.flush()
        _, kind, _ = wire.readMessageBegin()
        answer = self._read(STRUCT)
        wire.readMessageEnd()
        if kind == TMessageType.EXCEPTION or 0 not in answer:
            raise LookupError(method)         # what the server says may hold names and is not shown
        return answer[0]

    def _write(self, kind: int, value: Any) -> None:
        wire = self._wire
        if kind == STRUCT:
            for number, (inner, field) in enumerate(value, 1):
                wire.writeFieldBegin("", inner, number)
                self._write(inner, field)
            wire.writeFieldStop()
        elif kind == LIST:
            wire.writeListBegin(STRING, len(value))
            for text in value:
                wire.writeString(text)
        elif kind == I16:
            wire.writeI16(value)
        else:
            wire.writeString(value)

    def _read(self, kind: int) -> Any:
        wire = self._wire
        if kind == STRING:
            return wire.readBinary().decode("utf-8", "replace")
        if kind == STRUCT:
            fields = {}
            while (field := wire.readFieldBegin())[1] != STOP:
                fields[field[2]] = self._read(field[1])
            return fields
        if kind in (LIST, SET):
            inner, size = wire.readListBegin()
            return [self._read(inner) for _ in range(size)]
        if kind == MAP:
            key, value, size = wire.readMapBegin()
            return {self._read(key): self._read(value) for _ in range(size)}
        readers = {BOOL: wire.readBool, BYTE: wire.readByte, DOUBLE: wire.readDouble,
                   I16: wire.readI16, I32: wire.readI32, I64: wire.readI64}
        return readers[kind]()

    def close(self) -> None:
        self._transport.close()


def connect(url: str, where: str, access: Access) -> ThriftClient:
    """Return a connection to the first server that answers. url: one or several, with commas.

    Raise ConfigError where a package is missing; SourceError where no server answers.
    """
    try:
        from thrift.Thrift import TException
    except ModuleNotFoundError:
        raise ExtraError(Msg("{what} needs {package}", what="thrift://", package="thrift"), where=where,
                         hint=Msg("pip install {package}", package="'chujing[hive]'")) from None
    for address in url.split(","):
        server = urlsplit(address.strip())
        try:
            client = ThriftClient(_open_transport(server, access))
            if server.username and access.options.get("metastore_auth", "NOSASL") == "NOSASL":
                client.call("set_ugi", ((STRING, unquote(server.username)), (LIST, [])))
            return client
        except (OSError, TException, EOFError, LookupError):
            continue
        except ModuleNotFoundError as e:
            raise ConfigError(Msg("this metastore_auth needs {package}", package=e.name), where=where,
                              hint=Msg("pip install it")) from None
    raise SourceError(Msg("the metastore cannot be reached"), where=where,
                      hint=Msg("check host, port and metastore_auth: NOSASL, PLAIN or KERBEROS"))


def _open_transport(server: SplitResult, access: Access) -> Any:
    from thrift.transport.TSocket import TSocket
    from thrift.transport.TTransport import TBufferedTransport

    line = TSocket(server.hostname or "localhost", server.port or PORT)
    line.setTimeout(max(2.0, min(15.0, access.timeout)) * 1000)
    auth = access.options.get("metastore_auth", "NOSASL").upper()
    if auth == "NOSASL":
        transport = TBufferedTransport(line, 1 << 16)
    else:
        transport = _sasl_transport(line, server, access, "GSSAPI" if auth == "KERBEROS" else "PLAIN")
    transport.open()
    line.setTimeout(access.timeout * 1000)
    if isinstance(line.handle, socket.socket):
        line.handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return transport


def _sasl_transport(line: Any, server: SplitResult, access: Access, mechanism: str) -> Any:
    from pyhive.hive import get_installed_sasl
    from thrift_sasl import TSaslClientTransport  # type: ignore[import-untyped]

    def new_client() -> Any:
        return get_installed_sasl(
            host=server.hostname or "localhost", sasl_auth=mechanism,
            service=access.options.get("kerberos_service_name", "hive"),
            username=unquote(server.username or ""), password=access.password or "x")

    return TSaslClientTransport(new_client, mechanism, line)
