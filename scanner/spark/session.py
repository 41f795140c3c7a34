"""A Spark session for a scan: reached in bounded time, chujing shipped to its workers, its failures told without their words."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import socket
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from scanner.spark.probe import probe
from scanner.spark.work import Setting, blobs, loaded

PACKAGES = ("detectors", "mappings", "reports", "scanner")
DRIVER = {                                    # of the driver's JVM, where nobody configured it: `defaults`
    "spark.driver.memory": "2g",
    "spark.driver.defaultJavaOptions": "-XX:+ExitOnOutOfMemoryError",     # one out of memory loses a thread and waits for ever
}
CONNECT = 5                                   # seconds for a master to take a connection
_PROPERTY = re.compile(r"\s*([^\s#!=:][^\s=:]*)")
_ADDRESS = re.compile(r"([^\s:,/\[\]]+):(\d+)")


class Cluster:
    """A session whose workers have what they need, and one way to run a job on them."""

    def __init__(self, master: str, session: Any, detectors: Path | None, patience: int) -> None:
        """master: where to start a session of our own, unless one is given. SourceError when no worker answers in `patience` seconds."""
        if find_spec("pyspark") is None:
            raise ConfigError(
                Msg("the Spark engine needs {package}", package="pyspark"),
                hint=Msg("pip install {package}", package="'chujing[spark]'"),
            )
        self._own = session is None
        self._patience = patience
        self.where = master or "the given Spark session"
        self.session = session if session is not None else self._start(master)
        try:
            self._ship()
            self.setting = _setting(detectors)
        except BaseException:
            self.close()
            raise

    @property
    def parallelism(self) -> int:
        """Tasks the cluster runs at the same time, as far as Spark knows."""
        return max(1, int(self.session.sparkContext.defaultParallelism))

    def values(self, frame: Any, seconds: float | None = None) -> Iterator[Any]:
        """The few values of a frame, Failures among them. SourceError when the job fails; TimeoutError after `seconds`."""
        for row in self._run(frame.collect, seconds):
            yield loaded(row.blob)

    def many_values(self, frame: Any, seconds: float | None) -> Iterator[Any]:
        """The same for many: kept on the workers' disks and fetched one partition at a time, so that they need not fit the driver's JVM.

        By a job for each partition: `toLocalIterator` keeps in the JVM all it has given (Spark 4.3).
        """
        from pyspark import StorageLevel

        kept = frame.persist(StorageLevel.DISK_ONLY)
        try:
            self._run(kept.count, seconds)    # in parallel; fetching goes one by one
            rows, context = kept.rdd, self.session.sparkContext
            for i in range(rows.getNumPartitions()):
                for blob in self._run(partial(context.runJob, rows, blobs, [i]), None):
                    yield loaded(blob)
        finally:
            with contextlib.suppress(Exception):      # the session may be gone, and with it what it kept
                kept.unpersist()

    def _run(self, action: Callable[[], Any], seconds: float | None) -> Any:
        """The action within its time; Spark's errors as ours."""
        context = self.session.sparkContext
        group = f"chujing-{uuid.uuid4().hex[:12]}"
        late = threading.Event()

        def stop() -> None:
            late.set()
            context._jsc.sc().cancelJobGroupAndFutureJobs(group)      # not only jobs that have begun

        if seconds is not None and seconds <= 0:
            raise TimeoutError
        timer = threading.Timer(seconds, stop) if seconds is not None else None
        try:
            context.setJobGroup(group, "chujing", interruptOnCancel=True)
            if timer is not None:
                timer.start()
            return action()
        except Exception as e:  # Spark raises anything, and its text may hold cells of a row
            if late.is_set():
                raise TimeoutError from None
            raise told(e, self.where) from None
        finally:
            if timer is not None:
                timer.cancel()

    def _start(self, master: str) -> Any:
        """A session of our own. SourceError when nobody listens where the master should be; ConfigError when there is no Java."""
        from pyspark.sql import SparkSession

        _reach(master)
        if master.startswith("local-cluster"):
            os.environ.setdefault("SPARK_HOME", str(Path(find_spec("pyspark").origin or "").parent))  # type: ignore[union-attr]
        if master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(master).appName("chujing").config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.sql.session.timeZone", "UTC")
        builder = builder.config(map=defaults(os.environ))
        try:
            session = builder.getOrCreate()
            if not session.sparkContext.getConf().contains("spark.log.level"):
                session.sparkContext.setLogLevel("OFF")      # we tell of errors: Spark's own words may quote a cell
        except Exception as e:
            raise told(e, master) from None
        return session

    def _ship(self) -> None:
        """Our packages to the workers, then a first job that says what they lack."""
        context = self.session.sparkContext
        self._run(lambda: context.addPyFile(str(package())), None)
        tasks = min(self.parallelism, 8)
        try:
            found = self._run(lambda: context.parallelize(range(tasks), tasks).mapPartitions(probe).collect(), self._patience)
        except TimeoutError:
            raise SourceError(
                Msg("no worker took a job within {n} seconds", n=self._patience),
                where=self.where,
                hint=Msg("are workers registered, and do they have a core and memory free?"),
            ) from None
        missing = sorted({name for _, names in found for name in names})
        if missing:
            raise _lacking(missing, self.where)

    def close(self) -> None:
        """Stop a session of our own."""
        if self._own:
            with contextlib.suppress(Exception):      # already lost
                self.session.stop()


