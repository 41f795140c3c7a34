"""Errors of file systems and of readers of files, in our words.

Their own text may hold cells or keys and is never shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg, Text

TEXT = 20_000                                 # characters of a chain of errors that are searched, about
_CAUSES = (      # (words of an error, what happened, what to do); the first line that fits counts
    (("libhdfs", "libjvm", "hadoop"), Msg("Hadoop's client library cannot be loaded"),
     Msg("set JAVA_HOME, HADOOP_HOME and CLASSPATH, or use webhdfs://")),
    (("expiredtoken", "expired", "tokenrefreshrequired"), Msg("the credentials have expired"),
     Msg("renew the token, or log in to the profile again")),
    (("nocredentials", "partialcredentials", "unable to locate credentials", "no credentials found",
      "defaultcredentials", "169.254.169.254"),
     Msg("no credentials"),
     Msg("set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or secrets: in chujing.yaml")),
    (("profilenotfound", "config profile"), Msg("no such profile"),
     Msg("check AWS_PROFILE and the option profile")),
    (("invalidaccesskeyid", "signaturedoesnotmatch", "access key id", "signature we calculated",
      "invalidclienttokenid", "invalidtoken", "security token"),
     Msg("wrong key, secret or token"), Msg("check the environment variables they come from")),
    (("nosuchbucket", "bucket does not exist"), Msg("no such bucket"), Msg("check the name after s3://")),
    (("accessdenied", "access denied", "forbidden", "permissionerror", "permission denied", "not authorized",
      "unauthorized", "necessary privileges"),
     Msg("permission denied"), Msg("grant listing and reading, nothing more, to this account")),
    (("endpointconnection", "could not connect", "connecttimeout", "connection refused", "clientconnector",
      "newconnection", "name or service", "name resolution", "failed to resolve", "dns error",
      "error sending request", "no route", "connectionerror", "connect error"),
     Msg("host cannot be reached"), Msg("check the endpoint, the network and the firewall")),
    (("timeout", "timed out"), Msg("time limit reached"), Msg("raise timeout: in the configuration")),
    (("filenotfound", "no such file", "nosuchkey", "object at location"),
     Msg("the file is gone"), Msg("was it moved while scanning?")),
    (("unicodedecode", "unicodeerror"), Msg("cannot be read (wrong encoding)"), Msg("write it as UTF-8")),
    (("memoryerror",), Msg("does not fit into memory"), Msg("write it in smaller row groups")),
)


def explain_error(error: BaseException) -> tuple[Text, Text]:
    """Return what happened and what to do, for an error of a file system or a reader of files."""
    text = _text_of_chain(error)
    for words, what, hint in _CAUSES:
        if any(word in text for word in words):
            return what, hint
    module = type(error).__module__
    if isinstance(error, EOFError) or module.startswith(("zlib", "zipfile", "gzip", "lzma", "_lzma")):
        return Msg("cannot be read, its compressed content is damaged"), Msg("copy the file again")
    if module.startswith("pyo3"):             # of a reader in Rust
        what = Msg("cannot be read, its reader broke down over it")
        return what, Msg("it may be damaged: open and save it again")
    return (Msg("cannot be read ({kind})", kind=type(error).__name__),
            Msg("is the file complete and what its name says?"))


def _text_of_chain(error: BaseException) -> str:
    """Return kinds and texts of an error and its causes, in lower case and without underscores."""
    text = ""
    link: BaseException | None = error
    while link is not None and len(text) < TEXT:
        shows_a_cell = isinstance(link, ValueError | LookupError)     # e.g. invalid literal for int()
        message = "" if shows_a_cell else str(link)[:2000].replace("_", "")
        text += f"{type(link).__name__} {message} ".lower()
        link = link.__cause__
    return text


def missing_file(where: str) -> SourceError:
    """Return the error of a file that was listed and is missing now."""
    return SourceError(Msg("the file is gone"), where=where, hint=Msg("was it moved while scanning?"))


def unreadable(error: Exception, where: str, *, format_fault: tuple[Text, Text]) -> SourceError:
    """Return the SourceError for what a reader of one format raised.

    format_fault: (what, hint) for errors that have no cause of their own, e.g. a truncated file.
    """
    what, hint = explain_error(error)
    if what.startswith("cannot be read"):
        what, hint = format_fault
    return SourceError(what, where=where, hint=hint)


@contextmanager
def reader_errors(where: str) -> Iterator[None]:
    """Raise errors of readers and file systems as SourceError; let errors of ours pass."""
    try:
        yield
    except (ChujingError, GeneratorExit, KeyboardInterrupt):
        raise
    except Exception as e:  # readers raise anything
        what, hint = explain_error(e)
        raise SourceError(what, where=where, hint=hint) from None
