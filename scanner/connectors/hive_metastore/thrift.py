"""A Hive metastore by Thrift: the five calls a listing needs, and a reader of structs by field number.

Field numbers: hive_metastore.thrift of Apache Hive, the same since version 1.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Skipped, TableRef
from scanner.connectors.hive_metastore.database import COUNTED, of_all
from scanner.connectors.hive_metastore.records import PARAMETERS, SCHEMA, Column, Entry, Parts, count, is_placeholder
from scanner.connectors.protocol import Access

SOME = 100                                    # partitions read of one table, at most: of more, these stand for all
OBJECTS = 100                                 # tables in one answer
STOP, BOOL, BYTE, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST = 0, 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15
Struct = Mapping[int, Any]


class ThriftReader:
    """`thrift://user@host:9083`; several with commas are tried in turn. Without Kerberos the server believes the user's name."""

    def __init__(self, url: str, access: Access) -> None:
        self._where = f"{access.name} (metastore)"
        self._name = access.name
        self.refused: list[Skipped] = []
        self._calls = _opened(url, self._where, access)

    def names(self) -> Iterator[tuple[str, str, Any]]:
        try:
            databases = self._call("get_all_databases")
        except LookupError:
            raise SourceError(
                Msg("the metastore refuses to list its databases"),
                where=self._where,
                hint=Msg("check its user and rights"),
            ) from None
        for database in databases:
            try:
                tables = self._call("get_all_tables", (STRING, database))
            except LookupError:
                self.refused.append(
                    Skipped(
                        f"{self._name}/{database}",
                        Msg("the metastore refuses to list its tables"),
                        Msg("check rights on it"),
                    )
                )
                continue
            yield from ((database, table, table) for table in tables)

    def entries(self, found: Sequence[tuple[str, str, Any]]) -> Iterator[Entry]:
        by_database: dict[str, list[str]] = {}
        for database, table, _ in found:
            by_database.setdefault(database, []).append(table)
        for database, tables in by_database.items():
            for start in range(0, len(tables), OBJECTS):
                page = sorted(self._objects(database, tables[start:start + OBJECTS]), key=lambda t: t[1])
                yield from (self._entry(t) for t in page)

    def _objects(self, database: str, tables: Sequence[str]) -> Sequence[Struct]:
        try:
            return self._call("get_table_objects_by_name", (STRING, database), (LIST, tables))
        except LookupError:                   # newer servers only know the call that takes a request
            pass
        try:
            return self._call("get_table_objects_by_name_req", (STRUCT, ((STRING, database), (LIST, tables)))).get(1, ())
        except LookupError:
            if len(tables) > 1:               # one that cannot be told must not lose the others
                return [found for table in tables for found in self._objects(database, [table])]
        self.refused.append(
            Skipped(
                TableRef(tables[0], database).id(self._name),
                Msg("the metastore cannot tell its columns"),
                Msg("DESCRIBE it: its format's classes may be missing"),
            )
        )
        return ()

    def _entry(self, table: Struct) -> Entry:
        held = table.get(7) or {}
        columns, keys = _columns(held.get(1)), _columns(table.get(8))
        told: Mapping[str, str] = table.get(9) or {}
        kept = {k: v for k, v in told.items() if k in PARAMETERS or is_placeholder(columns) and k.startswith(SCHEMA)}
        return Entry(table[2], table[1], table.get(12, ""), table.get(3, ""), table.get(4, 0), table.get(5, 0),
                     table.get(11) or table.get(10, ""), columns, keys, kept, self._parts(table[2], table[1]) if keys else None)

    def _parts(self, database: str, table: str) -> Parts | None:
        """Their number exactly; the rest from SOME of them, evenly spread, the last by name among them."""
        try:
            names = self._call("get_partition_names", (STRING, database), (STRING, table), (I16, -1))
        except LookupError:                   # dropped meanwhile, or not for this user
            return None
        if not names:
            return None
        step = max(1, -(-len(names) // SOME))
        chosen = names[::-1][::step]
        try:
            read = self._call("get_partitions_by_names", (STRING, database), (STRING, table), (LIST, chosen))
        except LookupError:
            return Parts(len(names))
        sums: dict[tuple[int, str], tuple[int, int, int]] = {}
        for partition in read:
            for name in COUNTED:
                if (value := count((partition.get(7) or {}).get(name))) is not None:
                    n, summed, most = sums.get((0, name), (0, 0, 0))
                    sums[0, name] = n + 1, summed + value, max(most, value)
        return Parts(len(names), max((p.get(4, 0) for p in read), default=0), sums.get((0, "transient_lastDdlTime"), (0, 0, 0))[2],
                     of_all(sums, 0, "numRows", len(names)), of_all(sums, 0, "totalSize", len(names)))

    def _call(self, method: str, *arguments: tuple[int, Any]) -> Any:
        from thrift.Thrift import TException

        try:
            return self._calls.ask(method, arguments)
        except (OSError, TException, EOFError):
            raise SourceError(
                Msg("connection to the metastore lost, or time limit reached"),
                where=self._where,
                hint=Msg("scan again, raise timeout: in the configuration, or name the metastore's database"),
            ) from None

    def close(self) -> None:
        self._calls.close()


def _columns(fields: Sequence[Struct] | None) -> list[Column]:
    return [(f.get(1, ""), f.get(2, ""), f.get(3, "")) for f in fields or ()]


def _opened(url: str, where: str, access: Access) -> _Calls:
    """A connection to the first server that answers."""
    try:
        from thrift.Thrift import TException
    except ModuleNotFoundError:
        raise ConfigError(
            Msg("{what} needs {package}", what="thrift://", package="thrift"),
            where=where,
            hint=Msg("pip install {package}", package="'chujing[hive]'"),
        ) from None
    for one in url.split(","):
        parts = urlsplit(one.strip())
        try:
            calls = _Calls(_transport(parts, access))
            if parts.username and access.options.get("metastore_auth", "NOSASL") == "NOSASL":
                calls.ask("set_ugi", ((STRING, unquote(parts.username)), (LIST, [])))
            return calls
        except (OSError, TException, EOFError, LookupError):
            continue
        except ModuleNotFoundError as e:
            raise ConfigError(
                Msg("this metastore_auth needs {package}", package=e.name),
                where=where,
                hint=Msg("pip install it"),
            ) from None
    raise SourceError(
        Msg("the metastore cannot be reached"),
        where=where,
        hint=Msg("check host, port and metastore_auth: NOSASL, PLAIN or KERBEROS"),
    )


def _transport(server: SplitResult, access: Access) -> Any:
    from thrift.transport.TSocket import TSocket
    from thrift.transport.TTransport import TBufferedTransport

    host = server.hostname or "localhost"
    line = TSocket(host, server.port or 9083)
    line.setTimeout(max(2.0, min(15.0, access.timeout)) * 1000)
    auth = access.options.get("metastore_auth", "NOSASL").upper()
    if auth == "NOSASL":
        transport = TBufferedTransport(line, 1 << 16)
    else:
        from pyhive.hive import get_installed_sasl
        from thrift_sasl import TSaslClientTransport  # type: ignore[import-untyped]

        way = "GSSAPI" if auth == "KERBEROS" else "PLAIN"
        user = unquote(server.username or "")
        service = access.options.get("kerberos_service_name", "hive")
        transport = TSaslClientTransport(lambda: get_installed_sasl(
            host=host, sasl_auth=way, service=service, username=user, password=access.password or "x"), way, line)
    transport.open()
    line.setTimeout(access.timeout * 1000)
    if isinstance(line.handle, socket.socket):
        line.handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return transport


class _Calls:
    """Asks a Thrift service by method name; answers are dicts by field number, lists, text and numbers."""

    def __init__(self, transport: Any) -> None:
        from thrift.protocol.TBinaryProtocol import TBinaryProtocol

        self._transport = transport
        self._wire = TBinaryProtocol(transport, strictRead=False, strictWrite=True)

    def ask(self, method: str, arguments: Sequence[tuple[int, Any]] = ()) -> Any:
        """The answer; LookupError where the server refuses or does not know the call."""
        from thrift.Thrift import TMessageType

        wire = self._wire
        wire.writeMessageBegin(method, TMessageType.CALL, 0)
        self._write(STRUCT, arguments)
        wire.writeMessageEnd()
        self._transport.flush()
        _, kind, _ = wire.readMessageBegin()
        answer = self._read(STRUCT)
        wire.readMessageEnd()
        if kind == TMessageType.EXCEPTION or 0 not in answer:         # what it says may hold names; it is not shown
            raise LookupError(method)
        return answer[0]

    def _write(self, kind: int, value: Any) -> None:
        wire = self._wire
        if kind == STRUCT:
            for number, (inner, part) in enumerate(value, 1):
                wire.writeFieldBegin("", inner, number)
                self._write(inner, part)
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
            out = {}
            while (field := wire.readFieldBegin())[1] != STOP:
                out[field[2]] = self._read(field[1])
            return out
        if kind in (LIST, SET):
            inner, size = wire.readListBegin()
            return [self._read(inner) for _ in range(size)]
        if kind == MAP:
            key, value, size = wire.readMapBegin()
            return {self._read(key): self._read(value) for _ in range(size)}
        reads = {BOOL: wire.readBool, BYTE: wire.readByte, DOUBLE: wire.readDouble, I16: wire.readI16, I32: wire.readI32, I64: wire.readI64}
        return reads[kind]()

    def close(self) -> None:
        self._transport.close()
