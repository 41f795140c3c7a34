"""What a driver's error means, in our words; its own message may quote values and is never shown."""

from __future__ import annotations

from detectors.message import Msg, Text

OTHER_ENCODING = Msg("text is not in the encoding the database declares")
NO_LONGER = Msg("gone since it was listed")
DENIED = Msg("permission denied")
_DENIED_COLUMNS = Msg("permission denied for some of its columns")
_WRONG_USER = Msg("wrong user or password")
_NO_DEFINER = (Msg("the view is broken: the account that defined it is gone"),
               Msg("define the view again under an account that exists, or drop it"))
BROKEN_VIEW = (Msg("the view is broken: what it reads is gone, or closed to the account that defined it"),
                Msg("repair or drop the view"))
_OUTSIDE = Msg("it reads files outside of the database, which is not allowed here")
_DENIED_TO_OWNER = (                          # what a view reads, not the view itself
    "permission denied for table", "permission denied for relation", "permission denied for schema",
    "permission denied for foreign")
_CAUSES = (       # (words of an error, what happened, what to do); the first line that fits counts
    (("user specified as a definer",), *_NO_DEFINER),
    (("references invalid table", "view_invalid", "contents of view were altered"),
     *BROKEN_VIEW),
    (("has not been populated",), Msg("the materialised view was never filled"),
     Msg("REFRESH MATERIALIZED VIEW, or drop it")),
    (("file system operations are disabled", "permission error: cannot access"), _OUTSIDE,
     Msg("scan the files that it reads as a source of their own")),
    (("could not decode to utf-8",), OTHER_ENCODING, Msg("scan it from an export")),
    (("password authentication", "access denied for user", "login failed", "no password supplied", "1045",
      "ora-01017", "authentication failed", "incorrect username or password", "1698"),
     _WRONG_USER, Msg("check the user and the password's environment variable")),
    (("could not connect", "connection refused", "can't connect", "timeout expired", "connection timeout",
      "name or service", "could not translate", "no route", "nodename nor", "failed to resolve",
      "unable to connect", "ora-12541", "ora-12170", "dpy-6005", "starting up", "shutting down"),
     Msg("host cannot be reached"), Msg("check host, port and firewall")),
    (("unknown database", "ora-12514"),
     Msg("no such database"), Msg("check the name at the end of the URL")),
    (("permission denied", "permission was denied", "command denied", "not authorized",
      "insufficient privilege", "access denied", "not enough privileges", "ora-01031",
      "doesn't have privilege", "does not have permission"),
     DENIED, Msg("GRANT SELECT on it to this account")),
    (("lock timeout", "lock wait timeout", "lock request time out", "could not set lock", "ora-00054"),
     Msg("locked by another session"), Msg("scan again later")),
    (("statement timeout", "max_statement_time", "execution was interrupted",
      "maximum statement execution time", "timeout_exceeded", "timeout exceeded", "dpy-4024",
      "reached its statement or warehouse timeout", "query timeout", "query_timeout"),
     Msg("time limit reached"), Msg("raise timeout: in the configuration")),
    (("timed out", "waittimeout"),
     Msg("no answer within the time limit"), Msg("see if the server is overloaded, or raise timeout:")),
    (("queuepool limit",),
     Msg("all connections of this source stayed in use"), Msg("raise connections: in the configuration")),
    (("bytesbilledlimitexceeded", "bytes billed"),
     Msg("more bytes than allowed would be billed"), Msg("raise maximum_bytes_billed in options:")),
    (("without a filter over column", "partition elimination"),
     Msg("the table is read by partition only"), Msg("grant its partition metadata")),
    (("locked",),
     Msg("table or database is locked"), Msg("scan again later")),
    (("server closed", "lost connection", "gone away", "connection was closed", "connection reset",
      "terminating connection", "connection is closed", "consuming input failed", "dpy-4011", "ora-03113",
      "dbprocess is dead", "broken pipe", "packet sequence", "interfaceerror"),
     Msg("connection lost"), Msg("scan again")),
    (("does not exist", "no such table", "doesn't exist", "unknown column", "no such column", "ora-00942",
      "invalid identifier", "ora-00904", "invalid object name", "invalid column name", "unknown identifier",
      "unknown_identifier", "unknown table", "not found"),
     NO_LONGER, Msg("scan again")),
    (("not a database", "image is malformed", "malformed database schema", "or is not a database",
      "not a valid duckdb"),
     Msg("not a database file of this kind, or damaged"), Msg("check the file")),
    (("unable to open", "cannot open file"),
     Msg("file cannot be opened"), Msg("check path and permissions")),
)


def explain_driver_error(error: Exception) -> tuple[Text, Text]:
    """Return what happened and what to do, for an error of a driver or of SQLAlchemy."""
    cause = getattr(error, "orig", None) or error
    text = f"{type(cause).__name__} {cause}".lower()
    if "database" in text and "does not exist" in text and "relation" not in text and "column" not in text:
        return Msg("no such database"), Msg("check the name at the end of the URL")
    if "denied" in text and "column" in text:
        return _DENIED_COLUMNS, Msg("GRANT SELECT on all of them to this account")
    if "denied for schema" in text:
        return DENIED, Msg("GRANT USAGE on its schema to this account")
    for words, what, hint in _CAUSES:
        if any(word in text for word in words):
            return what, hint
    return (Msg("cannot be read ({kind})", kind=type(cause).__name__),
            Msg("try the same SELECT under this account"))


def is_of_columns(what: Text) -> bool:
    """Return whether a statement failed for a reason that may lie in one of its columns."""
    return what.startswith("cannot be read") or what == _DENIED_COLUMNS


def explain_view_error(error: Exception) -> tuple[Text, Text]:
    """Return what happened and what to do, for the error of a statement that reads a view."""
    what, hint = explain_driver_error(error)
    text = str(getattr(error, "orig", None) or error).lower()
    if what == NO_LONGER:
        return BROKEN_VIEW
    if what == DENIED and any(words in text for words in _DENIED_TO_OWNER):
        return BROKEN_VIEW[0], Msg("GRANT SELECT on what it reads to the owner of the view")
    if what == _WRONG_USER:                   # MariaDB's words for it, to whoever is no administrator
        return _NO_DEFINER
    if what == DENIED and "schema" not in hint:
        return what, Msg("GRANT SELECT on it to this account, and on what it reads to the owner of the view")
    return what, hint
