"""The Spark engine: the same scan on an existing cluster. Workers read, detect, hash and fold; the driver merges labels, counts and hashes.

    files and folders   read on the workers by the same readers as the local engine, so the paths must be theirs, too; a source with a
                        lake table or an archive among its files stays with the local engine
    spark:              tables of the session's catalogue (Hive); `spark:hr,crm` those of some databases
    spark:FORMAT:PATH   one table in any format and file system the session knows, e.g. spark:delta:s3a://lake/member
    anything else       stays with the local engine, in the same scan

The hash key travels inside the pickled function that Spark sends to its workers (encrypted where the cluster encrypts its traffic,
`spark.network.crypto.enabled`), never in SQL, configuration, arguments or logs. Sampled rows pass from worker to worker through Spark's own
shuffle, never to the driver.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError
from detectors.message import Msg

if TYPE_CHECKING:
    from scanner.config.sources import Source
    from scanner.connectors.protocol import Connector
    from scanner.spark.session import Cluster


class Engine:
    """A cluster by the URL of its master, started at first use; or a session that is running already and stays so."""

    def __init__(self, master: str = "", session: Any = None, patience: int = 120) -> None:
        """patience: seconds until a cluster that gives no worker counts as unreachable."""
        if not master and session is None:
            raise ConfigError(
                Msg("the Spark engine needs a cluster"),
                hint=Msg(
                    "--master {address}", address="spark://host:7077, local-cluster[2,1,1024] or local[2]"
                ),
            )
        self._master, self._given, self._patience = master, session, patience
        self._cluster: Cluster | None = None
        self._failed: Exception | None = None

    def connect(self, source: Source, detectors: Path | None = None) -> Connector | None:
        """The source on the cluster; None for what stays with the local engine. SourceError when the cluster cannot be used."""
        from scanner.connectors.files.grouping import grouped
        from scanner.connectors.files.places import local
        from scanner.spark.files import SparkFiles
        from scanner.spark.tables import SparkTables

        if source.url.startswith("spark:"):
            return SparkTables(self._started(detectors), source.url, source.id, source.options)
        if "://" in source.url and not source.url.startswith("file://") or source.url.startswith("dictionary:"):
            return None
        where = Path(source.url.removeprefix("file://")).expanduser().absolute()       # workers stand elsewhere
        found, left = grouped(*local(str(where)), source.options)
        if any(g.lake or any(f.system is not None for f in g.files) for g in found):
            return None                       # a lake's own library, or an archive
        return SparkFiles(self._started(detectors), found, left, source.id)

    def _started(self, detectors: Path | None) -> Cluster:
        from scanner.spark.session import Cluster

        if self._failed is not None:          # one attempt is enough: every source says why
            raise self._failed
        if self._cluster is None:
            try:
                self._cluster = Cluster(self._master, self._given, detectors, self._patience)
            except Exception as e:
                self._failed = e
                raise
        return self._cluster

    def close(self) -> None:
        """Stop the session, unless it was somebody else's. May be called twice."""
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
