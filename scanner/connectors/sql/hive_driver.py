"""pyhive with time limits: late statements are cancelled on the server, and nothing is sent that writes."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from pyhive import exc, hive
from pyhive.sqlalchemy_hive import HiveDialect

READING_STATEMENT = re.compile(r"\s*(\(\s*)*(SELECT|SHOW|DESCRIBE|EXPLAIN)\b", re.I)
# seconds until a statement is polled; then twice as long, up to one
FIRST_WAIT = 0.01
PORT = 10_000
_STATES = hive.ttypes.TOperationState
_RUNNING = (_STATES.INITIALIZED_STATE, _STATES.PENDING_STATE, _STATES.RUNNING_STATE)
_FINISHED = _STATES.FINISHED_STATE


class TimedHiveDialect(HiveDialect):
    """`hive+chujing`: HiveServer2 and Spark's Thrift server."""

    driver = "chujing"
    supports_statement_cache = False

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Return a session with its settings made; `seconds` limits the connecting and every statement."""
        seconds, settings = cparams.pop("seconds"), cparams.pop("settings")
        connection = hive.Connection(
            thrift_transport=_open_transport(cparams, min(15.0, max(2.0, seconds))),
            username=cparams.get("username"), database=cparams.get("database") or "default")
        connection.chujing_seconds = seconds
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute(f"SET {name}={value}")
        _limit_time(connection._transport, seconds + 15)
        return connection

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Return whether the session is alive. Asked without a statement, which would wait in a queue."""
        request = hive.ttypes.TGetInfoReq(
            sessionHandle=dbapi_connection.sessionHandle, infoType=hive.ttypes.TGetInfoType.CLI_DBMS_NAME)
        hive._check_status(dbapi_connection.client.GetInfo(request))
        return True

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Run a statement, poll it now and then, cancel it when the time is over."""
        if READING_STATEMENT.match(statement) is None:
            raise exc.ProgrammingError("permission denied: only what reads is sent")
        cursor.execute(statement, parameters or None, async_=True)
        end, wait = time.monotonic() + cursor._connection.chujing_seconds, FIRST_WAIT
        while (state := cursor.poll().operationState) in _RUNNING:
            if time.monotonic() > end:
                cursor.cancel()
                raise exc.OperationalError("query timeout")
            time.sleep(wait)
            wait = min(1.0, wait * 2)
        if state != _FINISHED:
            raise exc.OperationalError(str(cursor.poll().errorMessage))

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        self.do_execute(cursor, statement, None, context)


def _open_transport(parameters: Mapping[str, Any], seconds: float) -> Any:
    """Return an unopened line to the server, as its hive.server2.authentication asks for."""
    from thrift.transport.TSocket import TSocket
    from thrift.transport.TTransport import TBufferedTransport

    host, auth = parameters.get("host") or "localhost", parameters["auth"]
    line = TSocket(host, parameters.get("port") or PORT)
    line.setTimeout(seconds * 1000)
    if auth == "NOSASL":
        return TBufferedTransport(line)
    from thrift_sasl import TSaslClientTransport  # type: ignore[import-untyped]

    mechanism = "GSSAPI" if auth == "KERBEROS" else "PLAIN"

    def new_client() -> Any:
        return hive.get_installed_sasl(
            host=host, sasl_auth=mechanism, service=parameters["service"],
            username=parameters.get("username") or "anonymous", password=parameters.get("password") or "x")

    return TSaslClientTransport(new_client, mechanism, line)


def _limit_time(transport: Any, seconds: float) -> None:
    """Let no read from an open transport last longer."""
    line = getattr(transport, "_trans", None) or transport._TBufferedTransport__trans
    line.setTimeout(seconds * 1000)


def catalogue(connection: Any, kind: str, database: str) -> list[tuple[Any, ...]]:
    """Return rows of the driver's call for all tables or all columns at once.

    kind: `Tables` or `Columns`. database: empty for all.
    """
    session = connection.connection.dbapi_connection
    request = getattr(hive.ttypes, f"TGet{kind}Req")(
        sessionHandle=session.sessionHandle, schemaName=database or "%", tableName="%")
    if kind == "Columns":
        request.columnName = "%"
    answer = getattr(session.client, f"Get{kind}")(request)
    hive._check_status(answer)
    with session.cursor() as cursor:
        cursor._operationHandle, cursor._state = answer.operationHandle, cursor._STATE_RUNNING
        return list(cursor.fetchall())