def _lacking(missing: list[str], where: str) -> SourceError:
    return SourceError(
        Msg("missing on the workers: {names}", names=tuple(missing)),
        where=where,
        hint=(
            Msg(
                "pip install {packages} in the workers' Python (PYSPARK_PYTHON, spark.pyspark.python), "
                "or ship an environment with spark.archives",
                packages=" ".join(missing),
            )
        ),
    )


def defaults(env: Mapping[str, str]) -> Mapping[str, str]:
    """What we say of the driver's JVM: nothing that spark-defaults.conf, the environment or spark-submit says already.

    PYSPARK_SUBMIT_ARGS wins by itself, but for the file of properties it may name.
    """
    if "PYSPARK_GATEWAY_PORT" in env:         # it runs already
        return {}
    words = shlex.split(env.get("PYSPARK_SUBMIT_ARGS", ""))
    named = [Path(after) for word, after in pairwise(words) if word == "--properties-file"]
    home = Path(env["SPARK_HOME"]) if env.get("SPARK_HOME") else Path(find_spec("pyspark").origin or "").parent  # type: ignore[union-attr]
    folder = Path(env["SPARK_CONF_DIR"]) if env.get("SPARK_CONF_DIR") else home / "conf"
    said = {key for file in (*named, folder / "spark-defaults.conf") for key in _properties(file)}
    said |= {"spark.driver.memory"} if env.get("SPARK_DRIVER_MEMORY") else set()
    return {key: value for key, value in DRIVER.items() if key not in said}


def _properties(file: Path) -> Iterator[str]:
    """Keys of a file of Java properties; none where it cannot be read: then Spark says so."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    yield from (m[1] for line in lines if (m := _PROPERTY.match(line)))


def _reach(master: str) -> None:
    """SourceError unless one of the masters takes a connection; other schemes than spark:// are left to Spark."""
    if not master.startswith("spark://"):
        return
    addresses = _ADDRESS.findall(master.removeprefix("spark://"))
    if not addresses:
        raise ConfigError(
            Msg('"{name}" is no master', name=master),
            hint=Msg("--master {address}", address="spark://host:7077"),
        )
    for host, port in addresses:
        try:
            socket.create_connection((host, int(port)), CONNECT).close()
        except (OSError, OverflowError):
            continue
        return
    raise SourceError(
        Msg("the Spark master cannot be reached"),
        where=master,
        hint=Msg("is it running, and its port open from here?"),
    )


def told(error: Exception, where: str) -> SourceError | ConfigError:
    """A failure of Spark as ours: its kind, never its words; but a module that is missing is named."""
    text = str(error)
    if m := re.search(r"No module named '([A-Za-z0-9_.]+)'", text):
        return _lacking([m[1].split(".")[0]], where)
    if "JAVA_GATEWAY_EXITED" in text or "JAVA_HOME is not set" in text:
        return ConfigError(
            Msg("Spark needs Java"),
            where=where,
            hint=Msg("install a JRE, version 17 or later, and set JAVA_HOME"),
        )
    if "PYTHON_VERSION_MISMATCH" in text:
        return SourceError(
            Msg("the workers have another Python than this one"),
            where=where,
            hint=(
                Msg(
                    "set PYSPARK_PYTHON to Python {version} on the workers",
                    version=f'{sys.version_info[0]}.{sys.version_info[1]}',
                )
            ),
        )
    lost = "SparkContext was shut down" in text or "stopped SparkContext" in text or type(error).__name__ in (
        "Py4JNetworkError", "ConnectionRefusedError")
    if lost:
        return SourceError(
            Msg("the Spark session was lost"),
            where=where,
            hint=Msg("is the master still running? scan again to go on"),
        )
    condition = getattr(error, "getCondition", lambda: None)() or _java_name(error) or type(error).__name__
    return SourceError(
        Msg("the Spark job failed ({kind})", kind=condition),
        where=where,
        hint=Msg("the application's log on the cluster says more"),
    )


def _java_name(error: Exception) -> str:
    try:
        return str(error.java_exception.getClass().getSimpleName())  # type: ignore[attr-defined]
    except Exception:  # not a Java error, or the JVM is gone
        return ""


_folder: list[tempfile.TemporaryDirectory[str]] = []        # of the zip, until the process ends


@cache
def package() -> Path:
    """Our packages as a zip in a temporary folder, named by its content. The workers read code and data from within it."""
    files: list[tuple[str, bytes]] = []
    for name in PACKAGES:
        root = Path(find_spec(name).origin or "").parent  # type: ignore[union-attr]
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and "__pycache__" not in inside.parts and inside.parts[0] not in ("docs", "migrations"):
                files.append((f"{name}/{inside.as_posix()}", path.read_bytes()))
    digest = hashlib.sha256(b"".join(n.encode() + b"\0" + c for n, c in files)).hexdigest()[:12]
    _folder.append(tempfile.TemporaryDirectory(prefix="chujing-"))
    out = Path(_folder[0].name) / f"chujing-{digest}.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out


def _setting(detectors: Path | None) -> Setting:
    from detectors.registry import version

    return Setting(detectors.read_bytes() if detectors is not None else b"", version())
