"""A Spark session for a scan: reached in bounded time, its workers supplied, its errors in our words."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, SourceError
from detectors.input_files import input_bytes
from detectors.message import Msg, Text
from scanner.spark.errors import explain_failure, lost_session, missing_packages
from scanner.spark.examining import DetectorSetting
from scanner.spark.jvm_options import default_options, pyspark_folder
from scanner.spark.probe import probe
from scanner.spark.shipping import package_zip
from scanner.spark.task_io import unpickle

CONNECT = 5                                   # seconds for a master to take a connection
PROBED = 8                                    # tasks that look for what workers lack, at most
MOST_CORES = 10_000                           # more than this is Spark's word for any number
EVERY = 1.0                                   # seconds between two looks at how far a job is
_MASTER = re.compile(r"local(-cluster)?(\[.+\])?|yarn|k8s://.+|spark://.+")
_ADDRESS = re.compile(r"([^\s:,/\[\]]+):(\d+)")


class Cluster:
    """A session whose workers have what they need, and one way to run a job on them."""

    def __init__(self, master: str, session: Any, detectors: Path | None, patience: int) -> None:
        """master: where to start a session of our own, unless one is given.

        Raise SourceError when no worker answers in `patience` seconds.
        """
        if find_spec("pyspark") is None:
            raise ConfigError(Msg("the Spark engine needs {package}", package="pyspark"),
                              hint=Msg("pip install {package}", package="'chujing[spark]'"))
        self._is_own = session is None
        self.watch: Callable[[Text], None] | None = None      # is given how far a job is
        self._patience = patience
        self.where = master or "the given Spark session"
        self.session = session if session is not None else self._start(master)
        try:
            self._ship_packages()
            self.setting = _setting_of(detectors)
        except BaseException:
            self.close()
            raise

    @property
    def parallelism(self) -> int:
        """Tasks the cluster runs at the same time, as far as Spark knows.

        Where executors come and go, Spark knows of those that are there: as many count as may come.
        """
        context = self._context()
        conf = context.getConf()
        most = "0"
        if conf.get("spark.dynamicAllocation.enabled", "false") == "true":
            most = conf.get("spark.dynamicAllocation.maxExecutors", "0")
        could_come = int(most) * int(conf.get("spark.executor.cores", "1"))
        return max(1, int(context.defaultParallelism), could_come if could_come <= MOST_CORES else 0)

    def _context(self) -> Any:
        """Return Spark's context. Raise SourceError where the session's owner has stopped it."""
        context = self.session.sparkContext
        if getattr(context, "_jsc", context) is None:
            raise lost_session(self.where)
        return context

    def values(self, frame: Any, seconds: float | None = None) -> Iterator[Any]:
        """Yield the few values of a frame, Failures among them.

        Raise SourceError when the job fails; TimeoutError after `seconds`.
        """
        for row in self.run(frame.collect, seconds):
            yield unpickle(row.blob)

    def values_by_bucket(
        self, frame: Any, properties: Mapping[str, str] | None = None,
    ) -> Iterator[tuple[int, Any]]:
        """Yield the few values of a frame with their buckets. properties: of the job, no secrets.

        Raise SourceError when the job fails.
        """
        context = self._context()
        try:
            for key, value in (properties or {}).items():
                context.setLocalProperty(key, value)
            rows = self.run(frame.collect, None)
        finally:
            with contextlib.suppress(Exception):      # the session may be lost
                for key in properties or {}:
                    context.setLocalProperty(key, None)
        for row in rows:
            yield row.bucket, unpickle(row.blob)

    def frame_of(self, batches: Sequence[Any]) -> Any:
        """Return a frame of Arrow batches from here. Raise SourceError when it cannot be made."""
        import pyarrow as pa

        return self.run(lambda: self.session.createDataFrame(pa.Table.from_batches(batches)), None)

    def run(self, action: Callable[[], Any], seconds: float | None) -> Any:
        """Return the result of an action within its time; raise Spark's errors as ours."""
        context = self._context()
        group = f"chujing-{uuid.uuid4().hex[:12]}"
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            context._jsc.sc().cancelJobGroupAndFutureJobs(group)      # not only jobs that have begun

        if seconds is not None and seconds <= 0:
            raise TimeoutError
        timer = threading.Timer(seconds, stop) if seconds is not None else None
        is_over = threading.Event()
        if self.watch is not None:
            threading.Thread(target=self._report_stages, args=(group, is_over), daemon=True).start()
        try:
            context.setJobGroup(group, "chujing", interruptOnCancel=True)
            if timer is not None:
                timer.start()
            return action()
        except Exception as e:  # Spark raises anything
            if is_late.is_set():
                raise TimeoutError from None
            raise explain_failure(e, self.where) from None
        finally:
            is_over.set()
            if timer is not None:
                timer.cancel()

    def _report_stages(self, group: str, is_over: threading.Event) -> None:
        """Say every second which stage of a job is under way, and how far it is, until the job is over."""
        tracker = self.session.sparkContext.statusTracker()
        with contextlib.suppress(Exception):  # the session may be lost
            while self.watch is not None and not is_over.wait(EVERY):
                jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
                stages = [stage for job in jobs if job is not None for stage in sorted(job.stageIds)]
                for place, stage in enumerate(stages, 1):
                    state = tracker.getStageInfo(stage)
                    if state is not None and state.numActiveTasks:
                        self.watch(Msg("stage {n} of {m}: {done} of {of} tasks", n=place, m=len(stages),
                                       done=state.numCompletedTasks, of=state.numTasks))

    def _start(self, master: str) -> Any:
        """Return a session of our own.

        Raise SourceError when nobody listens where the master should be; ConfigError when there is no Java.
        """
        from pyspark.sql import SparkSession

        _reach(master)
        if master.startswith("local-cluster"):
            os.environ.setdefault("SPARK_HOME", str(pyspark_folder()))
        if master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.session.timeZone": "UTC",
            **default_options(os.environ),
        }
        try:
            builder = SparkSession.builder.master(master).appName("chujing")
            session = builder.config(map=settings).getOrCreate()
            if not session.sparkContext.getConf().contains("spark.log.level"):
                session.sparkContext.setLogLevel("OFF")      # Spark's own words about errors may quote a cell
        except Exception as e:
            raise explain_failure(e, master) from None
        return session

    def _ship_packages(self) -> None:
        """Send our packages to the workers, then ask them by a first job what they lack."""
        context = self.session.sparkContext
        self.run(lambda: context.addPyFile(str(package_zip())), None)
        tasks = min(self.parallelism, PROBED)
        job = context.parallelize(range(tasks), tasks).mapPartitions(probe)
        try:
            answers = self.run(job.collect, self._patience)
        except TimeoutError:
            raise SourceError(
                Msg("no worker took a job within {n} seconds", n=self._patience), where=self.where,
                hint=Msg("are workers registered, and do they have a core and memory free?")) from None
        missing = sorted({package for _, packages in answers for package in packages})
        if missing:
            raise missing_packages(missing, self.where)

    def close(self) -> None:
        """Stop a session of our own."""
        if self._is_own:
            with contextlib.suppress(Exception):      # already lost
                self.session.stop()


def _setting_of(detectors: Path | None) -> DetectorSetting:
    from detectors.registry import version

    return DetectorSetting(input_bytes(detectors, ConfigError) if detectors is not None else b"", version())


def _reach(master: str) -> None:
    """Raise SourceError unless one of the masters takes a connection; only spark:// is tried."""
    if not _MASTER.fullmatch(master):
        address = "k8s://https://host:6443" if master.startswith("k8s") else "spark://host:7077"
        raise ConfigError(Msg('"{name}" is no master', name=master),
                          hint=Msg("--master {address}", address=address))
    if not master.startswith("spark://"):
        return
    addresses = _ADDRESS.findall(master.removeprefix("spark://"))
    if not addresses:
        raise ConfigError(Msg('"{name}" is no master', name=master),
                          hint=Msg("--master {address}", address="spark://host:7077"))
    for host, port in addresses:
        try:
            socket.create_connection((host, int(port)), CONNECT).close()
        except (OSError, OverflowError):
            continue
        return
    raise SourceError(Msg("the Spark master cannot be reached"), where=master,
                      hint=Msg("is it running, and its port open from here?"))
