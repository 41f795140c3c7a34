"""What a driver's error means, in our words; its own message may quote values and is never shown."""

from __future__ import annotations

_KNOWN = (                                    # the first line with a word of the message wins
    (
        ("password authentication", "access denied for user", "login failed", "no password supplied", "1045", "ora-01017",
         "authentication failed", "incorrect username or password", "1698"),
        "wrong user or password",
        "check the user and the password's environment variable",
    ),
    (
        ("could not connect", "connection refused", "can't connect", "timeout expired", "connection timeout", "name or service",
         "could not translate", "no route", "nodename nor", "failed to resolve", "unable to connect", "ora-12541", "ora-12170", "dpy-6005",
         "starting up", "shutting down"),
        "host cannot be reached",
        "check host, port and firewall",
    ),
    (("unknown database", "ora-12514"), "no such database", "check the name at the end of the URL"),
    (
        ("permission denied", "permission was denied", "command denied", "not authorized", "insufficient privilege", "access denied",
         "not enough privileges", "ora-01031", "doesn't have privilege", "does not have permission"),
        "permission denied",
        "GRANT SELECT on it to this account",
    ),
    (("lock timeout", "lock wait timeout", "lock request time out", "could not set lock", "ora-00054"), "locked by another session",
     "scan again later"),
    (
        ("statement timeout", "max_statement_time", "execution was interrupted", "maximum statement execution time", "timeout_exceeded",
         "timeout exceeded", "dpy-4024", "reached its statement or warehouse timeout", "query timeout", "query_timeout"),
        "time limit reached",
        "raise timeout: in the configuration",
    ),
    (("timed out", "waittimeout"), "no answer within the time limit", "see if the server is overloaded, or raise timeout:"),
    (("queuepool limit",), "all connections of this source stayed in use", "raise connections: in the configuration"),
    (("bytesbilledlimitexceeded", "bytes billed"), "more bytes than allowed would be billed", "raise maximum_bytes_billed in options:"),
    (("without a filter over column", "partition elimination"), "the table is read by partition only", "grant its partition metadata"),
    (("locked",), "table or database is locked", "scan again later"),
    (
        ("server closed", "lost connection", "gone away", "connection was closed", "connection reset", "terminating connection",
         "connection is closed", "consuming input failed", "dpy-4011", "ora-03113", "dbprocess is dead", "broken pipe",
         "packet sequence", "interfaceerror"),
        "connection lost",
        "scan again",
    ),
    (
        ("does not exist", "no such table", "doesn't exist", "unknown column", "no such column", "ora-00942", "invalid identifier",
         "ora-00904", "invalid object name", "invalid column name", "unknown identifier", "unknown_identifier", "unknown table",
         "not found"),
        "gone since it was listed",
        "scan again",
    ),
    (("not a database", "malformed", "encrypted", "not a valid duckdb"), "not a database file of this kind, or damaged", "check the file"),
    (("unable to open", "cannot open file"), "file cannot be opened", "check path and permissions"),
)


def told(error: Exception) -> tuple[str, str]:
    """(what happened, what to do) for a driver's error, in our words only."""
    cause = getattr(error, "orig", None) or error
    text = f"{type(cause).__name__} {cause}".lower()
    if "database" in text and "does not exist" in text and "relation" not in text and "column" not in text:
        return "no such database", "check the name at the end of the URL"
    for words, what, hint in _KNOWN:
        if any(w in text for w in words):
            return what, hint
    return f"cannot be read ({type(cause).__name__})", "try the same SELECT under this account"
