"""Failures of Spark in our words: its own text may hold cells of a row."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg

_NO_JAVA = ("JAVA_GATEWAY_EXITED", "JAVA_HOME is not set")
_SHUT_DOWN = ("SparkContext was shut down", "stopped SparkContext")
_CRASHED = ("Python worker exited unexpectedly", "crashed")
WORKER_CRASHED = Msg("a worker's process that read it crashed")
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "not enough space on the disk")
_DROPPED = ("TABLE_OR_VIEW_NOT_FOUND", "FAILED_READ_FILE.FILE_NOT_EXIST")
_LOST = ("Py4JNetworkError", "ConnectionRefusedError")
SESSION_LOST = Msg("the Spark session was lost")
TABLE_LOST = Msg("the table is gone, or files of it")
NO_SPACE = Msg("the workers have no space left on their disks")
OTHER_PYTHON = Msg("the workers have another Python than this one")


def explain_failure(error: Exception, where: str) -> SourceError | ConfigError:
    """Return the error of ours for one of Spark: its kind, never its words; but a missing module is named."""
    text = str(error)
    if m := re.search(r"No module named '([A-Za-z0-9_.]+)'", text):
        return missing_packages([m[1].split(".")[0]], where)
    if any(words in text for words in _NO_JAVA):
        return ConfigError(Msg("Spark needs Java"), where=where,
                           hint=Msg("install a JRE, version 17 or later, and set JAVA_HOME"))
    if all(words in text for words in _CRASHED):
        return SourceError(WORKER_CRASHED, where=where,
                           hint=Msg("it may be damaged: write it again; or give the workers more memory"))
    if "PYTHON_VERSION_MISMATCH" in text:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return SourceError(OTHER_PYTHON, where=where,
                           hint=Msg("set PYSPARK_PYTHON to Python {version} on the workers", version=version))
    if any(words in text for words in _SHUT_DOWN) or type(error).__name__ in _LOST:
        return lost_session(where)
    if any(words in text for words in _NO_SPACE):
        return SourceError(NO_SPACE, where=where, hint=Msg(
            "make room where spark.local.dir is on the workers (yarn.nodemanager.local-dirs on YARN)"))
    if any(words in text for words in _DROPPED):
        return SourceError(TABLE_LOST, where=where, hint=Msg("somebody dropped or wrote it: scan again"))
    condition = getattr(error, "getCondition", lambda: None)() or _java_name(error) or type(error).__name__
    return SourceError(Msg("the Spark job failed ({kind})", kind=condition), where=where,
                       hint=Msg("the application's log on the cluster says more"))


def lost_session(where: str) -> SourceError:
    """Return the error of a session that somebody stopped, or that lost its master."""
    hint = Msg("is the master still running? scan again to go on")
    return SourceError(SESSION_LOST, where=where, hint=hint)


def is_of_session(error: SourceError | ConfigError) -> bool:
    """Would any other job of the session fail, too?"""
    return error.what in (SESSION_LOST, OTHER_PYTHON) or isinstance(error, ConfigError)


def missing_packages(packages: Sequence[str], where: str) -> SourceError:
    """Return the error of workers that lack some packages."""
    return SourceError(Msg("missing on the workers: {names}", names=tuple(packages)), where=where, hint=Msg(
        "pip install {packages} in the workers' Python (PYSPARK_PYTHON, spark.pyspark.python), or ship an "
        "environment with spark.archives", packages=" ".join(packages)))


def _java_name(error: Exception) -> str:
    """Return the class of a Java error; empty for others, or when the JVM is gone."""
    try:
        return str(error.java_exception.getClass().getSimpleName())  # type: ignore[attr-defined]
    except Exception:  # whatever the bridge to the JVM raises
        return ""
